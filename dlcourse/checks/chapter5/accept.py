"""第5章 誤差逆伝播法: 何を正解とするか(入力、正しい計算、答えを受け入れるかどうか)。"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dlcourse import datasets, functions
from dlcourse.checks import randomness
from dlcourse.checks.compare import numbers
from dlcourse.checks.exercise import RELATED_CALLS, Calls, Function, Verdict, both_draws
from dlcourse.checks.inputs import Arguments, Generator, normal
from dlcourse.checks.outcome import Outcome
from dlcourse.functions import Array
from dlcourse.gradient import numerical_gradient
from dlcourse.network import Network
from dlcourse.optimizers import SGD
from dlcourse.training import train
from dlcourse.words import say


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


def layer_backward(x: Array, W: Array, u: Array, dz: Array) -> tuple[Array, Array, Array]:
    delta = relu_backward(u, dz)
    return x.T @ delta, delta.sum(axis=0), delta @ W.T


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
        return say("勾配の形は W と同じ {shape} です(結果は {found})。", shape=expected.shape, found=result.shape)
    if not np.isfinite(result).all():
        return "勾配に nan か inf があります。"
    tolerance = 1e-4 * np.abs(expected).max()
    if np.abs(result - expected).max() <= tolerance:
        return None
    if not result.any():
        return "勾配がすべて 0 です。"
    factor = np.sum(result * expected) / np.sum(expected * expected)
    if np.abs(result - factor * expected).max() <= abs(factor) * tolerance:
        scaled = say("どの要素も、正しい値の約 {factor:.2g} 倍です。", factor=factor)
        return "符号が逆です。" if abs(factor + 1) < 1e-3 else scaled
    return "勾配の値が違います。"


def scaled_weights(arguments: Arguments, weights: Any) -> str | None:
    kind, inputs, units, _ = arguments
    weights = numbers(weights)
    if weights is None or weights.shape != (inputs, units):
        return say("形が {shape} の、数値の配列を返してください。", shape=(inputs, units))
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
        return say('"{kind}" の標準偏差が、求める値の約 {ratio:.2g} 倍です。', kind=kind, ratio=ratio)
    return "正規分布になっていません。" if randomness.uniform(randomness.normal_cdf(sizes)) else None


def deviation(kind: str, inputs: int) -> float:
    return math.sqrt({"xavier": 1, "he": 2}[kind] / inputs)


def draws_of_scaled_weights(calls: Calls) -> str | None:
    if randomness.any_related((one, other) for _, one, other in both_draws(calls)):
        return RELATED_CALLS
    together = np.concatenate([np.ravel(drawn) / deviation(kind, inputs) for (kind, inputs, *_), drawn in calls])
    return "正規分布になっていません。" if randomness.uniform(randomness.normal_cdf(together)) else None


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
            history = train(
                network,
                x_train,
                d_train,
                SGD(learning_rate),
                epochs=epochs,
                batch_size=batch_size,
                rng=0,
                progress=False,
            )
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
            return say("{name} が整数ではありません。", name=name)
        if number < low:
            return say("{name} が小さすぎます({low} から {high} の整数にします)。", name=name, low=low, high=high)
        if number > high:
            return say("{name} が大きすぎます({low} から {high} の整数にします)。", name=name, low=low, high=high)
    for name in ("learning_rate", "weights"):
        number = value[name]
        if name == "weights" and isinstance(number, str):
            if number not in ("he", "xavier"):
                return say("weights に {number!r} という選び方はありません。", number=number)
        elif isinstance(number, bool) or not isinstance(number, int | float | np.integer | np.floating):
            return say("{name} が数ではありません。", name=name)
        elif not 0 < number < 1e300:
            return say("{name} は有限の正の数にします。", name=name)
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
    return say(
        "正解率は {percent:.1f} % で、97 % に届きません(最後のエポックの誤差は {loss:.2f})。",
        percent=100 * accuracy,
        loss=loss,
    )


# --- arguments ----------------------------------------------------------------------------------

Case = tuple[Callable[[Any], Any], Array, Array]


def one_hot(rng: Generator, classes: int, count: int | None = None) -> Array:
    return np.eye(classes)[rng.integers(classes, size=count)]


def backward_case(
    rng: Generator, count: int, inputs: int, units: int, draw: Callable[..., Array] = normal
) -> tuple[Array, ...]:
    """Arguments x, W, u, dz of one layer's backward step, in which every unit passes something on and stops something.

    With one of the data only the first unit stops.
    """
    u = np.abs(draw(rng, count, units)) + 1
    u[0, 0] *= -1
    if count > 1:
        u[1:] *= rng.choice([-1.0, 1.0], (count - 1, units))
        u[1] = np.abs(u[1])
    return draw(rng, count, inputs), draw(rng, inputs, units), u, draw(rng, count, units)


def two_layers(rng: Generator) -> dict[str, Any]:
    """The names before the program of X5-6."""
    names = {"x": normal(rng, 4, 3), "d": normal(rng, 4, 2), "W1": normal(rng, 3, 5), "W2": normal(rng, 5, 2)}
    return names | {"learning_rate": 0.5}


def own_generator(rng: Generator) -> Generator:
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


def with_wrong_gradient(case: Case, spoil: Callable[[Array], Array]) -> Case:
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


def one_sign_changed(rng: Generator) -> Callable[[Array], Array]:
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
