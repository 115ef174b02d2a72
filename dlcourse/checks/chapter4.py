"""第4章 勾配降下法: 何を正解とし、どの間違いにどのヒントを返すか。"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlcourse import functions, optimizers, training
from dlcourse.checks.compare import numbers, show
from dlcourse.checks.exercise import EVERY_OPTIMIZER, Choice, Function, Line, Value
from dlcourse.checks.inputs import Arguments, Generator, far, normal, random_network
from dlcourse.checks.values import plain
from dlcourse.functions import Array
from dlcourse.gradient import numerical_diff, numerical_gradient
from dlcourse.network import Network

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
        return self.text


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
EVERY_KINK = Formula(
    "|x| + 5x の要素の合計", lambda x: np.sum(np.abs(x) + 5 * x), lambda x: np.sign(x) + 5, kink=True
)


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
        wanted = f"形が {exact.shape} の配列" if exact.shape else "1つの数"
        return f"{wanted}を返してください(結果の形は {got.shape})。"
    if not np.isfinite(got).all():
        return "結果が有限の数ではありません。"

    def near(other: Array) -> bool:
        return (np.abs(got - other) <= SLOPE_TOLERANCE * max(1.0, np.abs(exact).max(), abs(value))).all()

    if near(exact):
        return None
    right = show(exact) if exact.shape else f"{exact:.6g}"
    if kink and (near(exact + 1) or near(exact - 1)):
        side = "増やした" if near(exact + 1) else "減らした"
        return f"変数を{side}側だけの傾きになっています(両側なら {right})。"
    ways = {"半分": exact / 2, "2倍": 2 * exact, "-1倍": -exact}
    way = next((name for name, other in ways.items() if exact.any() and near(other)), None)
    return f"正しい値 {right} の{way}になっています。" if way else f"正しい値は {right} です。"


def derivative(arguments: Arguments, result: Any) -> str | None:
    f, x = arguments
    return slope_problem(f.slope(x), result, f(x), f.kink)


def partial(arguments: Arguments, result: Any) -> str | None:
    f, x, i = arguments
    return slope_problem(f.slope(x)[i], result, f(x), f.kink)


def gradient(arguments: Arguments, result: Any) -> str | None:
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


def switched(network: Mapping[str, Array], x: Array, d: Array, activation: str) -> dict[str, Array]:
    f, slope = {
        "relu": (functions.relu, functions.d_relu), "sigmoid": (functions.sigmoid, functions.d_sigmoid),
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


def adam(w: Array, gradients: Array, learning_rate: float, beta1: float, beta2: float, epsilon: float) -> Array:
    parameters = {"w": np.array(w, dtype=np.float64)}
    optimizer = optimizers.Adam(learning_rate, beta1, beta2, epsilon)
    for g in gradients:
        optimizer.update(parameters, {"w": g})
    return parameters["w"]


# --- arguments ---------------------------------------------------------------------------------------

DOUBLE = Formula("2w", lambda w: 2 * w, None)
CROSSED = Formula("[2 w[0] + w[1], w[0] + 4 w[1]]", lambda w: w @ np.array([[2.0, 1.0], [1.0, 4.0]]), None)


def switch(rng: Generator, activation: str, count: int = 5) -> Arguments:
    network = random_network(rng, 2, 4, 1)
    x = normal(rng, count, 2)
    return network, x, 3 * x[:, :1] + 2 * x[:, 1:], activation


def at_the_kink(rng: Generator, distance: float = 0.0) -> Arguments:
    """All total inputs are 0, where ReLU has the slope 0, or hardly so, where it has both of its slopes."""
    network = random_network(rng, 2, 4, 1)
    network["b1"] = distance * rng.permutation([1.0, 1.0, -1.0, -1.0])
    return network, np.zeros((2, 2)), normal(rng, 2, 1), "relu"


def moments(rng: Generator, count: int, *shape: int, scale: float = 1.0) -> Arguments:
    return normal(rng, *shape), scale * normal(rng, count, *shape), 0.1, 0.9, 0.999, 1e-8


# --- the programs that pitfalls and variants share ---------------------------------------------------

LOOP = "h = 1e-4\nx = np.array(x, dtype=float)\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    old = x[i]\n"
PLUS, MINUS, BACK = "    x[i] = old + h\n    a = f(x)\n", "    x[i] = old - h\n    c = f(x)\n", "    x[i] = old\n"
WHOLE = LOOP + PLUS + MINUS + BACK + "    g[i] = (a - c) / (2 * h)\n"

BEFORE = 'W1, b1, W2, b2 = (network[name] for name in ("W1", "b1", "W2", "b2"))\nu1 = x @ W1 + b1\n'
AFTER = (
    "y = z1 @ W2 + b2\ndelta2 = (y - d) / len(x)\ndelta1 = (delta2 @ W2.T) * slope\n"
    'return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z1.T @ delta2, "b2": delta2.sum(axis=0)}'
)
RELU = 'if activation == "relu":\n    z1 = functions.relu(u1)\n    slope = functions.d_relu(u1)\n'
SIGMOID = "else:\n    z1 = functions.sigmoid(u1)\n    slope = functions.d_sigmoid(u1)\n"

ERROR = "error = x @ w + b - d\n"

ADAM = (
    "m = np.zeros_like(gradients[0])\nv = np.zeros_like(gradients[0])\n"
    "for t, g in enumerate(gradients, start=1):\n"
    "    m = beta1 * m + (1 - beta1) * g\n    v = beta2 * v + (1 - beta2) * g**2\n"
    "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n"
    "    w = w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)\nreturn w"
)


def changed(program: str, old: str, new: str) -> str:
    """The program with one part written otherwise; the part must be there."""
    assert program.count(old) == 1, old
    return program.replace(old, new)


EXERCISES = [
    Function(
        id="D1",
        signature="numerical_diff(f, x)",
        section="傾きを数値で求める",
        reference=central,
        instead_of=(numerical_diff, numerical_gradient),
        accept=derivative,
        inputs={
            "折れ目のある関数": lambda rng: (KINK, 3.0),
            "本文の例": lambda rng: (PARABOLA, 5.0),
            "整数の x": lambda rng: (PARABOLA, int(rng.integers(6, 20))),
            "負の x": lambda rng: (SINE, -1.0 - float(rng.random())),
            "正の x": lambda rng: (EXPONENTIAL, 2.0 + float(rng.random())),
            "大きな x": lambda rng: (PARABOLA, 1e3),
            "下り坂": lambda rng: (PARABOLA, -10.0 - 10 * float(rng.random())),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x)) / h":
                "前進差分になっています。x の右側だけでなく、左側も同じ幅だけ使いましょう。",
            "h = 1e-4\nreturn (f(x) - f(x - h)) / h":
                "後ろ側だけの差分になっています。x の左側だけでなく、右側も同じ幅だけ使いましょう。",
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / h": "x - h から x + h までの幅は、h ではありません。",
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / 2 * h":
                "割り算と掛け算は左から順に計算されます。割る数をかっこで囲みましょう。",
            "h = 1e-4\nreturn (f(x - h) - f(x + h)) / (2 * h)": "引く順番が逆なので、符号が逆になっています。",
            "h = 10e-50\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "差が 0 になっています。h が小さすぎると、x + h が x と同じ数に丸められます。",
            "h = 1e-13\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "h が小さすぎて、引き算で桁が失われています(桁落ち)。",
            "h = 0.1\nreturn (f(x + h) - f(x - h)) / (2 * h)": "h が大きすぎて、曲線の曲がりを拾っています。",
            "h = 1e-4\nreturn (f(x + h) + f(x - h)) / (2 * h)": "足し算ではなく、両側の値の差をとります。",
            "h = 1e-4\nreturn f(x + h) - f(x - h) / (2 * h)":
                "割り算は引き算より先に計算されます。差をかっこで囲みましょう。",
            "h = 1e-4\nreturn f(x + h) - f(x - h)": "差を、幅で割っていません。",
            "h = 1e-4\nreturn f((x + h) - (x - h)) / (2 * h)":
                "f に渡す値どうしを引いています。f の値を2つ求めてから、引き算をしましょう。",
            "h = 1e-4\nreturn round((f(x + h) - f(x - h)) / (2 * h), 3)": "値を丸めずに返しましょう。",
            "h = 1e-4\nreturn 0.02 * x + 0.1": "1つの関数の微分だけを書いています。渡された f を使いましょう。",
            "h = 1e-4\nreturn abs((f(x + h) - f(x - h)) / (2 * h))": "符号を消しています。下り坂では、微分は負の数です。",
            "h = 1e-4\nprint((f(x + h) - f(x - h)) / (2 * h))": "計算した値を return で返しましょう。print で表示するだけでは返りません。",
        },
        variants=[
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h)",
            "h = 1e-5\nreturn (f(x + h) - f(x - h)) / 2 / h",
            "h = 1e-4\nforward = (f(x + h) - f(x)) / h\nbackward = (f(x) - f(x - h)) / h\n"
            "return (forward + backward) / 2",
            "h = 1e-4\nleft, right = (f(x + step) for step in (-h, h))\nreturn float(right - left) * 0.5 / h",
            "h = 1e-3\na, b, c, e = f(x - h), f(x - h / 2), f(x + h / 2), f(x + h)\n"
            "return (8 * (c - b) - (e - a)) / (6 * h)",
        ],
    ),
    Function(
        id="D2",
        signature="partial_derivative(f, x, i)",
        section="変数が2つ以上のとき",
        reference=partial_derivative,
        instead_of=(numerical_diff, numerical_gradient),
        accept=partial,
        inputs={
            "折れ目のある関数": lambda rng: (FOLDED, np.array([0.0, 5.0]), 0),
            "本文の例、x[0]": lambda rng: (SQUARES, np.array([3.0, 4.0]), 0),
            "本文の例、x[1]": lambda rng: (SQUARES, np.array([3.0, 4.0]), 1),
            "変数が3つ、x[0]": lambda rng: (MIXED, 1 + rng.random(3), 0),
            "変数が3つ、x[1]": lambda rng: (MIXED, 1 + rng.random(3), 1),
            "変数が3つ、x[2]": lambda rng: (MIXED, 1 + rng.random(3), 2),
            "大きな値": lambda rng: (SQUARES, np.array([-1e3, 1e2]), 0),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "x + h では、すべての変数が動いてしまいます。i 番目だけを動かし、ほかは止めておきましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[0] += h\nc[0] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "いつも 0 番目の変数を動かしています。i 番目を動かしましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[1] += h\nc[1] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "いつも 1 番目の変数を動かしています。i 番目を動かしましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i - 1] += h\nc[i - 1] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "1つ前の変数を動かしています。番号は 0 から数えます。",
            "h = 1e-4\na = x.copy()\na[i] += h\nreturn (f(a) - f(x)) / h":
                "前進差分になっています。両側に動かして差をとりましょう。",
            "h = 1e-4\na = x.copy()\na[i] -= h\nreturn (f(x) - f(a)) / h":
                "後ろ側だけの差分になっています。両側に動かして差をとりましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / h":
                "2つの点の間の幅は、h ではありません。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(c) - f(a)) / (2 * h)":
                "引く順番が逆なので、符号が逆になっています。",
            "h = 1e-4\na, c = np.zeros(len(x)), np.zeros(len(x))\na[i], c[i] = x[i] + h, x[i] - h\n"
            "return (f(a) - f(c)) / (2 * h)":
                "ほかの変数を 0 にしています。止めておくとは、渡された値のままにしておくことです。",
            "h = 1e-4\nx[i] += h\na = f(x)\nx[i] -= 2 * h\nreturn (a - f(x)) / (2 * h)":
                "x を動かしたままです。求め終わったら、元の値に戻しましょう。",
            "h = 1e-4\na = x\na[i] += h\nc = x\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "2つの点での値の差が 0 になっています。たとえば a = x と書くと、a は x の別名です。x.copy() で写しを作りましょう。",
            "h = 10e-50\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "h が小さすぎて、動かしたつもりの値が元の値に丸められています。",
            "h = 1e-4\ng = []\nfor k in range(len(x)):\n    a, c = x.copy(), x.copy()\n    a[k] += h\n    c[k] -= h\n"
            "    g.append((f(a) - f(c)) / (2 * h))\nreturn np.array(g)":
                "すべての変数の偏微分を返しています。求めるのは i 番目の1つだけです。",
            "h = 1e-4\nreturn (f(x[i] + h) - f(x[i] - h)) / (2 * h)":
                "f には、x[i] だけではなく、すべての変数を並べた配列を渡します。",
            "return 2 * x[i]": "1つの関数の偏微分だけを書いています。渡された f を使いましょう。",
        },
        variants=[
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)",
            "h = 1e-4\nold = x[i]\nx[i] = old + h\na = f(x)\nx[i] = old - h\nc = f(x)\nx[i] = old\n"
            "return (a - c) / (2 * h)",
            "h = 1e-5\nstep = np.eye(len(x))[i] * h\nreturn (f(x + step) - f(x - step)) / (2 * h)",
            "h = 1e-4\ndef g(t):\n    moved = list(x)\n    moved[i] = t\n    return f(moved)\n"
            "return (g(x[i] + h) - g(x[i] - h)) / (2 * h)",
        ],
    ),
    Function(
        id="D3",
        signature="numerical_gradient(f, x)",
        section="偏微分を並べる",
        reference=lambda f, x: f.slope(np.asarray(x, dtype=np.float64)),
        instead_of=(numerical_diff, numerical_gradient),
        accept=gradient,
        inputs={
            "すべて折れ目の上": lambda rng: (EVERY_KINK, np.zeros(3)),
            "本文の例": lambda rng: (SQUARES, np.array([3.0, 4.0])),
            "変数が5つ": lambda rng: (WEIGHTED, normal(rng, 5)),
            "整数": lambda rng: (WEIGHTED, rng.integers(-9, 10, 4)),
            "2行3列": lambda rng: (WEIGHTED, normal(rng, 2, 3)),
            "4行1列": lambda rng: (WEIGHTED, normal(rng, 4, 1)),
            "2次式ではない関数": lambda rng: (WAVES, normal(rng, 3)),
            "大きな値": lambda rng: (WEIGHTED, np.array([1e3, -1e2, 0.0])),
            "2行2列": lambda rng: (WEIGHTED, normal(rng, 2, 2)),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h) * np.ones(x.shape)":
                "すべての変数を一度に動かしています。1つずつ動かしましょう。",
            LOOP + PLUS + BACK + "    g[i] = (a - f(x)) / h\nreturn g":
                "前進差分になっています。両側に動かして差をとりましょう。",
            LOOP + MINUS + BACK + "    g[i] = (f(x) - c) / h\nreturn g":
                "後ろ側だけの差分になっています。両側に動かして差をとりましょう。",
            changed(WHOLE, "(2 * h)", "h") + "return g": "2つの点の間の幅は、h ではありません。",
            changed(WHOLE, "a - c", "c - a") + "return g": "符号が逆です。引く順番を確かめましょう。マイナスを付けるのは、下る向きへ進むときです。",
            changed(WHOLE, BACK, "") + "return g":
                "動かした要素を元に戻していないので、2つ目からは違う場所で求めています。",
            changed(WHOLE, "h = 1e-4", "h = 10e-50") + "return g":
                "h が小さすぎて、動かしたつもりの値が元の値に丸められています。",
            WHOLE + "    return g": "return が for の中にあるので、最初の要素だけで終わっています。",
            WHOLE + "return g.ravel()": "x と同じ形で返しましょう。いまは1列に並べ直しています。",
            WHOLE + "return g.sum()": "偏微分を合計しています。x と同じ形に並べて返しましょう。",
            "h = 1e-4\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    old = x[i]\n    x[i] = old + h\n"
            "    a = f(x)\n    x[i] = old - h\n    c = f(x)\n    x[i] = old\n    g[i] = (a - c) / (2 * h)\nreturn g":
                "整数の配列に小数を入れると、小数点より下が切り捨てられます。計算の前に、小数の配列にしましょう。",
            "h = 1e-4\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    m = x.astype(float)\n    m[i] += h\n"
            "    a = f(m)\n    m[i] -= 2 * h\n    g[i] = (a - f(m)) / (2 * h)\nreturn g":
                "x が整数だと np.zeros_like(x) も整数の配列になり、勾配の小数点より下が切り捨てられます。",
            "h = 1e-4\nx = x.astype(float)\ng = np.zeros_like(x)\nfor i in range(x.size):\n    old = x[i]\n"
            "    x[i] = old + h\n    a = f(x)\n    x[i] = old - h\n    c = f(x)\n    x[i] = old\n"
            "    g[i] = (a - c) / (2 * h)\nreturn g":
                "x が行列だと、x[i] は1つの行になります。行列でも要素を1つずつ取り出せる番号を使いましょう。",
            "h = 1e-4\nx = x.astype(float)\ng = np.zeros_like(x)\nfor i in range(len(x)):\n    m, n = x.copy(), x.copy()\n"
            "    m[i] += h\n    n[i] -= h\n    g[i] = (f(m) - f(n)) / (2 * h)\nreturn g":
                "x が行列だと、x[i] は1つの行で、その行の要素がすべて一度に動いてしまいます。",
            "h = 1e-4\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    m = n = x.astype(float)\n"
            "    m[i] += h\n    n[i] -= h\n    g[i] = (f(m) - f(n)) / (2 * h)\nreturn g":
                "2つの点での値の差が 0 になっています。たとえば m = n = … と書くと、同じ配列の別名です。写しを2つ作りましょう。",
            "return 2 * x": "1つの関数の勾配だけを書いています。渡された f を使いましょう。",
        },
        variants=[
            WHOLE + "return g",
            "h = 1e-5\nx = np.array(x, dtype=float)\nflat = x.reshape(-1)\ng = np.zeros(flat.size)\n"
            "for i in range(flat.size):\n    old = flat[i]\n    flat[i] = old + h\n    a = f(x)\n"
            "    flat[i] = old - h\n    g[i] = (a - f(x)) / (2 * h)\n    flat[i] = old\nreturn g.reshape(x.shape)",
            "h = 1e-4\ng = np.zeros(np.shape(x))\nit = np.nditer(x, flags=['multi_index'])\nwhile not it.finished:\n"
            "    step = np.zeros(np.shape(x))\n    step[it.multi_index] = h\n"
            "    g[it.multi_index] = (f(x + step) - f(x - step)) / (2 * h)\n    it.iternext()\nreturn g",
            "h = 1e-4\nsteps = h * np.eye(x.size).reshape(x.size, *x.shape)\n"
            "return np.reshape([(f(x + s) - f(x - s)) / (2 * h) for s in steps], x.shape)",
        ],
    ),
    Value(
        id="K4-3",
        name="k4_3",
        section="勾配の逆向きに進む",
        expected=[0.8, 0.64, 0.512],
        pitfalls={
            "[0.9, 0.81, 0.729]": "w² の傾きは、w ではありません。",
            "[0.9, 0.8, 0.7]": "傾きは場所によって変わります。動くたびに、新しい場所で求め直しましょう。",
            "[0.8, 0.6, 0.4]": "最初の場所の傾きを使い続けています。動くたびに、新しい場所で求め直しましょう。",
            "[1.2, 1.44, 1.728]": "傾きの向きへ進んでいます。引くのでしたか、足すのでしたか。",
            "[-1.0, 1.0, -1.0]": "学習率 0.1 を掛けていません。",
            "[0.9, 0.819, 0.7519239]": "引いたのが傾きではなく、w² の値(の 0.1 倍)になっています。",
            "[1.0, 0.8, 0.64]": "w⁽⁰⁾ から書いています。求めるのは、1回目から3回目の更新のあとの値です。",
            "[0.8, 0.512, 0.512]": "2回目の更新のあとの値が違います。1回ごとに同じ計算をくり返しましょう。",
            "[0.2, 0.16, 0.128]": "動いた量だけを書いています。動いたあとの w の値を書きましょう。",
            "[-0.2, -0.16, -0.128]": "動いた量だけを書いています。動いたあとの w の値を書きましょう。",
            "0.512": "w⁽¹⁾、w⁽²⁾、w⁽³⁾ の3つを、[ ] の中に順に並べて書きましょう。",
        },
        variants=["(0.8, 0.64, 0.512)", "np.array([0.8, 0.64, 0.512])", "[0.8, 0.8**2, 0.8**3]",
                  "[1 - 0.1 * 2 * 1, 0.8 - 0.1 * 2 * 0.8, 0.64 - 0.1 * 2 * 0.64]"],
    ),
    Function(
        id="D4",
        signature="gradient_descent(gradient, w, learning_rate, steps)",
        section="勾配の逆向きに進む",
        reference=descend,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "学習率 0.1、1回": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 0.1, 1),
            "学習率 0.1、100回": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 0.1, 100),
            "学習率 10": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 10.0, 20),
            "学習率 1e-10": lambda rng: (DOUBLE, 1e3 * normal(rng, 2), 1e-10, 50),
            "変数が互いに影響する": lambda rng: (CROSSED, normal(rng, 2), 0.2, 3),
            "0回": lambda rng: (DOUBLE, normal(rng, 3), 0.1, 0),
            "整数の行列": lambda rng: (DOUBLE, rng.integers(1, 9, (2, 3)), 0.3, 4),
            "2行2列": lambda rng: (DOUBLE, far(rng, 2, 2), 0.1, 2),
        },
        pitfalls={
            "for _ in range(steps):\n    w = w + learning_rate * gradient(w)\nreturn w":
                "勾配の向きへ進んでいます。勾配は、値が最も急に増える向きです。",
            "for _ in range(steps):\n    w = w - gradient(w)\nreturn w": "学習率を掛けていません。",
            "g = gradient(w)\nfor _ in range(steps):\n    w = w - learning_rate * g\nreturn w":
                "最初の場所の勾配を使い続けています。動くたびに求め直しましょう。",
            "return w - learning_rate * gradient(w)": "1回しか更新していません。steps 回くり返しましょう。",
            "return w - learning_rate * gradient(w) / max(steps, 1)":
                "一歩を steps で割っています。同じ学習率のまま、steps 回くり返しましょう。",
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\n    return w":
                "return が for の中にあるので、1回で終わっています。字下げを確かめましょう。",
            "for _ in range(steps + 1):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "1回多く更新しています。",
            "for _ in range(1, steps):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "1回少なくなっています。range(1, n) は n - 1 回です。",
            "for _ in range(steps):\n    w -= learning_rate * gradient(w)\nreturn w":
                "w -= は、渡された配列そのものを書き換えます(整数の配列ではエラーになります)。w = w - … と書きましょう。",
            "for _ in range(steps):\n    g = gradient(w)\n    w = w - learning_rate * g / (np.linalg.norm(g) + 1e-12)\n"
            "return w":
                "勾配の長さで割っています。勾配降下法では、傾きがゆるいほど歩幅が小さくなります。",
            "for _ in range(steps):\n    w = w - learning_rate * 2 * w\nreturn w":
                "1つの関数の勾配だけを書いています。渡された gradient を使いましょう。",
            "w = w.astype(float)\nfor _ in range(steps):\n    for i in range(len(w)):\n"
            "        w[i] = w[i] - learning_rate * gradient(w)[i]\nreturn w":
                "要素を1つずつ順に更新しています。すべての要素を、更新前の場所の勾配で同時に更新しましょう。",
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\n    learning_rate = learning_rate * 0.9\n"
            "return w":
                "学習率を途中で変えています。最後まで同じ値を使いましょう。",
            "path = [w]\nfor _ in range(steps):\n    path.append(path[-1] - learning_rate * gradient(path[-1]))\n"
            "return np.array(path)":
                "途中の場所まで、すべて返しています。最後の場所だけを返しましょう。",
            "for _ in range(100):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "くり返しの回数が 100 に固定されています。引数 steps を使いましょう。",
            "for _ in range(steps):\n    w = w - 0.1 * gradient(w)\nreturn w":
                "学習率が 0.1 に固定されています。引数 learning_rate を使いましょう。",
            "for _ in range(steps):\n    w = w * (1 - learning_rate)\nreturn w":
                "勾配を使わずに、w に決まった数を掛けています。gradient(w) を呼び出しましょう。",
        },
        variants=[
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\nreturn w",
            "w = np.array(w, dtype=float)\nfor _ in range(steps):\n    w -= learning_rate * gradient(w)\nreturn w",
            "t = 0\nwhile t < steps:\n    w, t = w - learning_rate * gradient(w), t + 1\nreturn w",
            "if steps == 0:\n    return w\n"
            "return gradient_descent(gradient, w - learning_rate * gradient(w), learning_rate, steps - 1)",
            "path = [w]\nfor _ in range(steps):\n    path.append(path[-1] - learning_rate * gradient(path[-1]))\n"
            "return path[-1].tolist()",
        ],
    ),
    Function(
        id="X4-4",
        signature="learning_rate_bound(a)",
        section="学習率を選ぶ",
        reference=lambda a: 2 / np.max(a),
        inputs={
            "曲率 0.1 と 2": lambda rng: (np.array([0.1, 2.0]),),
            "1変数": lambda rng: (np.array([0.5 + float(rng.random())]),),
            "4変数": lambda rng: (0.1 + 5 * rng.random(4),),
            "最大が先頭": lambda rng: (np.array([7.0, 3.0, 0.5]) + rng.random(3),),
            "大きな曲率": lambda rng: (np.array([1.0, 1e3, 1e2]),),
            "整数": lambda rng: (rng.integers(1, 20, 5),),
        },
        pitfalls={
            "return 1 / np.max(a)": "それは、行き過ぎが始まる境目です。発散が始まる境目を答えましょう。",
            "return 2 / np.min(a)":
                "いちばんゆるい限度を選んでいます。曲率の大きい向きでも発散しないようにしましょう。",
            "return 2 / np.mean(a)": "平均の曲率では、それより曲がりの強い向きで発散してしまいます。",
            "return 2 / np.sum(a)": "曲率を足し合わせる必要はありません。どの向きの限度がいちばん厳しいでしょうか。",
            "return 2 / a": "向きごとの限度を並べています。学習率は1つなので、すべての向きで収まる1つの数にしましょう。",
            "return 2 / a[0]": "先頭の曲率だけを見ています。どの向きの限度がいちばん厳しいかを考えましょう。",
            "return 2 / a[-1]": "最後の曲率だけを見ています。どの向きの限度がいちばん厳しいかを考えましょう。",
            "return np.max(a) / 2": "分母と分子が逆です。曲がりが強いほど、学習率は小さくしなければなりません。",
            "return 1 / (2 * np.max(a))": "|1 - εa| < 1 を、ε について解き直しましょう。",
            "return 2 / (np.max(a) + np.min(a))":
                "それは、最も速く収まる学習率です。発散しない限度は、それより大きくなります。",
            "return 2 / np.linalg.norm(a)": "曲率の長さではなく、向きごとの限度を考えましょう。",
            "return 2 * np.max(a)": "曲率を掛けています。曲がりが強いほど、学習率は小さくしなければなりません。",
            "return 1.0": "1つの例の答えだけを書いています。渡された a から計算しましょう。",
        },
        variants=["return 2 / np.max(a)", "return np.min(2 / a)", "return min(2 / value for value in a)",
                  "return 2.0 / sorted(a)[-1]",
                  "bound = np.inf\nfor value in a:\n    if 2 / value < bound:\n        bound = 2 / value\nreturn bound"],
    ),
    Choice(
        id="K4-2",
        name="k4_2",
        section="何個のデータで1回更新するか",
        correct=frozenset({1, 4}),
        reasons={
            2: "全部のデータの勾配を平均してから1回更新するのは、バッチ学習です。",
            3: "オンラインは通信のことではありません。データが届くのに合わせて学習を進める、という意味です。",
            5: "1個だけの勾配は、全部のデータの勾配とは違い、データごとに揺れます。",
            6: "いまの標準はミニバッチ学習です。データがメモリーに載らないことは、1個ずつにする理由にはなりません。",
        },
        missing="いつ更新するかについての文と、データをどう持つかについての文を1つずつ選びましょう。",
    ),
    Value(
        id="K4-2b",
        name="k4_2b",
        section="数えてみる",
        expected={"online": 6, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 1},
        pitfalls={
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 1, "batch": 1}':
                "4個使ったあとに残る2個も、1つのミニバッチです。捨ててはいけません。",
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 1.5, "batch": 1}':
                "更新の回数は整数です。余ったデータだけの、小さいミニバッチでも1回更新します。",
            '{"online": 1, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 6}':
                "オンラインとバッチが逆です。データを1個使うたびに更新するのは、どちらでしたか。",
            '{"online": 1, "mini_batch_2": 2, "mini_batch_4": 4, "batch": 6}':
                "1回の更新に使うデータの数を書いています。求めるのは、1エポックの更新の回数です。",
            '{"online": 6, "mini_batch_2": 12, "mini_batch_4": 24, "batch": 36}':
                "掛けるのではなく、6個をいくつに分けるかを考えましょう。",
            '{"online": 6, "mini_batch_2": 6, "mini_batch_4": 6, "batch": 6}':
                "エポックではデータを6個とも使いますが、更新の回数はデータの数とは違います。",
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 0}':
                "バッチ学習でも、全部のデータを使ったあとに更新します。",
            "[6, 3, 2, 1]": '{"online": 回数, …} のように、名前の付いた辞書で書きましょう。',
        },
        variants=['{"online": 6 // 1, "mini_batch_2": 6 // 2, "mini_batch_4": -(-6 // 4), "batch": 6 // 6}',
                  "dict(batch=1, mini_batch_4=2, mini_batch_2=3, online=6)",
                  '{"online": 6.0, "mini_batch_2": 3.0, "mini_batch_4": np.ceil(6 / 4), "batch": 1.0}',
                  '{f"{name}": len(range(0, 6, size)) for name, size in '
                  '[("online", 1), ("mini_batch_2", 2), ("mini_batch_4", 4), ("batch", 6)]}'],
    ),
    Function(
        id="T4-3",
        signature="minibatch_gradient(w, b, x, d)",
        section="何個のデータで1回更新するか",
        reference=mean_of_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "データ5個": lambda rng: (normal(rng, 3), float(normal(rng)), normal(rng, 5, 3), normal(rng, 5)),
            "データ1個": lambda rng: (normal(rng, 2), float(normal(rng)), normal(rng, 1, 2), normal(rng, 1)),
            "データ4個、入力4つ": lambda rng: (normal(rng, 4), float(normal(rng)), normal(rng, 4, 4), normal(rng, 4)),
            "入力1つ": lambda rng: (normal(rng, 1), float(normal(rng)), normal(rng, 6, 1), normal(rng, 6)),
            "整数のデータ": lambda rng: (normal(rng, 2), 0.5, rng.integers(-9, 10, (7, 2)), rng.integers(-9, 10, 7)),
            "大きな値": lambda rng: (normal(rng, 2), 0.0, 1e3 * normal(rng, 3, 2), 1e3 * normal(rng, 3)),
            "大きさの違うずれ": lambda rng: (
                normal(rng, 2), 0.0, np.array([[1e3, 0.0], [0.0, 1.0]]), np.array([1e6, 1.0]) * (1 + rng.random(2))),
        },
        pitfalls={
            ERROR + "return error @ x, error.sum()": "合計になっています。データの数で割って、平均にしましょう。",
            ERROR + "return error @ x / len(x), error.sum()": "バイアスの勾配も平均にしましょう。",
            ERROR + "return error @ x, error.mean()": "重みの勾配も平均にしましょう。",
            ERROR + "return error[0] * x[0], error[0]": "最初のデータだけの勾配です。全部のデータについて平均しましょう。",
            ERROR + "return error[-1] * x[-1], error[-1]":
                "最後のデータだけの勾配です。くり返しのたびに上書きせず、全部のデータについて平均しましょう。",
            ERROR + "return error.mean() * x.mean(axis=0), error.mean()":
                "平均どうしの積は、積の平均とは違います。データごとに掛けてから平均しましょう。",
            ERROR + "return -error @ x / len(x), -error.mean()": "符号が逆です。誤差は y - d です。",
            ERROR + "return 2 * error @ x / len(x), 2 * error.mean()":
                "2倍になっています。E_n には 1/2 が掛かっています。",
            ERROR + "return error @ x / x.size, error.mean()": "割るのは、要素の数ではなく、データの数です。",
            ERROR + "return error @ x / x.shape[1], error.mean()": "割るのは、入力の数ではなく、データの数です。",
            "error = x @ w - d\nreturn error @ x / len(x), error.mean()": "y を求めるときに、バイアス b を足し忘れています。",
            ERROR + "return error @ x / len(x), np.sum(error @ x) / len(x)":
                "バイアスの勾配に、入力を掛けています。",
            ERROR + "return x.mean(axis=0), 1.0": "誤差 y - d を掛けていません。",
            ERROR + "return (error[:, np.newaxis] * x).mean(), error.mean()":
                "重みの勾配は、重みと同じ形です。どの軸で平均するかを指定しましょう。",
            ERROR + "return error @ x / len(x)": "重みの勾配とバイアスの勾配の2つを、この順に返しましょう。",
            ERROR + "return error.mean(), error @ x / len(x)": "返す順番が逆です。重みの勾配が先です。",
            ERROR + "return np.abs(error) @ x / len(x), np.abs(error).mean()":
                "y - d の符号を消しています。出力が大きすぎるときと小さすぎるときで、動かす向きは逆です。",
        },
        variants=[
            ERROR + "return x.T @ error / len(x), error.mean()",
            ERROR + "return np.dot(error, x) / x.shape[0], np.sum(error) / x.shape[0]",
            ERROR + "return np.einsum('n,ni->i', error, x) / len(d), error.mean()",
            ERROR + "return (error[:, np.newaxis] * x).mean(axis=0), np.average(error)",
            "dw, db = np.zeros(len(w)), 0.0\nfor n in range(len(x)):\n    error = np.dot(x[n], w) + b - d[n]\n"
            "    dw += error * x[n]\n    db += error\nreturn dw / len(x), db / len(x)",
            "rows = [(np.dot(row, w) + b - target) * np.append(row, 1) for row, target in zip(x, d)]\n"
            "mean = np.mean(rows, axis=0)\nreturn [mean[:-1].tolist(), mean[-1]]",
        ],
    ),
    Choice(
        id="X4-3",
        name="x4_3",
        section="同じ数のデータを使って比べる",
        correct=frozenset({2, 4, 5}),
        reasons={
            1: "同じデータが2つずつになると、和は2倍ですが、割るデータの数も2倍です。平均はどうなりますか。",
            3: "バッチ学習では、データが何個あっても、全部を使って1回だけ更新します。",
            6: "1回の更新に使うのは、どちらの場合も1個のデータの勾配です。",
        },
        missing="1回の更新の大きさと、1エポックの更新の回数を分けて、3つの学習について1つずつ考えましょう。",
    ),
    Line(
        id="K4-1",
        name="k4_1",
        section="ネットワークを学習させる",
        accepted=["network[key] -= learning_rate * grad[key]", "network[key] -= grad[key] * learning_rate",
                  "network[key] = network[key] - learning_rate * grad[key]"],
        pitfalls={
            "grad = backward(x, d, z1, y)": "それは勾配を求める行です。求めた勾配を使うのは、どの行ですか。",
            "z1, y = forward(network, x)": "それは順伝播の行です。パラメータは変わりません。",
            "x, d = dataset['x'], dataset['d']": "それはデータを取り出す行です。",
            "loss = functions.mean_squared_error(d, y)": "それは誤差を計算する行です。パラメータは変わりません。",
            "losses.append(loss)": "それは誤差を記録する行です。",
            "learning_rate * grad[key]": "左辺も含めて、1行をそのまま写しましょう。",
            "network[key] += learning_rate * grad[key]": "符号が違います。プログラムの行をそのまま写しましょう。",
            "network[key] -= grad[key]": "学習率が抜けています。プログラムの行をそのまま写しましょう。",
        },
        variants=["network[key]-=learning_rate*grad[key]",
                  "        network[key] -= learning_rate * grad[key]  # パラメータの更新"],
    ),
    Line(
        id="K4-1b",
        name="k4_1b",
        section="ネットワークを学習させる",
        accepted=["grad = backward(x, d, z1, y)"],
        pitfalls={
            "network[key] -= learning_rate * grad[key]": "それは勾配を使ってパラメータを更新する行です。勾配そのものは、どこで求めていますか。",
            "z1, y = forward(network, x)": "それは順伝播の行です。勾配はまだ求めていません。",
            "x, d = dataset['x'], dataset['d']": "それはデータを取り出す行です。",
            "loss = functions.mean_squared_error(d, y)": "それは誤差 E を計算する行です。勾配は、誤差をパラメータで微分したものです。",
            "losses.append(loss)": "それは誤差を記録する行です。",
            "backward(x, d, z1, y)": "行の左辺も含めて写しましょう。",
            "grad": "変数の名前だけでなく、その値を決めている1行を写しましょう。",
            "grad[key]": "取り出しているところではなく、その値を決めている1行を写しましょう。",
        },
        variants=["grad=backward(x,d,z1,y)", "    grad = backward( x, d, z1, y )  # 逆伝播"],
    ),
    Function(
        id="T4-1",
        signature="network_gradient(network, x, d, activation)",
        section="間違った勾配でも、誤差は減ってしまう",
        reference=switched,
        inputs={
            "relu、データ5個": lambda rng: switch(rng, "relu"),
            "sigmoid、データ5個": lambda rng: switch(rng, "sigmoid"),
            "relu、データ1個": lambda rng: switch(rng, "relu", 1),
            "sigmoid、データ1個": lambda rng: switch(rng, "sigmoid", 1),
            "relu、総入力がすべて 0": at_the_kink,
            "sigmoid、大きな入力": lambda rng: (
                random_network(rng, 2, 4, 1), 1e2 * normal(rng, 3, 2), normal(rng, 3, 1), "sigmoid"),
            "relu、総入力がごく小さい": lambda rng: at_the_kink(rng, 1e-20),
            "relu、大きな値": lambda rng: (
                random_network(rng, 2, 4, 1, draw=far), far(rng, 5, 2), far(rng, 5, 1), "relu"),
        },
        pitfalls={
            BEFORE + RELU.replace("d_relu(u1)", "d_sigmoid(z1)") + SIGMOID + AFTER:
                "活性化関数が ReLU なのに、シグモイド関数の微分を使っています(講義ノートと同じ間違いです)。",
            BEFORE + RELU.replace("d_relu(u1)", "d_sigmoid(u1)") + SIGMOID + AFTER:
                "活性化関数が ReLU なのに、シグモイド関数の微分を使っています。",
            BEFORE + RELU + SIGMOID.replace("d_sigmoid(u1)", "d_sigmoid(z1)") + AFTER:
                "d_sigmoid に渡すのは総入力 u1 です。z1 を渡すと、シグモイド関数を2回通した場所の微分になります。",
            BEFORE + RELU + SIGMOID.replace("d_sigmoid(u1)", "d_relu(u1)") + AFTER:
                "活性化関数がシグモイド関数なのに、ReLU の微分を使っています。",
            BEFORE + "z1 = functions.sigmoid(u1)\nslope = functions.d_sigmoid(u1)\n" + AFTER:
                'activation が "relu" のときも、シグモイド関数を使っています。',
            BEFORE + "z1 = functions.relu(u1)\nslope = functions.d_relu(u1)\n" + AFTER:
                'activation が "sigmoid" のときも、ReLU を使っています。',
            BEFORE + RELU.replace('"relu"', '"sigmoid"') + SIGMOID + AFTER: "2つの場合が入れ替わっています。",
            BEFORE + RELU.replace("functions.relu(u1)", "u1") + SIGMOID + AFTER:
                "z1 を求めるときに、ReLU に通していません。",
            BEFORE + RELU.replace("functions.d_relu(u1)", "1") + SIGMOID + AFTER:
                "ReLU の微分は、どこでも 1 ではありません。u1 が 0 以下なら 0 です。",
            BEFORE + RELU.replace("functions.d_relu(u1)", "(u1 >= 0)") + SIGMOID + AFTER:
                "u1 がちょうど 0 のときの ReLU の微分は、この本では 0 とします。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "z1 * (1 + z1)") + AFTER:
                "シグモイド関数の微分を z1 から求めるときの、かっこの中の符号が逆です。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "functions.sigmoid(u1)") + AFTER:
                "slope が、シグモイド関数の微分ではなく、値そのものになっています。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "u1 * (1 - u1)") + AFTER:
                "z(1 - z) の z は、総入力 u1 ではなく、シグモイド関数の出力です。",
        },
        variants=[
            BEFORE + RELU + SIGMOID + AFTER,
            BEFORE + RELU.replace("d_relu(u1)", "d_relu(z1)")
            + SIGMOID.replace("functions.d_sigmoid(u1)", "z1 * (1 - z1)") + AFTER,
            BEFORE + 'f, df = {"relu": (functions.relu, functions.d_relu), '
            '"sigmoid": (functions.sigmoid, functions.d_sigmoid)}[activation]\nz1, slope = f(u1), df(u1)\n' + AFTER,
            BEFORE + 'if activation == "sigmoid":\n    z1 = 1 / (1 + np.exp(-u1))\n    slope = (1 - z1) * z1\nelse:\n'
            "    z1 = np.maximum(u1, 0)\n    slope = np.where(u1 > 0, 1, 0)\n" + AFTER,
            BEFORE + 'if activation == "relu":\n    slope = u1 > 0\n    z1 = u1 * slope\n' + SIGMOID + AFTER,
        ],
    ),
    Value(
        id="T4-2",
        name="t4_2",
        section="発散したら",
        accept=good_rate,
        pitfalls={
            "0.07": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "0.03": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "1": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "0.01": "多くのデータではうまくいきますが、限度に近すぎます。もう少し余裕をもって小さくしましょう。",
            "1e-5": "発散はしませんが、1000回では進み足りません。もう少し大きくしましょう。",
            "1e-9": "発散はしませんが、1000回では進み足りません。もう少し大きくしましょう。",
            "np.inf": "学習率は、0.07 より小さい正の数から探しましょう。",
            "0": "学習率が 0 以下では、誤差を減らす向きに進めません。",
            "-0.001": "学習率が 0 以下では、誤差を減らす向きに進めません。",
            '"0.001"': "引用符やかっこを付けずに、数を1つだけ書きましょう。",
            "[0.001]": "引用符やかっこを付けずに、数を1つだけ書きましょう。",
        },
        variants=["0.001", "0.003", "5e-3", "0.07 / 10 / 10", "np.float64(0.002)"],
    ),
    Function(
        id="X4-1",
        signature="momentum_update(w, v, gradient, learning_rate, momentum)",
        section="モメンタム: 往復を打ち消し、同じ向きなら速くする",
        reference=momentum_step,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "速度が 0": lambda rng: (np.array([1.0, -2.0]), np.zeros(2), np.array([0.5, 3.0]), 0.1, 0.9),
            "ベクトル": lambda rng: (normal(rng, 3), normal(rng, 3), normal(rng, 3), 0.01, 0.8),
            "行列": lambda rng: (normal(rng, 2, 3), normal(rng, 2, 3), normal(rng, 2, 3), 0.05, 0.5),
            "勾配が 0": lambda rng: (normal(rng, 2), normal(rng, 2), np.zeros(2), 0.1, 0.9),
            "慣性なし": lambda rng: (normal(rng, 2), normal(rng, 2), normal(rng, 2), 0.2, 0.0),
            "大きな勾配": lambda rng: (normal(rng, 1), normal(rng, 1), 1e3 * normal(rng, 1), 0.3, 0.7),
            "大きな値、2行2列": lambda rng: (far(rng, 2, 2), far(rng, 2, 2), far(rng, 2, 2), 0.5, 0.25),
        },
        pitfalls={
            "v = momentum * v + learning_rate * gradient\nreturn w + v, v":
                "勾配の向きへ進んでいます。勾配は、値が最も急に増える向きです。",
            "v = momentum * v - learning_rate * gradient\nreturn w - v, v":
                "v にはすでにマイナスの向きが入っています。w には v を足します。",
            "new = momentum * v - learning_rate * gradient\nreturn w + v, new":
                "更新する前の速度で動いています。新しい速度で動きましょう。",
            "v = momentum * v - learning_rate * gradient\nreturn v, w + v": "返す順番が逆です。w が先、v があとです。",
            "v = momentum * v - learning_rate * gradient\nreturn w + v": "w と v の2つを、この順に返しましょう。",
            "v = v - learning_rate * gradient\nreturn w + v, v": "前の速度に momentum を掛けていません。",
            "v = momentum * v + (1 - momentum) * gradient\nreturn w - learning_rate * v, v":
                "指数移動平均を使う別の形です。この本の式では、速度に学習率を含め、(1 - μ) は掛けません。",
            "v = momentum * v + learning_rate * gradient\nreturn w - v, v":
                "v の符号が逆の、別の形です。w は同じになりますが、この本の v は、動く向きそのものです。",
            "v = momentum * v - (1 - momentum) * learning_rate * gradient\nreturn w + v, v":
                "勾配に (1 - μ) を掛けています。この本の式では、掛けるのは学習率だけです。",
            "v = momentum * v + gradient\nreturn w - learning_rate * v, v":
                "学習率を最後に掛ける別の形です。w は同じになりますが、この本の v には学習率とマイナスが入っています。",
            "v = learning_rate * v - momentum * gradient\nreturn w + v, v": "学習率と momentum が入れ替わっています。",
            "v = momentum * (v - learning_rate * gradient)\nreturn w + v, v":
                "momentum を掛けるのは、前の速度だけです。",
            "v = momentum * v - learning_rate * gradient\nreturn w + momentum * v - learning_rate * gradient, v":
                "それは Nesterov の更新です。モメンタムでは、w に新しい速度をそのまま足します。",
            "v = momentum * v - learning_rate * gradient\nreturn w + v - learning_rate * gradient, v":
                "勾配の分を2回引いています。速度の中に、もう入っています。",
            "return w - learning_rate * gradient, v": "速度が使われていません。これでは SGD と同じです。",
            "v = 0.9 * v - learning_rate * gradient\nreturn w + v, v": "慣性が 0.9 に固定されています。引数 momentum を使いましょう。",
            "v = momentum * v - gradient\nreturn w + v, v": "勾配に学習率を掛けていません。",
            "v *= momentum\nv -= learning_rate * gradient\nreturn w + v, v":
                "v *= は、渡された配列そのものを書き換えます。v = momentum * v のように、新しい配列を作りましょう。",
            "v = momentum * v - learning_rate * gradient\nw += v\nreturn w, v":
                "w += は、渡された配列そのものを書き換えます。w + v のように、新しい配列を作りましょう。",
        },
        variants=[
            "v = momentum * v - learning_rate * gradient\nreturn w + v, v",
            "step = learning_rate * gradient\nreturn w - step + momentum * v, momentum * v - step",
            "new_v = np.subtract(np.multiply(v, momentum), np.multiply(gradient, learning_rate))\n"
            "new_w = np.add(w, new_v)\nreturn [new_w, new_v]",
            "old = w\nw = w + momentum * v - learning_rate * gradient\nreturn w, momentum * v - learning_rate * gradient",
        ],
    ),
    Function(
        id="X4-2",
        signature="adam(w, gradients, learning_rate, beta1, beta2, epsilon)",
        section="Adam: 慣性と要素ごとの歩幅を合わせる",
        reference=adam,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "1回": lambda rng: moments(rng, 1, 2),
            "3回": lambda rng: moments(rng, 3, 2),
            "10回、行列": lambda rng: (normal(rng, 2, 3), normal(rng, 10, 2, 3), 0.05, 0.8, 0.95, 1e-8),
            "勾配が 0": lambda rng: (normal(rng, 2), np.zeros((3, 2)), 0.1, 0.9, 0.999, 1e-8),
            "とても小さい勾配": lambda rng: moments(rng, 3, 2, scale=1e-8),
            "大きな勾配": lambda rng: moments(rng, 3, 2, scale=1e3),
            "4回、別の割合": lambda rng: (normal(rng, 1), normal(rng, 4, 1), 0.3, 0.5, 0.7, 1e-3),
            "2回、2行2列": lambda rng: (normal(rng, 2, 2), normal(rng, 2, 2, 2), 0.1, 0.9, 0.999, 1e-8),
        },
        pitfalls={
            changed(ADAM, "m / (1 - beta1**t)", "m").replace("v / (1 - beta2**t)", "v"):
                "0 から始めた偏りを直していません。",
            changed(ADAM, "v / (1 - beta2**t)", "v"): "v の偏りを直していません。",
            changed(ADAM, "m / (1 - beta1**t)", "m"): "m の偏りを直していません。",
            ADAM.replace("**t)", ")"): "偏りを直す割合は、更新の回数 t とともに変わります。",
            changed(ADAM, ", start=1", ""): "nan になっています。t が 0 から始まると、最初に 0 で割ることになります。",
            changed(ADAM, "for t, g in enumerate(gradients, start=1):\n",
                    "for t, g in enumerate(gradients, start=1):\n    m = v = 0\n"):
                "m と v を毎回 0 に戻しています。くり返しの前に一度だけ 0 にしましょう。",
            ADAM.replace("m_hat", "m").replace("v_hat", "v"):
                "直した値で m と v を上書きしています。次の更新では、直す前の m と v を使います。",
            changed(ADAM, "(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon)"):
                "epsilon は、平方根の外で足します。",
            changed(ADAM, "m_hat / (np.sqrt(v_hat) + epsilon)",
                    "np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + epsilon)"):
                "epsilon を、偏りを直す前の √v に足しています。直したあとの √v に足しましょう。",
            changed(ADAM, "    w = w - ", "w = w - "):
                "更新が for の外にあるので、最後に1回しか動いていません。字下げを確かめましょう。",
            changed(ADAM, "start=1", "start=2"): "t は、1回目の更新で 1 です。",
            changed(ADAM, "np.sqrt(v_hat)", "v_hat"): "平方根をとっていません。",
            changed(ADAM, " + epsilon", ""): "epsilon を足していないので、勾配が 0 のときに 0 で割ってしまいます。",
            changed(ADAM, "g**2", "g"): "v は、勾配ではなく、勾配の2乗の平均です。",
            changed(ADAM, "w - learning_rate", "w + learning_rate"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            ADAM.replace("beta1", "beta0").replace("beta2", "beta1").replace("beta0", "beta2"):
                "beta1 と beta2 が入れ替わっています。",
            changed(ADAM, "(1 - beta2) * ", ""): "新しい g² に、1 - beta2 の割合を掛けていません。",
            changed(ADAM, "(1 - beta1) * ", ""): "新しい g に、1 - beta1 の割合を掛けていません。",
            changed(ADAM, "learning_rate * m_hat", "m_hat"): "学習率を掛けていません。",
            changed(ADAM, "learning_rate * m_hat", "learning_rate * g"):
                "いまの勾配だけで進んでいます。勾配の平均 m を使いましょう。",
            changed(ADAM, "enumerate(gradients", "enumerate([gradients[0]] * len(gradients)"):
                "いつも最初の勾配を使っています。更新のたびに、順番の勾配を使いましょう。",
            changed(ADAM, "return w", "    return w"): "return が for の中にあるので、1回で終わっています。",
            changed(ADAM, "w = w - ", "w -= "):
                "w -= は、渡された配列そのものを書き換えます。w = w - … と書きましょう。",
        },
        variants=[
            ADAM,
            "m = v = t = 0\nfor g in gradients:\n    t += 1\n    m += (1 - beta1) * (g - m)\n"
            "    v = v + (1 - beta2) * (np.square(g) - v)\n"
            "    w = w - learning_rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)\nreturn w",
            "w = np.array(w, dtype=float)\nm, v = np.zeros(w.shape), np.zeros(w.shape)\n"
            "for i in range(len(gradients)):\n    g = gradients[i]\n    m *= beta1\n    m += (1 - beta1) * g\n"
            "    v *= beta2\n    v += (1 - beta2) * g * g\n    root = (v / (1 - beta2 ** (i + 1))) ** 0.5\n"
            "    w -= learning_rate / (1 - beta1 ** (i + 1)) * m / (root + epsilon)\nreturn w",
            "for t in range(1, len(gradients) + 1):\n"
            "    m = sum((1 - beta1) * beta1 ** (t - 1 - k) * gradients[k] for k in range(t)) / (1 - beta1**t)\n"
            "    v = sum((1 - beta2) * beta2 ** (t - 1 - k) * gradients[k]**2 for k in range(t)) / (1 - beta2**t)\n"
            "    w = w - learning_rate * m / (np.sqrt(v) + epsilon)\nreturn w.tolist()",
            "state = {'m': 0.0, 'v': 0.0}\nb1, b2 = 1.0, 1.0\nfor g in gradients:\n    b1, b2 = b1 * beta1, b2 * beta2\n"
            "    state['m'] = beta1 * state['m'] + (1 - beta1) * g\n"
            "    state['v'] = beta2 * state['v'] + (1 - beta2) * g * g\n"
            "    w = w - learning_rate * (state['m'] / (1 - b1)) / (np.sqrt(state['v'] / (1 - b2)) + epsilon)\nreturn w",
        ],
    ),
]
