"""What taking values apart needs everywhere: see further_values.py."""

from typing import Any

Parts = Any  # plainer values


class CannotCross(Exception):
    """This one stays where it is."""


def text(parts: Parts, most: int = 4096) -> str:
    """The same text; anything else, or a longer one, is an error."""
    if not isinstance(parts, str) or len(parts) > most:
        raise ValueError("no such text")
    return parts
