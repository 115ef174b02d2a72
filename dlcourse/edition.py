"""Which edition of the course this is: where its site is, and how to get what is not installed.

The site's address and its sections are filled in in the wheel that a site offers (press/edition.py); a clone of the
repository knows neither.
"""

import functools
import json
from importlib import resources

from dlcourse import __version__
from dlcourse.words import language

WHEEL = f"dlcourse-{__version__}-py3-none-any.whl"  # its name, at SITE
SITE = ""  # https://…/, where the pages of this edition are


@functools.cache
def _pages() -> dict[str, str]:
    """Title of a section → its address below SITE."""
    pages: dict[str, str] = json.loads(resources.files("dlcourse").joinpath("data/sections.json").read_text("utf-8"))
    return pages


def link(section: str) -> str:
    """The address of a section of the book in the language in use, or "" where that is not known.

    section: its title in Japanese, in any language.
    """
    code = language()
    return SITE and SITE + ("" if code == "ja" else f"{code}/") + _pages()[section]


def requirement(extra: str) -> str:
    """What `pip install` is to be given for these further packages of dlcourse.

    Never the bare name: on the package index nobody has it, or somebody else.
    """
    if SITE:
        return f"'dlcourse[{extra}] @ {SITE}{WHEEL}'"
    return f"'.[{extra}]'"  # in the course's folder
