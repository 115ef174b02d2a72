"""Pack the built site into one zip that is read without a network: `make bundle`.

Or `python -m press.commands.bundle SITE [ZIP]` for another site or another place.

The site itself is all that is needed: its pages work as files, and its start.py (press/site/extra/) serves them to a
browser on the same machine, which live cells need.
"""

import sys
from pathlib import Path

from press import ROOT
from press.archive import archive

NAME = "dlcourse"  # of the zip and of the folder in it


def main(site: str | Path = ROOT / "_build" / "html", target: str | Path | None = None) -> None:
    site = Path(site)
    target = Path(target) if target else site.parent / f"{NAME}.zip"
    files = [file for file in site.rglob("*") if file.is_file() and file.name != ".buildinfo"]
    archive(target, {f"{NAME}/{file.relative_to(site).as_posix()}": file for file in files})
    print(f"{target}({target.stat().st_size / 2**20:.0f} MB)")


if __name__ == "__main__":
    main(*sys.argv[1:])
