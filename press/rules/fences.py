"""Find what is opened with ``` or ::: and not closed: Markdown takes everything after it for its content."""

import re
from collections.abc import Iterator, Sequence

FENCE = re.compile(r"^\s*(`{3,}|~{3,}|:{3,})\s*(.*?)\s*$")
DIRECTIVE = re.compile(r"\{(?!code|math|raw|literal)[^}]+\}")


def unclosed(lines: Sequence[str], first: int = 1) -> Iterator[int]:
    """The lines that open a block which none closes; what stands in a directive is looked at as well."""
    start = None
    for number, line in enumerate(lines, first):
        fence = FENCE.match(line)
        if not fence:
            continue
        if start is None:
            start, (marks, info) = number, fence.groups()
        elif not fence[1].startswith(marks):
            continue
        elif fence[2]:  # what is shown as text is fenced with more marks, so this is the next block
            yield start
            start, (marks, info) = number, fence.groups()
        else:
            if DIRECTIVE.match(info):
                yield from unclosed(lines[start - first + 1 : number - first], start + 1)
            start = None
    if start is not None:
        yield start


def advice(line: str) -> str:
    """What to do about a line that `unclosed` has found."""
    found = FENCE.match(line)
    assert found
    mark = found[1]
    return f"{mark} が閉じていません。同じ数の {mark} だけの行で閉じてください。"
