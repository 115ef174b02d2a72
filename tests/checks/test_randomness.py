"""Random weights: what only looks random is found out, and what is random passes."""

from statistics import NormalDist

import numpy as np
import pytest

from dlcourse.checks import EXERCISES, randomness
from dlcourse.checks.exercise import Function

# Ways to spoil n independent uniform numbers u, with one more of them, r.
SPOILT = {
    "sorted": lambda u, r: np.sort(u),
    "descending": lambda u, r: np.sort(u)[::-1],
    "half sorted": lambda u, r: np.concatenate([np.sort(u[: len(u) // 2]), u[len(u) // 2 :]]),
    "last half descending": lambda u, r: np.concatenate([u[: len(u) // 2], np.sort(u[len(u) // 2 :])[::-1]]),
    "a tenth sorted": lambda u, r: np.concatenate([np.sort(u[: len(u) // 10]), u[len(u) // 10 :]]),
    "every second sorted": lambda u, r: np.ravel([np.sort(u[::2]), u[1::2]], order="F"),
    "sorted by their distance from the middle": lambda u, r: u[np.argsort(np.abs(u - 0.5))],
    "a shifted comb": lambda u, r: (np.arange(len(u)) + r) / len(u),
    "a shifted comb, turned round": lambda u, r: np.roll(np.arange(len(u)), 7)[::-1] / len(u) + r / len(u),
    "a shuffled comb": lambda u, r: (np.argsort(u) + r) / len(u),
    "shuffled quantiles": lambda u, r: (np.argsort(u) + 0.5) / len(u),
    "one in each part": lambda u, r: (np.argsort(u) + u[::-1]) / len(u),
    "steps of the golden ratio": lambda u, r: (r + 0.6180339887498949 * np.arange(len(u))) % 1,
    "a logistic map": lambda u, r: logistic(len(u), r),
    "half of them twice": lambda u, r: np.tile(u[: (len(u) + 1) // 2], 2)[: len(u)],
    "each twice": lambda u, r: np.repeat(u, 2)[: len(u)] * (1 - 1e-9) + 1e-9 * u,
    "half of them mirrored": lambda u, r: np.concatenate([u[: (len(u) + 1) // 2], 1 - u[: len(u) // 2]]),
    "mirrored in the middle": lambda u, r: np.concatenate(
        [u[: (len(u) + 1) // 2], u[: len(u) // 2][::-1] * (1 - 1e-7)]
    ),
    "a walk": lambda u, r: np.cumsum(0.1 * u) % 1,
    "neighbours averaged": lambda u, r: (u + np.roll(u, 1)) / 2,
    "one row": lambda u, r: np.resize(u[:50], len(u)),
    "one number": lambda u, r: np.full(len(u), r),
    "two numbers": lambda u, r: np.where(u < 0.5, r / 2, 0.5 + r / 2),
    "own generator": lambda u, r: np.random.default_rng(0).random(len(u)),
    "own generator, hardly touched": lambda u, r: 0.999 * np.random.default_rng(0).random(len(u)) + 0.001 * r,
    "own numbers, shuffled": lambda u, r: np.random.default_rng(0).random(len(u))[np.argsort(u)],
    "rounded": lambda u, r: np.floor(u * 1e5) / 1e5,
    "squared": lambda u, r: u**2,
    "not quite from end to end": lambda u, r: 0.05 + 0.9 * u,
    "twice as often below the middle": lambda u, r: np.where(u < 2 / 3, u * 0.75, 1.5 * u - 0.5),
    "in the middle more often": lambda u, r: (u + u[::-1] * (1 - 1e-9)) / 2,
}
# What is left of them when only the order, or only the result, is looked at.
FREE_OF_SPREAD = {
    "rounded", "squared", "not quite from end to end", "twice as often below the middle", "one in each part",
}  # fmt: skip


def logistic(count, start):
    values = [0.05 + 0.9 * start]
    while len(values) < count:
        values.append(3.99999 * values[-1] * (1 - values[-1]))
    return np.array(values)


def spoilt(spoil, rng, count):
    return spoil(rng.random(count), rng.random())


def weights(spoil, kind, shape, rng):
    if kind in ("zeros", "ones"):
        return getattr(np, kind)(shape)
    u = np.clip(spoilt(spoil, rng, int(np.prod(shape))).reshape(shape), 0, 1 - 1e-12)
    return u if kind == "rand" else np.floor(5 * u)


def network(spoil, layer_sizes, rng):
    made = {}
    for number, (inputs, units) in enumerate(zip(layer_sizes, layer_sizes[1:], strict=False), start=1):
        made[f"W{number}"] = spoilt(spoil, rng, inputs * units).reshape(inputs, units)
        made[f"b{number}"] = np.zeros(units)
    return made


def scaled(spoil, kind, inputs, units, rng):
    u = np.clip(spoilt(spoil, rng, inputs * units), 1e-12, 1 - 1e-12).reshape(inputs, units)
    normal = np.reshape([NormalDist().inv_cdf(p) for p in u.flat], u.shape)
    return normal * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)


ANSWERS = {
    "T1-1": lambda spoil: lambda kind, shape, rng: weights(spoil, kind, shape, rng),
    "T1-2": lambda spoil: lambda low, high, size, rng: low + (high - low) * (1 - 1e-12) * spoilt(spoil, rng, size),
    "T1-4": lambda spoil: lambda layer_sizes, rng: network(spoil, layer_sizes, rng),
    "T5-4": lambda spoil: lambda kind, inputs, units, rng: scaled(spoil, kind, inputs, units, rng),
}


@pytest.mark.parametrize("exercise_id", ANSWERS)
def test_what_only_looks_random_is_found_out(exercise_id):
    exercise = EXERCISES[exercise_id]
    assert exercise.judge(ANSWERS[exercise_id](lambda u, r: u), np.random.default_rng(0)).passed
    passed = {
        name for name, spoil in SPOILT.items()
        if exercise.judge(ANSWERS[exercise_id](spoil), np.random.default_rng(0)).passed
    }  # fmt: skip
    assert passed <= (FREE_OF_SPREAD if exercise_id == "T1-4" else set()), passed


RELATED = {
    "one more": lambda a: a + 1,
    "twice": lambda a: 2 * a,
    "negative": lambda a: -a,
    "squared": lambda a: a**2,
    "backwards": lambda a: a.ravel()[::-1],
    "rows exchanged": lambda a: np.roll(a, 3, axis=0),
    "transposed": lambda a: a.T,
    "hardly otherwise": lambda a: a + a[::-1] / 9,
    "distance from the middle": lambda a: np.abs(a - 0.5),
}


@pytest.mark.parametrize("relation", RELATED)
@pytest.mark.parametrize("layer", [2, 3])
def test_layers_that_follow_from_each_other_are_found_out(relation, layer):
    def init_network(layer_sizes, rng):
        made = network(lambda u, r: u, layer_sizes, rng)
        if f"W{layer}" in made:
            made[f"W{layer}"] = np.resize(RELATED[relation](made["W1"]), made[f"W{layer}"].shape)
        return made

    exercise = EXERCISES["T1-4"]
    assert not exercise.judge(init_network, np.random.default_rng(0)).passed


def test_layers_of_the_same_shuffled_numbers_are_found_out():
    def init_network(layer_sizes, rng):
        made = network(lambda u, r: u, layer_sizes, rng)
        if made["W1"].size == made["W2"].size:
            made["W2"] = 3 - 2 * rng.permutation(made["W1"].ravel()).reshape(made["W2"].shape)
        return made

    assert not EXERCISES["T1-4"].judge(init_network, np.random.default_rng(0)).passed


@pytest.mark.parametrize("more", [-1, 1, 2])
def test_a_number_of_inputs_that_is_off_by_one_shows(more):
    def scaled_weights(kind, inputs, units, rng):
        return rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / (inputs + more))

    message = EXERCISES["T5-4"].judge(scaled_weights, np.random.default_rng(0)).message
    assert "標準偏差が、求める値の約" in message


@pytest.mark.parametrize("name", ["laplace", "logistic"])
def test_other_distributions_of_the_same_deviation_are_not_normal(name):
    size = {"laplace": np.sqrt(1 / 2), "logistic": np.sqrt(3) / np.pi}[name]

    def scaled_weights(kind, inputs, units, rng):
        deviation = np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)
        return getattr(rng, name)(0, size * deviation, (inputs, units))

    assert "正規分布" in EXERCISES["T5-4"].judge(scaled_weights, np.random.default_rng(0)).message


NETWORK = "return {f'{k}{i}': %s for i, (a, b) in enumerate(zip(layer_sizes, layer_sizes[1:]), 1) for k in 'Wb'}"
HONEST = {
    "T1-1": [
        "{'zeros': np.zeros(shape), 'ones': np.ones(shape), 'rand': rng.random(shape, dtype=np.float32), "
        "'randint': np.int8(rng.integers(5, size=shape))}[kind]",
    ],
    "T1-4": [
        NETWORK % draw.replace("SHAPE", "((a, b) if k == 'W' else b)")
        for draw in (
            "rng.normal(0, 0.01, SHAPE)",
            "rng.exponential(1, SHAPE)",
            "rng.standard_normal(SHAPE) / a ** 0.5",
            "rng.standard_normal(SHAPE, dtype=np.float32)",
            "rng.choice([-0.5, 0.5], SHAPE) * rng.random(SHAPE)",
        )
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(id, answer) for id in HONEST for answer in HONEST[id]])
def test_any_random_numbers_are_right_where_the_distribution_is_free(exercise_id, answer):
    exercise = EXERCISES[exercise_id]
    for seed in range(3):
        verdict = exercise.judge(exercise.define(answer), np.random.default_rng(seed))
        assert verdict.passed, verdict.message


def test_honest_numbers_stay_far_from_every_limit(rng):
    """benchmarks/randomness.py does the same many more times."""
    for _ in range(100):
        a, b = rng.random((2, 24, 24))
        assert not (randomness.uniform(a) or randomness.order(a) or randomness.spacings(a) or randomness.repeats(a))
        assert not randomness.related(a, b) and not randomness.equally_often(rng.multinomial(2000, [0.2] * 5, 2))
    squares = [randomness.squares_of_cosines(rng.random(2000)) for _ in range(300)]
    assert 18 < np.mean(squares) < 22 and 30 < np.var(squares) < 52  # chi-squared with 20 degrees: 20 and 40


def test_every_exercise_that_draws_looks_at_all_of_its_draws():
    drawing = {id for id, one in EXERCISES.items() if isinstance(one, Function) and one.signature.endswith(", rng)")}
    assert drawing == set(ANSWERS) and all(EXERCISES[id].together for id in drawing)
