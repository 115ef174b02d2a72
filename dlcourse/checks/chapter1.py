"""第1章 入力層から中間層へ: 何を正解とし、どの間違いにどのヒントを返すか。"""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks import randomness
from dlcourse.checks.compare import numbers
from dlcourse.checks.exercise import RELATED_CALLS, USE_THE_GIVEN_RNG, Calls, Choice, Function, Line, Value, twice
from dlcourse.checks.inputs import Arguments, far, layer, normal, random_network
from dlcourse.functions import Array
from dlcourse.network import Network, forward, init_network

# --- accept functions: None, or what is wrong -------------------------------------------------


def shapes(expected: Mapping[str, tuple[int, ...]]) -> Callable[[Any], str | None]:
    """Accept a dictionary of shapes, and explain the slips that beginners make with tuples."""

    def accept(value: Any) -> str | None:
        if not isinstance(value, Mapping) or set(value) != set(expected):
            return f"{'、'.join(expected)} という名前の辞書ではありません。"
        for name, shape in expected.items():
            given = value[name]
            if isinstance(given, str):
                return f"{name} は文字列です。形は (2, 3) のように、引用符を付けずに書きます。"
            if isinstance(given, np.ndarray):
                given = np.ravel(given).tolist()
            if not isinstance(given, tuple | list):
                return f"{name} はタプルではありません。要素が1つのタプルは (3,) のように、最後にコンマを付けます。"
            if any(size is None or size.shape for size in map(numbers, given)):
                return f"{name} の形に、1つの数ではないものがあります。"
            if len(given) != len(shape):
                return f"{name} の軸の数が違います。" + (
                    "バイアスは (3,) のように1つの数で書きます。" if len(shape) == 1 else "(行の数, 列の数) の2つの数で書きます。"
                )
            if tuple(given) != shape:
                return f"{name} の形は {tuple(given)} ではありません。"
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
        return f"形が {shape} の、数値の配列を返してください。"
    if not np.isfinite(weights).all():
        return "nan か inf の値があります。"
    if kind in ("zeros", "ones"):
        number = 0 if kind == "zeros" else 1
        return None if (weights == number).all() else f'"{kind}" では、すべての要素を {number} にします。'
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
    return f'"{kind}" で、{problem}' if problem and weights.size > 1000 else None


def how_often(integers: Array) -> Array:
    return np.bincount(integers.ravel().astype(int), minlength=5)


def unlike_random(values: Array) -> str | None:
    """What is wrong with numbers that ought to be uniform between 0 and 1."""
    return randomness.repeats(values) or randomness.order(values) or randomness.uniform(values)


def draws_of_weights(calls: Calls) -> str | None:
    if randomness.any_related((one, other) for (kind, *_), one, other in twice(calls) if kind in ("rand", "randint")):
        return RELATED_CALLS
    counts = [how_often(np.asarray(weights)) for (kind, *_), weights in calls if kind == "randint"]
    problem = randomness.equally_often(counts)
    return f'"randint" で、{problem}' if problem else None


def uniform_bias(arguments: Arguments, bias: Any) -> str | None:
    low, high, size, _ = arguments
    bias = numbers(bias, (size,))
    if bias is None or bias.shape != (size,):
        return f"長さ {size} の、数値の配列を返してください。"
    if not np.isfinite(bias).all():
        return "nan か inf の値があります。"
    if (bias == np.round(bias)).all():
        return "値が整数だけです。小数も含めた乱数にしましょう。"
    if bias.min() < low or bias.max() >= high:
        return f"{low} 以上 {high} 未満の範囲から外れた値があります。"
    return randomness.repeats(bias) if size < randomness.ENOUGH else unlike_random((bias - low) / (high - low))


def draws_of_biases(calls: Calls) -> str | None:
    return RELATED_CALLS if randomness.any_related((one, other) for _, one, other in twice(calls)) else None


def network_parameters(arguments: Arguments, network: Any) -> str | None:
    layer_sizes, _ = arguments
    expected: dict[str, tuple[int, ...]] = {}
    for number, (inputs, units) in enumerate(zip(layer_sizes, layer_sizes[1:], strict=False), start=1):
        expected[f"W{number}"], expected[f"b{number}"] = (inputs, units), (units,)
    if not isinstance(network, Mapping):
        return "辞書(dict)ではありません。"
    if set(network) != set(expected):
        return f"名前は {'、'.join(expected)} です。返ったのは {'、'.join(map(str, network))} です。"
    for name, shape in expected.items():
        value = numbers(network[name], shape)
        if value is None:
            return f"{name} が数値の配列ではありません。"
        if value.shape != shape:
            reversed_ = "行と列が逆です。" if len(shape) == 2 and value.shape == shape[::-1] else ""
            return f"{name} の形は {shape} です(結果は {value.shape})。{reversed_}"
        if not np.isfinite(value).all():
            return f"{name} に有限でない値があります。"
        if name.startswith("W") and value.dtype.kind != "f":
            return f"{name} が整数です。小数の乱数にしましょう。"
        if name.startswith("W") and np.ptp(value) == 0:
            return f"{name} の値がすべて同じです。"
        if name.startswith("W") and repeated(value):
            return f"{name} の、どの行も、またはどの列も、同じ乱数になっています。"
        if name.startswith("W") and (np.modf(value - value.flat[0])[0] == 0).all():
            return f"{name} の値の差が、どれも整数です。1つ1つの値を、小数の乱数にしましょう。"
        if name.startswith("W") and (problem := randomness.order(value) or randomness.spacings(value)):
            return f"{name} の{problem}"
    weights = [np.asarray(network[name]) for name in expected if name.startswith("W")]
    # One generator never gives the same numbers twice.
    same = any(np.array_equal(one.flat[:2], other.flat[:2]) for one, other in itertools.combinations(weights, 2))
    if same or randomness.any_related(itertools.combinations(weights, 2)):
        return "層ごとの重みが、互いに関係しています。1つの rng を続けて使い、どの重みも別の乱数にしましょう。"
    return None


def draws_of_networks(calls: Calls) -> str | None:
    pairs = ((one[name], other[name]) for _, one, other in twice(calls) for name in one if name.startswith("W"))
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


# --- beginnings that several pitfalls and variants share ---------------------------------------

HIDDEN = 'z1 = functions.relu(np.dot(x, network["W1"]) + network["b1"])\n'
OUTPUT = 'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
MULTICLASS = (
    'u1 = np.dot(x, network["W1"]) + network["b1"]\nz1 = functions.relu(u1)\n'
    'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
)
KEEP_THE_ORDER = "並べ替えずに、作った順のまま返しましょう。"
ONE_BY_ONE = "1つの乱数や決まった値から、ほかの値を計算しています。1つ1つの値を、rng から別々に作りましょう。"
INIT = "network = {}\nfor i in range(len(layer_sizes) - 1):\n    D, M = layer_sizes[i], layer_sizes[i + 1]\n"


EXERCISES = [
    Choice(
        id="K0-1",
        name="k0_1",
        section="ディープラーニングがやろうとしていること",
        correct=frozenset({2, 4}),
        reasons={
            1: "人が規則を書くのは従来のプログラムです。規則のかわりに何を使うのでしたか。",
            3: "見本を覚えておくだけでは、初めて見る入力に答えられません。",
            5: "入力は与えられるデータです。調整するのはモデルの側です。",
        },
        missing="モデルの形についての文と、調整するものについての文を1つずつ選びましょう。",
    ),
    Choice(
        id="K0-2",
        name="k0_2",
        section="ディープラーニングがやろうとしていること",
        correct=frozenset({3, 4}),
        reasons={
            1: "入力 x は与えられるデータで、変えるものではありません。",
            2: "出力 y は計算の結果です。直接は決められません。",
            5: "総入力 u は x と重みとバイアスから計算される途中の値です。",
            6: "中間層の出力 z は u から計算される途中の値です。",
            7: "学習率は学習の進め方を人が決める値で、学習で最適化されるものではありません。",
        },
        missing="図の線に付いている数と、ノードに付いている数を思い出しましょう。",
    ),
    Value(
        id="K0-3",
        name="k0_3",
        section="層を重ねる",
        accept=shapes({"W1": (2, 3), "b1": (3,), "W2": (3, 3), "b2": (3,), "W3": (3, 1), "b3": (1,)}),
        pitfalls={
            '{"W1": (3, 2), "b1": (3,), "W2": (3, 3), "b2": (3,), "W3": (1, 3), "b3": (1,)}':
                "重みの形が転置です。この教材では (入力の数, ユニットの数) の順です。",
            '{"W1": (2, 3), "W2": (3, 3), "W3": (3, 1)}': "バイアス b1、b2、b3 の形も書きましょう。",
            '{"W1": (2, 3), "b1": (2,), "W2": (3, 3), "b2": (3,), "W3": (3, 1), "b3": (3,)}':
                "バイアスはその層のユニットの数だけあります。入力の数ではありません。",
            '{"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}':
                "中間層は2つあります。矢印の束は、層と層の間の数だけあります。",
            '{"W1": (2, 3), "b1": (1, 3), "W2": (3, 3), "b2": (1, 3), "W3": (3, 1), "b3": (1, 1)}':
                "バイアスは軸が1本の配列で、形はたとえば (3,) です。",
            '{"W1": (2, 3), "b1": (3), "W2": (3, 3), "b2": (3), "W3": (3, 1), "b3": (1)}':
                "(3) はただの数 3 です。(3,) と書きましょう。",
            '{"W1": 6, "b1": 3, "W2": 9, "b2": 3, "W3": 3, "b3": 1}': "個数ではなく、形をかっこで囲んで書きましょう。",
            '{"W1": (2, 3), "b1": (3,), "W2": (3, 3), "b2": (3,), "W3": (3, 1), "b3": (3,)}':
                "b3 は出力層のバイアスです。出力層のユニットの数だけあります。",
            '{"W1": (3, 3), "b1": (3,), "W2": (4, 3), "b2": (3,), "W3": (4, 1), "b3": (1,)}':
                "重みの行の数に、バイアスの分を足しています。バイアスは b1、b2、b3 に分けて書きます。",
            '{"W1": (2, 3), "b1": (3,), "W2": (3, 3), "b2": (3,), "W3": (3, 3), "b3": (3,), "W4": (3, 1), "b4": (1,)}':
                "中間層が3つになっています。矢印の束は、層と層の間の数だけあります。",
        },
        variants=['{"b3": (1,), "W3": (3, 1), "b2": (3,), "W2": (3, 3), "b1": (3,), "W1": (2, 3)}',
                  "dict(W1=[2, 3], b1=[3], W2=[3, 3], b2=[3], W3=[3, 1], b3=[1])",
                  "{name: value.shape for name, value in zip(['W1', 'b1', 'W2', 'b2', 'W3', 'b3'],\n"
                  "    [np.zeros((2, 3)), np.zeros(3), np.zeros((3, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1)])}",
                  "(lambda n: {f'W{i}': (n[i - 1], n[i]) for i in (1, 2, 3)} | {f'b{i}': (n[i],) for i in (1, 2, 3)})([2, 3, 3, 1])"],
    ),
    Value(
        id="K0-3b",
        name="k0_3b",
        section="層を重ねる",
        expected=25,
        pitfalls={
            "18": "重みだけを数えています。バイアスも学習で変わるパラメータです。",
            "7": "バイアスだけを数えています。重みも数えましょう。",
            "9": "これはノードの数です。矢印(重み)とバイアスを数えましょう。",
            "27": "入力層のノードにはバイアスがありません。",
            "21": "バイアスは層ごとに1つではなく、ユニットごとに1つです。",
            "24": "出力層のユニットにもバイアスがあります。",
            "13": "中間層が1つ分しか数えられていません。中間層は2つあります。",
            "32": "バイアスを、矢印が入ってくるノードとして数えています。バイアスには矢印が入りません。",
            "[18, 7]": "重みの数とバイアスの数を足して、1つの数にしましょう。",
        },
        variants=["2 * 3 + 3 + 3 * 3 + 3 + 3 * 1 + 1", "np.int64(25)", "25.0",
                  "sum(np.zeros(shape).size for shape in [(2, 3), 3, (3, 3), 3, (3, 1), 1])",
                  "sum((D + 1) * M for D, M in [(2, 3), (3, 3), (3, 1)])"],
    ),
    Value(
        id="K1-1",
        name="animal",
        section="入力を数の並びにする",
        accept=animal_features,
        pitfalls={
            "[45.0, 4.2, 24, 2.5]": "辞書を {\"体長_cm\": 45.0, …} のように書きましょう。",
            '{"体長": "45cm", "体重": "4.2kg", "ひげ": "24本", "毛": "2.5cm"}':
                "値には、引用符を付けずに、数だけを書きます。単位は名前のほうに書きましょう。",
            '{"体長_cm": 45.0, "体重_kg": 4.2}': "動物を見分けられる特徴が4つ以上になるように加えましょう。",
            '{1: 45.0, 2: 4.2, 3: 24, 4: 2.5}': "何を測った値かがわかる名前を付けましょう。",
            '{"体長_cm": 45.0, "体重_kg": 4.2, "ひげ_本": 24, "毛_cm": float("nan")}':
                "nan や inf は、数ではないことや無限大を表す印です。見積もった数を入れましょう。",
            '{"毛がある": True, "飛ぶ": False, "しっぽがある": True, "角がある": False}':
                "True と False のかわりに、1 と 0 を書くか、測った数にしましょう。",
            '{"体長_cm": [45.0, 50.0], "体重_kg": [4.2, 5.0], "ひげの本数": [24, 22], "毛_cm": [2.5, 3.0]}':
                "1匹だけを考えて、1つの特徴には数を1つだけ書きます(かっこも要りません)。",
            '\'{"体長_cm": 45.0, "体重_kg": 4.2, "ひげの本数": 24, "毛_cm": 2.5}\'': "辞書全体を引用符で囲まずに書きましょう。",
        },
        variants=['{"体長_cm": 45.0, "体重_kg": 4.2, "ひげの本数": 24, "毛の平均長_cm": 2.5, "耳の大きさ_cm": 6.0}',
                  '{"a": np.float64(1), "b": np.int64(2), "c": 3, "d": -4.5}',
                  "dict(zip(['体長_cm', '体重_kg', '足の数', '年齢_年'], np.array([120.0, 35.0, 4.0, 3.0])))",
                  "dict(体長_m=5.5, 体重_t=6.0, 鼻の長さ_m=2.0, 牙の本数=2, 泳ぐ=1)"],
    ),
    Function(
        id="K1-2",
        signature="total_input(x, W, b)",
        section="まとめて計算する",
        reference=functions.affine,
        inputs={
            "入力4つ、ユニット1つ": lambda rng: layer(rng, 4, units=None),
            "入力4つ、ユニット3つ": lambda rng: layer(rng, 4),
            "データ5個": lambda rng: layer(rng, 5, 4),
            "float32": lambda rng: tuple(np.float32(value) for value in layer(rng, 2, 4)),
            "大きな値、データ3個": lambda rng: (far(rng, 3, 4), far(rng, 4, 3), far(rng, 3)),
        },
        pitfalls={
            "np.dot(x, W)": "バイアス b を足し忘れています。",
            "np.dot(x, W) - b": "バイアスの符号が逆です。",
            "np.dot(W, x) + b": "積の順番が逆です。W は (入力の数, ユニットの数) なので、x が左に来ます。",
            "np.dot(W.T, x) + b":
                "データ1つなら合っていますが、データを何個もまとめて (N, 4) で渡すと計算できません。x を左に置きましょう。",
            "x * W + b": "要素ごとに掛けただけで、和をとっていません。",
            "np.sum(x * W) + b": "ユニットごとに和をとりましょう。全体を1つに足してはいけません。",
            "np.dot(x, W + b)": "バイアスは、積をとったあとに足します。",
            "np.dot(x, W) + np.sum(b)": "バイアスは合計せず、ユニットごとに1つずつ足します。",
            "np.dot(x, W.T) + b": "W を転置しています。W は (入力の数, ユニットの数) のまま使います。",
            "np.dot(x + b, W)": "バイアスは入力に足すのではなく、積をとったあとに足します。",
            "np.sum(np.dot(x, W)) + b": "ユニットごとの和を、さらに1つに足してしまっています。",
            "np.dot(x, W) * b": "バイアスは掛けるのではなく、足します。",
            "np.round(np.dot(x, W) + b, 4)": "途中で値を丸めないでください。",
            "sum(x[i] * W[i] for i in range(len(x))) + b":
                "データ1つなら合っています。np.dot を使うと、データを何個まとめても同じ1行で計算できます。",
            "functions.relu(np.dot(x, W) + b)": "活性化関数まで通しています。求めるのは総入力 u です。",
            "functions.sigmoid(np.dot(x, W) + b)": "シグモイド関数まで通しています。求めるのは総入力 u です。",
            "x += 0 * x + 1\nreturn np.dot(x - 1, W) + b": "渡された x を書き換えています。新しい配列を作りましょう。",
        },
        variants=["x @ W + b", "np.matmul(x, W) + b", "np.inner(x, W.T) + b", "np.tensordot(x, W, axes=1) + b",
                  "u = b\nfor i in range(len(W)):\n    u = u + np.multiply.outer(x[..., i], W[i])\nreturn u"],
    ),
    Line(
        id="K1-3",
        name="k1_3",
        section="活性化関数に通す",
        accepted=["z1 = functions.relu(u1)", "z2 = functions.relu(u2)"],
        pitfalls={
            "u1 = np.dot(x, W1) + b1": "それは総入力 u1 を作る行です。そのあと、何に通しますか。",
            "u2 = np.dot(z1, W2) + b2": "それは総入力 u2 を作る行です。そのあと、何に通しますか。",
            "u3 = np.dot(z2, W3) + b3": "それは出力層の総入力を作る行です。",
            "y = functions.softmax(u3)": "それは出力層の出力を作る行です。",
            "loss = functions.cross_entropy_error(d, y)": "それは誤差を計算する行です。",
            "functions.relu(u1)": "行の左辺 z1 = も含めて写しましょう。",
            "z1": "変数の名前だけでなく、その値を決めている1行を写しましょう。",
        },
        variants=["z1=functions.relu( u1 )", "  z1 = functions.relu(u1)  # 中間層の出力", "z1 = relu(u1)"],
    ),
    Function(
        id="T1-1",
        signature="initialize_weights(kind, shape, rng)",
        section="重みの初期値を変えてみる",
        reference=lambda kind, shape, rng: {
            "zeros": np.zeros, "ones": np.ones, "rand": rng.random, "randint": lambda size: rng.integers(5, size=size),
        }[kind](shape),
        accept=initial_weights,
        together=draws_of_weights,
        inputs={
            "zeros": lambda rng: ("zeros", (2,), np.random.default_rng(rng.integers(2**32))),
            "ones": lambda rng: ("ones", (4, 3), np.random.default_rng(rng.integers(2**32))),
            "rand": lambda rng: ("rand", (40, 50), np.random.default_rng(rng.integers(2**32))),
            "randint": lambda rng: ("randint", (40, 50), np.random.default_rng(rng.integers(2**32))),
            "rand、形 (2,)": lambda rng: ("rand", (2,), np.random.default_rng(rng.integers(2**32))),
            "rand、形 (45, 45)": lambda rng: ("rand", (45, 45), np.random.default_rng(rng.integers(2**32))),
        },
        pitfalls={
            "np.zeros(shape)": "kind の値によって、作る配列を変えましょう。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.random(shape), '
            '"randint": rng.integers(4, size=shape)}[kind]':
                "integers(4) の値は 0 から 3 です。上の端の数は含まれません。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.standard_normal(shape), '
            '"randint": rng.integers(5, size=shape)}[kind]':
                "standard_normal は正規分布で、負にもなります。0 から 1 の一様分布を選びましょう。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": np.random.rand(*shape), '
            '"randint": np.random.randint(5, size=shape)}[kind]':
                USE_THE_GIVEN_RNG,
            'return {"zeros": np.zeros(2), "ones": np.ones(2), "rand": rng.random(2), '
            '"randint": rng.integers(5, size=2)}[kind]':
                "形が (2,) に固定されています。引数 shape を使いましょう。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.random(), '
            '"randint": rng.integers(5)}[kind]':
                "乱数にも形を渡しましょう。いまは数が1つだけ作られています。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": np.clip(rng.normal(0.5, 0.2, shape), 0, 0.999), '
            '"randint": rng.integers(5, size=shape)}[kind]':
                "どの値も同じ出やすさにするには、rng.random を使いましょう。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.random(shape), '
            '"randint": np.round(rng.random(shape) * 4)}[kind]':
                "四捨五入では、両端の 0 と 4 が半分しか出ません。rng.integers を使いましょう。",
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.random(shape), '
            '"randint": rng.integers(1, 6, size=shape)}[kind]':
                "いちばん小さい値は 1 ではなく 0 です。",
            'if kind == "zeros":\n    return np.zeros(shape)\nif kind == "ones":\n    return np.ones(shape)\n'
            'return rng.random(*shape) if kind == "rand" else rng.integers(5, size=shape)':
                "形はタプルのまま、rng.random(shape) と渡します。",
            'own = np.random.default_rng(0)\nreturn {"zeros": np.zeros(shape), "ones": np.ones(shape), '
            '"rand": own.random(shape), "randint": own.integers(5, size=shape)}[kind]':
                USE_THE_GIVEN_RNG,
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": np.sort(rng.random(shape)), '
            '"randint": np.sort(rng.integers(5, size=shape))}[kind]':
                KEEP_THE_ORDER,
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": (np.arange(np.prod(shape)).reshape(shape) + rng.random()) / np.prod(shape), '
            '"randint": rng.integers(5, size=shape)}[kind]':
                ONE_BY_ONE,
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.permuted((np.arange(np.prod(shape)).reshape(shape) + 0.5) / np.prod(shape)), '
            '"randint": rng.integers(5, size=shape)}[kind]':
                ONE_BY_ONE,
            'return {"zeros": np.zeros(shape), "ones": np.ones(shape), "rand": rng.random(shape), '
            '"randint": rng.permuted(np.arange(np.prod(shape)).reshape(shape) % 5)}[kind]':
                ONE_BY_ONE,
        },
        variants=[
            'if kind == "zeros":\n    return np.zeros(shape)\nif kind == "ones":\n    return np.ones(shape)\n'
            'if kind == "rand":\n    return rng.uniform(0, 1, shape)\nreturn rng.integers(0, 5, shape)',
            'makers = {"zeros": np.zeros, "ones": np.ones, "rand": rng.random,\n'
            '          "randint": lambda s: rng.integers(0, 4, s, endpoint=True)}\nreturn makers[kind](shape)',
            'if kind in ("zeros", "ones"):\n    return np.full(shape, float(kind == "ones"))\n'
            'return rng.random(shape) if kind == "rand" else np.floor(rng.random(shape) * 5)',
            'count = int(np.prod(shape))\nvalues = {"zeros": lambda: 0, "ones": lambda: 1, "rand": rng.random,\n'
            '          "randint": lambda: rng.choice([0, 1, 2, 3, 4])}\n'
            "return np.array([values[kind]() for _ in range(count)]).reshape(shape)",
        ],
    ),
    Function(
        id="T1-2",
        signature="random_bias(low, high, size, rng)",
        section="重みの初期値を変えてみる",
        reference=lambda low, high, size, rng: rng.uniform(low, high, size),
        accept=uniform_bias,
        together=draws_of_biases,
        inputs={
            "0 から 1": lambda rng: (0.0, 1.0, 3, np.random.default_rng(rng.integers(2**32))),
            "-5 から 5": lambda rng: (-5.0, 5.0, 2000, np.random.default_rng(rng.integers(2**32))),
            "2 から 3": lambda rng: (2.0, 3.0, 2000, np.random.default_rng(rng.integers(2**32))),
        },
        pitfalls={
            "rng.random(size)": "low と high を使いましょう。いまはいつも 0 から 1 です。",
            "rng.random(size) * high + low": "広げる幅は high ではなく high - low です。",
            "rng.random(size) * (high - low)": "幅は合っています。始まりを low へずらしましょう。",
            "rng.random(size) * 10 - 5": "-5 から 5 に固定されています。low と high を使いましょう。",
            "rng.uniform(low, high)": "size 個の値を作りましょう。いまは数が1つだけです。",
            "np.random.uniform(low, high, size)":
                USE_THE_GIVEN_RNG,
            "np.full(size, (low + high) / 2)": "乱数になっていません。rng を使いましょう。",
            "np.linspace(low, high, size, endpoint=False)": USE_THE_GIVEN_RNG,
            "np.random.default_rng(0).uniform(low, high, size)": USE_THE_GIVEN_RNG,
            "rng.triangular(low, (low + high) / 2, high, size)":
                "真ん中ほど出やすい乱数です。rng.random か rng.uniform を使いましょう。",
            "np.sort(rng.uniform(low, high, size))": KEEP_THE_ORDER,
            "rng.permutation(np.linspace(low, high, size, endpoint=False))": ONE_BY_ONE,
            "b = rng.uniform(low, high, size)\nb[:size // 2].sort()\nreturn b": KEEP_THE_ORDER,
            "low + (high - low) * (np.arange(size) + rng.random()) / size": ONE_BY_ONE,
            "half = rng.uniform(low, high, (size + 1) // 2)\nreturn np.append(half, low + high - half)[:size]": ONE_BY_ONE,
        },
        variants=["rng.uniform(low, high, size)", "rng.random(size) * (high - low) + low",
                  "low + (high - low) * rng.random((size,))",
                  "[low + (high - low) * rng.random() for _ in range(size)]"],
    ),
    Function(
        id="T1-3",
        signature="single_layer(x, W, b)",
        section="活性化関数に通す",
        reference=single_layer,
        inputs={
            "入力4つ、ユニット3つ": lambda rng: layer(rng, 4),
            "重みがすべて0": lambda rng: (np.array([1.0, 5.0, 2.0, -1.0]), np.zeros((4, 3)), np.array([0.1, 0.2, 0.3])),
            "データ5個": lambda rng: layer(rng, 5, 4, units=2),
            "大きな値、データ3個": lambda rng: (far(rng, 3, 4), far(rng, 4, 3), far(rng, 3)),
        },
        pitfalls={
            "functions.sigmoid(np.dot(x, W) + b)": "u と z の2つを、この順に return u, z と返しましょう。",
            "u = np.dot(x, W) + b\nreturn functions.sigmoid(u), u": "返す順番が逆です。u が先、z があとです。",
            "u = np.dot(x, W) + b\nreturn u, functions.relu(u)": "この問題の活性化関数は ReLU ではなくシグモイド関数です。",
            "u = np.dot(x, W)\nreturn u, functions.sigmoid(u)": "バイアス b を足し忘れています。",
            "u = np.dot(x, W) + b\nreturn u, u": "z は u を活性化関数に通したものです。",
            "u = np.dot(x, W) + b\nreturn u, functions.sigmoid(np.dot(x, W))":
                "z を求めるときにバイアスが抜けています。求めた u をそのまま関数に通しましょう。",
            "u = np.dot(x, W) + b\nreturn u, 1 / (1 + np.exp(u))": "符号が逆です。u が大きいほど、z も 1 に近づくはずです。",
            "u = np.dot(x, W) + b\nreturn u, functions.softmax(u)": "この問題の活性化関数は、ソフトマックス関数ではなくシグモイド関数です。",
            "u = np.dot(x, W) + b\nreturn u, functions.d_sigmoid(u)": "名前が d_ で始まる関数は微分です。シグモイド関数そのものに通しましょう。",
            "u = np.dot(x, W) + b\nreturn u, functions.sigmoid(functions.sigmoid(u))": "シグモイド関数に2回通しています。",
        },
        variants=["u = x @ W + b\nreturn u, 1 / (1 + np.exp(-u))", "u = functions.affine(x, W, b)\n"
                  "return [u, functions.sigmoid(u)]", "u = np.dot(x, W) + b\nreturn np.array([u, functions.sigmoid(u)])", "u = np.matmul(x, W) + b\nreturn u, (np.tanh(u / 2) + 1) / 2"],
    ),
    Function(
        id="T1-4",
        signature="init_network(layer_sizes, rng)",
        section="層を重ねる",
        reference=lambda layer_sizes, rng: random_network(rng, *layer_sizes),
        instead_of=(init_network,),
        accept=network_parameters,
        together=draws_of_networks,
        inputs={
            "2-3-2-2": lambda rng: ([2, 3, 2, 2], np.random.default_rng(rng.integers(2**32))),
            "3-5-4": lambda rng: ([3, 5, 4], np.random.default_rng(rng.integers(2**32))),
            "いろいろな数": lambda rng: (
                [int(n) for n in rng.permutation([2, 3, 4, 5, 6])], np.random.default_rng(rng.integers(2**32))),
            "20-30-25-20": lambda rng: ([20, 30, 25, 20], np.random.default_rng(rng.integers(2**32))),
            "24-24-24": lambda rng: ([24, 24, 24], np.random.default_rng(rng.integers(2**32))),
        },
        pitfalls={
            INIT + '    network[f"W{i + 1}"] = rng.random((M, D))\n    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                "重みの形が転置です。(入力の数, ユニットの数) の順にしましょう。",
            INIT + '    network[f"W{i}"] = rng.random((D, M))\n    network[f"b{i}"] = np.zeros(M)\nreturn network':
                "番号が W0 から始まっています。W1 から始めましょう。",
            INIT + '    network[f"W{i + 1}"] = rng.random((D, M))\nreturn network': "バイアスも入れましょう。",
            INIT + '    network[f"W{i + 1}"] = rng.random((D, M))\n    network[f"b{i + 1}"] = np.zeros(D)\nreturn network':
                "バイアスの数は、その層のユニットの数です。入力の数ではありません。",
            INIT + '    network[f"W{i + 1}"] = np.zeros((D, M))\n    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                "重みがすべて同じだと、どのユニットも同じ働きになります。乱数にしましょう。",
            INIT + '    network[f"W{i + 1}"] = np.random.rand(D, M)\n    network[f"b{i + 1}"] = np.zeros(M)\n'
            "return network":
                USE_THE_GIVEN_RNG,
            INIT + '    network[f"W{i + 1}"] = rng.random((D, M))\n    network[f"b{i + 1}"] = np.zeros(M)':
                "作った辞書を、関数の最後に return で返しましょう。",
            INIT + '    network["W{i + 1}"] = rng.random((D, M))\n    network["b{i + 1}"] = np.zeros(M)\nreturn network':
                'f"W{i + 1}" の最初の f が抜けています。',
            INIT + '    network[f"W{i + 1}"] = rng.random((D, M))\n    network[f"b{i + 1}"] = np.zeros(M)\n'
            "    return network":
                "return が for の中にあるので、1回目で終わっています。字下げを確かめましょう。",
            INIT + '    network[f"W{i + 1}"] = np.random.default_rng(i).random((D, M))\n'
            '    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                USE_THE_GIVEN_RNG,
            INIT + '    network[f"W{i + 1}"] = rng.random(D, M)\n    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                "形はタプルで渡します。rng.random((D, M)) のように、かっこが二重になります。",
            INIT + '    network[f"W{i + 1}"] = np.sort(rng.random(D * M)).reshape(D, M)\n'
            '    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                KEEP_THE_ORDER,
            INIT + '    network[f"W{i + 1}"] = np.arange(D * M).reshape(D, M) + rng.random()\n'
            '    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                ONE_BY_ONE,
            "W = rng.random((max(layer_sizes), max(layer_sizes)))\n" + INIT
            + '    network[f"W{i + 1}"] = W[:D, :M] + i\n    network[f"b{i + 1}"] = np.zeros(M)\nreturn network':
                "どの層の重みも、同じ乱数から作っています。層ごとに、新しい乱数を作りましょう。",
        },
        variants=[
            INIT + '    network[f"W{i + 1}"] = rng.random((D, M))\n    network[f"b{i + 1}"] = [0] * M\nreturn network',
            INIT + '    network[f"W{i + 1}"] = rng.standard_normal((D, M))\n    network[f"b{i + 1}"] = rng.random(M)\n'
            "return network",
            "pairs = list(zip(layer_sizes, layer_sizes[1:]))\n"
            'weights = {f"W{i}": rng.random((D, M)) for i, (D, M) in enumerate(pairs, 1)}\n'
            'return weights | {f"b{i}": np.ones(M) for i, (D, M) in enumerate(pairs, 1)}',
            "network, i = {}, 1\nwhile i < len(layer_sizes):\n"
            '    network.update({f"W{i}": rng.normal(0, 0.1, layer_sizes[i - 1:i + 1]), f"b{i}": np.full(layer_sizes[i], 0.5)})\n'
            "    i += 1\nreturn network",
        ],
    ),
    Function(
        id="T1-4b",
        signature="three_layers(network, x)",
        section="層を重ねる",
        reference=three_layers,
        instead_of=(forward, Network.forward),
        inputs={
            "2-3-2-2": lambda rng: (random_network(rng, 2, 3, 2, 2), normal(rng, 2)),
            "データ3個": lambda rng: (random_network(rng, 4, 5, 3, 2), normal(rng, 3, 4)),
            "3-6-6-2、データ4個": lambda rng: (random_network(rng, 3, 6, 6, 2), normal(rng, 4, 3)),
            "大きな値、3-3-3-3": lambda rng: (random_network(rng, 3, 3, 3, 3, draw=far), far(rng, 3, 3)),
        },
        pitfalls={
            HIDDEN + 'z2 = functions.relu(np.dot(z1, network["W2"]) + network["b2"])\n'
            'return functions.relu(np.dot(z2, network["W3"]) + network["b3"])':
                "出力層は恒等写像です。最後の層に ReLU は要りません。",
            'z1 = np.dot(x, network["W1"]) + network["b1"]\nz2 = np.dot(z1, network["W2"]) + network["b2"]\n'
            'return np.dot(z2, network["W3"]) + network["b3"]':
                "中間層の活性化関数が抜けています。",
            HIDDEN + 'z2 = np.dot(z1, network["W2"]) + network["b2"]\n'
            'return np.dot(z2, network["W3"]) + network["b3"]':
                "2つ目の中間層でも ReLU に通しましょう。",
            HIDDEN + 'z2 = functions.relu(np.dot(z1, network["W2"]) + network["b2"])\nreturn z2':
                "3つ目の層(出力層)の計算が残っています。",
            HIDDEN + "return z1": "2つ目と3つ目の層の計算が残っています。",
            'z1 = functions.relu(np.dot(x, network["W1"]))\nz2 = functions.relu(np.dot(z1, network["W2"]))\n'
            'return np.dot(z2, network["W3"])':
                "バイアスを足し忘れています。",
            HIDDEN.replace("relu", "sigmoid") + 'z2 = functions.sigmoid(np.dot(z1, network["W2"]) + network["b2"])\n'
            'return np.dot(z2, network["W3"]) + network["b3"]':
                "中間層の活性化関数は、シグモイド関数ではなく ReLU です。",
            HIDDEN + 'z2 = functions.relu(np.dot(x, network["W2"]) + network["b2"])\n'
            'return np.dot(z2, network["W3"]) + network["b3"]':
                "2つ目の層に x を入れています。2つ目の層の入力は、1つ目の層の出力 z1 です。",
            HIDDEN + 'z2 = functions.relu(np.dot(z1, network["W2"]) + network["b2"])\n'
            'return functions.softmax(np.dot(z2, network["W3"]) + network["b3"])':
                "出力層は恒等写像です。ソフトマックス関数は要りません。",
        },
        variants=[
            'z = x\nfor i in (1, 2):\n    z = functions.relu(z @ network[f"W{i}"] + network[f"b{i}"])\n'
            'return z @ network["W3"] + network["b3"]',
            HIDDEN + 'z2 = np.maximum(functions.affine(z1, network["W2"], network["b2"]), 0)\n'
            'y = functions.affine(z2, network["W3"], network["b3"])\nreturn y',
            'W1, b1, W2, b2, W3, b3 = (network[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))\n'
            "def hidden(z, W, b):\n    u = np.einsum('...d,dm->...m', z, W) + b\n    return np.where(u > 0, u, 0)\n"
            "return hidden(hidden(x, W1, b1), W2, b2) @ W3 + b3",
            'rows = []\nfor row in np.atleast_2d(x):\n    for name in "123":\n'
            '        row = row @ network["W" + name] + network["b" + name]\n'
            '        if name != "3":\n            row = np.array([max(u, 0.0) for u in row])\n'
            "    rows.append(row)\nreturn rows[0] if x.ndim == 1 else rows",
        ],
    ),
    Function(
        id="T1-5",
        signature="multiclass_forward(network, x)",
        section="講義ノートの 3-5-4 ネットワークを再現する",
        reference=multiclass,
        instead_of=(forward, Network.forward),
        inputs={
            "3-5-4": lambda rng: (random_network(rng, 3, 5, 4), np.array([1.0, 2.0, 3.0])),
            "データ6個": lambda rng: (random_network(rng, 3, 5, 4), normal(rng, 6, 3)),
            "大きな値": lambda rng: (random_network(rng, 3, 5, 4), 1e4 * (1 + rng.random(3))),
        },
        pitfalls={
            MULTICLASS + "return u1, z1, u2, u2": "出力層のソフトマックス関数を通していません。",
            MULTICLASS + "return u1, z1, u2, functions.sigmoid(u2)":
                "多クラス分類の出力層は、シグモイド関数ではなくソフトマックス関数です。",
            MULTICLASS.replace("functions.relu(u1)", "u1") + "return u1, z1, u2, functions.softmax(u2)":
                "中間層の ReLU を通していません。",
            MULTICLASS.replace("relu", "sigmoid") + "return u1, z1, u2, functions.softmax(u2)":
                "中間層の活性化関数は、シグモイド関数ではなく ReLU です。",
            MULTICLASS + "return functions.softmax(u2)": "u1, z1, u2, y の4つを、この順に返しましょう。",
            MULTICLASS + "e = np.exp(u2 - u2.max())\nreturn u1, z1, u2, e / e.sum()":
                "データ全体の合計で割っています。1つのデータ(行)ごとに割りましょう。",
            MULTICLASS + "e = np.exp(u2)\nreturn u1, z1, u2, e / e.sum(axis=-1, keepdims=True)":
                "大きな数の exp は、扱える範囲を超えて nan になります。functions.softmax は範囲を超えない計算をします。",
            MULTICLASS.replace(' + network["b2"]', "") + "return u1, z1, u2, functions.softmax(u2)":
                "出力層のバイアス b2 を足し忘れています。",
        },
        variants=[
            'u1 = x @ network["W1"] + network["b1"]\nz1 = np.maximum(u1, 0)\nu2 = z1 @ network["W2"] + network["b2"]\n'
            "e = np.exp(u2 - u2.max(axis=-1, keepdims=True))\nreturn u1, z1, u2, e / e.sum(axis=-1, keepdims=True)",
            MULTICLASS + "y = functions.softmax(u2)\nreturn (u1, z1, u2, y)",
            MULTICLASS.replace("functions.relu(u1)", "np.where(u1 > 0, u1, 0)")
            + "return [u1, z1, u2, functions.softmax(u2)]",
            'u1 = functions.affine(x, network["W1"], network["b1"])\nz1 = (u1 + np.abs(u1)) / 2\n'
            'u2 = functions.affine(z1, network["W2"], network["b2"])\nreturn u1, z1, u2, np.exp(functions.log_softmax(u2))',
        ],
    ),
    Function(
        id="T1-6",
        signature="regression_forward(network, x, d)",
        section="出力層だけを取り替える",
        reference=regression,
        instead_of=(forward, Network.forward),
        inputs={
            "3-5-4": lambda rng: (random_network(rng, 3, 5, 4), np.array([1.0, 2.0, 3.0]), normal(rng, 4)),
            "データ6個": lambda rng: (random_network(rng, 3, 5, 4), normal(rng, 6, 3), normal(rng, 6, 4)),
            "大きな値、データ4個": lambda rng: (random_network(rng, 3, 5, 4, draw=far), far(rng, 4, 3), far(rng, 4, 4)),
        },
        pitfalls={
            HIDDEN + OUTPUT + "y = functions.softmax(u2)\nreturn y, functions.mean_squared_error(d, y)":
                "回帰の出力層は恒等写像です。ソフトマックス関数は要りません。",
            HIDDEN + OUTPUT + "y = functions.relu(u2)\nreturn y, functions.mean_squared_error(d, y)":
                "回帰の出力層は恒等写像です。ReLU に通すと負の値を出せません。",
            HIDDEN + OUTPUT + "return u2": "y と誤差の2つを、この順に返しましょう。",
            HIDDEN + OUTPUT + "return u2, np.mean((u2 - d) ** 2)":
                "誤差に 1/2 が掛かっていません。functions.mean_squared_error(d, y) を使いましょう。",
            HIDDEN + OUTPUT + "return u2, np.sum((u2 - d) ** 2) / 2":
                "誤差が平均ではなく合計になっています。functions.mean_squared_error(d, y) を使いましょう。",
            HIDDEN + OUTPUT + "return u2, functions.sum_squared_error(d, u2)":
                "sum_squared_error は、出力について平均せずに足します。functions.mean_squared_error(d, y) を使いましょう。",
            HIDDEN + OUTPUT + "return u2, np.mean(u2 - d) / 2": "差を2乗していません。",
            HIDDEN + OUTPUT + "return functions.mean_squared_error(d, u2), u2": "返す順番が逆です。y が先、誤差があとです。",
            'u2 = np.dot(np.dot(x, network["W1"]) + network["b1"], network["W2"]) + network["b2"]\n'
            "return u2, functions.mean_squared_error(d, u2)":
                "中間層の ReLU を通していません。",
        },
        variants=[
            HIDDEN + OUTPUT + "return u2, functions.mean_squared_error(d, u2)",
            HIDDEN + OUTPUT + "y = functions.identity(u2)\nreturn y, np.mean(np.square(y - d)) / 2",
            'z1 = np.maximum(x @ network["W1"] + network["b1"], 0)\ny = z1 @ network["W2"] + network["b2"]\n'
            "return y, 0.5 * ((d - y) ** 2).mean()",
            'p = {name: np.asarray(value) for name, value in network.items()}\n'
            'z1 = functions.relu(functions.affine(x, p["W1"], p["b1"]))\n'
            'result = {"y": functions.affine(z1, p["W2"], p["b2"])}\n'
            'result["loss"] = np.sum(np.square(result["y"] - d)) / (2 * d.size)\nreturn list(result.values())',
        ],
    ),
    Function(
        id="T1-7",
        signature="binary_forward(network, x, d)",
        section="出力層だけを取り替える",
        reference=binary,
        instead_of=(forward, Network.forward),
        inputs={
            "正解が1": lambda rng: (random_network(rng, 5, 10, 1), normal(rng, 5), np.array([1.0])),
            "正解が0": lambda rng: (random_network(rng, 5, 10, 1), normal(rng, 5), np.array([0.0])),
            "データ4個": lambda rng: (
                random_network(rng, 5, 10, 1), normal(rng, 4, 5), np.array([[1.0], [0.0], [0.0], [1.0]])),
            "大きな値、データ2個": lambda rng: (
                random_network(rng, 5, 10, 1, draw=far), far(rng, 2, 5), np.array([[1.0], [0.0]])),
        },
        pitfalls={
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, -np.mean(np.log(y + 1e-7))":
                "正解が 0 のときの誤差 -log(1 - y) が抜けています。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, -np.mean(d * np.log(y + 1e-7))":
                "正解が 0 のデータの誤差がいつも 0 になります。(1 - d) log(1 - y) の項も要ります。",
            HIDDEN + OUTPUT + "y = functions.softmax(u2)\nreturn y, functions.cross_entropy_error(d, y)":
                "出力が1つのときにソフトマックス関数を使うと、いつも 1 になります。シグモイド関数を使いましょう。",
            HIDDEN + OUTPUT + "y = u2\nreturn y, functions.mean_squared_error(d, y)":
                "二値分類の出力層はシグモイド関数で、誤差は交差エントロピーです。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, functions.mean_squared_error(d, y)":
                "二値分類の誤差は、二乗誤差ではなく交差エントロピーです。",
            HIDDEN + OUTPUT + "return functions.sigmoid(u2)": "y と誤差の2つを、この順に返しましょう。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn functions.cross_entropy_error(d, y), y":
                "返す順番が逆です。y が先、誤差があとです。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, -np.mean(d * np.log(y) + (1 - d) * np.log(1 - y))":
                "式は合っています。functions.cross_entropy_error は log 0 を避けるために 1e-7 を足すので、その分だけ値がずれます。この関数を使いましょう。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, functions.cross_entropy_error(y, d)":
                "引数の順番が逆です。cross_entropy_error(d, y) のように、教師データが先です。",
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn np.round(y), functions.cross_entropy_error(d, y)":
                "y は 0 か 1 に丸めず、確率のまま返しましょう。",
        },
        variants=[
            HIDDEN + OUTPUT + "y = functions.sigmoid(u2)\nreturn y, functions.cross_entropy_error(d, y)",
            HIDDEN + OUTPUT + "y = 1 / (1 + np.exp(-u2))\n"
            "return y, -np.mean(d * np.log(y + 1e-7) + (1 - d) * np.log(1 - y + 1e-7))",
            'z1 = np.maximum(x @ network["W1"] + network["b1"], 0)\n'
            'y = functions.sigmoid(z1 @ network["W2"] + network["b2"])\n'
            "return y, np.mean(-np.log(np.where(d == 1, y, 1 - y) + 1e-7))",
            'u2 = functions.affine(functions.relu(functions.affine(x, network["W1"], network["b1"])), network["W2"], network["b2"])\n'
            "return (y := (np.tanh(u2 / 2) + 1) / 2), functions.cross_entropy_error(d, y)",
        ],
    ),
    Value(
        id="X1-1",
        name="x1_1",
        section="活性化関数に通す",
        accept=shapes({"W": (4, 3), "b": (3,), "u": (20, 3), "z": (20, 3)}),
        pitfalls={
            '{"W": (3, 4), "b": (3,), "u": (20, 3), "z": (20, 3)}':
                "重みの形が転置です。行が入力、列がユニットです。",
            '{"W": (4, 3), "b": (20, 3), "u": (20, 3), "z": (20, 3)}':
                "バイアスはユニットごとに1つで、どのデータにも同じものを足します。",
            '{"W": (4, 3), "b": (3,), "u": (3, 20), "z": (3, 20)}': "データが行に並びます。行と列が逆です。",
            '{"W": (4, 3), "b": (3,), "u": (3,), "z": (3,)}': "データは20個あるので、総入力も20行になります。",
            '{"W": (4, 3), "b": (4,), "u": (20, 3), "z": (20, 3)}':
                "バイアスの数は入力の数ではなく、ユニットの数です。",
            '{"W": (4, 3), "b": (3), "u": (20, 3), "z": (20, 3)}': "(3) はただの数 3 です。(3,) と書きましょう。",
            '{"W": (20, 3), "b": (3,), "u": (20, 3), "z": (20, 3)}':
                "重みの形は、データの数によりません。入力の数とユニットの数で決まります。",
            '{"W": (4, 3), "b": (3,), "u": (20, 4), "z": (20, 3)}':
                "総入力の列は、入力ではなくユニットに対応します。",
            '{"W": (4, 3), "b": (3,), "u": (20, 3), "z": (20, 1)}':
                "活性化関数は要素ごとに働くので、形を変えません。",
        },
        variants=["dict(W=[4, 3], b=[3], u=[20, 3], z=[20, 3])",
                  "(lambda x, W, b: dict(W=W.shape, b=b.shape, u=(x @ W + b).shape, z=np.tanh(x @ W + b).shape))(\n"
                  "    np.ones((20, 4)), np.ones((4, 3)), np.ones(3))",
                  "(lambda N, D, M: {'W': (D, M), 'b': (M,), **dict.fromkeys(['u', 'z'], (N, M))})(20, 4, 3)",
                  '{"W": np.zeros((4, 3)).shape, "b": (3,), "u": (20, 3), "z": (20, 3)}'],
    ),
    Function(
        id="X1-2",
        signature="collapse(W1, b1, W2, b2)",
        section="なぜ活性化関数が要るのか",
        reference=collapse,
        inputs={
            "4-3-2": lambda rng: (normal(rng, 4, 3), normal(rng, 3), normal(rng, 3, 2), normal(rng, 2)),
            "2-2-2": lambda rng: (normal(rng, 2, 2), normal(rng, 2), normal(rng, 2, 2), normal(rng, 2)),
            "大きな値": lambda rng: (far(rng, 3, 3), far(rng, 3), far(rng, 3, 3), far(rng, 3)),
        },
        pitfalls={
            "return W1 @ W2, b1 + b2": "b1 も2つ目の層を通ります。W2 を掛けてから足しましょう。",
            "return W1 @ W2, b2": "b1 の分が消えています。",
            "return W1 @ W2, b1 @ W2": "b2 を足し忘れています。",
            "return W2 @ W1, b1 @ W2 + b2": "積の順番が逆です。先に通る層の W1 が左です。",
            "return W1 * W2, b1 @ W2 + b2": "* は要素ごとの積です。行列の積は @ です。",
            "return W1 @ W2": "W と b の2つを、この順に返しましょう。",
            "return b1 @ W2 + b2, W1 @ W2": "返す順番が逆です。W が先、b があとです。",
            "return W1 @ W2, (b1 + b2) @ W2": "b2 は2つ目の層のあとで足されるので、W2 を通りません。",
            "return functions.relu(W1 @ W2), b1 @ W2 + b2": "この問題の層には活性化関数がありません。ReLU は要りません。",
            "return W1 @ W2, b1 @ W2 * b2": "b2 は掛けるのではなく、足します。",
        },
        variants=["return np.dot(W1, W2), np.dot(b1, W2) + b2", "return W1.dot(W2), b2 + b1.dot(W2)",
                  "b = np.zeros(1) @ np.zeros((1, W1.shape[0]))\nb = (b @ W1 + b1) @ W2 + b2\n"
                  "W = np.array([(row @ W1 + b1) @ W2 + b2 - b for row in np.eye(len(W1))])\nreturn W, b",
                  "b = functions.affine(b1, W2, b2)\nreturn [np.matmul(W1, W2), b]"],
    ),
]
