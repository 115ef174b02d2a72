"""The numbers of questions that are calculated by hand: `:numbers: NAME` of {question} names a function of this file.

Each draws what is given and the four answers; the question's text, in the page, shows both by {drawn}`key`. What is
right is calculated by dlcourse itself, what is wrong as a mistake that the checks of the exercises know, wherever there
is one. Sets in which two answers look the same are drawn again. tests/press/test_numbers.py calculates the right answer
of every set anew from what is shown.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcourse import functions, optimizers
from dlcourse.checks import EXERCISES, Function
from dlcourse.gradient import numerical_diff, numerical_gradient

VARIANTS = 24
Shown = dict[str, str]
Draw = Callable[[np.random.Generator], tuple[Shown, Shown]]  # what is given, and the answers, the right one first
Numbers = dict[str, list[str]]  # key → what is shown, in each of the variants


def variants(name: str) -> Numbers:
    """24 different sets of numbers for a question, the same at every build."""
    rng = np.random.default_rng(list(name.encode()))
    found: list[Shown] = []
    for _ in range(50 * VARIANTS):
        given, answers = DRAWS[name](rng)
        if given.keys() & answers.keys():
            raise ValueError(f"{name}: {given.keys() & answers.keys()} is both given and an answer")
        if len(set(answers.values())) == len(answers) and given | answers not in found:
            found.append(given | answers)
        if len(found) == VARIANTS:
            return {key: [shown[key] for shown in found] for key in found[0]}
    raise ValueError(f"{name}: {len(found)} different sets of numbers with four different answers, not {VARIANTS}")


def mistake(exercise: str, hint: str) -> Callable[..., Any]:
    """The wrong answer of an exercise's table that earns this hint, as a function."""
    table = EXERCISES[exercise]
    (answer,) = [answer for answer, told in table.pitfalls.items() if told.startswith(hint)]
    function: Callable[..., Any] = table.define(answer)
    return function


def reference(exercise: str) -> Callable[..., Any]:
    """What is right in an exercise for which a function is written."""
    table = EXERCISES[exercise]
    assert isinstance(table, Function), exercise
    return table.reference


def show(value: Any, digits: int | None = None) -> str:
    """A number, or several in brackets, with so many decimals or as few as it needs."""
    if np.ndim(value):
        return f"({', '.join(show(part, digits) for part in np.asarray(value).ravel())})"
    text = f"{value:.10g}" if digits is None else f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def shown(values: dict[str, Any], digits: int | None = None) -> Shown:
    return {key: value if isinstance(value, str) else show(value, digits) for key, value in values.items()}


def some(rng: np.random.Generator, count: int, values: Sequence[float]) -> np.ndarray:
    return rng.choice(np.array(values, dtype=float), count)


WHOLE = [-3, -2, -1, 1, 2, 3]
HALVES = [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2]
TENTHS = [round(0.1 * n, 1) for n in range(1, 10)]

# --- chapter 1 ----------------------------------------------------------------------------------


def total_input(rng: np.random.Generator) -> tuple[Shown, Shown]:
    x, w, b = some(rng, 2, WHOLE), some(rng, 2, HALVES), some(rng, 1, WHOLE)
    given = {"x": x, "w": w, "b": b[0]}
    calls = {
        "right": functions.affine,
        "without": mistake("K1-2", "バイアス b を足し忘れて"),
        "minus": mistake("K1-2", "バイアスの符号が逆"),
        "before": mistake("K1-2", "バイアスは入力に足す"),
    }
    return shown(given), shown({key: call(x, w[:, np.newaxis], b)[0] for key, call in calls.items()})


def parameters(rng: np.random.Generator) -> tuple[Shown, Shown]:
    sizes = [int(size) for size in rng.integers(2, 12, 3)]
    calls = {
        "right": reference("T5-2"),
        "without": mistake("T5-2", "バイアスを数え忘れて"),
        "input": mistake("T5-2", "入力層のノードには"),
        "layer": mistake("T5-2", "バイアスは層に1つ"),
    }
    given = dict(zip(("inputs", "units", "outputs"), sizes, strict=True))
    return shown(given), shown({key: call(sizes)[0] // 2 for key, call in calls.items()})


def shapes(rng: np.random.Generator) -> tuple[Shown, Shown]:
    data, inputs, units = (int(n) for n in rng.choice(np.arange(2, 30), 3, replace=False))
    made = functions.affine(np.ones((data, inputs)), np.ones((inputs, units)), np.ones(units)).shape
    answers = {"right": made, "turned": made[::-1], "single": f"({units},)", "input": (data, inputs)}
    return shown({"data": data, "inputs": inputs, "units": units}), shown(answers)


# --- chapter 2 ----------------------------------------------------------------------------------


def relu(rng: np.random.Generator) -> tuple[Shown, Shown]:
    u = some(rng, 3, HALVES)
    calls = {
        "right": functions.relu,
        "positive": mistake("T2-1c", "負の数が正の数に"),
        "slope": mistake("T2-1c", "それは ReLU の微分"),
        "smaller": mistake("T2-1c", "小さいほうを"),
    }
    return shown({"u": u}), shown({key: call(u) for key, call in calls.items()})


def sigmoid_slope(rng: np.random.Generator) -> tuple[Shown, Shown]:
    z = float(rng.choice(np.arange(6, 95))) / 100
    u = np.log(z / (1 - z))
    answers = {
        "right": functions.d_sigmoid(u),
        "again": mistake("X2-5", "d_sigmoid に渡すのは")(z),
        "tanh": mistake("X2-5", "それは tanh の")(z),
        "half": mistake("X2-5", "もう1つの因子")(z),
    }
    return shown({"z": z}), shown(answers, 3)


def initial_spread(rng: np.random.Generator) -> tuple[Shown, Shown]:
    inputs = int(rng.integers(8, 250))
    answers = {"right": np.sqrt(2 / inputs), "variance": 2 / inputs, "xavier": np.sqrt(1 / inputs)}
    return shown({"inputs": inputs}), shown(answers | {"outside": 2 / np.sqrt(inputs)}, 3)


def slope_product(rng: np.random.Generator) -> tuple[Shown, Shown]:
    w, slope = some(rng, 2, HALVES), some(rng, 2, [0.05, 0.1, 0.15, 0.2, 0.25])
    answers = {
        "right": np.prod(w * slope), "sum": np.sum(w * slope), "slopes": np.prod(slope), "last": w[1] * slope[1],
    }  # fmt: skip
    given = {"w1": w[0], "w2": w[1], "slope1": slope[0], "slope2": slope[1]}
    return shown(given), shown(answers, 4)


# --- chapter 3 ----------------------------------------------------------------------------------


def squared_error(rng: np.random.Generator) -> tuple[Shown, Shown]:
    d, y = some(rng, 3, WHOLE), some(rng, 3, HALVES)
    calls = {
        "right": functions.sum_squared_error,
        "double": mistake("T3-1", "1/2 を掛け忘れて"),
        "late": mistake("T3-1", "足してから2乗して"),
        "apart": mistake("T3-1", "別々に2乗して"),
    }
    return shown({"d": d, "y": y}), shown({key: call(d, y) for key, call in calls.items()}, 3)


def mean_squared_error(rng: np.random.Generator) -> tuple[Shown, Shown]:
    d, y = some(rng, 6, WHOLE).reshape(2, 3), some(rng, 6, WHOLE).reshape(2, 3)
    calls = {
        "right": functions.mean_squared_error,
        "sum": mistake("T3-1b", "平均していません"),
        "double": mistake("T3-1b", "2 で割り忘れて"),
        "data": mistake("T3-1b", "データの数だけで"),
    }
    given = {"d1": d[0], "d2": d[1], "y1": y[0], "y2": y[1]}
    return shown(given), shown({key: call(d, y) for key, call in calls.items()}, 3)


def softmax(rng: np.random.Generator) -> tuple[Shown, Shown]:
    start = int(rng.integers(-9, 10))
    u = rng.permutation([start, start + 1, start + 2])
    place = int(rng.integers(3))
    calls = {
        "right": functions.softmax,
        "minus": mistake("T2-1e", "exp の中の符号が逆"),
        "sigmoid": mistake("T2-1e", "それはシグモイド関数"),
        "largest": mistake("T2-1e", "最大値ではなく"),
    }
    given = {"u": u, "place": place + 1}
    return shown(given), shown({key: call(u)[place] for key, call in calls.items()}, 2)


def cross_entropy(rng: np.random.Generator) -> tuple[Shown, Shown]:
    first, second = some(rng, 2, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    y, place = np.round([first, second, 1 - first - second], 1), int(rng.integers(3))
    if y[2] <= 0:
        return cross_entropy(rng)
    answers = {
        "right": functions.cross_entropy_error(np.array(place), y),
        "common": -np.log10(y[place]),
        "other": -np.log(1 - y[place]),
        "all": -np.sum(np.log(y)),
    }
    return shown({"y": y, "place": place + 1}), shown(answers, 2)


def initial_loss(rng: np.random.Generator) -> tuple[Shown, Shown]:
    classes = int(rng.integers(3, 60))
    y = np.full(classes, 1 / classes)
    answers = {"right": functions.cross_entropy_error(np.array(0), y), "one": 1 / classes, "common": np.log10(classes)}
    return shown({"classes": classes}), shown(answers | {"rest": -np.log(1 - 1 / classes)}, 3)


def softmax_delta(rng: np.random.Generator) -> tuple[Shown, Shown]:
    first, second = some(rng, 2, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    y, place = np.round([first, second, 1 - first - second], 1), int(rng.integers(3))
    if y[2] <= 0:
        return softmax_delta(rng)
    d = np.eye(3)[place]
    answers = {
        "right": functions.d_softmax_with_loss(d, y),
        "minus": mistake("H1", "符号が逆")(d, y),
        "only": d * (y - d),
        "output": -d / y,
    }
    return shown({"y": y, "place": place + 1}), shown(answers, 1)


def log_likelihood(rng: np.random.Generator) -> tuple[Shown, Shown]:
    p = some(rng, 2, [0.1, 0.2, 0.25, 0.4, 0.5, 0.8])
    answers = {
        "right": -np.log(p).mean(), "sum": -np.log(p).sum(), "mean": -np.log(p.mean()), "product": np.prod(p),
    }  # fmt: skip
    return shown({"p1": p[0], "p2": p[1]}), shown(answers, 2)


# --- chapter 4 ----------------------------------------------------------------------------------


def central_difference(rng: np.random.Generator) -> tuple[Shown, Shown]:
    x, h = float(rng.integers(-5, 6)), float(rng.choice([0.1, 0.2, 0.5]))

    def f(x: Any) -> Any:
        return x**3

    answers = {
        "right": numerical_diff(f, x, h), "forward": (f(x + h) - f(x)) / h, "width": (f(x + h) - f(x - h)) / h,
        "exact": 3 * x**2,
    }  # fmt: skip
    return shown({"x": x, "h": h}), shown(answers, 2)


def gradient(rng: np.random.Generator) -> tuple[Shown, Shown]:
    a, c = some(rng, 2, WHOLE)
    x = some(rng, 2, WHOLE)
    right = np.round(numerical_gradient(lambda x: a * x[0] ** 2 + c * x[0] * x[1], x), 6)
    answers = {
        "right": right,
        "turned": right[::-1],
        "alone": np.array([2 * a * x[0], c * x[1]]),
        "square": np.array([a * x[0] + c * x[1], c * x[0]]),
    }
    return shown({"a": a, "c": c, "x": x}), shown(answers)


def descent_step(rng: np.random.Generator) -> tuple[Shown, Shown]:
    w, rate = float(rng.choice(WHOLE)), float(rng.choice([0.05, 0.1, 0.2, 0.3]))
    curvature = float(rng.choice([1, 2, 3, 4]))
    asked = (lambda w: curvature * w, np.array([w]), rate, 2)
    calls = {
        "right": reference("D4"),
        "uphill": mistake("D4", "勾配の向きへ"),
        "once": mistake("D4", "1回しか"),
        "same": mistake("D4", "最初の場所の勾配"),
    }
    given = {"half": curvature / 2, "w": w, "rate": rate}
    return shown(given), shown({key: call(*asked)[0] for key, call in calls.items()}, 3)


def largest_rate(rng: np.random.Generator) -> tuple[Shown, Shown]:
    a = rng.choice([0.5, 1, 2, 4, 5, 8, 10, 20, 25, 40, 50], 2, replace=False)
    calls = {
        "right": reference("X4-4"),
        "half": mistake("X4-4", "それは、行き過ぎが"),
        "loose": mistake("X4-4", "いちばんゆるい"),
        "mean": mistake("X4-4", "平均の曲率"),
    }
    return shown({"a": a}), shown({key: call(a) for key, call in calls.items()}, 3)


def updates(rng: np.random.Generator) -> tuple[Shown, Shown]:
    batches, size, epochs = int(rng.integers(4, 60)), int(rng.choice([10, 20, 25, 32, 50])), int(rng.integers(2, 20))
    data = batches * size
    answers = {"right": data // size * epochs, "online": data * epochs, "batch": epochs, "once": data // size}
    return shown({"data": data, "size": size, "epochs": epochs}), shown(answers)


def momentum(rng: np.random.Generator) -> tuple[Shown, Shown]:
    w, v, g = (float(rng.choice(WHOLE)) for _ in range(3))
    rate, mu = float(rng.choice([0.1, 0.2])), float(rng.choice([0.5, 0.8, 0.9]))
    calls = {
        "right": reference("X4-1"),
        "plus": mistake("X4-1", "勾配の向きへ"),
        "whole": mistake("X4-1", "前の速度に momentum"),
        "plain": mistake("X4-1", "速度が使われて"),
    }
    given = {"w": w, "v": v, "g": g, "rate": rate, "mu": mu}
    return shown(given), shown({key: call(w, v, g, rate, mu)[0] for key, call in calls.items()}, 2)


def adagrad(rng: np.random.Generator) -> tuple[Shown, Shown]:
    before, g = [(9, 4), (16, 3), (25, 12), (144, 5), (36, 8), (64, 6), (81, 12), (225, 8)][int(rng.integers(8))]
    g, w, rate = g * int(rng.choice([-1, 1])), float(rng.choice(WHOLE)), float(rng.choice([0.1, 0.5, 1]))
    parameter = np.array([w])
    optimizers.AdaGrad(rate).move(parameter, np.array([float(g)]), np.array([float(before)]))
    answers = {
        "right": parameter[0],
        "before": w - rate * g / np.sqrt(before),
        "square": w - rate * g / (before + g**2),
        "plain": w - rate * g,
    }
    return shown({"w": w, "h": before, "g": g, "rate": rate}), shown(answers, 3)


def adam(rng: np.random.Generator) -> tuple[Shown, Shown]:
    w, g = float(rng.choice(WHOLE)), float(rng.choice([-8, -5, -4, -2, 2, 4, 5, 8]))
    rate = float(rng.choice([0.1, 0.2, 0.5]))
    asked = (np.array([w]), np.array([[g]]), rate, 0.9, 0.999, 1e-8)
    calls = {
        "right": reference("X4-2"),
        "biased": mistake("X4-2", "0 から始めた偏りを"),
        "square": mistake("X4-2", "平方根をとって"),
        "uphill": mistake("X4-2", "勾配の向きへ"),
    }
    return shown({"w": w, "g": g, "rate": rate}), shown({key: call(*asked)[0] for key, call in calls.items()}, 2)


# --- chapter 5 ----------------------------------------------------------------------------------


def paths(rng: np.random.Generator) -> tuple[Shown, Shown]:
    first, second = some(rng, 2, WHOLE), some(rng, 2, WHOLE)
    answers = {
        "right": np.sum(first * second), "product": np.prod(first * second), "one": first[0] * second[0],
        "sums": np.sum(first) * np.sum(second),
    }  # fmt: skip
    given = {"first1": first[0], "first2": first[1], "second1": second[0], "second2": second[1]}
    return shown(given), shown(answers)


def graph(rng: np.random.Generator) -> tuple[Shown, Shown]:
    a, b, c, k = some(rng, 4, WHOLE)
    right = numerical_diff(lambda a: (a * b + c) * k, a)
    answers = {"right": round(float(right), 6), "own": a * k, "short": b, "sum": b * k + c}
    return shown({"a": a, "b": b, "c": c, "k": k}), shown(answers)


def hidden_delta(rng: np.random.Generator) -> tuple[Shown, Shown]:
    z, w, delta = float(rng.choice(TENTHS)), some(rng, 2, WHOLE), some(rng, 2, [-0.4, -0.2, 0.1, 0.3, 0.5])
    dz = float(np.dot(delta, w))
    answers = {
        "right": dz * functions.d_sigmoid(np.log(z / (1 - z))),
        "whole": mistake("H1c", "活性化関数をさかのぼって")(dz, z),
        "half": mistake("H1c", "シグモイド関数の微分は z だけ")(dz, z),
        "again": mistake("H1c", "d_sigmoid が受け取るのは")(dz, z),
    }
    return shown({"z": z, "w": w, "delta": delta}), shown(answers, 3)


def weight_gradient(rng: np.random.Generator) -> tuple[Shown, Shown]:
    x, delta = some(rng, 2, HALVES), some(rng, 2, [-0.8, -0.4, -0.2, 0.2, 0.4, 0.6])
    whole = np.outer(x, delta)
    answers = {"right": whole[0, 1], "turned": whole[1, 0], "sum": x[0] + delta[1], "alone": delta[1]}
    return shown({"x": x, "delta": delta}), shown(answers, 2)


def relu_backward(rng: np.random.Generator) -> tuple[Shown, Shown]:
    u, dout = some(rng, 3, HALVES), some(rng, 3, WHOLE)
    calls = {
        "right": reference("X5-3"),
        "gradient": mistake("X5-3", "勾配のほうを ReLU"),
        "value": mistake("X5-3", "掛けるのは ReLU の値"),
        "forward": mistake("X5-3", "それは順伝播"),
    }
    return shown({"u": u, "dout": dout}), shown({key: call(u, dout) for key, call in calls.items()})


def evaluations(rng: np.random.Generator) -> tuple[Shown, Shown]:
    sizes = [int(size) for size in rng.integers(2, 20, 3)]
    calls = {
        "right": reference("T5-2"),
        "once": mistake("T5-2", "それはパラメータの数"),
        "without": mistake("T5-2", "バイアスを数え忘れて"),
        "forward": mistake("T5-2", "前進差分の回数"),
    }
    given = dict(zip(("inputs", "units", "outputs"), sizes, strict=True))
    return shown(given), shown({key: call(sizes)[0] for key, call in calls.items()})


# --- chapter 6 ----------------------------------------------------------------------------------


def standard_error(rng: np.random.Generator) -> tuple[Shown, Shown]:
    p, data = float(rng.choice([0.5, 0.6, 0.8, 0.9, 0.95])), int(rng.choice([100, 200, 250, 400, 500, 900, 1000]))
    answers = {
        "right": np.sqrt(p * (1 - p) / data), "variance": p * (1 - p) / data, "one": np.sqrt(p * (1 - p)),
        "outside": np.sqrt(p * (1 - p)) / data,
    }  # fmt: skip
    return shown({"p": p, "data": data}), shown(answers, 4)


DRAWS: dict[str, Draw] = {
    draw.__name__: draw
    for draw in (
        total_input, parameters, shapes, relu, sigmoid_slope, initial_spread, slope_product, squared_error,
        mean_squared_error, softmax, cross_entropy, initial_loss, softmax_delta, log_likelihood, central_difference,
        gradient, descent_step, largest_rate, updates, momentum, adagrad, adam, paths, graph, hidden_delta,
        weight_gradient, relu_backward, evaluations, standard_error,
    )
}  # fmt: skip
