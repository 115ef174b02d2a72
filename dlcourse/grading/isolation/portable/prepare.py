"""Preparing the portable engine, once on a machine: `python -m dlcourse.grading.isolation.portable.prepare`.

Fetches Pyodide, packs what students' code may import into one file, starts Python, imports it, and keeps the memory of
that process. A student's process begins with this memory. What is kept lies in the user's cache, in a folder named by
everything that went into it: with another version of anything it is made anew.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from dlcourse.grading.isolation.portable import pyodide
from dlcourse.grading.isolation.students_library import copy_library
from dlcourse.grading.refusal import NoSandbox

STRENGTH = "WebAssembly (Deno + Pyodide)"
PROGRAM = Path(__file__).with_name("process.js")
OF_THE_ENGINE = ["portable/__init__.py", "portable/guest.py"]
CORE = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]
PACKAGES = ["numpy", "matplotlib", "ipython", "sqlite3"]
SITE = "/lib/python3.12/site-packages"
FONT = "matplotlib_fontja"  # of this Python's own packages: it is no part of Pyodide
FLAGS = ",".join(
    [
        "--expose-gc",
        "--wasm-max-mem-pages=16384",  # of 64 KB, that Python in a student's process may use: 1 GB
        # Only what runs for very long is compiled a second time, into faster code: of usual notebooks that takes more
        # time than it gains.
        "--wasm-tiering-budget=500000000",
    ]
)
UNUSED = 30 * 24 * 3600  # seconds after which what another version has prepared is removed
PATIENCE = 600  # seconds for each step, on the slowest machine


def deno() -> Path | None:
    """The program that runs Pyodide, where it is installed."""
    try:
        import deno

        return Path(str(deno.find_deno_bin()))
    except (ImportError, FileNotFoundError):
        return None


def cache() -> Path:
    """Where what is prepared is kept, for this user of this machine."""
    from platformdirs import user_cache_path

    return user_cache_path("dlcourse")


def command(folder: Path, step: str) -> list[str]:
    """To start process.js: it may read this folder, and gives that up before a student's code runs.

    Nothing else is allowed, nothing is asked and nothing is fetched.
    """
    program = deno()
    assert program
    return [
        str(program), "run", "--no-prompt", "--cached-only", "--no-remote", "--no-npm", "--no-config", "--no-lock",
        "--no-code-cache", f"--allow-read={str(folder).replace(',', ',,')}", f"--v8-flags={FLAGS}",
        str(folder / PROGRAM.name), str(folder), step,
    ]  # fmt: skip


def environment(folder: Path) -> dict[str, str]:
    """Deno keeps what a program stores, even without a permission (localStorage, caches), in this folder.

    It lies below a file and so can never be made: nothing is stored, and no student leaves anything for the next.
    """
    needed = {
        name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ
    }  # Windows starts nothing without
    settings = {"DENO_DIR": str(folder / PROGRAM.name / "none"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    # Graphics cards need no permission, and their drivers keep files.
    return needed | settings | {"DENO_WEBGPU_BACKEND": "noop"}


def made_by(folder: Path, step: str) -> bytes:
    """What the process writes in this step."""
    done = subprocess.run(
        command(folder, step), env=environment(folder), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=PATIENCE,
    )  # fmt: skip
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip()[-2000:]
        raise NoSandbox(f"採点用の Python を準備できませんでした。 / could not prepare the portable engine:\n{reason}")
    return done.stdout


# --- the library ------------------------------------------------------------------------------------


def library(python: Path) -> Iterator[tuple[str, bytes]]:
    """The files that students' code finds, by their paths there."""
    packages = pyodide.lock()["packages"]
    for name in sorted(pyodide.closure(packages, PACKAGES)):
        with zipfile.ZipFile(python / packages[name]["file_name"]) as wheel:
            for one in wheel.infolist():
                if not one.is_dir() and "/tests/" not in one.filename and not one.filename.endswith(".pyi"):
                    yield f"{SITE}/{one.filename}", wheel.read(one)
    spec = find_spec(FONT)
    assert spec and spec.origin
    yield from files_below(Path(spec.origin).parent, f"{SITE}/{FONT}")
    with tempfile.TemporaryDirectory() as place:
        copy_library(Path(place, "library"), OF_THE_ENGINE)
        yield from files_below(Path(place, "library"), "/library")


def files_below(folder: Path, place: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield f"{place}/{file.relative_to(folder).as_posix()}", file.read_bytes()


def packed(python: Path) -> bytes:
    """The library as one file: a list of paths, starts and sizes, with its length before it, and the contents."""
    listed: list[tuple[str, int, int]] = []
    contents: list[bytes] = []
    start = 0
    for path, content in library(python):
        listed.append((path, start, len(content)))
        contents.append(content)
        start += len(content)
    head = json.dumps(listed).encode()
    return b"".join([len(head).to_bytes(4, "little"), head, *contents])


def fingerprint() -> str:
    """Of everything that what is prepared depends on."""
    digest = hashlib.sha256(f"{version('deno')} {version('matplotlib-fontja')} {FLAGS}".encode())
    with tempfile.TemporaryDirectory() as place:
        copy_library(Path(place, "library"), OF_THE_ENGINE)
        for path, content in files_below(Path(place, "library"), ""):
            digest.update(f"{path} {len(content)} ".encode() + content)
    for file in (PROGRAM, Path(__file__), pyodide.LOCK):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


# --- the folder -------------------------------------------------------------------------------------


def folder() -> Path:
    """Where what is prepared lies, or will lie."""
    return cache() / f"python-{fingerprint()}"


def prepared() -> Path:
    """The folder with everything that students' processes begin with; made now where it was not.

    Raises
    ------
    NoSandbox
        When it can't be made.
    """
    from filelock import FileLock

    place = folder()
    if place.is_dir():
        os.utime(place)  # it is in use
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.parent / "preparing.lock"):
        if not place.is_dir():  # another grader may have made it meanwhile
            prepare(place)
    return place


def prepare(place: Path) -> None:
    print("採点用の Python を準備します(この計算機で一度だけ、1分ほど) / preparing the portable engine, once on this "
          "machine: about a minute", file=sys.stderr, flush=True)  # fmt: skip
    python = files_of_pyodide(place.parent)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="preparing-") as made:
        new = Path(made, "python")
        new.mkdir()
        for name in CORE:
            shutil.copy(python / name, new / name)
        shutil.copy(PROGRAM, new / PROGRAM.name)
        # Pyodide wants a list of packages: of none, as none is installed in its own way.
        (new / pyodide.LOCK.name).write_text(json.dumps({"info": pyodide.lock()["info"], "packages": {}}))
        (new / "library.bin").write_bytes(packed(python))
        for step in ("core", "ready"):
            (new / f"{step}.bin").write_bytes(made_by(new, step))
        for before in (*place.parent.glob("python-*"), *place.parent.glob("preparing-*/")):  # of others, or half made
            if before.stat().st_mtime < time.time() - UNUSED:
                shutil.rmtree(before, ignore_errors=True)
        new.rename(place)


def files_of_pyodide(near: Path) -> Path:
    """The folder with Pyodide's files: the environment's, where the book is built from them, else the cache's."""
    wanted = pyodide.files(pyodide.lock())
    of_the_environment = Path(sys.prefix) / "pyodide"
    if of_the_environment.is_dir() and not pyodide.missing(of_the_environment, wanted):
        return of_the_environment
    try:
        pyodide.fetch(near / "pyodide")
    except pyodide.Incomplete as reason:
        raise NoSandbox(f"採点用の {reason}") from None
    return near / "pyodide"


if __name__ == "__main__":
    print(prepared())
