"""Whether numbers are random: spread as they should be, and independent of each other.

Each test turns an array into figures that, for independent draws, follow the standard normal distribution (or the
chi-squared distribution) closely, and calls the array wrong where honest draws fall less than once in 1e9 arrays.
Numbers can be wrong on two sides: too uneven, and more even than chance allows. All that is asked of an order is asked
of ranks, so it holds for any distribution.

- uniform: the first 20 coefficients of the numbers on the cosines, Neyman's smooth test (J. Neyman, "Smooth test for
  goodness of fit", Skandinavisk Aktuarietidskrift 20, 1937); their squares add up to chi-squared with 20 degrees.
- order, related: the correlations with the numbers at any distance, before and after, forwards and backwards, along
  rows and along columns; of the ranks, and of their distance from the middle. A correlation of n numbers, times √n, is
  normal (D. E. Knuth, The Art of Computer Programming 2, 3.3.2, "serial correlation test").
- runs: n numbers rise 15 times running with the probability n / 16! (ibid., "run test").
- spacings: between neighbours in size, one gap is any part of two gaps equally often (R. Pyke, "Spacings", Journal of
  the Royal Statistical Society B 27, 1965).

`benchmarks/randomness.py` counts how often honest draws are called wrong.
"""

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np

from dlcourse.functions import Array

TOO_REGULAR = "値が、乱数にしては揃いすぎています。"
CALCULATED = "値が、別の場所の値から決まっています。"
COSINES = 20
TOO_EVEN, TOO_UNEVEN = 1.0, 90.0  # chi-squared with 20 degrees: 2e-10 below, 7e-11 above
LARGEST = 7.5  # of some 10 000 correlations: 6e-14 each
LONGEST_RUN = 15
ENOUGH = 200  # numbers for any of this


def uniform(values: Array) -> str | None:
    """What is wrong with the spread of numbers that ought to lie evenly between 0 and 1."""
    squares = squares_of_cosines(values)
    if squares > TOO_UNEVEN:
        return "値の出やすさが違います。"
    return TOO_REGULAR if squares < TOO_EVEN else None


def equally_often(counts: Sequence[Array]) -> str | None:
    """The same for places that are hit equally often, in several arrays; `counts` of 5 places each."""
    # chi-squared with 4 degrees for each array
    squares = [np.sum((np.asarray(one) - np.mean(one)) ** 2) / np.mean(one) for one in counts]
    if max(squares) > 50:  # 4e-10
        return "値の出やすさが違います。"
    degrees = 4 * len(squares)
    below = (sum(squares) / 2) ** (degrees / 2) / math.gamma(degrees / 2 + 1)  # that the sum is so small, at most
    return TOO_REGULAR if below < 1e-9 else None


def normal_cdf(values: Array) -> Array:
    """The standard normal distribution function: numbers that are uniform where the values are normal."""
    return np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in np.ravel(values)])


def order(values: Array) -> str | None:
    """What is wrong with the order of the numbers in one array."""
    for lines in directions(values):
        if longest_run(lines) >= LONGEST_RUN:
            return "値が、大きさの順に並んでいます。"
        if correlated(lines, lines, itself=True):
            return CALCULATED
    square = np.ndim(values) == 2 and values.shape[0] == values.shape[1]
    if square and correlated(*(values[places] for places in (triangle(values), triangle(values)[::-1]))):
        return CALCULATED
    return None


def triangle(values: Array) -> tuple[Array, Array]:
    return np.triu_indices(len(values), 1)


def related(one: Array, other: Array) -> bool:
    """Whether the numbers of two arrays go with each other, in their places or, when they are shuffled, in size."""
    lines = [(a, b) for a in directions(one) for b in directions(other)]
    if np.size(one) == np.size(other):
        lines.append((parts(one), parts(other)))
    return any(correlated(a, b) for a, b in lines)


def any_related(pairs: Iterable[tuple[Array, Array]]) -> bool:
    return any(related(one, other) for one, other in pairs)


def spacings(values: Array) -> str | None:
    """Whether the numbers, whatever their distribution, lie as the teeth of a comb."""
    some = parts(values)
    if len(some) < ENOUGH:
        return None
    figure = math.sqrt(180 * len(some)) * np.mean((some - 0.5) ** 2 - 1 / 12)
    return TOO_REGULAR if figure < -LARGEST else None


def repeats(values: Array) -> str | None:
    """Whether there are fewer different numbers than even single precision gives."""
    different = len(np.unique(values))
    if different < 0.9 * np.size(values) or np.size(values) - different > 10:
        return "同じ値がくり返されています。"
    if np.size(values) >= ENOUGH and (np.round(values, 6) == values).all():
        return "値が丸められています。"
    return None


# --- figures ------------------------------------------------------------------------------------


def squares_of_cosines(values: Array) -> float:
    phases = np.pi * np.outer(np.arange(1, COSINES + 1), np.ravel(values))
    return float(np.sum(2 * np.cos(phases).sum(axis=1) ** 2) / np.size(values))


def parts(values: Array) -> Array:
    """Of each two gaps between neighbours in size, the part that the first is; none where numbers are often equal."""
    gaps = np.diff(np.sort(np.ravel(values)))
    if np.count_nonzero(gaps == 0) > 10:
        return np.zeros(0)
    first, second = gaps[: len(gaps) // 2 * 2].reshape(-1, 2).T
    both = first + second
    return np.divide(first, both, out=np.full(len(both), 0.5), where=both > 0)


def directions(values: Array) -> list[Array]:
    """The numbers row by row, and column by column where that is something else."""
    values = np.asarray(values)
    return [values.ravel()] if min(values.shape) == 1 or values.ndim == 1 else [values.ravel(), values.T.ravel()]


def longest_run(line: Array) -> int:
    """How often running the numbers rise, or fall."""
    longest = 0
    for step in (np.diff(line) > 0, np.diff(line) < 0):
        stops = np.flatnonzero(~np.concatenate([[False], step, [False]]))
        longest = max(longest, int(np.diff(stops).max()) - 1)
    return longest


def correlated(one: Array, other: Array, *, itself: bool = False) -> bool:
    """Whether the numbers of one line go with those of the other, shifted or reversed by anything."""
    return min(len(one), len(other)) >= ENOUGH and bool(np.abs(correlations(one, other, itself)).max() > LARGEST)


def correlations(one: Array, other: Array, itself: bool) -> Array:
    """Of as many numbers as both lines have, times the root of their number."""
    size = min(len(one), len(other))
    found = []
    for a, b in itertools.product(*(spectra(ranks(line[:size])) for line in (one, other))):
        forwards, backwards = (np.fft.irfft(a * c, size) / math.sqrt(size) for c in (b.conj(), b))
        if itself:
            forwards[0] = 0  # every number goes with itself
            backwards /= math.sqrt(2)  # and with all others twice
        found += [forwards, backwards]
    return np.concatenate(found)


def spectra(rank: Array) -> list[Array]:
    """Of the ranks, and of their distance from the middle."""
    return [np.fft.rfft(standard(figure)) for figure in (rank, np.cos(2 * np.pi * rank))]


def ranks(line: Array) -> Array:
    """Between 0 and 1; equal numbers have equal ranks."""
    _, places, counts = np.unique(line, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(line))[places]


def standard(line: Array) -> Array:
    line = line - line.mean()
    size = line.std()
    return line / size if size > 0 else line
