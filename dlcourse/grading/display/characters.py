"""Characters that do something where a text is shown, or cannot be seen there, are shown as what they are.

Others' texts come to a teacher's terminal, to formgrader and to the feedback page; in none of them may they move the
cursor, turn the direction of writing around, or hide a part of themselves.
"""

import html
import re
from typing import Any

ACTING = re.compile(
    r"[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u070f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]{1,31});?")
LONGEST_REFERENCE = 40  # characters; with zeros before it, a number may be as long as one likes


def printable(text: str) -> str:
    """One line for a terminal, of a name or a message."""
    return "".join(character if character.isprintable() else "�" for character in text)


def legible(text: str) -> str:
    """A text of many lines. Colours are left out; what was written over an earlier line stands below it."""
    text = COLOURS.sub("", text).replace("\r\n", "\n")
    return ACTING.sub(lambda found: symbol_of(found[0]), text)


def legible_markup(text: str) -> str:
    """The same of HTML and Markdown, in which characters can also be named."""

    def named(found: re.Match[str]) -> str:
        if len(found[0]) > LONGEST_REFERENCE:
            return f"&amp;{found[0][1:]}"
        meant = html.unescape(found[0])
        return legible(meant) if ACTING.search(meant) else found[0]

    return REFERENCE.sub(named, legible(text))


def symbol_of(character: str) -> str:
    code = ord(character)
    if character == "\r":
        return "␍\n"
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def storable(value: Any) -> Any:
    """The same with every text such that a file can hold it: a lone surrogate is no character."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: storable(part) for key, part in value.items()}
    return [storable(part) for part in value] if isinstance(value, list) else value
