"""How often honest random weights are called wrong: `.venv/bin/python benchmarks/randomness.py [ARRAYS]`.

Every figure by which dlcourse.checks.randomness judges is taken of so many arrays of honest draws. One line per figure:
how often it was beyond its limit, its extremes, and, for the correlations, how many of them lie beyond 4, 5 and 6
beside how many the normal distribution has there: what is beyond 7.5 is too rare to be counted.
"""

import math
import sys

import numpy as np

from dlcourse.checks import randomness

SHAPE = (40, 50)


def measure(arrays, rng):
    evenness, parts, counts, runs, wrong = [], [], [], [], 0
    beyond, most, number = np.zeros(3, dtype=int), 0.0, 0
    before = rng.random(SHAPE)
    for place in range(arrays):
        values = rng.random(SHAPE)
        wrong += bool(
            randomness.uniform(values) or randomness.spacings(values) or randomness.repeats(values)
            or randomness.equally_often(rng.multinomial(values.size, [0.2] * 5, 2))
        )  # fmt: skip
        evenness.append(randomness.squares_of_cosines(values))
        some = randomness.parts(values)
        parts.append(math.sqrt(180 * len(some)) * np.mean((some - 0.5) ** 2 - 1 / 12))
        counts.append(np.sum((rng.multinomial(values.size, [0.2] * 5) - values.size / 5) ** 2) / (values.size / 5))
        runs.append(max(map(randomness.longest_run, randomness.directions(values))))
        if place % 10 == 0:  # each gives thousands of figures
            wrong += bool(randomness.order(values)) + randomness.related(before, values)
            figures = np.abs(randomness.correlations(before.ravel(), values.ravel(), itself=False))
            beyond += [np.count_nonzero(figures > limit) for limit in (4, 5, 6)]
            most, number = max(most, figures.max()), number + figures.size
            before = values
    print(f"{arrays} arrays of {SHAPE}: {wrong} called wrong")
    print(
        f"squares of cosines   {min(evenness):7.2f} to {max(evenness):7.2f}   limits "
        f"{randomness.TOO_EVEN} and {randomness.TOO_UNEVEN}, mean {np.mean(evenness):.2f} (20)"
    )
    print(f"gaps                 {min(parts):7.2f} to {max(parts):7.2f}   limit -{randomness.LARGEST}")
    print(f"counts of 5 places   {min(counts):7.2f} to {max(counts):7.2f}   limit 50, mean {np.mean(counts):.2f} (4)")
    print(f"longest run          {max(runs):7}              limit {randomness.LONGEST_RUN}")
    normal = [number * math.erfc(limit / math.sqrt(2)) for limit in (4, 5, 6)]
    print(
        f"{number} correlations, largest {most:.2f}, limit {randomness.LARGEST}: beyond 4, 5 and 6 lie "
        f"{', '.join(map(str, beyond))}, of a normal distribution {', '.join(f'{count:.1f}' for count in normal)}"
    )


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, np.random.default_rng())
