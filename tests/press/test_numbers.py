"""The numbers of questions: what is right is calculated once more, as a reader does by hand, from what is shown."""

import ast
from math import exp, log, sqrt

import pytest

from press.practice import numbers


def total(x, w):
    return sum(a * b for a, b in zip(x, w, strict=True))


def probability(u, place):
    return exp(u[place - 1] - max(u)) / sum(exp(one - max(u)) for one in u)


def squares(d, y):
    return sum((a - b) ** 2 for a, b in zip(d, y, strict=True))


def descended(half, w, rate):
    for _ in range(2):
        w -= rate * 2 * half * w
    return w


# The formulas of the chapters, written without dlcourse and NumPy; each takes what is given by its name.
RIGHT = {
    "total_input": lambda x, w, b: total(x, w) + b,
    "parameters": lambda inputs, units, outputs: inputs * units + units + units * outputs + outputs,
    "shapes": lambda data, inputs, units: (data, units),
    "relu": lambda u: tuple(max(one, 0) for one in u),
    "sigmoid_slope": lambda z: z * (1 - z),
    "initial_spread": lambda inputs: sqrt(2 / inputs),
    "slope_product": lambda w1, w2, slope1, slope2: w1 * slope1 * w2 * slope2,
    "squared_error": lambda d, y: squares(d, y) / 2,
    "mean_squared_error": lambda d1, d2, y1, y2: (squares(d1, y1) + squares(d2, y2)) / 12,
    "softmax": probability,
    "cross_entropy": lambda y, place: -log(y[place - 1]),
    "initial_loss": lambda classes: log(classes),
    "softmax_delta": lambda y, place: tuple(one - (k == place) for k, one in enumerate(y, start=1)),
    "log_likelihood": lambda p1, p2: -(log(p1) + log(p2)) / 2,
    "central_difference": lambda x, h: 3 * x**2 + h**2,
    "gradient": lambda a, c, x: (2 * a * x[0] + c * x[1], c * x[0]),
    "descent_step": descended,
    "largest_rate": lambda a: 2 / max(a),
    "updates": lambda data, size, epochs: data / size * epochs,
    "momentum": lambda w, v, g, rate, mu: w + mu * v - rate * g,
    "adagrad": lambda w, h, g, rate: w - rate * g / sqrt(h + g**2),
    "adam": lambda w, g, rate: w - rate * g / abs(g),
    "paths": lambda first1, first2, second1, second2: first1 * second1 + first2 * second2,
    "graph": lambda a, b, c, k: b * k,
    "hidden_delta": lambda z, w, delta: z * (1 - z) * total(w, delta),
    "weight_gradient": lambda x, delta: x[0] * delta[1],
    "relu_backward": lambda u, dout: tuple(g if one > 0 else 0 for one, g in zip(u, dout, strict=True)),
    "evaluations": lambda inputs, units, outputs: 2 * ((inputs + 1) * units + (units + 1) * outputs),
    "standard_error": lambda p, data: sqrt(p * (1 - p) / data),
}


def test_every_question_is_calculated_here():
    assert set(RIGHT) == set(numbers.DRAWS)


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_follows_from_what_is_shown(name):
    shown = numbers.variants(name)
    given = RIGHT[name].__code__.co_varnames[: RIGHT[name].__code__.co_argcount]
    given = ["u", "place"] if name == "softmax" else given
    for place in range(numbers.VARIANTS):
        expected = RIGHT[name](*(ast.literal_eval(shown[key][place]) for key in given))
        right = shown["right"][place]
        parts = zip(
            *(one if isinstance(one, tuple) else (one,) for one in (expected, ast.literal_eval(right))), strict=True
        )
        digits = max(len(part.partition(".")[2]) for part in right.strip("()").split(","))
        # half of the last digit that is shown, but for what binary fractions lack of it
        tolerance = 0.5 * 10.0**-digits * (1 + 1e-9) if digits else 1e-9
        for wanted, part in parts:
            assert abs(wanted - part) <= tolerance, (expected, right)


@pytest.mark.parametrize("name", RIGHT)
def test_the_four_answers_of_every_variant_differ(name):
    shown = numbers.variants(name)
    given = len(shown) - 4
    assert given > 0 and list(shown)[given] == "right"
    answers = list(zip(*list(shown.values())[given:], strict=True))
    assert len(answers) == numbers.VARIANTS and all(len(set(four)) == 4 for four in answers)
    assert len(set(zip(*shown.values(), strict=True))) == numbers.VARIANTS
    assert not any(text in ("nan", "inf", "-inf") or "-0" in text.split() for four in answers for text in four)


def test_the_numbers_are_the_same_at_every_build():
    assert numbers.variants("adam") == numbers.variants("adam")


def test_numbers_that_cannot_differ_are_named(monkeypatch):
    monkeypatch.setitem(numbers.DRAWS, "same", lambda rng: ({"x": "1"}, {"right": "2", "wrong": "2"}))
    with pytest.raises(ValueError, match="same: 0 different sets"):
        numbers.variants("same")
