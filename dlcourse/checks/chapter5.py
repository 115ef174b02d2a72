"""第5章 誤差逆伝播法: 何を正解とし、どの間違いにどのヒントを返すか。"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dlcourse import datasets, functions, layers
from dlcourse.checks import randomness
from dlcourse.checks.compare import numbers
from dlcourse.checks.exercise import (
    EVERY_OPTIMIZER,
    RELATED_CALLS,
    USE_THE_GIVEN_RNG,
    Calls,
    Function,
    Line,
    Value,
    Verdict,
    twice,
)
from dlcourse.checks.inputs import Arguments, Generator, far, normal, random_network
from dlcourse.checks.outcome import Outcome
from dlcourse.functions import Array
from dlcourse.gradient import numerical_gradient
from dlcourse.gradient_check import check_gradient
from dlcourse.network import Network, init_network
from dlcourse.optimizers import SGD
from dlcourse.training import train


@dataclass(frozen=True, kw_only=True)
class Numerical(Function):
    """A gradient that the question wants to be found by trying, though formulas give the same."""

    formulas: Sequence[Callable[..., Array]]

    def judge(self, answer: Any, rng: Generator) -> Verdict:
        verdict = super().judge(answer, rng)
        if not verdict.passed:
            return verdict
        cases = [draw(rng) for draw in self.inputs.values()]
        results = [np.asarray(Outcome.of(answer, case).result) for case in cases]
        for formula in self.formulas:
            right = [formula(*case) for case in cases]
            # A difference quotient is off by far more, in one of all the elements at least.
            if all(np.abs(g - r).max() <= 2e-14 * np.abs(r).max() for g, r in zip(results, right, strict=True)):
                return self.wrong("値は合っていますが、数値微分で求めていません。", FORMULA)
        return verdict


FORMULA = "微分の式を使わずに、重みを1つずつ少し動かして、誤差がどれだけ変わるかを調べましょう。"

# --- what is right ------------------------------------------------------------------------------


def simple_net_gradient(W: Array, x: Array, d: Array) -> Array:
    return np.outer(x, functions.softmax(np.dot(x, W)) - d)


def gradient_step_by_step(W: Array, x: Array, d: Array) -> Array:
    """The same by way of the outputs, with the 1e-7 that the course adds to them."""
    y = functions.softmax(np.dot(x, W))
    dy = -d / (y + 1e-7)
    return np.outer(x, y * (dy - np.sum(dy * y)))


def evaluations(layer_sizes: Sequence[int]) -> tuple[int, int]:
    parameters = sum((inputs + 1) * units for inputs, units in zip(layer_sizes, layer_sizes[1:], strict=False))
    return 2 * parameters, 1


def try_layers(x: Any, y: Any, dout: Any) -> tuple[Any, ...]:
    return x * y, (dout * y, dout * x), x + y, (dout, dout)


def shopping(apple: float, apples: float, orange: float, oranges: float, tax: float) -> tuple[float, Array]:
    price = apple * apples + orange * oranges
    return price * tax, np.array([apples * tax, apple * tax, oranges * tax, orange * tax, price])


def layer_gradients(z: Array, delta: Array, W: Array) -> tuple[Array, Array, Array]:
    return np.outer(z, delta), np.array(delta), np.dot(W, delta)


def sigmoid_forward(network: Mapping[str, Array], x: Array) -> tuple[Array, Array]:
    z1 = functions.sigmoid(functions.affine(x, network["W1"], network["b1"]))
    return z1, functions.affine(z1, network["W2"], network["b2"])


def batch_gradients(network: Mapping[str, Array], x: Array, z1: Array, delta2: Array, slope: Array) -> dict[str, Array]:
    delta1 = delta2 @ network["W2"].T * slope
    return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z1.T @ delta2, "b2": delta2.sum(axis=0)}


def regression_gradients(network: Mapping[str, Array], x: Array, d: Array) -> dict[str, Array]:
    z1, y = sigmoid_forward(network, x)
    rows = batch_gradients(network, x[np.newaxis], z1[np.newaxis], (y - d)[np.newaxis], z1 * (1 - z1))
    return rows


def softmax_loss_gradient(d: Array, u: Array) -> Array:
    return functions.d_softmax_with_loss(d, functions.softmax(u))


def relu_backward(u: Array, dout: Array) -> Array:
    return dout * functions.d_relu(u)


def network_gradients(network: Mapping[str, Array], x: Array, d: Array) -> dict[str, Array]:
    u1 = functions.affine(x, network["W1"], network["b1"])
    z1 = functions.relu(u1)
    y = functions.softmax(functions.affine(z1, network["W2"], network["b2"]))
    return batch_gradients(network, x, z1, (y - d) / len(x), functions.d_relu(u1))


def updated(network: Mapping[str, Array], gradients: Mapping[str, Array], learning_rate: float) -> dict[str, Array]:
    return {name: network[name] - learning_rate * gradients[name] for name in network}


def gradient_check(f: Callable[[Any], Any], x: Array, gradient: Array) -> bool:
    numerical = numerical_gradient(f, x)
    size = max(np.abs(numerical).max(), np.abs(gradient).max())
    return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)


def train_regression(network: Mapping[str, Array], x: Array, d: Array, learning_rate: float, epochs: int) -> list[Any]:
    losses = []
    for _ in range(epochs):
        z1, y = sigmoid_forward(network, x)
        losses.append(functions.sum_squared_error(d, y))
        network = updated(network, batch_gradients(network, x, z1, (y - d) / len(x), z1 * (1 - z1)), learning_rate)
    return losses


# --- accept functions: None, or what is wrong -------------------------------------------------


def close_to_the_gradient(arguments: Arguments, result: Any) -> str | None:
    """A numerical derivative has some error; every mistake worth naming has a hundred times more."""
    expected = simple_net_gradient(*arguments)
    result = numbers(result)
    if result is None:
        return "数値の配列ではありません。"
    if result.shape != expected.shape:
        return f"勾配の形は W と同じ {expected.shape} です(結果は {result.shape})。"
    if not np.isfinite(result).all():
        return "勾配に nan か inf があります。"
    tolerance = 1e-4 * np.abs(expected).max()
    if np.abs(result - expected).max() <= tolerance:
        return None
    if not result.any():
        return "勾配がすべて 0 です。"
    factor = np.sum(result * expected) / np.sum(expected * expected)
    if np.abs(result - factor * expected).max() <= abs(factor) * tolerance:
        return "符号が逆です。" if abs(factor + 1) < 1e-3 else f"どの要素も、正しい値の約 {factor:.2g} 倍です。"
    return "勾配の値が違います。"


def scaled_weights(arguments: Arguments, weights: Any) -> str | None:
    kind, inputs, units, _ = arguments
    weights = numbers(weights)
    if weights is None or weights.shape != (inputs, units):
        return f"形が {(inputs, units)} の、数値の配列を返してください。"
    if not np.isfinite(weights).all():
        return "nan か inf の値があります。"
    if weights.size < 1000:
        return None
    if problem := randomness.repeats(weights) or randomness.order(weights):
        return problem
    sizes = weights / deviation(kind, inputs)
    # Each is an average of n numbers; an honest one strays by 6.5 times its deviation once in 1e10.
    if abs(sizes.mean()) > 6.5 / math.sqrt(sizes.size):
        return "平均が 0 になっていません。"
    ratio = sizes.std()
    if abs(ratio - 1) > 6.5 / math.sqrt(2 * sizes.size):
        return f'"{kind}" の標準偏差が、求める値の約 {ratio:.2g} 倍です。'
    return "正規分布になっていません。" if randomness.uniform(randomness.normal(sizes)) else None


def deviation(kind: str, inputs: int) -> float:
    return math.sqrt({"xavier": 1, "he": 2}[kind] / inputs)


def draws_of_scaled_weights(calls: Calls) -> str | None:
    if randomness.any_related((one, other) for _, one, other in twice(calls)):
        return RELATED_CALLS
    together = np.concatenate([np.ravel(drawn) / deviation(kind, inputs) for (kind, inputs, *_), drawn in calls])
    return "正規分布になっていません。" if randomness.uniform(randomness.normal(together)) else None


SETTINGS = {"units": (1, 100), "epochs": (1, 20), "batch_size": (10, 1000)}


@lru_cache(maxsize=256)
def digits_training(
    units: int, learning_rate: float, epochs: int, batch_size: int, weights: str | float
) -> tuple[float, float] | None:
    """Accuracy on the images kept back, and the mean loss of the last epoch; None when the loss left the numbers."""
    x, d = datasets.digits()
    (x_train, d_train), (x_test, d_test) = datasets.split(x, d, 0.8, rng=0)
    network = Network([64, units, 10], weights=weights, rng=0)
    with np.errstate(all="ignore"):
        try:
            history = train(network, x_train, d_train, SGD(learning_rate), epochs=epochs, batch_size=batch_size, rng=0,
                            progress=False)
        except FloatingPointError:
            return None
        return float(np.mean(network.predict(x_test).argmax(axis=1) == d_test)), history.epochs[-1]


def digits_settings(value: Any) -> str | None:
    names = {"units", "learning_rate", "epochs", "batch_size", "weights"}
    if not isinstance(value, Mapping):
        return "辞書(dict)ではありません。"
    if set(value) != names:
        return "units、learning_rate、epochs、batch_size、weights という名前の辞書ではありません。"
    for name, (low, high) in SETTINGS.items():
        number = value[name]
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            return f"{name} が整数ではありません。"
        if number < low:
            return f"{name} が小さすぎます({low} から {high} の整数にします)。"
        if number > high:
            return f"{name} が大きすぎます({low} から {high} の整数にします)。"
    for name in ("learning_rate", "weights"):
        number = value[name]
        if name == "weights" and isinstance(number, str):
            if number not in ("he", "xavier"):
                return f"weights に {number!r} という選び方はありません。"
        elif isinstance(number, bool) or not isinstance(number, int | float | np.integer | np.floating):
            return f"{name} が数ではありません。"
        elif not 0 < number < 1e300:
            return f"{name} は有限の正の数にします。"
    weights = value["weights"] if isinstance(value["weights"], str) else float(value["weights"])
    outcome = digits_training(
        int(value["units"]), float(value["learning_rate"]), int(value["epochs"]), int(value["batch_size"]), weights
    )
    if outcome is None:
        return "学習の途中で誤差が有限の数でなくなりました。"
    accuracy, loss = outcome
    if accuracy >= 0.97:
        return None
    if loss > 2.2:
        return "誤差が下がっていません。何も選んでいないのと同じ正解率です。"
    return f"正解率は {100 * accuracy:.1f} % で、97 % に届きません(最後のエポックの誤差は {loss:.2f})。"


# --- arguments ----------------------------------------------------------------------------------

Case = tuple[Callable[[Any], Any], Array, Array]


def one_hot(rng: Generator, classes: int, count: int | None = None) -> Array:
    return np.eye(classes)[rng.integers(classes, size=count)]


def fork(rng: Generator) -> Generator:
    """A generator of its own for the answer to draw from."""
    return np.random.default_rng(rng.integers(2**32))


def smooth_function(rng: Generator, *shape: int, size: float = 1.0, unused: Iterable[int] = ()) -> Case:
    """f, a point and the right gradient; the elements at `unused` have no influence."""
    c = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 1, shape)
    c.ravel()[list(unused)] = 0
    x = 0.5 + 1.5 * rng.random(shape)
    return (lambda x: size * np.sum(c * (x**2 / 2 + np.sin(x)))), x, size * c * (x + np.cos(x))


def polynomial(rng: Generator, degree: int) -> Case:
    c, x = 0.5 + rng.random(3), 0.5 + rng.random(3)
    return (lambda x: np.sum(c * x**degree)), x, degree * c * x ** (degree - 1)


def spoilt(case: Case, spoil: Callable[[Array], Array]) -> Case:
    f, x, gradient = case
    return f, x, spoil(gradient)


def one_element_off(gradient: Array, place: Any) -> Array:
    gradient = gradient.copy()
    gradient.flat[place] *= 1.01
    return gradient


def any_element_off(rng: Generator) -> Callable[[Array], Array]:
    return lambda gradient: one_element_off(gradient, rng.integers(gradient.size))


def smallest_element_off(gradient: Array) -> Array:
    return one_element_off(gradient, np.abs(gradient).argmin())


def first_element_not_0(gradient: Array) -> Array:
    gradient = gradient.copy()
    gradient.flat[0] = 0.01 * np.abs(gradient).max()
    return gradient


def turned_round(rng: Generator) -> Callable[[Array], Array]:
    """The sign of any one element."""

    def turn(gradient: Array) -> Array:
        gradient = gradient.copy()
        gradient.flat[rng.integers(gradient.size)] *= -1
        return gradient

    return turn


def first_two_exchanged(gradient: Array) -> Array:
    """Same sum, same size, wrong places."""
    gradient = gradient.copy()
    gradient[0], gradient[1] = gradient[1] + 1, gradient[0] - 1
    return gradient


# --- beginnings that several pitfalls and variants share ---------------------------------------

CELLS = 'grad = np.zeros(W.shape)\nfor i in range(W.shape[0]):\n    for j in range(W.shape[1]):\n'
LOSS = "def loss(V):\n    return functions.softmax_with_loss(d, np.dot(x, V))\n"
NUMERICAL = "from dlcourse.gradient import numerical_gradient\n"

LAYERS = (
    "class MulLayer:\n    def forward(self, x, y):\n        self.x, self.y = x, y\n        return x * y\n"
    "    def backward(self, dout):\n        return dout * self.y, dout * self.x\n"
    "class AddLayer:\n    def forward(self, x, y):\n        return x + y\n"
    "    def backward(self, dout):\n        return dout, dout\n"
)
TRY = (
    "mul, add = MulLayer(), AddLayer()\nproduct, total = mul.forward(x, y), add.forward(x, y)\n"
    "return product, mul.backward(dout), total, add.backward(dout)"
)


def layers_with(*replacements: tuple[str, str]) -> str:
    """The right answer of X5-1 with some of its text replaced."""
    text = LAYERS
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text + TRY


MUL_BACKWARD = "return dout * self.y, dout * self.x"
ADD_BACKWARD = "return dout, dout\n"
BUILD_IT = (
    "前の問題で作った MulLayer と AddLayer を組み立てます。forward を順に呼んで代金を、backward を逆の順に呼んで勾配を求めましょう。"
)
PRICE = "price = apple * apples + orange * oranges\n"

ONE = (
    'z = functions.sigmoid(np.dot(x, network["W1"]) + network["b1"])\ny = np.dot(z, network["W2"]) + network["b2"]\n'
)
ONE_DELTAS = 'dy = y - d\ndz = np.dot(network["W2"], dy)\ndu = dz * z * (1 - z)\n'
ONE_RETURN = 'return {"W1": np.outer(x, du), "b1": du, "W2": np.outer(z, dy), "b2": dy}'

PASS = (
    'u1 = np.dot(x, network["W1"]) + network["b1"]\nz1 = functions.relu(u1)\n'
    'y = functions.softmax(np.dot(z1, network["W2"]) + network["b2"])\n'
)
DELTAS = 'delta2 = (y - d) / len(x)\ndelta1 = np.dot(delta2, network["W2"].T) * functions.d_relu(u1)\n'
BOTH = (
    'return {"W1": np.dot(x.T, delta1), "b1": delta1.sum(axis=0), '
    '"W2": np.dot(z1.T, delta2), "b2": delta2.sum(axis=0)}'
)

SETTING = '{"units": 50, "learning_rate": 0.5, "epochs": 20, "batch_size": 50, "weights": "he"}'


def setting(old: str, new: str) -> str:
    assert old in SETTING
    return SETTING.replace(old, new)


COPY = "p = {name: value.copy() for name, value in network.items()}\n"
START = "losses = []\nfor _ in range(epochs):\n"
FORWARD = (
    '    z1 = functions.sigmoid(x @ p["W1"] + p["b1"])\n    y = z1 @ p["W2"] + p["b2"]\n'
)
RECORD = "    losses.append(functions.sum_squared_error(d, y))\n"
GRADIENTS = (
    '    delta2 = (y - d) / len(x)\n    delta1 = (delta2 @ p["W2"].T) * z1 * (1 - z1)\n'
    '    grad = {"W1": x.T @ delta1, "b1": delta1.sum(0), "W2": z1.T @ delta2, "b2": delta2.sum(0)}\n'
)
UPDATE = "    for name in p:\n        p[name] = p[name] - learning_rate * grad[name]\n"
TRAINING = COPY + START + FORWARD + RECORD + GRADIENTS + UPDATE + "return losses"


def training_with(old: str, new: str) -> str:
    assert old in TRAINING
    return TRAINING.replace(old, new)


OWN_NUMERICAL = (
    "numerical = np.zeros_like(x)\nfor place in np.ndindex(x.shape):\n    old = x[place]\n"
    "    x[place] = old + 1e-5\n    up = f(x)\n    x[place] = old - 1e-5\n    down = f(x)\n    x[place] = old\n"
    "    numerical[place] = (up - down) / 2e-5\n"
)
TOO_LENIENT = "許す割合が大きすぎて、1つの要素だけの小さな間違いを見逃します。"
SIZE = "size = max(np.abs(numerical).max(), np.abs(gradient).max())\n"

LINES = [
    "delta2 = functions.d_mean_squared_error(d, y)",
    'grad["b2"] = np.sum(delta2, axis=0)',
    'grad["W2"] = np.dot(z1.T, delta2)',
    "delta1 = np.dot(delta2, W2.T) * functions.d_relu(z1)",
    'grad["b1"] = np.sum(delta1, axis=0)',
    'grad["W1"] = np.dot(x.T, delta1)',
]
DELTA2, B2, W2, DELTA1, B1, W1 = LINES
# as some sheets of the lecture print it
DELTA1_SIGMOID = "delta1 = np.dot(delta2, W2.T) * functions.d_sigmoid(z1)"
ONLY_RIGHT_SIDE = "行の左辺(変数の名前と =)も含めて、1行を写しましょう。"


EXERCISES = [
    Numerical(
        id="D5",
        signature="simple_net_gradient(W, x, d)",
        section="数値微分では間に合わない",
        reference=simple_net_gradient,
        formulas=[simple_net_gradient, gradient_step_by_step],
        accept=close_to_the_gradient,
        inputs={
            "2入力3種類": lambda rng: (0.5 * normal(rng, 2, 3), normal(rng, 2), one_hot(rng, 3)),
            "4入力2種類": lambda rng: (0.5 * normal(rng, 4, 2), normal(rng, 4), one_hot(rng, 2)),
            "3入力3種類": lambda rng: (0.5 * normal(rng, 3, 3), normal(rng, 3), one_hot(rng, 3)),
            "W が整数": lambda rng: (rng.integers(-1, 2, (2, 3)), normal(rng, 2), one_hot(rng, 3)),
        },
        pitfalls={
            "np.outer(x, functions.softmax(np.dot(x, W)) - d)": FORMULA,
            "e = np.exp(np.dot(x, W))\nreturn x[:, None] * (e / e.sum() - d)": FORMULA,
            "y = functions.softmax(np.dot(x, W))\ndy = -d / (y + 1e-7)\n"
            "return np.outer(x, y * (dy - np.sum(dy * y)))": FORMULA,
            "from dlcourse import layers\naffine, last = layers.Affine(W, np.zeros(len(d))), layers.SoftmaxWithLoss()\n"
            "last.forward(affine.forward(x[None]), d[None])\naffine.backward(last.backward())\nreturn affine.dW": FORMULA,
            "functions.softmax_with_loss(d, np.dot(x, W))": "返しているのは誤差の値です。W の要素ごとの、誤差の変わり方を求めましょう。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.mean_squared_error(d, np.dot(x, V)), W)":
                "誤差が二乗誤差になっています。この問題の誤差は、ソフトマックス関数を通した交差エントロピーです。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, functions.softmax(np.dot(x, V))), W)":
                "ソフトマックス関数を2回通しています。softmax_with_loss には総入力を渡します。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.mean_squared_error(d, functions.softmax(np.dot(x, V))), W)":
                "ソフトマックス関数は合っています。誤差を、二乗誤差ではなく交差エントロピーにしましょう。",
            NUMERICAL + "return -numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, V)), W)":
                "符号が逆です。勾配を引いて更新するのは、このあとの段階です。",
            NUMERICAL + "return numerical_gradient(lambda v: functions.softmax_with_loss(d, np.dot(v, W)), x)":
                "入力 x についての勾配になっています。動かすのは重み W です。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, W)), W)":
                "誤差の関数が、渡された重みではなく外側の W を使っています。整数の W では動かした値が伝わりません。",
            "functions.softmax(np.dot(x, W)) - d": "それは総入力についての勾配です。重み W の1つ1つについての勾配を求めましょう。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        up = loss(V)\n        V[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(V)) / 1e-4\nreturn grad":
                "差を h で割っています。中心差分では、2つの点の間隔は h ではありません。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        grad[i, j] = loss(V) - loss(W)\nreturn grad":
                "誤差の差を、動かした幅で割り忘れています。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-50\n        up = loss(V)\n        V[i, j] -= 2e-50\n"
            "        grad[i, j] = (up - loss(V)) / 2e-50\nreturn grad":
                "動かす幅が小さすぎると、足しても値が変わらず、差が 0 になります。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 0.1\n        grad[i, j] = (loss(V) - loss(W)) / 0.1\nreturn grad":
                "片側だけを大きく動かしているので、曲がった分まで傾きに入っています。幅を小さくして、両側の差をとりましょう。",
            LOSS + CELLS + "        old = W[i, j]\n        W[i, j] = old + 1e-4\n        up = loss(W)\n        W[i, j] = old - 1e-4\n"
            "        grad[i, j] = (up - loss(W)) / 2e-4\n        W[i, j] = old\nreturn grad":
                "小数の W では合っています。整数の配列に小数を入れると切り捨てられます。計算の前に小数の配列に直しましょう。",
            LOSS + CELLS + "        W[i, j] += 1e-4\n        up = loss(W)\n        W[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(W)) / 2e-4\nreturn grad":
                "動かした要素を元に戻していないので、渡された W が変わってしまいます。",
        },
        variants=[
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, V)), W)",
            NUMERICAL + "f = lambda V: functions.cross_entropy_error(d, functions.softmax(x @ V))\nreturn numerical_gradient(f, W)",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        up = loss(V)\n        V[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(V)) / 2e-4\nreturn grad",
            LOSS + "E = np.eye(W.size).reshape(W.size, *W.shape) * 1e-5\n"
            "return [[(loss(W + e) - loss(W - e)) / 2e-5 for e in row] for row in E.reshape(*W.shape, *W.shape)]",
            LOSS + "V = np.array(W, dtype=float)\ngrad = np.zeros_like(V)\nit = np.nditer(V, flags=['multi_index'])\n"
            "while not it.finished:\n    i = it.multi_index\n    old = V[i]\n    V[i] = old + 1e-4\n    up = loss(V)\n"
            "    V[i] = old - 1e-4\n    grad[i] = (up - loss(V)) / 2e-4\n    V[i] = old\n    it.iternext()\nreturn grad",
            "V = W + np.eye(W.size).reshape(-1, *W.shape) * np.array([1e-5, -1e-5]).reshape(2, 1, 1, 1)\n"
            "E = -np.sum(d * np.log(functions.softmax(x @ V)), axis=-1)\nreturn ((E[0] - E[1]) / 2e-5).reshape(W.shape)",
            "def loss(V):\n    u = x @ V\n    return np.log(np.sum(np.exp(u))) - d @ u\nh = 1e-3\ngrad = np.zeros(W.shape)\n"
            "for place in np.ndindex(W.shape):\n    e = np.zeros(W.shape)\n    e[place] = h\n"
            "    grad[place] = (8 * (loss(W + e) - loss(W - e)) - (loss(W + 2 * e) - loss(W - 2 * e))) / (12 * h)\nreturn grad",
        ],
    ),
    Function(
        id="T5-2",
        signature="evaluations(layer_sizes)",
        section="数値微分では間に合わない",
        reference=evaluations,
        inputs={
            "2-10-1": lambda rng: ([2, 10, 1],),
            "4層": lambda rng: ([int(n) for n in rng.integers(2, 60, 5)],),
            "1層": lambda rng: ([int(n) for n in rng.integers(2, 60, 2)],),
            "784-50-10": lambda rng: ([784, 50, 10],),
        },
        pitfalls={
            "return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 1":
                "それはパラメータの数です。中心差分では、1つのパラメータにつき何回、誤差を計算しますか。",
            "return 2 * sum(a * b for a, b in zip(layer_sizes, layer_sizes[1:])), 1": "バイアスを数え忘れています。",
            "return 2 * sum(layer_sizes[1:]), 1": "バイアスだけを数えています。重みのほうがずっと多くあります。",
            "return 2 * (sum(a * b for a, b in zip(layer_sizes, layer_sizes[1:])) + sum(layer_sizes)), 1":
                "入力層のノードにはバイアスがありません。",
            "return 2 * sum(a * b + 1 for a, b in zip(layer_sizes, layer_sizes[1:])), 1":
                "バイアスは層に1つではなく、ユニットに1つずつあります。",
            "P = sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))\nreturn 2 * P, P":
                "逆伝播では、順伝播の途中の値を使い回します。順伝播をパラメータの数だけくり返す必要はありません。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 2":
                "誤差逆伝播法の回数に、逆向きの計算まで数えています。数えるのは順伝播だけです。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 0":
                "逆伝播には順伝播の途中の値が要るので、順伝播もしなければなりません。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])) + 1, 1":
                "中心差分では、動かす前の誤差は使いません。その1回が余分です。",
            "P = sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))\nreturn P + 1, 1":
                "前進差分の回数です。中心差分では、増やしたときと減らしたときの両方を計算します。",
            "return 1, 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))":
                "返す順番が逆です。数値微分が先、誤差逆伝播法があとです。",
            "return 2 * (layer_sizes[0] + 1) * layer_sizes[1], 1": "最初の層しか数えていません。すべての層について足しましょう。",
            "a, b, c = layer_sizes\nreturn 2 * (a * b + b + b * c + c), 1":
                "層の数が決まった書き方です。ノードの並びがどんな長さでも数えられるように、くり返しで書きましょう。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))":
                "数値微分の回数と誤差逆伝播法の回数の2つを返しましょう。",
            "return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])) ** 2, 1":
                "2乗ではなく2倍です。手間が2乗になるのは、1回の順伝播にかかる計算まで考えたときです。",
        },
        variants=[
            "P = 0\nfor i in range(len(layer_sizes) - 1):\n    P += layer_sizes[i] * layer_sizes[i + 1] + layer_sizes[i + 1]\nreturn 2 * P, 1",
            "s = np.array(layer_sizes)\nreturn 2 * np.sum((s[:-1] + 1) * s[1:]), 1",
            "s = np.array(layer_sizes)\nreturn np.array([2 * np.sum((s[:-1] + 1) * s[1:]), 1])",
            "from dlcourse.network import init_network\nreturn [2 * sum(v.size for v in init_network(layer_sizes, rng=0).values()), 1]",
            "s = layer_sizes\nreturn (np.dot(s[:-1], s[1:]) + sum(s[1:])) * 2, 1",
        ],
    ),
    Function(
        id="X5-1",
        signature="try_layers(x, y, dout)",
        section="層の部品を組み合わせる",
        reference=try_layers,
        inputs={
            "正の数": lambda rng: tuple(float(v) for v in 1 + 9 * rng.random(3)),
            "負の数や 0": lambda rng: (0.0, -float(1 + rng.random()), float(normal(rng))),
            "配列": lambda rng: (normal(rng, 4), normal(rng, 4), normal(rng, 4)),
            "大きな値、3行3列": lambda rng: (far(rng, 3, 3), far(rng, 3, 3), far(rng, 3, 3)),
            "大きさの違う数": lambda rng: (1e6 * (1 + rng.random(3)), 1e-3 * normal(rng, 3), normal(rng, 3)),
        },
        pitfalls={
            layers_with((MUL_BACKWARD, "return dout * self.x, dout * self.y")):
                "掛け算の逆伝播で、自分の値を掛けています。x が増えたとき、積はその何倍増えるでしょうか。",
            layers_with((MUL_BACKWARD, "return self.y, self.x")): "掛け算の逆伝播で、後ろから来た勾配 dout を掛け忘れています。",
            layers_with((MUL_BACKWARD, "return dout, dout")): "掛け算の逆伝播が、足し算のものになっています。",
            layers_with((MUL_BACKWARD, "return dout * self.x * self.y, dout * self.x * self.y")):
                "掛け算の逆伝播で、両方の値を掛けています。それぞれの勾配に要るのは片方だけです。",
            layers_with((MUL_BACKWARD, "return dout + self.y, dout + self.x")): "掛け算の逆伝播で、dout に足しています。連鎖律では倍率を掛け合わせます。",
            layers_with((MUL_BACKWARD, "return dout * self.y + dout * self.x")):
                "x についての勾配と y についての勾配は、足さずに、2つに分けて返します。",
            layers_with((ADD_BACKWARD, "return 1, 1\n")): "足し算の逆伝播で、後ろから来た勾配 dout が使われていません。",
            layers_with((ADD_BACKWARD, "return dout / 2, dout / 2\n")):
                "足し算の逆伝播で、勾配を半分ずつに分けています。x が1増えると、和はいくつ増えますか。",
            layers_with((ADD_BACKWARD, "return dout\n")): "足し算の逆伝播でも、x についてと y についての2つを返します。",
            layers_with((ADD_BACKWARD, "return dout, -dout\n")): "足し算の逆伝播で、y についての勾配の符号が逆です。",
            layers_with((ADD_BACKWARD, "return 2 * dout, 2 * dout\n")): "足し算の逆伝播で勾配が2倍になっています。",
            layers_with(("        return x + y", "        return x * y")): "AddLayer の順伝播が掛け算になっています。",
            layers_with(("        return x * y", "        return x + y")): "MulLayer の順伝播が足し算になっています。",
            layers_with(("        self.x, self.y = x, y\n", "")): "forward で受け取った値を、self.x、self.y に覚えておきましょう。",
            layers_with(("        return x * y\n", "")): "MulLayer の forward の最後に return を書きましょう。",
        },
        variants=[
            layers_with(),
            layers_with((MUL_BACKWARD, "dx = self.y * dout\n        dy = self.x * dout\n        return [dx, dy]")),
            layers_with((ADD_BACKWARD, "return dout * 1, dout * 1\n")),
            layers_with(("self.x, self.y = x, y", "self.saved = (x, y)"),
                        (MUL_BACKWARD, "x, y = self.saved\n        return np.multiply(dout, y), np.multiply(dout, x)")),
        ],
    ),
    Function(
        id="X5-1b",
        signature="shopping(apple, apples, orange, oranges, tax)",
        section="連鎖律と計算グラフ",
        reference=shopping,
        by_means_of=("MulLayer.forward", "AddLayer.forward", "MulLayer.backward", "AddLayer.backward"),
        inputs={
            "りんご2個、みかん3個": lambda rng: (100.0, 2, 150.0, 3, 1.1),
            "いろいろな値": lambda rng: (
                float(10 + 2000 * rng.random()), int(rng.integers(1, 9)), float(10 + 2000 * rng.random()),
                int(rng.integers(1, 9)), float(1 + rng.random())),
            "りんごを買わない": lambda rng: (float(10 + 2000 * rng.random()), 0, float(10 + 2000 * rng.random()), 4, 1.08),
        },
        pitfalls={
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price)": BUILD_IT,
            PRICE + "return price * tax, (apples, apple, oranges, orange, price)":
                "倍率の掛け算をさかのぼるのを忘れています。税の分も勾配に掛かります。",
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price * tax)":
                "tax についての勾配が違います。倍率が1増えると、代金は税抜きの合計だけ増えます。",
            PRICE + "return price * tax, (apple * tax, apples * tax, orange * tax, oranges * tax, price)":
                "値段についての勾配と個数についての勾配が入れ替わっています。",
            PRICE + "return price * tax, (apples * tax, oranges * tax, apple * tax, orange * tax, price)":
                "勾配の順番が違います。apple、apples、orange、oranges、tax の順です。",
            PRICE + "return price * tax, (tax * tax, price * tax, tax * tax, price * tax, price)":
                "1つの MulLayer を使い回すと、覚えた値が上書きされます。掛け算ごとに別の部品を作りましょう。",
            PRICE + "return price * tax": "代金と勾配の2つを返しましょう。",
            PRICE + "return price * tax, apples * tax, apple * tax, oranges * tax, orange * tax, price":
                "5つの勾配は、1つのタプルにまとめて、2番目の値にします。",
            PRICE + "return price, (apples, apple, oranges, orange, price)": "税込みの倍率が掛かっていません。",
            PRICE + "return price * tax, (tax, tax, tax, tax, price)":
                "足し算の部品から先へ、掛け算の部品をさかのぼっていません。",
            PRICE + "dout = price * tax\nreturn price * tax, tuple(g * dout for g in (apples * tax, apple * tax, oranges * tax, orange * tax, price))":
                "逆伝播の始まりは、代金を代金で微分した 1 です。代金の値ではありません。",
            "price = (apple + apples) * (orange + oranges)\nreturn price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price)":
                "順伝播で、足し算と掛け算の部品が入れ替わっています。",
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax)":
                "tax についての勾配も返しましょう。勾配は5つです。",
        },
        variants=[
            LAYERS + "m1, m2, m3, a = MulLayer(), MulLayer(), MulLayer(), AddLayer()\n"
            "total = m3.forward(a.forward(m1.forward(apple, apples), m2.forward(orange, oranges)), tax)\n"
            "ds, dt = m3.backward(1)\nd1, d2 = a.backward(ds)\nreturn total, (*m1.backward(d1), *m2.backward(d2), dt)",
            LAYERS + "m1, m2, m3, a = [MulLayer() for _ in 'abc'] + [AddLayer()]\n"
            "prices = m1.forward(apple, apples), m2.forward(orange, oranges)\n"
            "total = m3.forward(tax, a.forward(*prices))\ndt, ds = m3.backward(1.0)\nd1, d2 = a.backward(ds)\n"
            "return [total, [*m1.backward(d1), *m2.backward(d2), dt]]",
            LAYERS + "tax_layer, add = MulLayer(), AddLayer()\nfruits = {'apple': (apple, apples), 'orange': (orange, oranges)}\n"
            "layers = {name: MulLayer() for name in fruits}\n"
            "total = tax_layer.forward(add.forward(*(layers[n].forward(*fruits[n]) for n in fruits)), tax)\n"
            "d_sum, d_tax = tax_layer.backward(1)\ngradients = []\nfor n, d in zip(fruits, add.backward(d_sum)):\n"
            "    gradients += layers[n].backward(d)\nreturn total, np.array([*gradients, d_tax])",
            LAYERS + "class Shop:\n    def __init__(self):\n        self.a, self.o, self.t, self.s = MulLayer(), MulLayer(), MulLayer(), AddLayer()\n"
            "    def forward(self):\n        self.sum = self.s.forward(self.a.forward(apple, apples), self.o.forward(orange, oranges))\n"
            "        return self.t.forward(self.sum, tax)\n"
            "    def backward(self):\n        d, dt = self.t.backward(1)\n        da, do = self.s.backward(d)\n"
            "        return self.a.backward(da) + self.o.backward(do) + (dt,)\n"
            "shop = Shop()\nreturn shop.forward(), shop.backward()",
        ],
    ),
    Function(
        id="H1",
        signature="output_delta(d, y)",
        section="回帰の勾配を計算する",
        reference=lambda d, y: np.subtract(y, d),
        inputs={
            "出力2つ": lambda rng: (normal(rng, 2), normal(rng, 2)),
            "出力5つ": lambda rng: (normal(rng, 5), 10 * normal(rng, 5)),
            "出力1つ": lambda rng: (normal(rng, 1), 1e3 * normal(rng, 1)),
            "教師データが整数": lambda rng: (rng.integers(-3, 4, 3), normal(rng, 3)),
            "大きさの違うずれ": lambda rng: (normal(rng, 3), np.array([1e6, 1.0, -1e6]) * (1 + rng.random(3))),
        },
        pitfalls={
            "d - y": "符号が逆です。出力が正解より大きいときは、総入力を増やすと誤差が増えます。",
            "(y - d) / len(d)": "1つのデータの誤差は和で、平均ではありません。出力の数で割らないでください。",
            "2 * (y - d)": "2乗の微分から出た2は、誤差の式の何と打ち消し合いますか。",
            "(y - d) ** 2 / 2": "それは誤差の値です。誤差を出力で微分しましょう。",
            "np.sum(y - d)": "出力ごとの値を、1つに足してしまっています。",
            "(y - d) * y * (1 - y)": "出力層は恒等写像です。シグモイド関数の微分は要りません。",
            "np.abs(y - d)": "絶対値をとると、増やすべきか減らすべきかがわからなくなります。",
            "(y - d) / 2": "誤差の式の 1/2 は、2乗を微分すると打ち消されます。",
            "y": "教師データ d が使われていません。",
            "(y - d) * functions.d_relu(y)": "出力層は恒等写像です。ReLU の微分は要りません。",
            "(y - d) * y": "恒等写像の微分は、出力の値ではなく、どこでも 1 です。",
            "y -= d\nreturn y": "渡された y を書き換えています。新しい配列を作りましょう。",
        },
        variants=["y - d", "np.subtract(y, d)", "-(d - y)", "[y[k] - d[k] for k in range(len(y))]",
                  "functions.d_sum_squared_error(d, y)", "return (y - d) * functions.d_identity(y)"],
    ),
    Function(
        id="H1b",
        signature="layer_gradients(z, delta, W)",
        section="中間層の勾配",
        reference=layer_gradients,
        inputs={
            "入力4つ、ユニット2つ": lambda rng: (normal(rng, 4), normal(rng, 2), normal(rng, 4, 2)),
            "入力3つ、ユニット3つ": lambda rng: (normal(rng, 3), normal(rng, 3), normal(rng, 3, 3)),
            "入力2つ、ユニット5つ": lambda rng: (normal(rng, 2), normal(rng, 5), normal(rng, 2, 5)),
            "ユニット1つ": lambda rng: (normal(rng, 3), normal(rng, 1), normal(rng, 3, 1)),
            "大きな値": lambda rng: (far(rng, 3), far(rng, 3), far(rng, 3, 3)),
        },
        pitfalls={
            "return np.outer(delta, z), delta, np.dot(W, delta)":
                "重みの勾配が転置になっています。行が入力、列がユニットです。",
            "return z * delta, delta, np.dot(W, delta)":
                "要素ごとの積では、入力とユニットのすべての組み合わせになりません。",
            "return np.outer(z, delta), delta, np.dot(delta, W)":
                "入力についての勾配で、足す方向が違います。W の行(1つの入力から出る線)について足しましょう。",
            "return np.outer(z, delta), delta, np.dot(W.T, delta)":
                "W を転置しています。デルタの番号 r は、W の列の番号です。",
            "return np.outer(z, delta), np.sum(delta), np.dot(W, delta)":
                "バイアスの勾配はユニットごとに1つです。合計しないでください。",
            "return np.outer(z, delta), np.ones_like(delta), np.dot(W, delta)":
                "総入力をバイアスで微分すると 1 ですが、連鎖律ではそれにデルタを掛けます。",
            "return np.outer(z, delta), delta, W * delta":
                "入力についての勾配は、線ごとの値をユニットについて足し合わせたものです。",
            "return np.outer(z, delta), delta, np.sum(W, axis=1)": "入力についての勾配に、デルタが掛かっていません。",
            "return np.outer(z, delta), delta": "重み、バイアス、入力についての3つの勾配を返しましょう。",
            "return delta, np.outer(z, delta), np.dot(W, delta)": "返す順番は、重み、バイアス、入力についての勾配です。",
            "return np.dot(z, W) * delta, delta, np.dot(W, delta)":
                "重みの勾配に重みの値は要りません。入口の値と出口のデルタの積です。",
            "return np.outer(z, delta), z, np.dot(W, delta)": "バイアスの勾配が、層の入力になっています。",
            "return np.outer(z, delta), delta, np.dot(W, delta) * z * (1 - z)":
                "活性化関数の微分まで掛けています。それは次の hidden_delta の仕事です。",
            "return np.outer(z, delta), delta, delta": "入力についての勾配は、重みを通って戻ってきます。W を使いましょう。",
        },
        variants=[
            "return np.outer(z, delta), delta, np.dot(W, delta)",
            "return z[:, np.newaxis] * delta, delta.copy(), delta @ W.T",
            'return np.einsum("j,k->jk", z, delta), delta, np.einsum("jk,k->j", W, delta)',
            "dW = np.zeros_like(W)\ndz = np.zeros(len(z))\nfor j in range(len(z)):\n    for k in range(len(delta)):\n"
            "        dW[j, k] = z[j] * delta[k]\n        dz[j] += delta[k] * W[j, k]\nreturn dW, delta, dz",
            "return z.reshape(-1, 1) @ delta.reshape(1, -1), 1 * delta, (W * delta).sum(axis=1)",
        ],
    ),
    Function(
        id="H1c",
        signature="hidden_delta(dz, z)",
        section="回帰の勾配を計算する",
        reference=lambda dz, z: dz * (z * (1 - z)),
        inputs={
            "ユニット4つ": lambda rng: (normal(rng, 4), rng.random(4)),
            "ユニット1つ": lambda rng: (normal(rng, 1), rng.random(1)),
            "0 や 1 に張りついた出力": lambda rng: (1e3 * normal(rng, 3), np.array([0.0, 1.0, rng.random()])),
        },
        pitfalls={
            "dz * functions.d_sigmoid(z)": "d_sigmoid が受け取るのは総入力です。ここにあるのは、もうシグモイド関数を通した出力です。",
            "dz": "活性化関数をさかのぼっていません。シグモイド関数の微分を掛けましょう。",
            "dz * z": "シグモイド関数の微分は z だけではありません。もう1つの因子があります。",
            "dz * (1 - z)": "シグモイド関数の微分は 1 - z だけではありません。もう1つの因子があります。",
            "z * (1 - z)": "後ろから来た勾配 dz が掛かっていません。",
            "dz + z * (1 - z)": "連鎖律では、勾配と微分を足すのではなく掛けます。",
            "np.dot(dz, z * (1 - z))": "ユニットごとの積のままにします。足し合わせると1つの数になってしまいます。",
            "dz * functions.d_relu(z)": "ReLU の微分になっています。中間層はシグモイド関数です。",
            "dz * (1 - z ** 2)": "それは tanh の微分です。シグモイド関数の微分を掛けましょう。",
            "dz * z * (z - 1)": "かっこの中の引き算の順が逆で、符号が反対になっています。",
            "dz * functions.sigmoid(z)": "シグモイド関数の値ではなく、微分を掛けます。",
            "dz / (z * (1 - z))": "微分で割っています。連鎖律では掛けます。",
            "dz *= z * (1 - z)\nreturn dz": "渡された dz を書き換えています。新しい配列を作りましょう。",
            "dz * 0.25": "シグモイド関数の微分が 0.25 になるのは、総入力が 0 のところだけです。",
        },
        variants=["dz * (1 - z) * z", "dz * (z - z ** 2)", "np.multiply(dz, z * (1 - z))",
                  "[dz[j] * z[j] * (1 - z[j]) for j in range(len(z))]", "slope = z * (1 - z)\nreturn slope * dz"],
    ),
    Function(
        id="H1d",
        signature="regression_gradients(network, x, d)",
        section="回帰の勾配を計算する",
        reference=regression_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "3-4-2": lambda rng: (random_network(rng, 3, 4, 2), normal(rng, 3), normal(rng, 2)),
            "2-2-2": lambda rng: (random_network(rng, 2, 2, 2), normal(rng, 2), normal(rng, 2)),
            "5-3-1": lambda rng: (random_network(rng, 5, 3, 1), normal(rng, 5), normal(rng, 1)),
            "大きさの違うずれ": lambda rng: (
                random_network(rng, 2, 3, 2), normal(rng, 2), np.array([1e6, 1.0]) * (1 + rng.random(2))),
        },
        pitfalls={
            ONE + ONE_DELTAS.replace("z * (1 - z)", "functions.d_sigmoid(z)") + ONE_RETURN:
                "中間層のデルタで、d_sigmoid に出力 z を渡しています。渡すのは総入力です(z からなら別の式で計算できます)。",
            ONE + ONE_DELTAS.replace(" * z * (1 - z)", "") + ONE_RETURN: "中間層のデルタに、シグモイド関数の微分が掛かっていません。",
            ONE + ONE_DELTAS.replace("y - d", "d - y") + ONE_RETURN: "すべての勾配の符号が逆です。出力層のデルタを見直しましょう。",
            ONE + ONE_DELTAS.replace("y - d", "(y - d) / len(d)") + ONE_RETURN:
                "出力の数で割っています。この誤差は和なので、平均をとりません(出力が1つだと偶然合います)。",
            ONE + ONE_DELTAS.replace('network["W2"], dy', 'dy, network["W2"]') + ONE_RETURN:
                "W2 と出力層のデルタの積で、足す方向が違います。",
            ONE + ONE_DELTAS + ONE_RETURN.replace("np.outer(x, du)", "np.outer(du, x)").replace("np.outer(z, dy)", "np.outer(dy, z)"):
                "重みの勾配が転置になっています。パラメータと同じ形にしましょう。",
            ONE + ONE_DELTAS + 'return {"W1": np.outer(x, du), "W2": np.outer(z, dy)}': "バイアスの勾配も辞書に入れましょう。",
            ONE + ONE_DELTAS + 'return np.outer(x, du), du, np.outer(z, dy), dy': "名前の付いた辞書にして返しましょう。",
            ONE.replace("functions.sigmoid", "functions.relu") + ONE_DELTAS.replace("z * (1 - z)", "functions.d_relu(z)") + ONE_RETURN:
                "中間層が ReLU になっています。この問題ではシグモイド関数です。",
            ONE.replace(' + network["b1"]', "") + ONE_DELTAS + ONE_RETURN: "順伝播で、中間層のバイアス b1 を足し忘れています。",
            ONE.replace(' + network["b2"]', "") + ONE_DELTAS + ONE_RETURN: "順伝播で、出力層のバイアス b2 を足し忘れています。",
            ONE.replace('y = np.dot(z, network["W2"]) + network["b2"]', 'y = functions.sigmoid(np.dot(z, network["W2"]) + network["b2"])')
            + ONE_DELTAS + ONE_RETURN: "出力層までシグモイド関数に通しています。回帰の出力層は恒等写像です。",
            ONE + ONE_DELTAS + ONE_RETURN.replace('"b1": du', '"b1": dz'):
                "b1 の勾配が、活性化関数をさかのぼる前の値になっています。バイアスの勾配は、その層のデルタです。",
            ONE + ONE_DELTAS + ONE_RETURN.replace('"b2": dy', '"b2": y'): "b2 の勾配が、出力そのものになっています。バイアスの勾配は、その層のデルタです。",
        },
        variants=[
            ONE + ONE_DELTAS + ONE_RETURN,
            'u = x @ network["W1"] + network["b1"]\nz = functions.sigmoid(u)\ndy = z @ network["W2"] + network["b2"] - d\n'
            'du = dy @ network["W2"].T * functions.d_sigmoid(u)\n'
            'return dict(W2=z[:, None] * dy, b2=dy, W1=x[:, None] * du, b1=du)',
            'X = x[np.newaxis]\nz = functions.sigmoid(X @ network["W1"] + network["b1"])\n'
            'D = z @ network["W2"] + network["b2"] - d\nH = (D @ network["W2"].T) * z * (1 - z)\n'
            'return {"W1": X.T @ H, "b1": H.sum(0), "W2": z.T @ D, "b2": D.sum(0)}',
            ONE + "grads = {}\n" + ONE_DELTAS + 'grads["b2"], grads["b1"] = dy, du\n'
            'grads["W2"] = np.array([[z[j] * dy[k] for k in range(len(dy))] for j in range(len(z))])\n'
            'grads["W1"] = np.einsum("i,j->ij", x, du)\nreturn grads',
        ],
    ),
    Function(
        id="X5-2",
        signature="softmax_loss_gradient(d, u)",
        section="分類でも y − d になる",
        reference=softmax_loss_gradient,
        instead_of=(functions.d_softmax_with_loss, layers.SoftmaxWithLoss.backward),
        inputs={
            "one-hot、データ5個": lambda rng: (one_hot(rng, 3, 5), normal(rng, 5, 3)),
            "ラベル、データ4個": lambda rng: (rng.integers(3, size=4), normal(rng, 4, 3)),
            "ラベル、データの数と種類の数が同じ": lambda rng: (rng.permutation(3), normal(rng, 3, 3)),
            "整数の one-hot、データ1個": lambda rng: (one_hot(rng, 4, 1).astype(int), normal(rng, 1, 4)),
            "大きな値": lambda rng: (one_hot(rng, 4, 6), 1e4 * normal(rng, 6, 4)),
        },
        pitfalls={
            "y = functions.softmax(u)\nreturn y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)":
                "データの数で割り忘れています。誤差はデータについての平均です。",
            "y = functions.softmax(u)\nreturn ((np.eye(u.shape[1])[d] if d.ndim == 1 else d) - y) / len(u)":
                "符号が逆です。正解の種類の総入力は、増やすと誤差が減ります。",
            "return (functions.softmax(u) - d) / len(u)":
                "one-hot なら合っています。ラベルの d を引くと、確率から種類の番号を引くことになります。",
            "return (functions.softmax(u) - np.eye(u.shape[1])[d]) / len(u)":
                "ラベルなら合っています。one-hot で渡されたときは、d をそのまま使いましょう。",
            "y = functions.softmax(u)\nreturn (y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / u.size":
                "割りすぎです。平均をとるのはデータについてだけで、種類の数では割りません。",
            "y = functions.softmax(u)\nreturn (y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / u.shape[1]":
                "種類の数で割っています。割るのはデータの数です。",
            "return (u - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "総入力 u から直接、教師データを引いています。その前に、ソフトマックス関数に通しましょう。",
            "e = np.exp(u - u.max())\nreturn (e / e.sum() - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "バッチ全体の合計で割っています。1つのデータ(行)ごとに、合計が 1 の確率にしましょう。",
            "e = np.exp(u)\nreturn (e / e.sum(axis=1, keepdims=True) - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "大きな値で exp が溢れて nan になります。functions.softmax は溢れない計算をします。",
            "return (functions.sigmoid(u) - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "多クラス分類の出力は、シグモイド関数ではなくソフトマックス関数です。",
            "if d.ndim == 1:\n    d = np.eye(u.shape[1])[d]\nreturn -d / (functions.softmax(u) + 1e-7) / len(u)":
                "それは出力 y についての微分です。ソフトマックス関数までさかのぼって、u についての勾配にしましょう。",
            "y = functions.softmax(u)\nif d.ndim == 2:\n    d = d.argmax(axis=1)\ny[:, d] -= 1\nreturn y / len(u)":
                "y[:, d] は、すべての行から d の列を選びます。行ごとに1つの場所を選ぶには、行の番号も並べます。",
            "if d.size == u.size:\n    d = d.argmax(axis=1)\nreturn np.eye(u.shape[1])[d] / len(u)":
                "教師データだけで、出力が使われていません。",
            "y = functions.softmax(u)\nt = np.eye(u.shape[1])[d] if d.ndim == 1 else d\nreturn np.sum(y - t, axis=0) / len(u)":
                "データについて足してしまっています。総入力と同じ (N, K) の形で返しましょう。",
        },
        variants=[
            "if d.ndim == 1:\n    d = np.eye(u.shape[1])[d]\nreturn (functions.softmax(u) - d) / u.shape[0]",
            "y = functions.softmax(u)\nlabels = d if d.ndim == 1 else d.argmax(axis=1)\n"
            "y[np.arange(len(u)), labels] -= 1\nreturn y / len(u)",
            "e = np.exp(u - u.max(axis=1, keepdims=True))\ny = e / e.sum(axis=1, keepdims=True)\nN, K = y.shape\n"
            "t = d if d.shape == y.shape else (d[:, np.newaxis] == np.arange(K))\nreturn (y - t) * (1 / N)",
            "g = np.zeros(u.shape)\nfor n in range(len(u)):\n    y = functions.softmax(u[n])\n    for k in range(len(y)):\n"
            "        t = d[n] == k if d.ndim == 1 else d[n, k]\n        g[n, k] = (y[k] - t) / len(u)\nreturn g",
        ],
    ),
    Line(
        id="K5-1",
        name="k5_1",
        section="行列の形でまとめて計算する",
        accepted=[DELTA2, DELTA1],
        pitfalls={
            B2: "b2 の勾配は、この中では二度と使われません。その行が使っている値を求めた行はどれですか。",
            W2: "W2 の勾配は、この中では二度と使われません。その行が使っている値を求めた行はどれですか。",
            B1: "b1 の勾配は、この中では二度と使われません。その行が使っている値を求めた行はどれですか。",
            W1: "W1 の勾配は、この中では二度と使われません。その行が使っている値を求めた行はどれですか。",
            "grad = {}": "それは、求めた勾配を入れる空の辞書を作る行です。",
            'W1, W2 = network["W1"], network["W2"]': "それはパラメータを取り出す行で、計算はしていません。",
            "return grad": "それは結果を返す行です。",
            "functions.d_mean_squared_error(d, y)": ONLY_RIGHT_SIDE,
            "delta2": "変数の名前だけでなく、その値を求めている1行を写しましょう。",
            DELTA1_SIGMOID: "問題のプログラムの行と、微分の関数が違います。そのまま写しましょう。",
        },
        variants=["delta2=functions.d_mean_squared_error( d,y )", "    delta2 = functions.d_mean_squared_error(d, y)  # デルタ",
                  "delta2 = d_mean_squared_error(d, y)"],
    ),
    Line(
        id="K5-2",
        name="k5_2",
        section="行列の形でまとめて計算する",
        accepted=[DELTA2],
        pitfalls={
            B2: "それは、出力層のバイアスについての勾配です。",
            W2: "それは、出力層の重みについての勾配です。",
            DELTA1: "それは、中間層の総入力までさかのぼった勾配です。",
            DELTA1_SIGMOID: "それは、中間層の総入力までさかのぼった勾配です(問題のプログラムの行とも少し違います)。",
            B1: "それは、中間層のバイアスについての勾配です。",
            W1: "それは、1つ目の層の重みについての勾配です。",
            "functions.d_mean_squared_error(d, y)": ONLY_RIGHT_SIDE,
            "delta2 = functions.mean_squared_error(d, y)": "それは誤差の値を求める行です。微分の関数の名前には d_ が付きます。",
        },
        variants=["delta2=functions.d_mean_squared_error(d,y)", "  delta2 = functions.d_mean_squared_error(d, y)",
                  "delta2 = d_mean_squared_error(d, y)"],
    ),
    Line(
        id="K5-3",
        name="k5_3",
        section="行列の形でまとめて計算する",
        accepted=[DELTA2],
        pitfalls={
            DELTA1: "その行は、さらに W2 と中間層の活性化関数をさかのぼっています。式の y は出力、u は出力層の総入力です。",
            DELTA1_SIGMOID: "その行は、W2 と中間層をさかのぼった値です(資料によっては答えとされています)。式は出力層の話で、恒等写像の微分は 1 です。",
            W2: "それは、さらに重み W2 で微分したものです。",
            B2: "それは、さらにバイアス b2 で微分し、データについて足したものです。",
            W1: "それは、1つ目の層の重みについての勾配です。",
            B1: "それは、1つ目の層のバイアスについての勾配です。",
            "functions.d_mean_squared_error(d, y)": ONLY_RIGHT_SIDE,
            "delta2": "変数の名前だけでなく、その値を求めている1行を写しましょう。",
        },
        variants=["delta2=functions.d_mean_squared_error(d,y)", "  delta2 = functions.d_mean_squared_error(d, y)",
                  "delta2 = d_mean_squared_error(d, y)"],
    ),
    Line(
        id="K5-4",
        name="k5_4",
        section="行列の形でまとめて計算する",
        accepted=[W2],
        pitfalls={
            W1: "それは1つ目の層の重みの勾配です。肩の (2) は2つ目の層を表します(資料によっては、この行が答えとされています)。",
            DELTA1: "それは中間層のデルタです。まだ重みで微分していません。",
            DELTA1_SIGMOID: "それは中間層のデルタです。まだ重みで微分していません。",
            DELTA2: "それは最初の2つの積です。さらに重みで微分したものが要ります。",
            B2: "それはバイアスについての勾配です。重みで微分すると、線の入口の値が掛かります。",
            B1: "それは中間層のバイアスについての勾配です。",
            "np.dot(z1.T, delta2)": ONLY_RIGHT_SIDE,
            'grad["W2"] = np.dot(x.T, delta1)': "左辺と右辺が、別の行のものです。1行をそのまま写しましょう。",
            'grad["W2"] = np.dot(delta2, z1.T)': "積の順番が、問題のプログラムの行と違います。そのまま写しましょう。",
        },
        variants=["grad['W2'] = np.dot(z1.T, delta2)", '    grad["W2"]=np.dot(z1.T,delta2)', "grad['W2'] = np.dot( z1.T, delta2 )  # W2 の勾配"],
    ),
    Function(
        id="X5-3",
        signature="relu_backward(u, dout)",
        section="層の部品を組み合わせる",
        reference=relu_backward,
        instead_of=(layers.Relu.backward,),
        inputs={
            "(3, 4)": lambda rng: (normal(rng, 3, 4), normal(rng, 3, 4)),
            "ちょうど 0 と大きな値": lambda rng: (
                np.array([-1e3, -1.0, 0.0, 1e-3, 1.0, 1e3]), rng.choice([-1.0, 1.0], 6) * (1 + rng.random(6))),
            "整数の u、(2, 3, 2)": lambda rng: (rng.integers(-2, 3, (2, 3, 2)), normal(rng, 2, 3, 2)),
            "float32": lambda rng: (np.float32(normal(rng, 4)), np.float32(normal(rng, 4))),
            "大きな値と、ごく小さな値": lambda rng: (
                rng.permutation([1e-20, -1e-20, 1e-300, 0.0, 900.0, -900.0, 1e-9, -1e-9, 1e-3]).reshape(3, 3), far(rng, 3, 3)),
        },
        pitfalls={
            "dout * functions.relu(u)": "掛けるのは ReLU の値ではなく、微分(0 か 1)です。",
            "functions.relu(dout)": "勾配のほうを ReLU に通しています。通すかどうかは、順伝播のときの u で決まります。",
            "dout * (u >= 0)": "u がちょうど 0 のところの微分は 0 と約束しました。",
            "np.where(u > 0, 1, 0)": "それは微分だけです。後ろから来た勾配 dout を掛けましょう。",
            "np.where(u > 0, u, 0)": "それは順伝播です。逆伝播では、後ろから来た dout を通します。",
            "dout[u <= 0] = 0\nreturn dout": "渡された dout を書き換えています。新しい配列を作りましょう。",
            "dout": "止めたところの勾配まで通しています。",
            "dout * (u < 0)": "通すところと止めるところが逆です。",
            "dout * np.sign(u)": "負のところで勾配の符号が反対になります。ReLU では、そこは 0 です。",
            "dout * functions.d_sigmoid(u)": "シグモイド関数の微分です。ReLU の微分は 0 か 1 です。",
            "dout[u > 0]": "通した要素だけを抜き出すと、形が変わります。止めた要素は 0 として残しましょう。",
            "dx = np.zeros_like(u)\ndx[u > 0] = dout[u > 0]\nreturn dx":
                "小数の u なら合っています。u が整数だと、整数の配列に勾配を入れて、小数点以下が切り捨てられています。",
            "np.abs(dout) * (u > 0)": "負の勾配も、通すところではそのまま(負のまま)通します。",
            "np.maximum(0, dout * u)": "掛けるのは u の値ではありません。u が正のところで、dout をそのまま通します。",
            "dout * u": "u の値そのものを掛けています。ReLU の傾きは、通すところでは 1 です。",
        },
        variants=["dout * (u > 0)", "np.where(u > 0, dout, 0)", "dout * functions.d_relu(u)",
                  "dx = dout.copy()\ndx[u <= 0] = 0\nreturn dx", "dx = np.zeros_like(dout)\ndx[u > 0] = dout[u > 0]\nreturn dx",
                  "mask = (u <= 0)\nresult = np.array(dout)\nresult[mask] = 0\nreturn result"],
    ),
    Function(
        id="T5-1",
        signature="network_gradients(network, x, d)",
        section="行列の形でまとめて計算する",
        reference=network_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "2-3-2、データ1個": lambda rng: (random_network(rng, 2, 3, 2), normal(rng, 1, 2), one_hot(rng, 2, 1)),
            "4-6-3、データ5個": lambda rng: (random_network(rng, 4, 6, 3), normal(rng, 5, 4), one_hot(rng, 3, 5)),
            "3-3-3、データ3個": lambda rng: (random_network(rng, 3, 3, 3), normal(rng, 3, 3), one_hot(rng, 3, 3)),
            "大きな入力": lambda rng: (random_network(rng, 2, 5, 4), 1e5 * normal(rng, 7, 2), one_hot(rng, 4, 7)),
            "総入力がごく小さい": lambda rng: (
                random_network(rng, 2, 4, 3) | {"b1": 1e-20 * rng.permutation([1.0, 1.0, -1.0, -1.0])},
                np.zeros((2, 2)), one_hot(rng, 3, 2)),
        },
        pitfalls={
            PASS + DELTAS.replace(" / len(x)", "") + BOTH: "データの数で割り忘れています。誤差はデータについての平均です。",
            PASS + DELTAS.replace("y - d", "d - y") + BOTH: "すべての勾配の符号が逆です。出力層のデルタを見直しましょう。",
            PASS + DELTAS.replace("functions.d_relu(u1)", "functions.d_sigmoid(z1)") + BOTH:
                "順伝播は ReLU なのに、逆伝播でシグモイド関数の微分を掛けています。組をそろえましょう。",
            PASS + DELTAS.replace(" * functions.d_relu(u1)", "") + BOTH: "中間層のデルタに、ReLU の微分が掛かっていません。",
            PASS + DELTAS.replace("d_relu(u1)", "relu(u1)") + BOTH: "中間層のデルタに、ReLU の微分ではなく値を掛けています。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1.mean(axis=0)").replace("delta2.sum(axis=0)", "delta2.mean(axis=0)"):
                "バイアスの勾配で、もう一度平均をとっています。1/N はデルタに入っているので、足すだけです。",
            PASS + DELTAS + BOTH.replace("np.dot(x.T, delta1)", "np.dot(delta1.T, x)").replace("np.dot(z1.T, delta2)", "np.dot(delta2.T, z1)"):
                "重みの勾配が転置になっています。パラメータと同じ形にしましょう。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1").replace("delta2.sum(axis=0)", "delta2"):
                "バイアスの勾配は、デルタをデータについて足したものです。形を b と同じにしましょう。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1.sum()").replace("delta2.sum(axis=0)", "delta2.sum()"):
                "バイアスの勾配を、ユニットについてまで足しています。足すのはデータについてだけです。",
            PASS + DELTAS.replace('network["W2"].T', 'network["W2"]') + BOTH:
                "W2 を転置していません。ユニットの数が等しいと、エラーにならずに違う値になります。",
            PASS + DELTAS + BOTH.replace("np.dot(z1.T, delta2)", "np.dot(u1.T, delta2)"):
                "W2 の勾配に掛けるのは、総入力 u1 ではなく、出力層に入った値 z1 です。",
            PASS + DELTAS + 'return {"W1": np.dot(x.T, delta1), "W2": np.dot(z1.T, delta2)}': "バイアスの勾配も辞書に入れましょう。",
            PASS.replace("functions.softmax(", "(") + DELTAS + BOTH: "出力をソフトマックス関数に通していません。",
            PASS.replace("functions.softmax(", "np.exp(") + "y = y / y.sum(axis=1, keepdims=True)\n" + DELTAS + BOTH:
                "大きな総入力で exp が溢れて nan になります。functions.softmax は溢れない計算をします。",
            PASS + DELTAS.replace("len(x)", "y.size") + BOTH: "種類の数でも割っています。平均をとるのはデータについてだけです。",
            PASS + DELTAS + "delta1 = delta1 / len(x)\n" + BOTH: "中間層のデルタで、もう一度データの数で割っています。1/N は出力層で一度だけです。",
        },
        variants=[
            PASS + DELTAS + BOTH,
            PASS + "delta2 = functions.d_softmax_with_loss(d, y)\ndelta1 = (delta2 @ network['W2'].T) * (z1 > 0)\n"
            "return dict(b2=delta2.sum(0), W2=z1.T @ delta2, b1=delta1.sum(0), W1=x.T @ delta1)",
            PASS + "g = {name: np.zeros_like(value) for name, value in network.items()}\nfor n in range(len(x)):\n"
            "    d2 = (y[n] - d[n]) / len(x)\n    d1 = np.dot(network['W2'], d2) * (u1[n] > 0)\n"
            "    g['W1'] += np.outer(x[n], d1)\n    g['b1'] += d1\n    g['W2'] += np.outer(z1[n], d2)\n    g['b2'] += d2\nreturn g",
            PASS + "N = x.shape[0]\nD2 = y - d\nD1 = np.where(u1 > 0, D2 @ network['W2'].T, 0)\n"
            "return {'W1': np.einsum('ni,nj->ij', x, D1) / N, 'b1': np.mean(D1, axis=0),\n"
            "        'W2': np.einsum('nj,nk->jk', z1, D2) / N, 'b2': np.mean(D2, axis=0)}",
            "from dlcourse import layers\na1, r, a2 = layers.Affine(network['W1'], network['b1']), layers.Relu(), "
            "layers.Affine(network['W2'], network['b2'])\nlast = layers.SoftmaxWithLoss()\n"
            "last.forward(a2.forward(r.forward(a1.forward(x))), d)\na1.backward(r.backward(a2.backward(last.backward())))\n"
            "return {'W1': a1.dW, 'b1': a1.db, 'W2': a2.dW, 'b2': a2.db}",
        ],
    ),
    Function(
        id="T5-1b",
        signature="updated(network, gradients, learning_rate)",
        section="行列の形でまとめて計算する",
        reference=updated,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "2-3-2": lambda rng: (random_network(rng, 2, 3, 2), random_network(rng, 2, 3, 2), 0.01),
            "3層": lambda rng: (random_network(rng, 4, 3, 5, 2), random_network(rng, 4, 3, 5, 2), float(rng.random())),
            "大きな値、3-3-3": lambda rng: (
                random_network(rng, 3, 3, 3, draw=far), random_network(rng, 3, 3, 3, draw=far), 0.5),
        },
        pitfalls={
            "return {k: network[k] + learning_rate * gradients[k] for k in network}": "勾配の向きに動いています。誤差を減らすには逆向きに動かします。",
            "for k in network:\n    network[k] -= learning_rate * gradients[k]\nreturn network":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "new = dict(network)\nfor k in new:\n    new[k] -= learning_rate * gradients[k]\nreturn new":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "for k in network:\n    network[k] = network[k] - learning_rate * gradients[k]\nreturn network":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "return {k: network[k] - gradients[k] for k in network}": "学習率を掛け忘れています。",
            "return {k: -learning_rate * gradients[k] for k in network}": "更新の量だけを返しています。元のパラメータから引きましょう。",
            "return {k: network[k] - gradients[k] / learning_rate for k in network}": "学習率で割っています。小さな学習率ほど、動きを小さくします。",
            "return {k: network[k] - learning_rate * gradients[k] for k in network if k[0] == 'W'}": "バイアスも更新しましょう。",
            "return {k: network[k] - learning_rate * gradients[k] for k in ('W1', 'b1', 'W2', 'b2')}":
                "名前が4つに固定されています。層がいくつあっても使えるように、network の名前でくり返しましょう。",
            "return {k: network[k] - learning_rate * gradients[k] if k[0] == 'W' else network[k] for k in network}":
                "バイアスが更新されていません。",
            "return {k: network[k] * (1 - learning_rate * gradients[k]) for k in network}": "パラメータに比例した量を引いています。引くのは学習率と勾配の積です。",
            "return {k: learning_rate * (network[k] - gradients[k]) for k in network}": "学習率が、元のパラメータにまで掛かっています。",
            "return {k: (1 - learning_rate) * network[k] - learning_rate * gradients[k] for k in network}":
                "元のパラメータまで減らしています。引くのは学習率と勾配の積だけです。",
            "for k in network:\n    return {k: network[k] - learning_rate * gradients[k]}":
                "return がくり返しの中にあるので、1つ目で終わっています。",
        },
        variants=[
            "return {k: network[k] - learning_rate * gradients[k] for k in network}",
            "new = {}\nfor name, value in network.items():\n    new[name] = value - gradients[name] * learning_rate\nreturn new",
            "new = {k: v.copy() for k, v in network.items()}\nfor k in new:\n    new[k] -= learning_rate * gradients[k]\nreturn new",
            "return dict(zip(network, map(lambda p, g: np.subtract(p, np.multiply(learning_rate, g)), network.values(),\n"
            "                            (gradients[k] for k in network))))",
        ],
    ),
    Function(
        id="X5-4",
        signature="gradient_check(f, x, gradient)",
        section="勾配を確かめる",
        reference=gradient_check,
        instead_of=(check_gradient,),
        inputs={
            "正しい勾配、(4,)": lambda rng: smooth_function(rng, 4),
            "正しい勾配、(2, 3)": lambda rng: smooth_function(rng, 2, 3),
            "符号が逆の勾配": lambda rng: spoilt(smooth_function(rng, 4), np.negative),
            "3倍になった勾配": lambda rng: spoilt(smooth_function(rng, 2, 3), lambda g: 3 * g),
            "1次関数の正しい勾配": lambda rng: polynomial(rng, 1),
            "2次関数の正しい勾配": lambda rng: polynomial(rng, 2),
            "どれか1つの要素だけ1 % 違う勾配": lambda rng: spoilt(smooth_function(rng, 2, 3), any_element_off(rng)),
            "いちばん小さい要素だけ1 % 違う勾配": lambda rng: spoilt(smooth_function(rng, 5), smallest_element_off),
            "どれか1つの要素だけ符号が逆の勾配": lambda rng: spoilt(smooth_function(rng, 3, 2), turned_round(rng)),
            "要素の順番が逆の勾配": lambda rng: spoilt(smooth_function(rng, 3), lambda g: g[::-1].copy()),
            "転置された勾配、(3, 3)": lambda rng: spoilt(smooth_function(rng, 3, 3), lambda g: g.T.copy()),
            "2つの要素が違い、合計は同じ勾配": lambda rng: spoilt(smooth_function(rng, 4), first_two_exchanged),
            "10⁻⁹ ほどの正しい勾配": lambda rng: smooth_function(rng, 3, size=1e-9),
            "10⁻⁹ ほどで、2倍になった勾配": lambda rng: spoilt(smooth_function(rng, 3, size=1e-9), lambda g: 2 * g),
            "10⁻⁹ ほどで、1つの要素だけ1 % 違う勾配": lambda rng: spoilt(smooth_function(rng, 3, size=1e-9), any_element_off(rng)),
            "10⁹ ほどの正しい勾配": lambda rng: smooth_function(rng, 3, size=1e9),
            "10⁹ ほどで、1つの要素だけ1 % 違う勾配": lambda rng: spoilt(smooth_function(rng, 3, size=1e9), any_element_off(rng)),
            "一部が 0 の正しい勾配": lambda rng: smooth_function(rng, 4, unused=(0, 2)),
            "本当は 0 の要素だけ、0 でない勾配": lambda rng: spoilt(smooth_function(rng, 4, unused=(0,)), first_element_not_0),
            "すべて 0 の正しい勾配": lambda rng: smooth_function(rng, 2, 2, unused=range(4)),
            "本当は 0 なのに、0 でない勾配": lambda rng: spoilt(smooth_function(rng, 3, unused=range(3)), lambda g: g + 1),
        },
        pitfalls={
            "return True": "いつも True を返しています。間違った勾配を見つけられません。",
            "return False": "いつも False を返しています。正しい勾配まで間違いにしています。",
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient))":
                "とても小さな勾配の間違いを見逃しています。np.allclose も、atol を 0 にしなければ、決まった大きさまでの差を許します。",
            NUMERICAL + "return bool(np.abs(numerical_gradient(f, x) - gradient).max() < 1e-6)":
                "差そのものの大きさで比べています。勾配の大きさに対する割合で比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(np.abs(numerical) - np.abs(gradient)).max() <= 1e-5 * size)":
                "符号の間違いを見逃しています。大きさにしてから差をとるのではなく、差をとってから大きさにしましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(abs(numerical.sum() - gradient.sum()) <= 1e-5 * size)":
                "合計だけを比べています。打ち消し合う間違いを見逃すので、要素ごとに比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\na, b = numerical.ravel(), gradient.ravel()\n"
            "lengths = np.linalg.norm(a) * np.linalg.norm(b)\nreturn bool(np.dot(a, b) >= (1 - 1e-9) * lengths)":
                "向きだけを比べています。定数倍の間違い(1/N の忘れなど)を見逃します。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 0.5 * size)": TOO_LENIENT,
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 0.05 * size)": TOO_LENIENT,
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient, rtol=0.05, atol=0))": TOO_LENIENT,
            NUMERICAL + "numerical = numerical_gradient(f, x)\nplace = np.unravel_index(np.abs(gradient).argmax(), x.shape)\n"
            + SIZE + "return bool(abs(numerical[place] - gradient[place]) <= 1e-5 * size)":
                "1つの要素しか比べていません。すべての要素を比べて、いちばん大きい差を調べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(np.sort(numerical.ravel()) - np.sort(gradient.ravel())).max() <= 1e-5 * size)":
                "並べ替えてから比べると、要素の場所が違う間違いを見逃します。同じ場所の要素どうしを比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() / size < 1e-5)":
                "勾配がすべて 0 のとき、正しいのに False になります(0 を 0 で割った nan や、0 < 0 を比べています)。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n"
            "return bool(np.all(np.abs(numerical - gradient) / np.abs(numerical) < 1e-5))":
                "勾配に 0 の要素があると、0 で割って nan になり、正しいのに False になります。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return float(np.abs(numerical - gradient).max() / (size + 1e-300))":
                "返しているのは相対誤差の値です。許す割合と比べて、True か False を返しましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x, h=1e-14)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "数値微分の誤差のために、正しい勾配まで間違いにしています。許す割合か、動かす幅が小さすぎます。",
            NUMERICAL + "numerical = numerical_gradient(f, x, h=0.3)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "曲がった関数で、正しい勾配まで間違いにしています。動かす幅が大きいと、数値微分は曲がりを拾います。",
            OWN_NUMERICAL.replace("/ 2e-5", "/ 1e-5") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "数値微分が2倍になっています。中心差分では、2つの点の間隔で割ります。",
            OWN_NUMERICAL.replace("    x[place] = old\n", "") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "動かした要素を元に戻していません。1つの要素を調べ終わるごとに、元の値に戻しましょう。",
            OWN_NUMERICAL.replace("np.ndindex(x.shape)", "range(len(x))").replace("old = x[place]", "old = x[place].copy()")
            + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "2次元の配列では、1行をまとめて動かしてしまいます。要素を1つずつ動かしましょう。",
            OWN_NUMERICAL.replace("    x[place] = old - 1e-5\n    down = f(x)\n    x[place] = old\n", "    x[place] = old\n    down = f(x)\n")
            .replace("2e-5", "1e-5") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-7 * size)":
                "片側だけを動かす前進差分の誤差は大きく、正しい勾配まで間違いにしています。中心差分にしましょう。",
        },
        variants=[
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE + "return np.abs(numerical - gradient).max() <= 1e-5 * size",
            OWN_NUMERICAL + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n"
            "top = np.abs(numerical - gradient)\nbottom = np.maximum(1e-8, np.abs(numerical) + np.abs(gradient))\n"
            "return bool((top / bottom).max() < 1e-4)",
            NUMERICAL + "numerical = numerical_gradient(f, x)\nd = np.linalg.norm(numerical - gradient)\n"
            "s = np.linalg.norm(numerical) + np.linalg.norm(gradient)\nif s == 0:\n    return True\nreturn d / s < 1e-5",
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient, rtol=1e-4, atol=0))",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return np.array(np.abs(numerical - gradient).max() <= 1e-5 * size)",
            "for place in np.ndindex(x.shape):\n    e = np.zeros_like(x)\n    e[place] = 1e-4\n    n = (f(x + e) - f(x - e)) / 2e-4\n"
            "    if abs(n - gradient[place]) > 1e-4 * max(abs(n), abs(gradient[place])):\n        return False\nreturn True",
        ],
    ),
    Function(
        id="T5-4",
        signature="scaled_weights(kind, inputs, units, rng)",
        section="重みをすべて同じにするとどうなるか",
        instead_of=(init_network,),
        reference=lambda kind, inputs, units, rng:
            math.sqrt({"xavier": 1, "he": 2}[kind] / inputs) * rng.standard_normal((inputs, units)),
        accept=scaled_weights,
        together=draws_of_scaled_weights,
        # So few inputs that one more shows.
        inputs={
            "xavier、3 × 2000": lambda rng: ("xavier", 3, 2000, fork(rng)),
            "he、2 × 2000": lambda rng: ("he", 2, 2000, fork(rng)),
            "xavier、80 × 70": lambda rng: ("xavier", 80, 70, fork(rng)),
            "he、60 × 60": lambda rng: ("he", 60, 60, fork(rng)),
            "he、3 × 2": lambda rng: ("he", 3, 2, fork(rng)),
        },
        pitfalls={
            "rng.standard_normal((inputs, units))": "標準偏差が 1 のままです。入力の数に合わせて小さくしましょう。",
            "rng.standard_normal((inputs, units)) / np.sqrt(inputs)": '"he" のときも "xavier" と同じになっています。kind によって変えましょう。',
            "rng.standard_normal((inputs, units)) * np.sqrt(2 / inputs)": '"xavier" のときも "he" と同じになっています。kind によって変えましょう。',
            'rng.standard_normal((inputs, units)) * {"xavier": 1, "he": 2}[kind] / inputs': "平方根をとっていません。それは分散です。",
            'rng.standard_normal((inputs, units)) * {"xavier": 1, "he": 2}[kind] / np.sqrt(inputs)':
                '"he" の 2 は、平方根の中に入ります。',
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / units)':
                "ユニットの数で割っています。使うのは入力側のノードの数です。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] * inputs)':
                "入力の数が多いほど大きくなっています。割るところと掛けるところを確かめましょう。",
            'rng.standard_normal((units, inputs)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "形が転置です。(入力の数, ユニットの数) の順にしましょう。",
            'rng.random((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "0 以上 1 未満の一様分布なので、平均が 0 になりません。正規分布を使いましょう。",
            'rng.uniform(-1, 1, (inputs, units)) * np.sqrt(3 * {"xavier": 1, "he": 2}[kind] / inputs)':
                "標準偏差は合っていますが、一様分布です。正規分布の乱数から作りましょう。",
            'np.random.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)': USE_THE_GIVEN_RNG,
            'np.random.default_rng(0).standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                USE_THE_GIVEN_RNG,
            'np.repeat(rng.standard_normal((inputs, 1)), units, axis=1) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "どのユニットも同じ重みになっています。ユニットごとに違う乱数にしましょう。",
            'np.abs(rng.standard_normal((inputs, units))) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "負の重みがありません。絶対値をとらずに、正規分布の乱数をそのまま使いましょう。",
            'np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)': "標準偏差の値だけを返しています。それを乱数の配列に掛けましょう。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 2, "he": 1}[kind] / inputs)': "xavier と he が入れ替わっています。",
            'rng.normal(0, {"xavier": 1, "he": 2}[kind] / inputs, (inputs, units))':
                "平方根をとっていません。それは分散です。",
            'rng.standard_normal((inputs, units)) * np.sqrt(2 / (inputs + units)) * (np.sqrt(2) if kind == "he" else 1)':
                "ユニットの数も使う、論文の形です。この問題では、表の式のとおり、入力側の数だけを使います。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / (inputs + 1))':
                "バイアスの分の 1 を、入力側のノードの数に足しています。入力側のノードだけを数えましょう。",
            'np.sort(rng.standard_normal((inputs, units)), axis=0) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "並べ替えずに、作った順のまま返しましょう。",
            'rng.logistic(0, np.sqrt(3) / np.pi, (inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "標準偏差は合っていますが、正規分布ではありません。rng.standard_normal か rng.normal を使いましょう。",
        },
        variants=[
            'scale = np.sqrt(1 / inputs) if kind == "xavier" else np.sqrt(2 / inputs)\nreturn scale * rng.standard_normal((inputs, units))',
            'return rng.normal(0, np.sqrt((2 if kind == "he" else 1) / inputs), (inputs, units))',
            'W = rng.standard_normal((inputs, units)) / np.sqrt(inputs)\nif kind == "he":\n    W = W * np.sqrt(2)\nreturn W',
            "s = {'xavier': 1.0, 'he': 2.0}[kind]\nreturn [[rng.normal() * (s / inputs) ** 0.5 for _ in range(units)] for _ in range(inputs)]",
        ],
    ),
    Value(
        id="T5-3",
        name="t5_3",
        section="手書き数字を学習する",
        accept=digits_settings,
        pitfalls={
            '{"units": 40, "learning_rate": 0.1, "epochs": 7, "batch_size": 100, "weights": 0.01}':
                "出発点の値のままです。更新の回数か大きさを増やすか、重みの初期値を変えてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 1000.0'): "学習率が大きすぎて発散しました。10分の1ずつ小さくしてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 10.0'):
                "学習率が大きすぎると、最初の数回の更新で ReLU がすべて 0 になり、それきり学習できなくなります。小さくしてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 1e-4'): "学習率が小さすぎて、この回数の更新ではほとんど動きません。",
            setting('"units": 50', '"units": 2'): "ユニット2つでは、10種類を見分けるだけの表現ができません。増やしてみましょう。",
            setting('"epochs": 20', '"epochs": 1'): "データを1回ずつ使っただけでは、更新の回数が足りません。",
            setting('"batch_size": 50', '"batch_size": 1000'): "1回に多くのデータを使うと、同じエポックの数では更新の回数が減ります。",
            setting('"weights": "he"', '"weights": 5.0'):
                "重みの初期値が大きすぎて、はじめの誤差がとても大きくなっています。入力の数に合わせて小さくしましょう。",
            setting('"weights": "he"', '"weights": "random"'): "weights には、\"he\"、\"xavier\" か、標準偏差にする正の数を書きましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": "0.5"'): "学習率には、引用符やかっこを付けずに、数を1つ書きましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": -0.5'): "学習率が 0 なら動かず、負なら誤差が増える向きに動きます。",
            setting('"units": 50', '"units": 50.0'): "ユニットの数は、引用符や小数点を付けずに、整数で書きましょう。",
            setting('"epochs": 20', '"epochs": 1000'): "エポックの数には上限があります。同じ回数でよりよく学習できる値を探しましょう。",
            setting('"units": 50', '"units": 1000'): "ユニットの数には上限があります。ほかの値も変えてみましょう。",
            setting('"batch_size": 50', '"batch_size": 1'): "バッチの大きさには下限があります(1つずつでは時間がかかりすぎます)。",
            setting('"units"', '"hidden"'): "名前は units、learning_rate、epochs、batch_size、weights の5つです。綴りを確かめましょう。",
            "[50, 0.5, 20, 50, 'he']": "値には、辞書の形で名前を付けましょう。",
        },
        variants=[
            setting('"units": 50', '"units": 100'),
            setting('"learning_rate": 0.5', '"learning_rate": 1.0'),
            setting('"weights": "he"', '"weights": "xavier"'),
            '{"units": 100, "learning_rate": 0.1, "epochs": 20, "batch_size": 10, "weights": 0.01}',
            'dict(weights=np.float64(0.2), batch_size=np.int64(30), epochs=20, learning_rate=0.5, units=64)',
        ],
    ),
    Function(
        id="H2",
        signature="train_regression(network, x, d, learning_rate, epochs)",
        section="手書き数字を学習する",
        reference=train_regression,
        instead_of=(train, Network.loss_and_gradient, *EVERY_OPTIMIZER),
        inputs={
            "サインの曲線、1-5-1": lambda rng: (
                random_network(rng, 1, 5, 1), np.linspace(-1, 1, 9)[:, np.newaxis],
                np.sin(np.pi * np.linspace(-1, 1, 9))[:, np.newaxis], 0.1, 8),
            "出力2つ、2-4-2": lambda rng: (
                random_network(rng, 2, 4, 2), normal(rng, 5, 2), one_hot(rng, 2, 5), 0.1, 6),
            "データ1個、3-3-3": lambda rng: (
                random_network(rng, 3, 3, 3), normal(rng, 1, 3), normal(rng, 1, 3), 0.05, 4),
            "誤差が上がり下がりする学習率": lambda rng: (
                random_network(rng, 2, 3, 1), normal(rng, 4, 2), normal(rng, 4, 1), 2.0, 5),
            "1回だけ": lambda rng: (random_network(rng, 2, 3, 1), normal(rng, 4, 2), normal(rng, 4, 1), 0.1, 1),
            "大きな値": lambda rng: (
                random_network(rng, 2, 3, 2), normal(rng, 4, 2), far(rng, 4, 2), 0.01, 3),
        },
        pitfalls={
            training_with(COPY, "p = network\n").replace(UPDATE, "    for name in p:\n        p[name] -= learning_rate * grad[name]\n"):
                "渡された network を書き換えています。最初に、辞書だけでなく、中の配列の写しを作りましょう。",
            training_with(COPY, "p = dict(network)\n").replace(UPDATE, "    for name in p:\n        p[name] -= learning_rate * grad[name]\n"):
                "渡された network を書き換えています。最初に、辞書だけでなく、中の配列の写しを作りましょう。",
            training_with(" / len(x)", ""): "勾配をデータの数で割り忘れています。誤差はデータについての平均です。",
            training_with("- learning_rate", "+ learning_rate"): "誤差が増える向きに更新しています。",
            training_with(UPDATE, ""): "パラメータが更新されていないので、誤差がずっと同じです。",
            training_with(GRADIENTS, '    delta2 = (y - d) / len(x)\n    p["W2"] = p["W2"] - learning_rate * z1.T @ delta2\n'
                          '    p["b2"] = p["b2"] - learning_rate * delta2.sum(0)\n    delta1 = (delta2 @ p["W2"].T) * z1 * (1 - z1)\n'
                          '    p["W1"] = p["W1"] - learning_rate * x.T @ delta1\n    p["b1"] = p["b1"] - learning_rate * delta1.sum(0)\n')
            .replace(UPDATE, ""):
                "中間層のデルタに、更新したあとの W2 を使っています。すべての勾配を求めてから、まとめて更新しましょう。",
            training_with("z1 * (1 - z1)", "functions.d_sigmoid(z1)"):
                "シグモイド関数の微分に、出力 z1 を渡しています。渡すのは総入力です(z1 からなら別の式で計算できます)。",
            training_with(" * z1 * (1 - z1)", ""): "中間層のデルタに、シグモイド関数の微分が掛かっていません。",
            training_with(RECORD, "").replace("return losses", FORWARD.replace("    ", "") + "return [functions.sum_squared_error(d, y)]"):
                "最後の誤差だけを返しています。更新のたびに記録したリストを返しましょう。",
            COPY + START + FORWARD + GRADIENTS + UPDATE + FORWARD + RECORD + "return losses":
                "更新したあとの誤差を記録しています。記録するのは、更新する前の誤差です。",
            training_with("return losses", FORWARD.replace("    ", "") + "losses.append(functions.sum_squared_error(d, y))\nreturn losses"):
                "誤差が1つ多く記録されています。長さは epochs と同じです。",
            training_with("functions.sum_squared_error(d, y)", "functions.sum_squared_error(d, y) * len(x)"):
                "誤差がデータの数倍になっています。データについての平均を記録しましょう。",
            training_with("functions.sum_squared_error(d, y)", "2 * functions.sum_squared_error(d, y)"):
                "誤差に 1/2 が掛かっていません。",
            training_with("functions.sum_squared_error(d, y)", "functions.mean_squared_error(d, y)"):
                "mean_squared_error は出力の数でも割ります。この問題の誤差は、出力については和です(出力が1つだと偶然合います)。",
            training_with("    for name in p:\n", '    for name in ("W1", "W2"):\n'): "バイアスが更新されていません。",
            training_with("    for name in p:\n", '    for name in ("W2", "b2"):\n'): "1つ目の層が更新されていません。",
            training_with("functions.sigmoid", "functions.relu").replace("z1 * (1 - z1)", "(z1 > 0)"):
                "中間層が ReLU になっています。この問題ではシグモイド関数です。",
            training_with("return losses", "return sorted(losses, reverse=True)"): "誤差は、記録した順のまま返しましょう。",
            training_with("return losses", "return p"): "返すのはパラメータではなく、誤差の移り変わりです。",
            training_with("return losses", "    return losses"): "return がくり返しの中にあるので、1回で終わっています。字下げを確かめましょう。",
        },
        variants=[
            TRAINING,
            "import copy\np = copy.deepcopy(network)\n" + START + FORWARD
            + "    losses.append(0.5 * np.sum((y - d) ** 2) / x.shape[0])\n    D2 = y - d\n    D1 = D2 @ p['W2'].T * (z1 - z1 ** 2)\n"
            "    N = x.shape[0]\n    p['W1'] -= learning_rate * (x.T @ D1) / N\n    p['b1'] -= learning_rate * D1.mean(axis=0)\n"
            "    p['W2'] -= learning_rate * (z1.T @ D2) / N\n    p['b2'] -= learning_rate * D2.mean(axis=0)\nreturn np.array(losses)",
            "W1, b1, W2, b2 = (network[k] for k in ('W1', 'b1', 'W2', 'b2'))\nlosses = []\nfor _ in range(epochs):\n"
            "    u1 = np.dot(x, W1) + b1\n    z1 = functions.sigmoid(u1)\n    y = np.dot(z1, W2) + b2\n"
            "    losses.append(functions.sum_squared_error(d, y))\n    d2 = functions.d_sum_squared_error(d, y)\n"
            "    d1 = np.dot(d2, W2.T) * functions.d_sigmoid(u1)\n"
            "    W1, b1, W2, b2 = (W1 - learning_rate * np.dot(x.T, d1), b1 - learning_rate * d1.sum(axis=0),\n"
            "                      W2 - learning_rate * np.dot(z1.T, d2), b2 - learning_rate * d2.sum(axis=0))\nreturn losses",
            COPY + "losses = np.zeros(epochs)\nfor step in range(epochs):\n" + FORWARD
            + "    losses[step] = np.mean(np.sum((y - d) ** 2, axis=1)) / 2\n" + GRADIENTS + UPDATE + "return losses",
        ],
    ),
]
