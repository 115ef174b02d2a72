"""第1章 入力層から中間層へ: 何を正解とするか(入力、正しい計算、答えを受け入れるかどうか)。"""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks import randomness
from dlcourse.checks.compare import numbers
from dlcourse.checks.exercise import RELATED_CALLS, Calls, both_draws
from dlcourse.checks.inputs import Arguments
from dlcourse.functions import Array
from dlcourse.network import forward
from dlcourse.words import listed, say, together

# --- accept functions: None, or what is wrong -------------------------------------------------


def shapes(expected: Mapping[str, tuple[int, ...]]) -> Callable[[Any], str | None]:
    """Accept a dictionary of shapes, and explain the slips that beginners make with tuples."""

    def accept(value: Any) -> str | None:
        if not isinstance(value, Mapping) or set(value) != set(expected):
            return say("{names} という名前の辞書ではありません。", names=listed(expected))
        for name, shape in expected.items():
            given = value[name]
            if isinstance(given, str):
                return say("{name} は文字列です。形は (2, 3) のように、引用符を付けずに書きます。", name=name)
            if isinstance(given, np.ndarray):
                given = np.ravel(given).tolist()
            if not isinstance(given, tuple | list):
                return say(
                    "{name} はタプルではありません。要素が1つのタプルは (3,) のように、最後にコンマを付けます。",
                    name=name,
                )
            if any(size is None or size.shape for size in map(numbers, given)):
                return say("{name} の形に、1つの数ではないものがあります。", name=name)
            if len(given) != len(shape):
                if len(shape) == 1:
                    return say("{name} の軸の数が違います。バイアスは (3,) のように1つの数で書きます。", name=name)
                return say("{name} の軸の数が違います。(行の数, 列の数) の2つの数で書きます。", name=name)
            if tuple(given) != shape:
                return say("{name} の形は {shape} ではありません。", name=name, shape=tuple(given))
        return None

    return accept


def animal_features(value: Any) -> str | None:
    if isinstance(value, str):
        return "辞書ではなく文字列です。"
    if not isinstance(value, Mapping):
        return "特徴の名前と値の辞書ではありません。"
    if len(value) < 4:
        return "特徴が4個より少ないです。"
    if not all(isinstance(name, str) and name.strip() for name in value):
        return "名前が空か、文字列ではない特徴があります。"
    features = [number for feature in value.values() if (number := numbers(feature)) is not None]
    if any(number.dtype == bool for number in features):
        return "値が True か False の特徴があります。"
    if any(number.shape for number in features):
        return "値がいくつも並んだ特徴があります。"
    if len(features) < len(value):
        return "値が数値ではない特徴があります。"
    if not np.isfinite(features).all():
        return "値が有限の数ではない特徴があります。"
    return None


def repeated(weights: Array) -> bool:
    """Whether one row, or one column, of random numbers stands for all."""
    return (weights == weights[:1]).all() or (weights == weights[:, :1]).all()


def initial_weights(arguments: Arguments, weights: Any) -> str | None:
    kind, shape, _ = arguments
    weights = numbers(weights, shape)
    if weights is None or weights.shape != shape:
        return say("形が {shape} の、数値の配列を返してください。", shape=shape)
    if not np.isfinite(weights).all():
        return "nan か inf の値があります。"
    if kind in ("zeros", "ones"):
        number = 0 if kind == "zeros" else 1
        said = say('"{kind}" では、すべての要素を {number} にします。', kind=kind, number=number)
        return None if (weights == number).all() else said
    if kind == "rand":
        if weights.min() < 0 or weights.max() >= 1:
            return '"rand" の値が、0 以上 1 未満の範囲から外れています。'
        problem = unlike_random(weights)
    else:
        if (weights != np.round(weights)).any():
            return '"randint" の値が整数ではありません。'
        if weights.min() < 0 or weights.max() > 4:
            return '"randint" の値が、0 から 4 の範囲から外れています。'
        problem = randomness.order(weights) or randomness.equally_often([how_often(weights)])
    return say('"{kind}" で、{problem}', kind=kind, problem=say(problem)) if problem and weights.size > 1000 else None


def how_often(integers: Array) -> Array:
    return np.bincount(integers.ravel().astype(int), minlength=5)


def unlike_random(values: Array) -> str | None:
    """What is wrong with numbers that ought to be uniform between 0 and 1."""
    return randomness.repeats(values) or randomness.order(values) or randomness.uniform(values)


def draws_of_weights(calls: Calls) -> str | None:
    random = ((one, other) for (kind, *_), one, other in both_draws(calls) if kind in ("rand", "randint"))
    if randomness.any_related(random):
        return RELATED_CALLS
    counts = [how_often(np.asarray(weights)) for (kind, *_), weights in calls if kind == "randint"]
    problem = randomness.equally_often(counts)
    return say('"{kind}" で、{problem}', kind="randint", problem=say(problem)) if problem else None


def uniform_bias(arguments: Arguments, bias: Any) -> str | None:
    low, high, size, _ = arguments
    bias = numbers(bias, (size,))
    if bias is None or bias.shape != (size,):
        return say("長さ {size} の、数値の配列を返してください。", size=size)
    if not np.isfinite(bias).all():
        return "nan か inf の値があります。"
    if (bias == np.round(bias)).all():
        return "値が整数だけです。小数も含めた乱数にしましょう。"
    if bias.min() < low or bias.max() >= high:
        return say("{low} 以上 {high} 未満の範囲から外れた値があります。", low=low, high=high)
    return randomness.repeats(bias) if size < randomness.ENOUGH else unlike_random((bias - low) / (high - low))


def draws_of_biases(calls: Calls) -> str | None:
    return RELATED_CALLS if randomness.any_related((one, other) for _, one, other in both_draws(calls)) else None


def network_parameters(arguments: Arguments, network: Any) -> str | None:
    layer_sizes, _ = arguments
    expected: dict[str, tuple[int, ...]] = {}
    for number, (inputs, units) in enumerate(zip(layer_sizes, layer_sizes[1:], strict=False), start=1):
        expected[f"W{number}"], expected[f"b{number}"] = (inputs, units), (units,)
    if not isinstance(network, Mapping):
        return "辞書(dict)ではありません。"
    if set(network) != set(expected):
        return say("名前は {names} です。返ったのは {found} です。", names=listed(expected), found=listed(network))
    for name, shape in expected.items():
        value = numbers(network[name], shape)
        if value is None:
            return say("{name} が数値の配列ではありません。", name=name)
        if value.shape != shape:
            wrong = say("{name} の形は {shape} です(結果は {found})。", name=name, shape=shape, found=value.shape)
            reversed_ = len(shape) == 2 and value.shape == shape[::-1]
            return together(wrong, say("行と列が逆です。") if reversed_ else "")
        if not np.isfinite(value).all():
            return say("{name} に有限でない値があります。", name=name)
        if name.startswith("W") and value.dtype.kind != "f":
            return say("{name} が整数です。小数の乱数にしましょう。", name=name)
        if name.startswith("W") and np.ptp(value) == 0:
            return say("{name} の値がすべて同じです。", name=name)
        if name.startswith("W") and repeated(value):
            return say("{name} の、どの行も、またはどの列も、同じ乱数になっています。", name=name)
        if name.startswith("W") and (np.modf(value - value.flat[0])[0] == 0).all():
            return say("{name} の値の差が、どれも整数です。1つ1つの値を、小数の乱数にしましょう。", name=name)
        if name.startswith("W") and (problem := randomness.order(value) or randomness.spacings(value)):
            return say("{name} の{problem}", name=name, problem=say(problem))
    weights = [np.asarray(network[name]) for name in expected if name.startswith("W")]
    # One generator never gives the same numbers twice.
    same = any(np.array_equal(one.flat[:2], other.flat[:2]) for one, other in itertools.combinations(weights, 2))
    if same or randomness.any_related(itertools.combinations(weights, 2)):
        return "層ごとの重みが、互いに関係しています。1つの rng を続けて使い、どの重みも別の乱数にしましょう。"
    return None


def draws_of_networks(calls: Calls) -> str | None:
    pairs = ((one[name], other[name]) for _, one, other in both_draws(calls) for name in one if name.startswith("W"))
    return RELATED_CALLS if randomness.any_related(pairs) else None


def three_layers(network: Mapping[str, Array], x: Array) -> Array:
    return forward(network, x)["y"]


def multiclass(network: Mapping[str, Array], x: Array) -> tuple[Array, ...]:
    values = forward(network, x, output=functions.softmax)
    return values["u1"], values["z1"], values["u2"], values["y"]


def regression(network: Mapping[str, Array], x: Array, d: Array) -> tuple[Array, Any]:
    y = forward(network, x)["y"]
    return y, functions.mean_squared_error(d, y)


def binary(network: Mapping[str, Array], x: Array, d: Array) -> tuple[Array, Any]:
    y = forward(network, x, output=functions.sigmoid)["y"]
    return y, functions.cross_entropy_error(d, y)


def single_layer(x: Array, W: Array, b: Array) -> tuple[Array, Array]:
    u = functions.affine(x, W, b)
    return u, functions.sigmoid(u)


def collapse(W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    return W1 @ W2, b1 @ W2 + b2
