"""What taking values apart needs everywhere: see further_values.py."""

from typing import Any

Parts = Any  # plainer values


class CannotCross(Exception):
    """This one stays where it is."""


# Modules whose classes make values and do nothing else, and such classes of pandas: either side knows them by name.
OF_VALUES = {"builtins", "collections", "datetime", "decimal", "enum", "fractions", "numbers"}
OF_PANDAS = {"DataFrame", "Series", "Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "Timestamp", "Timedelta"}


def is_of_values(module: str, name: str) -> bool:
    return module in OF_VALUES or module.partition(".")[0] == "pandas" and name in OF_PANDAS


def text(parts: Parts, most: int = 4096) -> str:
    """The same text; anything else, or a longer one, is an error."""
    if not isinstance(parts, str) or len(parts) > most:
        raise ValueError("no such text")
    return parts
