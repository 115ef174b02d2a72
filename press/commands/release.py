"""Put what an edition gives out into _build/release/: wheel, sdist, the site as a zip, their digests: `make release`.

The edition is the version of dlcourse; its tag is that with a v before it (.github/workflows/release.yml).
"""

import hashlib
import shutil
import subprocess
import sys

from dlcourse import __version__
from press import ROOT, edition, languages
from press.commands import bundle
from press.exercises import source as sources
from press.exercises.first_cell import is_current

FOLDER = ROOT / "_build" / "release"


def problem(tag: str) -> str:
    """Why this is not to be released under that tag; "" when it may be."""
    if tag != f"v{__version__}":
        return f"タグ {tag} と版 {__version__} が違います。 / the tag is not that of dlcourse/__init__.py"
    notebooks = (notebook for code in ("ja", *languages.languages()) for notebook in sources.released(code))
    stale = [notebook.stem for notebook in notebooks if not is_current(notebook, edition.address())]
    if stale:
        return (
            f"最初のセルが古いノートブックがあります({'、'.join(stale)})。make exercises を実行してください。 / stale"
        )
    return ""


def main(tag: str = f"v{__version__}") -> None:
    if said := problem(tag):
        sys.exit(f"✗ {said}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / edition.WHEEL).write_bytes(edition.wheel(edition.address()))
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(FOLDER)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    bundle.main(target=FOLDER / f"dlcourse-site-{__version__}.zip")
    files = sorted(FOLDER.iterdir())
    digests = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (FOLDER / "SHA256SUMS").write_text(digests, "utf-8")
    print(digests, end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
