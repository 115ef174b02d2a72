"""One call of an answer, and what it did."""

import builtins
import contextlib
import copy
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dlcourse.checks import overflow
from dlcourse.checks.compare import DOUBLE, Tolerance, difference, precision_of
from dlcourse.checks.spelling import text_of
from dlcourse.checks.values import plain


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a call or its error, and what it left in its arguments, as plain data."""

    function: Callable[..., Any]
    given: tuple[Any, ...]
    result: Any
    left: tuple[Any, ...]
    error: Exception | SystemExit | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], given: tuple[Any, ...]) -> Self:
        arguments = copy.deepcopy(given)
        result, error = None, None
        # What an answer prints, warns of or sets for NumPy is not what is judged.
        nowhere = io.StringIO()
        with (
            warnings.catch_warnings(), np.errstate(),
            contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere),
        ):  # fmt: skip
            warnings.simplefilter("ignore")
            try:
                with overflow.seen() if overflow.is_to_be_seen() else contextlib.nullcontext():
                    result = function(*arguments)
                result = plain(result)
            except (Exception, SystemExit) as raised:  # exit() ends the answer, not the check
                error = raised
            left = tuple(map(plain, arguments))
        return cls(function=function, given=given, result=result, left=left, error=error)

    def same_as(self, other: "Outcome", exact: Tolerance = DOUBLE) -> bool:
        if self.error or other.error:
            return _nature(self.error) == _nature(other.error)
        tolerance = precision_of(self.given, exact)
        return not difference(other.result, self.result, tolerance=tolerance) and not difference(other.left, self.left)

    def again(self) -> "Outcome":
        """The same call once more."""
        return Outcome.of(self.function, self.given)

    @property
    def changes_its_arguments(self) -> bool:
        return difference(self.given, self.left) is not None

    def draws(self) -> bool:
        """Whether the call has drawn from a random generator among its arguments."""
        return any(
            before.bit_generator.state != after.bit_generator.state
            for before, after in zip(self.given, self.left, strict=True)
            if isinstance(before, np.random.Generator)
        )

    def depends_on_the_generator(self) -> bool:
        others = [np.random.default_rng(0) if isinstance(a, np.random.Generator) else a for a in self.given]
        return difference(self.result, Outcome.of(self.function, tuple(others)).result) is not None


# How NumPy words an error in one version, and in a later one: the tests' and the student's may be two.
ONE_NUMBER = "only {} arrays can be converted to Python scalars"
WORDED_LATER = {ONE_NUMBER.format("length-1"): ONE_NUMBER.format("0-dimensional")}


def _nature(error: BaseException | None) -> tuple[str, str]:
    """What an error is: the built-in kind that it belongs to, and its text in whichever version."""
    kinds = (kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind)
    text = text_of(error) if error else ""
    return next(kinds), WORDED_LATER.get(text, text)
