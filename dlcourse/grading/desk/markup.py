"""HTML of the students', made harmless: judged by its cost before a parser sees it, parsed where that can be ended."""

import re
from collections.abc import Collection, Mapping

from dlcourse.grading.isolation.worker import Overran, WorkerLost, Workers

MOST_TAGS = 2000  # of one text, or ten times as many characters by name: the time grows with the square of tags …
DEEPEST = 100  # … of those that stand in one another …
MOST_ATTRIBUTES = 200  # … and of the words in a tag
LONGEST = 500_000  # characters
SECONDS = 20.0  # for one text that keeps within these; it takes less than one

TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)([^>]*)")
WITHOUT_END = {"area", "br", "col", "hr", "img", "input", "wbr"}
END_MAY_BE_LEFT_OUT = {"dd", "dt", "li", "p", "td", "th", "tr"}
WITHOUT_MARKUP = re.compile(r"[^<>&\0-\x08\x0b-\x1f]*")  # of this the parser makes what it was

WORKERS = Workers()


def cost(text: str) -> int:
    """How many tags take about the time of this text."""
    return text.count("<") + text.count("&") // 10


def is_modest(text: str) -> bool:
    """Whether a page could hold this, and a parser reads it in little time."""
    if len(text) > LONGEST or cost(text) > MOST_TAGS:
        return False
    inside: list[str] = []
    for end, name, attributes in TAG.findall(text):
        name = name.lower()
        if len(attributes) > 2 * MOST_ATTRIBUTES and len(re.findall(r"[^\s/=\"']+", attributes)) > MOST_ATTRIBUTES:
            return False
        if end and name in inside:
            while inside.pop() != name:
                pass
        elif not end and name not in WITHOUT_END:
            if name in END_MAY_BE_LEFT_OUT and inside[-1:] == [name]:
                inside.pop()
            inside.append(name)
        if len(inside) > DEEPEST:
            return False
    return True


def sanitized(text: str, tags: Collection[str], attributes: Mapping[str, list[str]]) -> str:
    """The text with these tags and attributes as they are, and all else as characters.

    Raises
    ------
    Overran
        When that takes too long, although the text looked modest.
    """
    if WITHOUT_MARKUP.fullmatch(text):
        return text
    try:
        made: str = WORKERS.run(SECONDS, bleached, text, set(tags), dict(attributes))
    except WorkerLost as error:
        raise Overran(str(error)) from error
    return made


def bleached(text: str, tags: set[str], attributes: dict[str, list[str]]) -> str:
    import bleach  # only where it is needed: in the worker

    made: str = bleach.clean(text, tags=tags, attributes=attributes)
    return made
