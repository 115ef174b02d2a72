"""Which edition of the course this is: where its site is, and how to get what is not installed.

The site's address and its sections are filled in in the wheel that a site offers (press/edition.py); a clone of the
repository knows neither.
"""

import functools
import json
from importlib import resources

from dlcourse import __version__, words

WHEEL = f"dlcourse-{__version__}-py3-none-any.whl"  # its name, at SITE
SITE = ""  # https://…/, where the pages of this edition are; those in other languages are below, in en/ and so on
PAGES = ""  # where those in the language in use are, if that is another place


@functools.cache
def _pages() -> dict[str, str]:
    """Title of a section → its address below SITE."""
    pages: dict[str, str] = json.loads(resources.files("dlcourse").joinpath("data/sections.json").read_text("utf-8"))
    return pages


def link(section: str) -> str:
    """The address of a section of the book, by its Japanese title; "" where that is not known.

    The page in another language has the same name and anchors.
    """
    folder = "" if words.language() == "ja" else f"{words.language()}/"
    pages = PAGES or SITE and f"{SITE}{folder}"
    return pages and pages + _pages()[section]


def requirement(extra: str) -> str:
    """What `pip install` is to be given for these further packages of dlcourse.

    Never the bare name: on the package index nobody has it, or somebody else.
    """
    if SITE:
        return f"'dlcourse[{extra}] @ {SITE}{WHEEL}'"
    return f"'.[{extra}]'"  # in the course's folder
