"""What a cell is called and what it defines, and whether it still is what was released."""

import re
from pathlib import Path
from typing import TypeVar

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from dlcourse.grading.desk.tidying import as_dict

T = TypeVar("T")

DEFINES = re.compile(
    r"^(?:async\s+)?(?:def|class)\s+(\w+)|^((?:\w+[ \t]*,[ \t]*)*\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
IMPORTS = re.compile(r"^(?:from\s+\S+\s+)?import\s.+", re.MULTILINE)


def names_of(cell: NotebookNode) -> list[str]:
    """By which a cell may be one of the course's: exercises are released with the same name in two places."""
    about = cell.metadata.get("nbgrader")
    names = [about.get("grade_id") if isinstance(about, dict) else None, cell.get("id")]
    return [name for name in names if isinstance(name, str)]


def defined(source: str) -> set[str]:
    """The names that a cell defines, also when it is no Python; those of modules are not among them."""
    found = (function or values for function, values in DEFINES.findall(source))
    return {name.strip() for names in found for name in names.split(",")}


def adds_to(own: str, original: str) -> bool:
    """Whether a cell gives the others something that the original one did not."""
    return bool(defined(own) - defined(original) or set(IMPORTS.findall(own)) - set(IMPORTS.findall(original)))


def wording(source: str) -> str:
    """A cell's text as it was released, without what editors change by themselves: line ends, blanks at their ends."""
    lines, hidden = [], False
    for line in source.strip().splitlines():
        hidden = hidden or "BEGIN HIDDEN TESTS" in line or "BEGIN MARK SCHEME" in line
        if not hidden:
            lines.append(line.rstrip())
        hidden = hidden and "END HIDDEN TESTS" not in line and "END MARK SCHEME" not in line
    return "\n".join(lines).rstrip()


def untouched(cell: NotebookNode) -> bool:
    """Whether this is still the cell that was released."""
    about = cell.metadata.get("nbgrader")
    return about is not None and about.get("checksum") == utils.compute_checksum(cell)


def is_edited(cell: NotebookNode, original: NotebookNode) -> bool:
    """Whether a cell that bears its name is no longer what was released; the course may have changed it since."""
    about = cell.metadata.get("nbgrader")
    try:
        changed = about["checksum"] != utils.compute_checksum(cell)
        return changed and wording(cell.source) != wording(original.source)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # no such metadata, or none that nbgrader has written


def in_order(named: dict[str, T], path: Path) -> dict[str, T]:
    """What belongs to named cells, in the order of the cells of a notebook; without it, as it is.

    The gradebook keeps no order: PostgreSQL lists a row that was changed behind all others.
    """
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError):
        return named
    names = [as_dict(cell.metadata.get("nbgrader")).get("grade_id") for cell in cells]
    known = {name: named[name] for name in names if name in named}
    return known | named
