"""第4章 勾配降下法: 何を正解とするか(入力、正しい計算、答えを受け入れるかどうか)。"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlcourse import functions, optimizers, training
from dlcourse.checks.compare import close, numbers, show
from dlcourse.checks.inputs import Arguments, Generator, layer_arguments, normal, random_network
from dlcourse.checks.values import plain
from dlcourse.functions import Array
from dlcourse.network import Network
from dlcourse.words import say

# --- functions to differentiate, which know their exact slopes ----------------------------------


@dataclass(frozen=True)
class Formula:
    """A function that a student's answer calls: it shows as its formula and knows its derivative.

    kink: at the places where it is tried, the slopes to the right and to the left are `slope` + 1 and - 1.
    """

    text: str
    function: Callable[[Any], Any]
    slope: Callable[[Any], Any] | None
    kink: bool = False

    def __call__(self, x: ArrayLike) -> Any:
        return self.function(np.asarray(plain(x), dtype=np.float64))  # plain: also of another process

    def __repr__(self) -> str:
        return say(self.text)


PARABOLA = Formula("0.01x² + 0.1x", lambda x: 0.01 * x**2 + 0.1 * x, lambda x: 0.02 * x + 0.1)
SINE = Formula("sin(x)", np.sin, np.cos)
EXPONENTIAL = Formula("exp(x)", np.exp, np.exp)
# At the kink every one-sided difference is off by 1, however small h is.
KINK = Formula("|x - 3| + 5x", lambda x: np.abs(x - 3) + 5 * x, lambda x: np.sign(x - 3) + 5, kink=True)

SQUARES = Formula("x[0]² + x[1]²", lambda x: np.sum(x**2), lambda x: 2 * x)
MIXED = Formula(
    "x[0]² x[1] + 3 x[1] x[2] + sin(x[2])",
    lambda x: x[0] ** 2 * x[1] + 3 * x[1] * x[2] + np.sin(x[2]),
    lambda x: np.array([2 * x[0] * x[1], x[0] ** 2 + 3 * x[2], 3 * x[1] + np.cos(x[2])]),
)
FOLDED = Formula(
    "|x[0]| + x[0] x[1]",
    lambda x: np.abs(x[0]) + x[0] * x[1],
    lambda x: np.array([np.sign(x[0]) + x[1], x[0]]),
    kink=True,
)
EVERY_KINK = Formula("|x| + 5x の要素の合計", lambda x: np.sum(np.abs(x) + 5 * x), lambda x: np.sign(x) + 5, kink=True)


def numbered(x: ArrayLike) -> Array:
    """A weight of its own for each element: no two partial derivatives are interchangeable."""
    return 0.3 + 0.2 * np.arange(np.size(x)).reshape(np.shape(x))


# The square of the sum makes each partial derivative depend on all elements: one that was left moved is noticed.
WEIGHTED = Formula(
    "0.3x₀² + 0.5x₁² + 0.7x₂² + … + (要素の合計)²",
    lambda x: np.sum(numbered(x) * x**2) + np.sum(x) ** 2,
    lambda x: 2 * numbered(x) * x + 2 * np.sum(x),
)

# A central difference of a square is right for any h; here h has to be small.
WAVES = Formula("sin(x) の要素の合計", lambda x: np.sum(np.sin(x)), np.cos)

# --- accept functions: None, or what is wrong -------------------------------------------------

# One-sided differences, a missing 2 and a step of 0.01 are all further away than this.
SLOPE_TOLERANCE = 1e-6


def slope_problem(exact: ArrayLike, got: Any, value: float, kink: bool) -> str | None:
    """What is wrong with a numerical derivative; `value` is that of the function, which sets the rounding."""
    exact = np.asarray(exact, dtype=np.float64)
    got = numbers(got, exact.shape)
    if got is None:
        return "返ったものが数値ではありません。"
    if got.shape != exact.shape:
        if not exact.shape:
            return say("1つの数を返してください(結果の形は {found})。", found=got.shape)
        return say("形が {shape} の配列を返してください(結果の形は {found})。", shape=exact.shape, found=got.shape)
    if not np.isfinite(got).all():
        return "結果が有限の数ではありません。"

    def near(other: Array) -> bool:
        return (np.abs(got - other) <= SLOPE_TOLERANCE * max(1.0, np.abs(exact).max(), abs(value))).all()

    if near(exact):
        return None
    right = show(exact) if exact.shape else f"{exact:.6g}"
    if kink and (near(exact + 1) or near(exact - 1)):
        up = "変数を増やした側だけの傾きになっています(両側なら {right})。"
        down = "変数を減らした側だけの傾きになっています(両側なら {right})。"
        return say(up if near(exact + 1) else down, right=right)
    mistakes = {
        "正しい値 {right} の半分になっています。": exact / 2,
        "正しい値 {right} の2倍になっています。": 2 * exact,
        "正しい値 {right} の-1倍になっています。": -exact,
    }
    said = next((text for text, other in mistakes.items() if exact.any() and near(other)), "正しい値は {right} です。")
    return say(said, right=right)


def derivative_problem(arguments: Arguments, result: Any) -> str | None:
    f, x = arguments
    return slope_problem(f.slope(x), result, f(x), f.kink)


def partial_derivative_problem(arguments: Arguments, result: Any) -> str | None:
    f, x, i = arguments
    return slope_problem(f.slope(x)[i], result, f(x), f.kink)


def gradient_problem(arguments: Arguments, result: Any) -> str | None:
    f, x = arguments
    return slope_problem(f.slope(np.asarray(x, dtype=np.float64)), result, f(x), f.kink)


@functools.lru_cache
def outcomes_of_rate(learning_rate: float) -> tuple[float, ...]:
    """How far online learning with inputs in [-5, 5) lowers the loss, for five sets of data; inf if it diverges."""
    ratios = []
    for seed in range(5):
        x = np.random.default_rng(seed).random((1000, 2)) * 10 - 5
        d = 3 * x[:, :1] + 2 * x[:, 1:]
        network = Network([2, 10, 1], output="identity", rng=seed)
        before = network.loss(x, d)
        with np.errstate(all="ignore"):
            try:
                training.train(network, x, d, optimizers.SGD(learning_rate), batch_size=1, shuffle=False)
                ratio = float(network.loss(x, d) / before)
            except FloatingPointError:
                ratio = np.inf
        ratios.append(ratio if np.isfinite(ratio) else np.inf)
    return tuple(ratios)


def good_rate(value: Any) -> str | None:
    number = numbers(value, ())
    if number is None or number.shape != () or number.dtype.kind not in "iuf":
        return "1つの数ではありません。"
    if not np.isfinite(number):
        return "学習率が有限の数ではありません。"
    if number <= 0:
        return "学習率は正の数です。"
    ratios = outcomes_of_rate(float(number))
    diverged = sum(ratio == np.inf for ratio in ratios)
    if diverged == len(ratios):
        return "5組のデータのどれでも、途中で誤差が有限の数でなくなりました。"
    if diverged:
        return "5組のデータの中に、途中で誤差が有限の数でなくなったものがあります。"
    if max(ratios) > 0.1:
        return "誤差は有限のままですが、10分の1以下にならないデータがあります。"
    return None


# --- arrows: mini-batch t has its lowest point at BOTTOMS[t], and the gradient W - BOTTOMS[t] -------------------

BOTTOMS = np.array([[4.0, 0.0], [4.0, 4.0], [-2.0, 2.0]])
ARROWS_FROM, ARROWS_RATE = np.zeros(2), 0.5


def arrow_problem(number: int, start: Array, end: Array) -> str | None:
    """What is wrong with the arrow of an update (0 to 2) that begins where it should."""
    move, bottom = end - start, BOTTOMS[number]
    right = ARROWS_RATE * (bottom - start)
    if close(move, right):
        return None
    mistakes = {
        "{number}本目の矢印が、勾配の向きに進んでいます(符号が逆です)。": -right,
        "{number}本目の矢印に、学習率が掛かっていません。": right / ARROWS_RATE,
        "{number}本目の矢印が、W⁽⁰⁾ での勾配で動いています。": ARROWS_RATE * (bottom - ARROWS_FROM),
        "{number}本目の矢印が、1つ目のミニバッチの勾配で動いています。": ARROWS_RATE * (BOTTOMS[0] - start),
        "{number}本目の矢印が、3つのミニバッチの平均の勾配で動いています。": ARROWS_RATE
        * (BOTTOMS.mean(axis=0) - start),
    }
    for said, wrong in mistakes.items():
        if close(move, wrong):
            return say(said, number=number + 1)
    if close(end, right):
        return say("{number}本目の矢印の終点に、動いた量が書かれています。", number=number + 1)
    return say("{number}本目の矢印の終点が違います。", number=number + 1)


def arrows_problem(value: Any) -> str | None:
    arrows = numbers(value)
    if arrows is None or arrows.shape != (3, 2, 2):
        if arrows is None:
            return "[[始点, 終点], [始点, 終点], [始点, 終点]] という形ではありません。"
        said = "[[始点, 終点], [始点, 終点], [始点, 終点]] という形ではありません(いまの形は {shape})。"
        return say(said, shape=arrows.shape)
    place = ARROWS_FROM
    for number, (start, end) in enumerate(arrows):
        if not close(start, place):
            if number and close(start, ARROWS_FROM):
                return say("{number}本目の矢印が、また W⁽⁰⁾ から始まっています。", number=number + 1)
            if not number:
                return "1本目の矢印が、W⁽⁰⁾から始まっていません。"
            said = "{number}本目の矢印が、{before}本目の矢印の終点から始まっていません。"
            return say(said, number=number + 1, before=number)
        if problem := arrow_problem(number, start, end):
            return problem
        place = end
    return None


# --- references -----------------------------------------------------------------------------------


def central(f: Callable[[Any], Any], x: float) -> float:
    return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4


def partial_derivative(f: Callable[[Any], Any], x: Array, i: int) -> float:
    step = 1e-4 * (np.arange(len(x)) == i)
    return (f(x + step) - f(x - step)) / 2e-4


def descend(gradient: Callable[[Any], Any], w: Array, learning_rate: float, steps: int) -> Array:
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
    return w


def gradients_with(network: Mapping[str, Array], x: Array, d: Array, activation: str) -> dict[str, Array]:
    f, slope = {
        "relu": (functions.relu, functions.d_relu),
        "sigmoid": (functions.sigmoid, functions.d_sigmoid),
    }[activation]
    u1 = functions.affine(x, network["W1"], network["b1"])
    z1 = f(u1)
    delta2 = functions.d_sum_squared_error(d, functions.affine(z1, network["W2"], network["b2"]))
    delta1 = delta2 @ network["W2"].T * slope(u1)
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z1.T @ delta2, "b2": delta2.sum(axis=0)}


def mean_of_gradients(w: Array, b: float, x: Array, d: Array) -> tuple[Array, Any]:
    errors = [x[n] @ w + b - d[n] for n in range(len(x))]
    return np.mean([error * row for error, row in zip(errors, x, strict=True)], axis=0), np.mean(errors)


def momentum_step(w: Array, v: Array, gradient: Array, learning_rate: float, momentum: float) -> tuple[Array, Array]:
    v = momentum * v - learning_rate * gradient
    return w + v, v


def nesterov_step(
    w: Array, v: Array, gradient: Callable[[Any], Any], learning_rate: float, momentum: float
) -> tuple[Array, Array]:
    v = momentum * v - learning_rate * gradient(w + momentum * v)
    return w + v, v


def updated(optimizer: optimizers.Optimizer, w: Array, gradients: Array) -> Array:
    parameters = {"w": np.array(w, dtype=np.float64)}
    for g in gradients:
        optimizer.update(parameters, {"w": g})
    return parameters["w"]


def adagrad(w: Array, gradients: Array, learning_rate: float, epsilon: float) -> Array:
    return updated(optimizers.AdaGrad(learning_rate, epsilon), w, gradients)


def rmsprop(w: Array, gradients: Array, learning_rate: float, decay_rate: float, epsilon: float) -> Array:
    return updated(optimizers.RMSProp(learning_rate, decay_rate, epsilon), w, gradients)


def adadelta(w: Array, gradients: Array, decay_rate: float, epsilon: float) -> Array:
    return updated(optimizers.AdaDelta(1.0, decay_rate, epsilon), w, gradients)


def adam(w: Array, gradients: Array, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> Array:
    return updated(optimizers.Adam(learning_rate, beta1, beta2, epsilon), w, gradients)


# --- arguments ---------------------------------------------------------------------------------------

DOUBLE = Formula("2w", lambda w: 2 * w, None)
CROSSED = Formula("[2 w[0] + w[1], w[0] + 4 w[1]]", lambda w: w @ np.array([[2.0, 1.0], [1.0, 4.0]]), None)


def activation_case(rng: Generator, activation: str, count: int = 5) -> Arguments:
    network = random_network(rng, 2, 4, 1)
    x = normal(rng, count, 2)
    return network, x, 3 * x[:, :1] + 2 * x[:, 1:], activation


def at_the_kink(rng: Generator, distance: float = 0.0) -> Arguments:
    """All total inputs are 0, where ReLU has the slope 0, or hardly so, where it has both of its slopes."""
    network = random_network(rng, 2, 4, 1)
    network["b1"] = distance * rng.permutation([1.0, 1.0, -1.0, -1.0])
    return network, np.zeros((2, 2)), normal(rng, 2, 1), "relu"


def adam_case(rng: Generator, count: int, *shape: int, scale: float = 1.0) -> Arguments:
    return normal(rng, *shape), scale * normal(rng, count, *shape), 0.1, 0.9, 0.999, 1e-8


SINES = Formula("sin(w)", np.sin, None)


def nesterov_case(rng: Generator, gradient: Callable[[Any], Any], *shape: int, scale: float = 1.0) -> Arguments:
    return scale * normal(rng, *shape), scale * normal(rng, *shape), gradient, 0.1 + 0.1 * float(rng.random()), 0.8


def gradients_case(rng: Generator, count: int, *shape: int, scale: float = 1.0, rates: tuple[float, ...]) -> Arguments:
    """Arguments w, gradients and the rates of a method."""
    return (normal(rng, *shape), scale * normal(rng, count, *shape), *rates)


def one_at_a_time(rng: Generator) -> dict[str, Any]:
    """The names before the program of X4-11."""
    x, W, b = layer_arguments(rng, 4, 2, units=None)
    return {"x": x, "d": normal(rng, 4), "W": W, "b": b, "learning_rate": 0.1}
