"""Written answers in notebooks whose cells came back without names: known by the released text around them.

Some programs keep neither ids nor metadata of a notebook, join neighbouring texts to one cell, or split them. Code is
then found by the names that it defines (cell_facts.py, execute.py); a written answer has none, but it still stands
between the question above it and what comes below.
"""

import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

MOST_LINES = 20_000  # of a notebook that is looked through


@dataclass(frozen=True)
class Line:
    """A line that is not empty: its text without what programs change, and the cell and the place where it stands."""

    text: str
    cell: int
    place: int


def lines_of(cells: Sequence[NotebookNode]) -> list[Line]:
    """The lines of a notebook's texts and code."""
    return [
        Line(" ".join(line.split()), number, place)
        for number, cell in enumerate(cells)
        for place, line in enumerate(cell.source.splitlines())
        if line.strip()
    ]


def find_written(
    cells: list[NotebookNode], originals: Mapping[str, NotebookNode], named: Mapping[str, list[NotebookNode]],
    released: Sequence[NotebookNode],
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Put each written answer that stands in no cell of its name into one, in place.

    Returns the names of those that are found so, and of those whose place cannot be told.

    named: name → the cells that bear it. One that was left as it was is joined with what was written beside it.
    released: the cells of the notebook as it was handed out, those that the course does not manage among them.
    """
    placed: list[str] = []
    unplaced: list[str] = []
    released = [originals.get(name_of(cell), cell) for cell in released]
    for name, original in originals.items():
        ours = next((number for number, cell in enumerate(released) if cell is original), None)
        about, own = original.metadata.nbgrader, named.get(name, [])
        written = original.cell_type == "markdown" and not about.locked and not about.get("task")
        if ours is None or not written or any(words(cell) != words(original) for cell in own):
            continue
        theirs = lines_of(cells)
        region = between(lines_of(released), theirs, ours) if len(theirs) <= MOST_LINES else None
        if region is None:
            unplaced += [] if own else [name]
            continue
        region = [line for line in region if cells[line.cell].cell_type == "markdown"]
        if any(not any(cells[line.cell] is cell for cell in own) for line in region):
            separate(cells, region, name)
            placed += [] if own else [name]
    return placed, unplaced


def words(cell: NotebookNode) -> list[str]:
    return cell.source.split()


def name_of(cell: NotebookNode) -> str:
    about = cell.metadata.get("nbgrader")
    return str(about.get("grade_id", "")) if isinstance(about, dict) else ""


def between(released: Sequence[Line], theirs: list[Line], number: int) -> list[Line] | None:
    """Of their lines those between what was released before and behind the cell of this number.

    None when nothing of that is left on one side, or when another cell to be written stands on the same side.
    """
    pairs = [(ours, place) for ours, place in common(released, theirs) if released[ours].cell != number]
    first = next(place for place, line in enumerate(released) if line.cell == number)
    end = first + sum(line.cell == number for line in released)
    before = max((pair for pair in pairs if pair[0] < first), default=None)
    behind = min((pair for pair in pairs if pair[0] >= end), default=None)
    if not pairs or before is None and first > 0 or behind is None and end < len(released):
        return None
    above = released[before[0] + 1 if before else 0 : first]
    below = released[end : behind[0] if behind else len(released)]
    region = theirs[before[1] + 1 if before else 0 : behind[1] if behind else len(theirs)]
    # what was released there as well, and also stands elsewhere
    for line in above:
        if region and region[0].text == line.text:
            region = region[1:]
    for line in reversed(below):
        if region and region[-1].text == line.text:
            region = region[:-1]
    return region


def common(released: Sequence[Line], theirs: Sequence[Line]) -> list[tuple[int, int]]:
    """Pairs of places of lines that stand once in both, as many of them as are in the same order."""
    ours = once(released)
    pairs = sorted((ours[text], place) for text, place in once(theirs).items() if text in ours)
    # the longest rising row of the second numbers
    ends: list[int] = []
    rows: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in pairs:
        place = bisect.bisect_left(ends, pair[1])
        ends[place : place + 1] = [pair[1]]
        rows[place : place + 1] = [pair]
        before[pair] = rows[place - 1] if place else None
    row, last = [], rows[-1] if rows else None
    while last:
        row.append(last)
        last = before[last]
    return row[::-1]


def once(lines: Sequence[Line]) -> dict[str, int]:
    """text → place of those lines that stand there once."""
    count = Counter(line.text for line in lines)
    return {line.text: place for place, line in enumerate(lines) if count[line.text] == 1 and len(line.text) > 3}


def separate(cells: list[NotebookNode], region: Sequence[Line], name: str) -> None:
    """Make one cell of these lines, which bears the name; what stands before and behind them in their cells stays."""
    first, last = region[0], region[-1]
    texts = [number for number in range(first.cell, last.cell + 1) if cells[number].cell_type == "markdown"]
    lines = {number: cells[number].source.splitlines() for number in texts}
    head = "\n".join(lines[first.cell][: first.place])
    tail = "\n".join(lines[last.cell][last.place + 1 :])
    own = {
        number: lines[number][
            first.place if number == first.cell else 0 : last.place + 1 if number == last.cell else None
        ]
        for number in texts
    }
    answer = nbformat.v4.new_markdown_cell("\n\n".join("\n".join(own[number]).strip() for number in texts))
    answer.metadata["nbgrader"] = {"grade_id": name}
    answer.attachments = {}
    for number in texts:
        answer.attachments |= cells[number].get("attachments", {})
    parts = [nbformat.v4.new_markdown_cell(head)] if head.strip() else []
    parts += [answer, *(cells[number] for number in range(first.cell, last.cell + 1) if number not in texts)]
    parts += [nbformat.v4.new_markdown_cell(tail)] if tail.strip() else []
    cells[first.cell : last.cell + 1] = parts
