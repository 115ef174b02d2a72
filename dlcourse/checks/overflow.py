"""Seeing that something overflows, wherever an answer lets it happen.

np.errstate reaches neither a thread that the answer starts nor a fresh context, and in a browser NumPy has no flags to
look at. So the arrays look at their own values, and the warnings that NumPy gives elsewhere are collected.
"""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

# With these an answer may silence what NumPy warns of; see also watch.silences.
WARNING_FILTERS = warnings.simplefilter, warnings.filterwarnings, warnings.catch_warnings.__enter__


class Seeing(np.ndarray[Any, np.dtype[np.float64]]):
    """An array that sees by itself what overflows in a calculation with it."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **options: Any) -> Any:
        out = options.get("out", ())
        if out:
            options["out"] = tuple(map(np.asarray, out))
        plain = [np.asarray(value) if isinstance(value, Seeing) else value for value in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if all(map(finite, plain)) and not finite(result):
            raise FloatingPointError(f"overflow encountered in {ufunc.__name__}")
        if out:
            return out[0]
        return result.view(Seeing) if isinstance(result, np.ndarray) else result


def finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(value).all())
    except (TypeError, ValueError):  # no numbers, so nothing that overflows
        return True


def seeing(value: Any) -> Any:
    return value.view(Seeing) if isinstance(value, np.ndarray) else value


def is_to_be_seen() -> bool:
    """Whether what overflows is to be an error: so it is passed on, to the student's process too."""
    return np.geterr()["over"] == "raise"


@contextlib.contextmanager
def seen() -> Iterator[None]:
    """Raise what NumPy has only warned of in the meantime."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
    for one in told:
        if issubclass(one.category, RuntimeWarning) and "encountered" in str(one.message):
            raise FloatingPointError(str(one.message))
