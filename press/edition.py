"""This edition of the course: the address of its site, and the wheel of dlcourse that lies there.

The wheel holds what the site's readers need to find their way back: the address, and that of each section that a check
names. Of the same sources it has always the same bytes, so that notebooks can hold its SHA-256.
"""

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from dlcourse import foreign, words
from dlcourse.edition import WHEEL as WHEEL
from press import ROOT, languages
from press.archive import OLDEST

MADE_FROM = ["pyproject.toml", "README.md", "LICENSE"]  # besides dlcourse/
# A label, and the title of the section below it.
SECTION = re.compile(r"^\(([\w-]+)\)=\n#+ (.+)$", re.MULTILINE)


@functools.cache
def settings() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    return read


def address() -> str:
    """Where the site is, with a slash at its end; "" where _config.yml does not say."""
    base: str = (settings().get("html") or {}).get("baseurl") or ""
    return base and base.rstrip("/") + "/"


def home() -> str:
    """Where the whole site begins, of which this may be an edition in a further language; what all share is there."""
    return address() if languages.PROJECT == ROOT else address().removesuffix(f"{ROOT.name}/")


def pages() -> str:
    """Where the pages in the language in use are; "" without an address."""
    code = words.language()
    return home() if code == "ja" or not home() else f"{home()}{code}/"


def requirement(extra: str = "") -> str:
    """What pip is to be given for dlcourse, in quotes that every shell knows; without an address, the file."""
    extras = f"[{extra}]" if extra else ""
    return f'"dlcourse{extras} @ {home()}{WHEEL}"' if home() else f'"./{WHEEL}{extras}"'


def in_colab(notebook: str) -> str:
    """Where Colab opens a notebook in the language in use, which it reads from GitHub; "" without one there."""
    place = settings().get("repository") or {}
    repository = (place.get("url") or "").rstrip("/").removeprefix("https://github.com/")
    if not repository or repository.startswith("https:"):
        return ""
    folder = languages.release_folder(words.language())
    path = f"{repository}/blob/{place.get('branch') or 'main'}/{folder}/{notebook}/{notebook}.ipynb"
    return f"https://colab.research.google.com/github/{path}"


def sections() -> bytes:
    """Title in Japanese → address in the site, of each section with a label: as dlcourse.edition reads it."""
    found = {
        title.strip(): f"book/{page.stem}.html#{label}"
        for page in languages.sources("book/*.md", root=languages.PROJECT)
        for label, title in SECTION.findall(page.read_text("utf-8"))
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


@functools.cache
def wheel(site: str) -> bytes:
    """The wheel of dlcourse, for the site at this address."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        shutil.copytree(
            languages.PROJECT / "dlcourse", source / "dlcourse", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in MADE_FROM:
            shutil.copy(languages.PROJECT / name, source)
        if site:
            module = source / "dlcourse" / "edition.py"
            text = module.read_text("utf-8")
            text = foreign.replace(text, 'SITE = ""', f'SITE = "{site}"', where="dlcourse/edition.py", times=1)
            module.write_text(text, "utf-8", newline="\n")
            (source / "dlcourse" / "data" / "sections.json").write_bytes(sections())
        for path in source.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # whatever the umask was
        build = "from setuptools import build_meta; build_meta.build_wheel('..')"
        done = subprocess.run(
            [sys.executable, "-c", build],
            cwd=source,
            env={**os.environ, "SOURCE_DATE_EPOCH": OLDEST},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"dlcourse の wheel を作れませんでした。 / could not build the wheel:\n{done.stdout[-2000:]}"
            )
        return Path(folder, WHEEL).read_bytes()


def sha256(site: str) -> str:
    return hashlib.sha256(wheel(site)).hexdigest()
