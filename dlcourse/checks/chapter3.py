"""第3章 出力層と誤差関数: 何を正解とし、どの間違いにどのヒントを返すか。"""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import TAILS, numbers
from dlcourse.checks.exercise import EVERY_FUNCTION, LOSS_FUNCTIONS, Choice, Function, Line, Value
from dlcourse.checks.inputs import Generator, far, normal
from dlcourse.functions import Array

# --- inputs -----------------------------------------------------------------------------------


def labels(rng: Generator, *shape: int, classes: int) -> Array:
    return rng.integers(classes, size=shape)


def one_hot(rng: Generator, *shape: int, classes: int) -> Array:
    return np.eye(classes)[labels(rng, *shape, classes=classes)]


def probabilities(rng: Generator, *shape: int) -> Array:
    return functions.softmax(2 * normal(rng, *shape))


def disagreeing(rng: Generator, count: int, classes: int) -> tuple[Array, Array]:
    """Labels and outputs of which at least one is not the largest: the prediction cannot stand for the target."""
    y = probabilities(rng, count, classes)
    d = y.argmax(axis=1)
    d[0] = (d[0] + 1) % classes
    return d, y


def certain(rng: Generator, classes: int) -> tuple[Array, Array]:
    """One output is exactly 0 where the target is, one exactly 1: log 0 lies on the way."""
    y = np.zeros((3, classes))
    y[[0, 1, 2], rng.integers(1, classes, size=3)] = 1
    d = y.argmax(axis=1)
    d[0] = 0
    return d, y


def rows_of_other_sizes(rng: Generator, columns: int) -> Array:
    """Rows that lie 2000 apart: the largest of all is no help to the smallest row."""
    return normal(rng, 3, columns) + np.array([[1000.0], [0.0], [-1000.0]])


# --- accept functions: None, or what is wrong -------------------------------------------------


def cancelling(value: Any) -> str | None:
    """Outputs that all miss the targets 1, 2, 3 although the deviations add up to 0."""
    y = numbers(value, (3,))
    if y is None or y.shape != (3,):
        return "数が3つの配列(またはリスト)ではありません。"
    if not np.isfinite(y).all():
        return "有限でない値があります。"
    deviations = y - np.array([1.0, 2.0, 3.0])
    if (np.abs(deviations) < 1e-9).any():
        return "当たっている出力があります。"
    if abs(deviations.sum()) > 1e-9:
        return f"ずれの合計が 0 より{'大きい' if deviations.sum() > 0 else '小さい'}です。"
    return None


# Two classes may be told apart with one output or with two (eq-softmax-two).
OUTPUTS = {
    "A": [("identity", "squared_error", 1)],
    "B": [("sigmoid", "cross_entropy", 1), ("softmax", "cross_entropy", 2)],
    "C": [("softmax", "cross_entropy", 10)],
    "D": [("sigmoid", "cross_entropy", 3)],
    "E": [("identity", "squared_error", 2)],
}
ACTIVATIONS, LOSSES = ("identity", "sigmoid", "softmax"), ("squared_error", "cross_entropy")


def output_layers(value: Any) -> str | None:
    if not isinstance(value, Mapping) or set(value) != set(OUTPUTS):
        return "A から E までを名前とする辞書ではありません。"
    for task, accepted in OUTPUTS.items():
        given = value[task]
        if not isinstance(given, tuple | list) or len(given) != 3:
            return f"{task} が3つの組ではありません。"
        activation, loss, count = given
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            return f"{task} の1つ目は、{'、'.join(ACTIVATIONS)} のどれかの文字列です。"
        if not isinstance(loss, str) or loss not in LOSSES:
            return f"{task} の2つ目は、{'、'.join(LOSSES)} のどれかの文字列です。"
        if isinstance(count, bool) or not isinstance(count, Real):
            return f"{task} の3つ目が数ではありません。"
        fitting = [answer for answer in accepted if answer[0] == activation]
        if not fitting:
            return f"{task} に {activation} は合いません。"
        if loss != fitting[0][1]:
            return f"{task} の誤差関数が違います。"
        if count != fitting[0][2]:
            return f"{task} の出力の数が、{activation} のときの数ではありません。"
    return None


def chosen(**changes: Any) -> str:
    """The right dictionary of X3-2 with some tasks changed, as source text."""
    return repr({task: changes.get(task, accepted[0]) for task, accepted in OUTPUTS.items()})


# --- references ---------------------------------------------------------------------------------


def softmax_with_temperature(u: Array, T: float) -> Array:
    return functions.softmax(u / T)


def loss_and_gradient(d: Array, u: Array) -> tuple[Any, Array]:
    return functions.sigmoid_with_loss(d, u), functions.d_sigmoid_with_loss(d, functions.sigmoid(u))


# --- beginnings that several pitfalls and variants share ---------------------------------------

ROWWISE = "e = np.exp(u - np.max(u, axis=-1, keepdims=True))\n"
TO_LABELS = (
    "y = np.atleast_2d(y)\n"
    "if np.size(d) == y.size:\n    d = np.argmax(np.reshape(d, y.shape), axis=1)\n"
    "d = np.reshape(d, -1)\nN = len(y)\n"
)
TO_ONE_HOT = "if np.ndim(d) == 1:\n    d = np.eye(u.shape[1])[d]\n"
LOG_SOFTMAX = TO_ONE_HOT + (
    "s = u - np.max(u, axis=1, keepdims=True)\nlog_y = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))\n"
)
BROKEN = "y = functions.sigmoid(u)\nN = len(u)\np = d * y + (1 - d) * (1 - y)\n"
FROM_LOGITS = "y = functions.sigmoid(u)\nN = len(u)\nloss = np.sum(functions.softplus(u) - d * u) / N\n"

IN_PLACE = "渡された u を書き換えています。新しい配列を作りましょう。"
NO_TEMPERATURE = "温度が結果に効いていません。指数関数のあとで割ったり、総入力から引いたりしても、約分されて消えます。指数関数に渡す前の総入力を割りましょう。"
STILL_CAPPED = "傾きは正しくなりました。誤差は、まだ 1e-7 のために頭打ちになります(functions.cross_entropy_error の中でも足しています)。"
TOO_LATE = "確率にしてから計算すると、大きな差のあるところが 0 に丸められて、元に戻せません。総入力のうちに割りましょう。"


EXERCISES = [
    Choice(
        id="K3-1",
        name="k3_1",
        section="回帰の誤差は、ずれの2乗",
        correct=frozenset({1, 2}),
        reasons={
            3: "ずれが 3 なら、2乗は 9 です。1 より大きいずれは、2乗すると大きくなります。",
            4: "y - d は y の1次式です。1次式の微分は、どうなりますか。",
            5: "図の3本の線のうち、負にならないものはどれでしたか。",
        },
        missing="「正と負のずれがあるとき」と「出力をどんどん小さくしたとき」の両方について、合計がどうなるかを考えましょう。",
    ),
    Value(
        id="K3-1b",
        name="k3_1b",
        section="回帰の誤差は、ずれの2乗",
        accept=cancelling,
        pitfalls={
            "[1.0, 2.0, 3.0]": "d と同じ値の出力は当たっています。3つとも d と違う値にしましょう。",
            "[3.0, 2.0, 1.0]": "d と同じ値の出力は当たっています。3つとも d と違う値にしましょう。",
            "[2.0, 3.0, 4.0]": "正のずれが勝っています。釣り合うだけの負のずれを作りましょう。",
            "[0.0, 0.0, 0.0]": "負のずれが勝っています。合計するのは、y ではなく y - d です。釣り合うだけの正のずれを作りましょう。",
            "6.0": "出力を3つ、np.array([数, 数, 数]) のように並べましょう。",
            "np.array([[2.0, 4.0, 0.0]])": "出力を3つ、np.array([数, 数, 数]) のように並べましょう。",
            "[2.0, 4.0, float('nan')]": "nan や inf は、数ではないことや無限大を表す印です。数を入れましょう。",
            "[1.0, 2.0, -3.0]": "足して 0 になるのは、y ではなく、ずれ y - d です。",
            "[1, 4, 2]": "ずれは (0, 2, -1) で、1つ目は当たっています。3つとも d と違う値にしましょう。",
        },
        variants=["[3, 3, 0]", "(0.5, 1.5, 4.0)", "[101.0, -48.0, -47.0]",
                  "np.array([1.0, 2.0, 3.0]) + np.array([0.1, 0.2, -0.3])"],
    ),
    Choice(
        id="K3-2",
        name="k3_2",
        section="なぜ 1/2 を付けるのか",
        correct=frozenset({1, 3}),
        reasons={
            2: "出力がいくつあっても 1/2 です。平均なら、出力の数で割るはずです。",
            4: "全体に同じ正の数を掛けても、いちばん低い場所は横に動きません。",
            5: "ずれが 10 なら、1/2 を付けても 50 です。1 以下にはなりません。",
        },
        missing="「微分の式がどうなるか」と「最小になる場所がどうなるか」の、両方についての文を選びましょう。",
    ),
    Function(
        id="K3-2b",
        signature="squared_error_slope(d, y, s)",
        section="なぜ 1/2 を付けるのか",
        reference=lambda d, y, s: 2 * s * (np.asarray(y) - d),
        inputs={
            "s が 1/2": lambda rng: (normal(rng, 4), normal(rng, 4), 0.5),
            "s が 1": lambda rng: (normal(rng, 3), normal(rng, 3), 1.0),
            "s が 3": lambda rng: (10 * normal(rng, 5), 10 * normal(rng, 5), 3.0),
            "ずれが 0": lambda rng: (np.array([1.0, 2.0]), np.array([1.0, 2.0]), 2.0),
            "整数": lambda rng: (rng.integers(-5, 0, size=4), rng.integers(1, 6, size=4), 0.25),
            "データ3個": lambda rng: (normal(rng, 3, 2), normal(rng, 3, 2), 0.7),
            "大きさの違うずれ": lambda rng: (normal(rng, 3), np.array([1e6, 1.0, -1e6]) * (1 + rng.random(3)), 0.5),
            "大きな値、データ3個": lambda rng: (far(rng, 3, 3), far(rng, 3, 3), 1.5),
        },
        pitfalls={
            "y - d": "それは s が 1/2 のときだけの答えです。s を使いましょう。",
            "s * (y - d)": "2乗を微分したときに出てくる 2 がありません。",
            "2 * (y - d)": "s を掛け忘れています。",
            "2 * s * (d - y)": "符号が逆です。y を増やして d に近づくなら、誤差は減ります。",
            "2 * s * np.sum(y - d)": "足し合わせてはいけません。y の要素ごとに、偏微分が1つずつあります。",
            "s * (y - d) ** 2": "それは誤差の項そのものです。y で微分しましょう。",
            "s * np.sum((y - d) ** 2)": "それは誤差です。y で微分しましょう。",
            "2 * s * np.abs(y - d)": "絶対値にしてはいけません。傾きの符号は、y をどちらへ動かすべきかを表します。",
            "(y - d) / s": "s は誤差に掛けた数です。割るのではなく、掛けます。",
            "2 * s * (y - d) / len(y)": "この問題の誤差は、足すだけで平均しません。",
            "2 * s * y": "教師データ d が抜けています。y - d を1つのまとまりとして微分しましょう。",
            "y -= d\nreturn 2 * s * y": "渡された y を書き換えています。新しい配列を作りましょう。",
        },
        variants=[
            "s * 2 * (y - d)", "2 * s * y - 2 * s * d", "-2 * s * (d - y)", "np.multiply(2 * s, np.subtract(y, d))",
            "slope = np.zeros(np.shape(y))\nfor place in np.ndindex(slope.shape):\n"
            "    slope[place] = 2 * s * (y[place] - d[place])\nreturn slope",
            "(2 * s * (y - d)).tolist()",
        ],
    ),
    Line(
        id="K3-3",
        name="k3_3",
        section="オーバーフローしないソフトマックス関数",
        accepted=["def softmax(u):"],
        pitfalls={
            "shifted = u - np.max(u)": "それは、溢れないように最大値を引く行です。関数の名前と引数が決まるのは、どの行ですか。",
            "e = np.exp(shifted)": "それは右辺の分子です。左辺は、関数の名前と引数です。",
            "total = np.sum(e)": "それは右辺の分母です。左辺は、関数の名前と引数です。",
            "y = e / total": "それは右辺の割り算です。左辺は、関数の名前と引数です。",
            "return y": "それは結果を返す行です。関数の名前と引数が決まるのは、どの行ですか。",
            "softmax(u)": "それは関数を呼び出す形です。定義している行を、def からコロンまで写しましょう。",
            "softmax": "名前だけでなく、定義している行を、def からコロンまで写しましょう。",
        },
        variants=["def softmax( u ) :", "    def softmax(u):  # 左辺"],
    ),
    Line(
        id="K3-3b",
        name="k3_3b",
        section="オーバーフローしないソフトマックス関数",
        accepted=["e = np.exp(shifted)"],
        pitfalls={
            "def softmax(u):": "それは左辺です。",
            "shifted = u - np.max(u)": "この行ではまだ指数関数を計算していません。",
            "total = np.sum(e)": "合計しているので、分母です。",
            "y = e / total": "それは、分子を分母で割っている行です。",
            "return y": "それは結果を返す行です。",
            "np.exp(shifted)": "行の左辺 e = も含めて写しましょう。",
            "np.exp(u)": "プログラムの中の1行を、そのまま写しましょう。",
        },
        variants=["e=np.exp( shifted )", "    e = np.exp(shifted)  # 分子"],
    ),
    Line(
        id="K3-3c",
        name="k3_3c",
        section="オーバーフローしないソフトマックス関数",
        accepted=["total = np.sum(e)"],
        pitfalls={
            "def softmax(u):": "それは左辺です。",
            "shifted = u - np.max(u)": "それは最大値を引いている行です。Σ にあたる計算を探しましょう。",
            "e = np.exp(shifted)": "合計する前なので、分子です。",
            "y = e / total": "それは、分子を分母で割っている行です。分母を計算した行を写しましょう。",
            "return y": "それは結果を返す行です。",
            "np.sum(e)": "行の左辺 total = も含めて写しましょう。",
            "np.sum(np.exp(u))": "プログラムの中の1行を、そのまま写しましょう。",
        },
        variants=["total=np.sum( e )", "    total = np.sum(e)  # 分母"],
    ),
    Function(
        id="K3-3d",
        signature="softmax(u)",
        section="オーバーフローしないソフトマックス関数",
        tolerance=TAILS,
        reference=functions.softmax,
        instead_of=EVERY_FUNCTION,
        inputs={
            "データ1個": lambda rng: (normal(rng, 5),),
            "データ4個": lambda rng: (2 * normal(rng, 4, 3),),
            "データ3個、3種類": lambda rng: (2 * normal(rng, 3, 3),),
            "データ1個のまとまり": lambda rng: (normal(rng, 1, 4),),
            "1010, 1000, 990": lambda rng: (np.array([1010.0, 1000.0, 990.0]),),
            "正と負の大きな値": lambda rng: (np.array([-1000.0, 1000.0, 0.0]) + normal(rng, 3),),
            "すべて負の大きな値": lambda rng: (-1000 + normal(rng, 4),),
            "行ごとに大きさが違う": lambda rng: (rows_of_other_sizes(rng, 4),),
            "整数": lambda rng: (rng.integers(-3, 4, size=(2, 5)),),
            "float32": lambda rng: (np.float32(normal(rng, 3, 4)),),
        },
        pitfalls={
            "np.exp(u) / np.sum(np.exp(u), axis=-1, keepdims=True)": "大きな値で溢れます。最大値を引いてから、指数関数を計算しましょう。",
            "np.exp(u) / np.sum(np.exp(u))": "全体の合計で割っています。データ(行)ごとに割りましょう。",
            "e = np.exp(u - np.max(u))\nreturn e / np.sum(e)": "合計がデータごとになっていません。足す軸を指定しましょう。",
            "e = np.exp(u - np.max(u))\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "最大値が全体で1つです。小さい値ばかりの行では、指数関数がすべて 0 になってしまいます。最大値もデータごとに求めましょう。",
            "e = np.exp(u - np.max(u, axis=-1, keepdims=True))\nreturn e / np.sum(e)":
                "最大値はデータごとですが、合計は全体になっています。",
            "e = np.exp(u - np.max(u, axis=0))\nreturn e / np.sum(e, axis=0)":
                "列ごとに計算しています。データは行なので、最後の軸に沿って計算します。",
            "e = np.exp(u - np.max(u, axis=1, keepdims=True))\nreturn e / np.sum(e, axis=1, keepdims=True)":
                "データ1個の (K,) には軸 1 がありません。最後の軸は axis=-1 と書けます。",
            "e = np.exp(u - np.max(u, axis=-1))\nreturn e / np.sum(e, axis=-1)":
                "軸が1本減って、行ではなく列に合わせて引いたり割ったりしています。keepdims=True を付けましょう。",
            ROWWISE + "return e": "合計で割っていません。",
            "s = u - np.max(u, axis=-1, keepdims=True)\nreturn s / np.sum(s, axis=-1, keepdims=True)":
                "指数関数を通していません。",
            "e = np.exp(np.min(u, axis=-1, keepdims=True) - u)\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "符号が逆です。総入力が大きいほど、確率も大きくなります。",
            "e = np.exp(u - np.mean(u, axis=-1, keepdims=True))\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "引いているのが最大値ではありません。平均などでは、大きくはずれた値が残って溢れます。",
            "e = np.exp(u - np.min(u, axis=-1, keepdims=True))\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "引いているのが最大値ではありません。指数関数に渡す数を、どれも 0 以下にしましょう。",
            ROWWISE + "return e / (np.sum(e, axis=-1, keepdims=True) + 1e-7)":
                "分母に小さな数を足す必要はありません。最大値を引けば、合計は必ず 1 以上です。",
            ROWWISE + "return np.log(e / np.sum(e, axis=-1, keepdims=True))": "対数をとる必要はありません。確率を返しましょう。",
            ROWWISE + "return np.round(e / np.sum(e, axis=-1, keepdims=True), 4)": "結果を丸めないでください。",
            "1 / (1 + np.exp(-u))": "シグモイド関数では、合計が 1 になりません。",
            "u = u - np.max(u, axis=-1, keepdims=True)\nreturn (u == 0) * 1.0":
                "いちばん大きいところだけを 1 にしています。確率を求めましょう。",
            "for row in np.atleast_2d(u):\n    e = np.exp(row - np.max(row))\n    return e / np.sum(e)":
                "最初のデータの結果だけが返っています。return がくり返しの中にあるなら、外に出しましょう。",
            "u -= np.max(u, axis=-1, keepdims=True)\ne = np.exp(u)\nreturn e / np.sum(e, axis=-1, keepdims=True)": IN_PLACE,
        },
        variants=[
            ROWWISE + "return e / e.sum(axis=-1, keepdims=True)",
            "m = np.max(u, axis=-1)[..., np.newaxis]\ne = np.exp(u - m)\nreturn e / e.sum(axis=-1)[..., None]",
            "if u.ndim == 2:\n    v = u.T\n    v = v - np.max(v, axis=0)\n    y = np.exp(v) / np.sum(np.exp(v), axis=0)\n"
            "    return y.T\nv = u - np.max(u)\nreturn np.exp(v) / np.sum(np.exp(v))",
            "def one(v):\n    e = np.exp(v - max(v))\n    return e / sum(e)\n"
            "if u.ndim == 1:\n    return one(u)\nreturn np.array([one(row) for row in u])",
            "e = np.exp((u.T - u.max(axis=-1)).T)\nreturn np.divide(e.T, e.T.sum(axis=0)).T",
            "m = u.max(axis=-1, keepdims=True)\nreturn np.exp(u - m - np.log(np.exp(u - m).sum(axis=-1, keepdims=True)))",
            "np.apply_along_axis(lambda v: np.exp(v - v.max()) / np.exp(v - v.max()).sum(), -1, u)",
        ],
    ),
    Line(
        id="K3-4",
        name="k3_4",
        section="交差エントロピー誤差を計算する",
        accepted=["def cross_entropy_error(d, y):"],
        pitfalls={
            "N = len(y)": "それはデータの数を求める行です。関数の名前と引数が決まるのは、どの行ですか。",
            "return -np.sum(np.log(y[np.arange(N), d] + 1e-7)) / N": "それは右辺です。左辺は、関数の名前と引数です。",
            "cross_entropy_error(d, y)": "それは関数を呼び出す形です。定義している行を、def からコロンまで写しましょう。",
            "cross_entropy_error": "名前だけでなく、定義している行を、def からコロンまで写しましょう。",
            "def cross_entropy_error(y, d):": "引数の順が違います。そのまま写しましょう。",
        },
        variants=["def cross_entropy_error(d,y):", "  def cross_entropy_error(d, y):  # 左辺"],
    ),
    Line(
        id="K3-4b",
        name="k3_4b",
        section="交差エントロピー誤差を計算する",
        accepted=["return -np.sum(np.log(y[np.arange(N), d] + 1e-7)) / N", "-np.sum(np.log(y[np.arange(N), d] + 1e-7)) / N"],
        pitfalls={
            "def cross_entropy_error(d, y):": "それは左辺です。",
            "N = len(y)": "それはデータの数を求める行です。log を計算しているのは、どの行ですか。",
            "np.log(y[np.arange(N), d] + 1e-7)": "一部ではなく、1行全部を写しましょう。",
            "y[np.arange(N), d]": "一部ではなく、1行全部を写しましょう。",
            "return -np.sum(np.log(y[np.arange(N), d])) / N": "1e-7 も含めて、そのまま写しましょう。",
        },
        variants=["return -np.sum(np.log(y[np.arange(N),d]+1e-7))/N"],
    ),
    Function(
        id="K3-4c",
        signature="cross_entropy_error(d, y)",
        section="交差エントロピー誤差を計算する",
        reference=functions.cross_entropy_error,
        instead_of=LOSS_FUNCTIONS,
        inputs={
            "1個、one-hot": lambda rng: (one_hot(rng, classes=4), probabilities(rng, 4)),
            "1個、ラベル": lambda rng: (labels(rng, 1, classes=4)[0], probabilities(rng, 4)),
            "5個、one-hot": lambda rng: (one_hot(rng, 5, classes=3), probabilities(rng, 5, 3)),
            "5個、ラベル": lambda rng: disagreeing(rng, 5, 3),
            "3個、3種類、ラベル": lambda rng: disagreeing(rng, 3, 3),
            "3個、3種類、整数の one-hot": lambda rng: (
                np.eye(3, dtype=np.int64)[rng.permutation(3)], probabilities(rng, 3, 3)),
            "1個のまとまり、ラベル": lambda rng: (labels(rng, 1, classes=5), probabilities(rng, 1, 5)),
            "確率が 0 と 1": lambda rng: certain(rng, 4),
            "float32": lambda rng: (one_hot(rng, 4, classes=3), np.float32(probabilities(rng, 4, 3))),
        },
        pitfalls={
            "y = np.atleast_2d(y)\nreturn -np.sum(d * np.log(y + 1e-7)) / len(y)":
                "d がラベルの場合を計算できません。ラベルは掛ける数ではなく、正解の番号です。",
            "y = np.atleast_2d(y)\nreturn -np.mean(np.log(y[np.arange(len(y)), d] + 1e-7))":
                "d が one-hot の場合を計算できません。先に、どちらかの表し方にそろえましょう。",
            TO_LABELS + "return -np.sum(np.log(y[np.arange(N), d])) / N": "1e-7 を足していません。",
            TO_LABELS + "return -np.sum(np.log(y[np.arange(N), d] + 1e-7))": "データについて平均していません。",
            TO_LABELS + "return np.sum(np.log(y[np.arange(N), d] + 1e-7)) / N": "マイナスの符号がありません。",
            TO_LABELS + "return -np.sum(np.log(y[np.arange(N), d] + 1e-7)) / y.size":
                "割るのは、要素の数 N×K ではなく、データの数 N です。",
            TO_LABELS + "return -np.sum(np.log(y[np.arange(N), d]) + 1e-7) / N": "1e-7 を足すのは、対数をとったあとではなく、前です。",
            TO_LABELS + "return -np.sum(np.log10(y[np.arange(N), d] + 1e-7)) / N":
                "np.log10 は 10 を底とする対数です。自然対数 np.log を使いましょう。",
            TO_LABELS + "return -np.sum(np.log2(y[np.arange(N), d] + 1e-7)) / N":
                "np.log2 は 2 を底とする対数です。自然対数 np.log を使いましょう。",
            TO_LABELS + "return -np.sum(np.log(np.max(y, axis=1) + 1e-7)) / N":
                "いちばん大きい確率ではなく、正解の確率を取り出しましょう。",
            TO_LABELS + "return -np.sum(np.log(y[:, d] + 1e-7)) / N":
                "y[:, d] は、どの行からも d の列をすべて取り出します。行ごとに1つずつ取り出しましょう。",
            TO_LABELS + "return -np.sum(y[np.arange(N), d] * np.log(y[np.arange(N), d] + 1e-7)) / N":
                "掛けるのは y ではなく d です。正解では d は 1 なので、対数だけで足ります。",
            TO_LABELS + "return -np.log(y[np.arange(N), d] + 1e-7)": "データごとの値を返しています。1つの数に平均しましょう。",
            TO_LABELS + "D = np.eye(y.shape[1])[d]\nreturn -np.sum(D * np.log(y + 1e-7) + (1 - D) * np.log(1 - y + 1e-7)) / N":
                "それは二値分類の式を、すべての種類について足したものです。多クラス分類では、正解の項だけです。",
            TO_LABELS + "D = np.eye(y.shape[1])[d]\nreturn -np.sum(y * np.log(D + 1e-7)) / N":
                "d と y が逆です。対数をとるのは出力 y です。",
            TO_LABELS + "return -np.sum(np.log(np.maximum(y[np.arange(N), d], 1e-7))) / N":
                "この問題では、1e-7 より小さいときに置き換えるのではなく、いつも 1e-7 を足します。",
            "if np.size(d) == np.size(y):\n    d = np.argmax(d, axis=-1)\nif np.ndim(y) == 1:\n"
            "    return -np.log(y[d] + 1e-7) / len(y)\nreturn -np.mean(np.log(y[np.arange(len(y)), d] + 1e-7))":
                "データが1個のときの len(y) は、種類の数 K です。N は 1 なので、割りません。",
            "y = np.atleast_2d(y)\nif np.size(d) == y.size:\n    d = np.argmax(np.reshape(d, y.shape), axis=0)\n"
            "return -np.mean(np.log(y[np.arange(len(y)), d] + 1e-7))":
                "argmax を列ごとに求めています。データ(行)ごとに、正解の番号を求めましょう。",
        },
        variants=[
            "if np.ndim(y) == 1:\n    y = y.reshape(1, -1)\n    d = np.asarray(d).reshape(1, -1) if np.size(d) > 1 else "
            "np.asarray(d).reshape(1)\nif d.size == y.size:\n    d = d.argmax(axis=1)\nbatch_size = y.shape[0]\n"
            "return -np.sum(np.log(y[np.arange(batch_size), d] + 1e-7)) / batch_size",
            "K = y.shape[-1]\nif np.size(d) != y.size:\n    d = np.eye(K)[d]\nN = 1 if y.ndim == 1 else len(y)\n"
            "return -np.sum(d * np.log(y + 1e-7)) / N",
            "Y = np.atleast_2d(y)\nif np.shape(d) == np.shape(y):\n    D = np.atleast_2d(d)\n"
            "else:\n    D = np.eye(Y.shape[1])[np.atleast_1d(d)]\n"
            "return -np.einsum('nk,nk->', D, np.log(Y + 1e-7)) / len(Y)",
            "if y.ndim == 1:\n    c = np.argmax(d) if np.ndim(d) else d\n    return -np.log(y[c] + 1e-7)\n"
            "total = 0\nfor t, p in zip(d, y):\n    c = np.argmax(t) if np.ndim(t) else t\n"
            "    total += -np.log(p[c] + 1e-7)\nreturn total / len(y)",
            "Y = np.atleast_2d(y)\nc = np.argmax(np.reshape(d, Y.shape), axis=1) if np.size(d) == Y.size else np.ravel(d)\n"
            "return float(np.mean(-np.log(np.take_along_axis(Y, c[:, None], axis=1) + 1e-7)))",
        ],
    ),
    Function(
        id="T3-1",
        signature="squared_error(d, y)",
        section="回帰の誤差は、ずれの2乗",
        reference=functions.sum_squared_error,
        instead_of=LOSS_FUNCTIONS,
        inputs={
            "d = (2, 4)、y = (1, 5)": lambda rng: (np.array([2.0, 4.0]), np.array([1.0, 5.0])),
            "出力5つ": lambda rng: (normal(rng, 5), normal(rng, 5)),
            "出力1つ": lambda rng: (normal(rng, 1), normal(rng, 1)),
            "大きな値": lambda rng: (1e3 * normal(rng, 3), 1e3 * normal(rng, 3)),
            "整数": lambda rng: (np.array([1, 2, 3], np.int64), np.array([2, 4, 3 + 2 * rng.integers(1, 5)])),
            "すべて当たり": lambda rng: (np.array([1.0, -2.0]), np.array([1.0, -2.0])),
            "float32": lambda rng: (np.float32(normal(rng, 4)), np.float32(normal(rng, 4))),
        },
        pitfalls={
            "np.sum((y - d) ** 2)": "1/2 を掛け忘れています。",
            "np.mean((y - d) ** 2) / 2": "平均しています。式のとおりに、出力について足しましょう。",
            "np.mean((y - d) ** 2)": "平均しています。式のとおりに、出力について足して 1/2 を掛けましょう。",
            "np.sum(y - d) / 2": "2乗していません。正と負のずれが打ち消し合ってしまいます。",
            "np.sum(y - d) ** 2 / 2": "足してから2乗しています。2乗してから足しましょう。",
            "np.sum(np.abs(y - d)) / 2": "絶対値ではなく、2乗します。",
            "(y - d) ** 2 / 2": "出力ごとの値を返しています。1つの数に足しましょう。",
            "np.sqrt(np.sum((y - d) ** 2)) / 2": "平方根をとる必要はありません。",
            "np.sum(y ** 2 - d ** 2) / 2": "別々に2乗しています。引いてから2乗しましょう。",
            "np.sum((y - d) ** 2) // 2": "小数点以下が切り捨てられています。// や int( ) を使っていないか確かめましょう。",
            "np.sum((y + d) ** 2) / 2": "足すのではなく、引いたずれを2乗します。",
            "np.sum((y - d) * 2) / 2": "* 2 は 2 倍です。2乗は ** 2 と書きます。",
            "np.sum((y - d) ^ 2) / 2": "Python の ^ は2乗ではありません。2乗は ** 2 と書きます。",
            "y -= d\nreturn np.sum(y ** 2) / 2": "渡された y を書き換えています。新しい配列を作りましょう。",
            "-np.sum(d * np.log(y))": "それは交差エントロピー誤差の式です。",
        },
        variants=["0.5 * np.sum((d - y) ** 2)", "np.dot(y - d, y - d) / 2", "(y - d) @ (y - d) * 0.5",
                  "sum((a - b) ** 2 for a, b in zip(y, d)) / 2", "np.linalg.norm(y - d) ** 2 / 2",
                  "np.einsum('k,k->', y - d, y - d) / 2", "np.square(y - d).sum() / 2"],
    ),
    Function(
        id="T3-1b",
        signature="mean_squared_error(d, y)",
        section="足すか、平均するか",
        reference=functions.mean_squared_error,
        instead_of=LOSS_FUNCTIONS,
        inputs={
            "d = (2, 4)、y = (1, 5)": lambda rng: (np.array([2.0, 4.0]), np.array([1.0, 5.0])),
            "出力5つ": lambda rng: (normal(rng, 5), normal(rng, 5)),
            "データ4個": lambda rng: (normal(rng, 4, 3), normal(rng, 4, 3)),
            "データ5個、出力1つ": lambda rng: (normal(rng, 5, 1), normal(rng, 5, 1)),
            "整数": lambda rng: (np.array([[1, 2, 3]], np.int64), np.array([[2, 4, 3 + 2 * rng.integers(1, 5)]])),
            "float32": lambda rng: (np.float32(normal(rng, 4, 2)), np.float32(normal(rng, 4, 2))),
            "大きな値": lambda rng: (far(rng, 3, 3), far(rng, 3, 3)),
        },
        pitfalls={
            "np.sum((y - d) ** 2) / 2": "平均していません。講義のプログラムの形は、すべての要素についての平均です。",
            "np.mean((y - d) ** 2)": "2 で割り忘れています。",
            "np.sum((y - d) ** 2) / (2 * len(y))": "データの数だけで割っています。出力についても平均しましょう。",
            "np.sum((y - d) ** 2) / (2 * y.shape[-1])": "出力の数だけで割っています。データについても平均しましょう。",
            "np.mean((y - d) ** 2, axis=-1) / 2": "データごとの値を返しています。すべての要素を平均して、1つの数にしましょう。",
            "np.mean((y - d) ** 2, axis=0) / 2": "列ごとの平均になっています。すべての要素を平均して、1つの数にしましょう。",
            "np.mean(y - d) / 2": "2乗していません。正と負のずれが打ち消し合ってしまいます。",
            "np.mean(y - d) ** 2 / 2": "平均してから2乗しています。2乗してから平均しましょう。",
            "np.mean(np.abs(y - d)) / 2": "絶対値ではなく、2乗します。",
            "np.sqrt(np.mean((y - d) ** 2)) / 2": "平方根をとる必要はありません。",
            "np.mean((y - d) ** 2) // 2": "小数点以下が切り捨てられています。// や int( ) を使っていないか確かめましょう。",
            "np.mean((y - d) * 2) / 2": "* 2 は 2 倍です。2乗は ** 2 と書きます。",
            "np.sum((y - d) ** 2) / 2 / y.size ** 2": "要素の数で2回割っています。平均は1回だけとりましょう。",
            "d -= y\nreturn np.mean(d ** 2) / 2": "渡された d を書き換えています。新しい配列を作りましょう。",
        },
        variants=["0.5 * np.mean((d - y) ** 2)", "np.sum((y - d) ** 2) / (2 * y.size)", "np.mean(np.square(d - y)) / 2",
                  "e = (y - d).ravel()\nreturn np.dot(e, e) / (2 * len(e))", "np.average((y - d) ** 2) / 2",
                  "total = 0\nfor place in np.ndindex(y.shape):\n    total += (y[place] - d[place]) ** 2\n"
                  "return total / 2 / y.size"],
    ),
    Function(
        id="T3-1c",
        signature="cross_entropy(d, y)",
        section="交差エントロピー誤差を計算する",
        reference=lambda d, y: -np.sum(np.asarray(d) * np.log(y)) / len(y),
        instead_of=LOSS_FUNCTIONS,
        inputs={
            "データ5個、one-hot": lambda rng: (one_hot(rng, 5, classes=3), probabilities(rng, 5, 3)),
            "データ4個、確率": lambda rng: (probabilities(rng, 4, 3), probabilities(rng, 4, 3)),
            "データ1個": lambda rng: (one_hot(rng, 1, classes=4), probabilities(rng, 1, 4)),
            "データ3個、3種類": lambda rng: (probabilities(rng, 3, 3), probabilities(rng, 3, 3)),
            "ごく小さい確率": lambda rng: (np.eye(3)[[0, 1]], np.array([[1e-6, 0.5, 0.5 - 1e-6], [0.3, 1e-30, 0.7]])),
            "整数の one-hot": lambda rng: (np.eye(3, dtype=np.int64)[rng.permutation(3)], probabilities(rng, 3, 3)),
            "float32": lambda rng: (np.float32(one_hot(rng, 4, classes=3)), np.float32(probabilities(rng, 4, 3))),
        },
        pitfalls={
            "-np.sum(d * np.log(y + 1e-7)) / len(y)": "この問題では 1e-7 を足しません。小さい確率では、値が変わってしまいます。",
            "-np.sum(d * np.log(y))": "データについて平均していません。",
            "-np.mean(d * np.log(y))": "要素の数 N×K で割っています(np.mean もそうします)。データの数 N で割りましょう。",
            "np.sum(d * np.log(y)) / len(y)": "マイナスの符号がありません。",
            "-np.sum(d * np.log(y)) / y.shape[1]": "割るのは種類の数 K ではなく、データの数 N です。",
            "-np.sum(d * np.log(y), axis=1)": "データごとの値を返しています。平均して1つの数にしましょう。",
            "-np.sum(np.log(y)) / len(y)": "d を掛けていません。正解でない種類の確率まで数えています。",
            "-np.sum(y * np.log(d + 1e-7)) / len(y)": "d と y が逆です。対数をとるのは出力 y です。",
            "-np.sum(d * np.log10(y)) / len(y)": "np.log10 は 10 を底とする対数です。自然対数 np.log を使いましょう。",
            "-np.sum(d * np.log2(y)) / len(y)": "np.log2 は 2 を底とする対数です。自然対数 np.log を使いましょう。",
            "-np.sum(d * np.log(y) + (1 - d) * np.log(1 - y)) / len(y)":
                "それは二値分類の式です。多クラス分類では、(1 - d) の項は要りません。",
            "-np.sum(np.log(y[np.arange(len(y)), np.argmax(d, axis=1)])) / len(y)":
                "d が one-hot でない確率のときも計算できるように、すべての種類について d を掛けて足しましょう。",
            "-np.log(np.sum(d * y)) / len(y)": "足してから対数をとっています。対数をとって d を掛けてから、足しましょう。",
            "-np.sum(np.log(np.sum(d * y, axis=1))) / len(y)":
                "d と y を掛けて足したものの対数は、d が one-hot のときしか合いません。先に対数をとりましょう。",
            "np.mean((y - d) ** 2) / 2": "それは二乗誤差です。",
        },
        variants=["-np.sum(d * np.log(y)) / y.shape[0]", "np.mean(-np.sum(d * np.log(y), axis=1))",
                  "-np.einsum('nk,nk->', d, np.log(y)) / len(d)", "-np.vdot(d, np.log(y)) / len(y)",
                  "-np.trace(d @ np.log(y).T) / len(y)",
                  "total = 0\nfor n in range(len(y)):\n    for k in range(y.shape[1]):\n"
                  "        total -= d[n, k] * np.log(y[n, k])\nreturn total / len(y)",
                  "sum(np.dot(t, -np.log(p)) for t, p in zip(d, y)) / len(y)"],
    ),
    Function(
        id="X3-1",
        signature="cross_entropy_from_logits(d, u)",
        section="確率にする前の総入力から計算する",
        reference=functions.softmax_with_loss,
        instead_of=(*LOSS_FUNCTIONS, functions.log_softmax),
        inputs={
            "データ5個、ラベル": lambda rng: (labels(rng, 5, classes=3), 2 * normal(rng, 5, 3)),
            "データ5個、one-hot": lambda rng: (one_hot(rng, 5, classes=3), 2 * normal(rng, 5, 3)),
            "データ4個、確率": lambda rng: (probabilities(rng, 4, 3), 2 * normal(rng, 4, 3)),
            "データ3個、整数の one-hot": lambda rng: (np.eye(3, dtype=np.int64)[rng.permutation(3)], normal(rng, 3, 3)),
            "データ3個、3種類、ラベル": lambda rng: (np.array([0, 2, 1]), 2 * normal(rng, 3, 3)),
            "データ1個": lambda rng: (labels(rng, 1, classes=4), normal(rng, 1, 4)),
            "大きな値、ひどい間違い": lambda rng: (np.array([1, 0]), np.array([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 0.0]])),
            "大きな値、自信をもって正解": lambda rng: (np.eye(3)[[0, 1]], np.array([[1000.0, 0.0, -1000.0], [-50.0, 50.0, 0.0]])),
            "行ごとに大きさが違う": lambda rng: (labels(rng, 3, classes=4), rows_of_other_sizes(rng, 4)),
            "大きな値、確率": lambda rng: (probabilities(rng, 3, 4), 1000 * normal(rng, 3, 4)),
            "整数の総入力": lambda rng: (labels(rng, 4, classes=3), rng.integers(-3, 4, size=(4, 3))),
            "float32": lambda rng: (labels(rng, 4, classes=3), np.float32(normal(rng, 4, 3))),
        },
        pitfalls={
            TO_ONE_HOT + "return -np.sum(d * np.log(functions.softmax(u) + 1e-7)) / len(u)":
                "1e-7 が足されるので、誤差が頭打ちになります。確率を経由せず、総入力から計算しましょう。",
            TO_ONE_HOT + "return -np.sum(d * np.log(functions.softmax(u))) / len(u)":
                "確率が 0 に丸められると、log 0 が現れます。先に対数の式を整理してから計算しましょう。",
            TO_ONE_HOT + "lse = np.log(np.sum(np.exp(u), axis=1, keepdims=True))\nreturn -np.sum(d * (u - lse)) / len(u)":
                "大きな値で溢れます。最大値を引いてから、指数関数を計算しましょう。",
            TO_ONE_HOT + "s = u - np.max(u)\nlog_y = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))\n"
            "return -np.sum(d * log_y) / len(u)":
                "最大値が全体で1つです。小さい値ばかりの行では、和が 0 に丸められます。最大値もデータごとに求めましょう。",
            TO_ONE_HOT + "s = u - np.max(u, axis=1, keepdims=True)\nlog_y = s - np.log(np.sum(np.exp(s)))\n"
            "return -np.sum(d * log_y) / len(u)":
                "和を全体でとっています。データ(行)ごとにとりましょう。",
            TO_ONE_HOT + "s = u - np.max(u, axis=1, keepdims=True)\nlse = np.log(np.sum(np.exp(s), axis=1, keepdims=True))\n"
            "return -np.sum(d * (u - lse)) / len(u)":
                "和では最大値を引いたのに、外の u からは引いていません。どちらも同じ数を引きましょう。",
            TO_ONE_HOT + "s = u - np.max(u, axis=1)\nlog_y = s - np.log(np.sum(np.exp(s), axis=1))\n"
            "return -np.sum(d * log_y) / len(u)":
                "軸が1本減って、行ではなく列に合わせて引いています。keepdims=True を付けましょう。",
            LOG_SOFTMAX + "return -np.sum(d * log_y)": "データについて平均していません。",
            LOG_SOFTMAX + "return -np.mean(d * log_y)": "要素の数 N×K で割っています(np.mean もそうします)。データの数 N で割りましょう。",
            LOG_SOFTMAX + "return np.sum(d * log_y) / len(u)": "マイナスの符号がありません。",
            LOG_SOFTMAX + "return -np.sum(log_y) / len(u)": "d を掛けていません。正解でない種類まで数えています。",
            LOG_SOFTMAX + "return -np.sum(d * log_y, axis=1)": "データごとの値を返しています。平均して1つの数にしましょう。",
            LOG_SOFTMAX.removeprefix(TO_ONE_HOT) + "return -np.sum(d * log_y) / len(u)":
                "d がラベルの場合を計算できません。先に one-hot に直しましょう。",
            LOG_SOFTMAX.removeprefix(TO_ONE_HOT) + "return -np.mean(log_y[np.arange(len(u)), d])":
                "d が one-hot や確率の場合を計算できません。d の軸の数で見分けましょう。",
            LOG_SOFTMAX + "return -np.mean(log_y[np.arange(len(u)), np.argmax(d, axis=1)])":
                "d が one-hot でない確率のとき、いちばん大きい種類だけを数えています。すべての種類について d を掛けて足しましょう。",
            TO_ONE_HOT + "s = u - np.max(u, axis=1, keepdims=True)\n"
            "return -np.sum(d * (s - np.log(np.sum(np.exp(s), axis=1, keepdims=True) + 1e-7))) / len(u)":
                "1e-7 を足す必要はありません。最大値を引けば、和は必ず 1 以上です。",
            TO_ONE_HOT + "s = u - np.max(u, axis=1, keepdims=True)\n"
            "return -np.sum(d * (s - np.sum(np.exp(s), axis=1, keepdims=True))) / len(u)":
                "和の対数をとり忘れています。",
            LOG_SOFTMAX.replace("s = u - np.max(u, axis=1, keepdims=True)", "u -= np.max(u, axis=1, keepdims=True)\ns = u")
            + "return -np.sum(d * log_y) / len(u)":
                IN_PLACE,
        },
        variants=[
            LOG_SOFTMAX + "return np.mean(-np.sum(d * log_y, axis=1))",
            "m = u.max(axis=1)\nlse = m + np.log(np.exp(u - m[:, None]).sum(axis=1))\n"
            "log_y = u - lse[:, None]\n"
            "if np.ndim(d) == 1:\n    return -log_y[np.arange(len(u)), d].mean()\nreturn -(d * log_y).sum() / len(u)",
            TO_ONE_HOT + "total = 0.0\nfor t, v in zip(d, u):\n    m = max(v)\n    lse = np.log(sum(np.exp(v - m)))\n"
            "    total += sum(-t[k] * (v[k] - m - lse) for k in range(len(v)))\nreturn total / len(u)",
            TO_ONE_HOT + "lse = np.logaddexp.reduce(u, axis=1)\nreturn np.mean(lse - np.einsum('nk,nk->n', d, u))",
            "d = np.asarray(d)\nif d.shape != u.shape:\n    d = (np.arange(u.shape[1]) == d[:, None]).astype(float)\n"
            "s = u - u.max(axis=-1, keepdims=True)\nreturn (np.log(np.exp(s).sum(axis=-1)).sum() - (d * s).sum()) / len(u)",
        ],
    ),
    Value(
        id="X3-2",
        name="x3_2",
        section="出力層と誤差関数の選び方",
        accept=output_layers,
        pitfalls={
            chosen(A=("sigmoid", "squared_error", 1)): "家賃は 0 から 1 の間の数ではありません。どんな実数も出力できるものを選びましょう。",
            chosen(A=("identity", "cross_entropy", 1)): "家賃は確率ではありません。数のずれを測る誤差を選びましょう。",
            chosen(A=("identity", "squared_error", 2)): "出力の数は、予測する数の個数です。入力の特徴の数にはよりません。",
            chosen(B=("identity", "cross_entropy", 1)): "答えるのは確率です。出力を 0 から 1 に収めましょう。",
            chosen(B=("sigmoid", "squared_error", 1)): "ひどく間違えたときに、傾きがほとんどなくなる組です。確率の誤差を選びましょう。",
            chosen(B=("sigmoid", "cross_entropy", 2)): "シグモイド関数なら、「迷惑メールである確率」1つで足ります。",
            chosen(B=("softmax", "cross_entropy", 1)): "ソフトマックス関数の出力は、種類ごとに1つです。いくつに分ける問題でしょうか。",
            chosen(C=("sigmoid", "cross_entropy", 10)): "10種類のうち、正解は必ず1つだけです。合計が 1 になるものを選びましょう。",
            chosen(C=("softmax", "squared_error", 10)): "確率の誤差を選びましょう。",
            chosen(C=("softmax", "cross_entropy", 1)): "ソフトマックス関数の出力は、種類ごとに1つです。0 から 9 は何種類ですか。",
            chosen(D=("softmax", "cross_entropy", 3)):
                "ソフトマックス関数では確率の合計が 1 になるので、ネコと人の両方に高い確率を与えられません。",
            chosen(D=("sigmoid", "squared_error", 3)): "1つ1つは二値分類です。確率の誤差を選びましょう。",
            chosen(D=("sigmoid", "cross_entropy", 1)): "ネコ、イヌ、人の、それぞれの確率を答えます。",
            chosen(E=("softmax", "squared_error", 2)): "気温は確率ではありません。どんな実数も出力できるものを選びましょう。",
            chosen(E=("identity", "cross_entropy", 2)): "気温は確率ではありません。数のずれを測る誤差を選びましょう。",
            chosen(E=("identity", "squared_error", 1)): "最高気温と最低気温の、2つの数を答えます。",
            '{"A": "identity"}': "A から E までの5つを、{\"A\": (…, …, …), …} のように書きましょう。",
        },
        variants=[
            chosen(B=("softmax", "cross_entropy", 2)),
            chosen(A=["identity", "squared_error", 1], E=["identity", "squared_error", 2.0]),
            "{task: (activation, loss, count) for task, activation, loss, count in zip('ABCDE',\n"
            "    ['identity', 'sigmoid', 'softmax', 'sigmoid', 'identity'],\n"
            "    ['squared_error', *['cross_entropy'] * 3, 'squared_error'], [1, 1, 10, 3, 2])}",
            'dict(E=("identity", "squared_error", 2), D=("sigmoid", "cross_entropy", 3), '
            'C=("softmax", "cross_entropy", np.int64(10)), B=("sigmoid", "cross_entropy", 1), '
            'A=("identity", "squared_error", 1))',
        ],
    ),
    Function(
        id="X3-3",
        signature="softmax_with_temperature(u, T)",
        section="自信の強さを変える: 温度",
        tolerance=TAILS,
        reference=softmax_with_temperature,
        inputs={
            "T = 1": lambda rng: (normal(rng, 4), 1.0),
            "T = 0.5": lambda rng: (normal(rng, 4), 0.5),
            "T = 5、データ3個": lambda rng: (3 * normal(rng, 3, 4), 5.0),
            "データ3個、3種類": lambda rng: (3 * normal(rng, 3, 3), 2.0),
            "低い温度、大きな値": lambda rng: (1000 * normal(rng, 4), 0.01),
            "高い温度、大きな値": lambda rng: (np.array([1000.0, 0.0, -1000.0]) + normal(rng, 3), 300.0),
            "行ごとに大きさが違う": lambda rng: (rows_of_other_sizes(rng, 4), 2.0),
            "整数": lambda rng: (rng.integers(-3, 4, size=5), 3),
            "float32": lambda rng: (np.float32(normal(rng, 2, 4)), 2.0),
        },
        pitfalls={
            "functions.softmax(u * T)": "温度は掛けるのではなく、割ります。いまは、温度を上げるほど偏りが強くなっています。",
            "functions.softmax(u) / T": "割るのは、通す前の総入力です。いまは合計が 1 になりません。",
            "functions.softmax(u / T) / T": "割るのは、通す前の総入力だけです。いまは合計が 1 になりません。",
            "functions.softmax(u)": NO_TEMPERATURE,
            "functions.softmax(-u / T)": "符号が逆です。総入力が大きいほど、確率も大きくなります。",
            "np.exp(u / T) / np.sum(np.exp(u / T), axis=-1, keepdims=True)":
                "大きな値で溢れます。最大値を引いてから、指数関数を計算しましょう。",
            "v = u / T\ne = np.exp(v - np.max(v, axis=-1, keepdims=True))\nreturn e / np.sum(e)":
                "全体の合計で割っています。データ(行)ごとに割りましょう。",
            "v = u / T\ne = np.exp(v - np.max(v))\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "最大値が全体で1つです。最大値もデータごとに求めましょう。",
            "e = np.exp(u / T - np.max(u, axis=-1, keepdims=True))\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                "割る前の最大値を引いています。割ったあとの u / T の最大値を引きましょう。",
            "functions.softmax(u) ** (1 / T)": "合計が 1 になりません。総入力のうちに割りましょう。",
            "p = functions.softmax(u) ** (1 / T)\nreturn p / np.sum(p, axis=-1, keepdims=True)": TOO_LATE,
            "functions.softmax(np.log(functions.softmax(u)) / T)": TOO_LATE,
            "e = np.exp(u - np.max(u, axis=-1, keepdims=True)) / T\nreturn e / np.sum(e, axis=-1, keepdims=True)":
                NO_TEMPERATURE,
            "u /= T\nreturn functions.softmax(u)": IN_PLACE,
        },
        variants=[
            "functions.softmax(np.asarray(u) / T)", "functions.softmax(u * (1 / T))",
            "v = u / T\ne = np.exp(v - np.max(v, axis=-1, keepdims=True))\nreturn e / np.sum(e, axis=-1, keepdims=True)",
            "e = np.exp((u - np.max(u, axis=-1, keepdims=True)) / T)\nreturn e / e.sum(axis=-1, keepdims=True)",
            "rows = np.atleast_2d(u)\nout = []\nfor row in rows:\n    e = np.exp((row - max(row)) / T)\n"
            "    out.append(e / sum(e))\nreturn out[0] if np.ndim(u) == 1 else np.array(out)",
            "np.exp(functions.log_softmax(u / T))",
        ],
    ),
    Line(
        id="X3-4",
        name="x3_4",
        section="log 0 をどう避けるか",
        accepted=["loss = -np.sum(np.log(p + 1e-7)) / N"],
        pitfalls={
            "y = functions.sigmoid(u)": "シグモイド関数そのものは正しく計算しています。誤差の値が決まるのは、どの行ですか。",
            "N = len(u)": "それはデータの数を求める行です。",
            "p = d * y + (1 - d) * (1 - y)": "正解に与えた確率は、正しく計算しています。それが 0 に近いとき、何が起きますか。",
            "gradient = y - d": "それは、もう1つの間違いの行です。",
            "return loss, gradient": "それは結果を返す行です。",
            "def loss_and_gradient(d, u):": "それは関数の名前と引数を決める行です。",
            "np.log(p + 1e-7)": "一部ではなく、1行全部を写しましょう。",
        },
        variants=["loss=-np.sum(np.log(p+1e-7))/N", "    loss = -np.sum(np.log(p + 1e-7)) / N  # 頭打ち"],
    ),
    Line(
        id="X3-4b",
        name="x3_4b",
        section="1/N はどこに付くか",
        accepted=["gradient = y - d"],
        pitfalls={
            "y = functions.sigmoid(u)": "出力はデータごとに決まり、データの数によりません。",
            "N = len(u)": "データの数は正しく求めています。それを使うべきなのに使っていない行があります。",
            "p = d * y + (1 - d) * (1 - y)": "正解に与えた確率は、データの数によりません。",
            "loss = -np.sum(np.log(p + 1e-7)) / N": "誤差は N で割って平均しています。傾きはどうですか。",
            "return loss, gradient": "それは結果を返す行です。",
            "def loss_and_gradient(d, u):": "それは関数の名前と引数を決める行です。",
            "y - d": "一部ではなく、1行全部を写しましょう。",
        },
        variants=["gradient=y-d", "    gradient = y - d  # 1/N がない"],
    ),
    Function(
        id="X3-4c",
        signature="loss_and_gradient(d, u)",
        section="1/N はどこに付くか",
        reference=loss_and_gradient,
        instead_of=(functions.sigmoid_with_loss, functions.d_sigmoid_with_loss),
        inputs={
            "データ5個": lambda rng: (labels(rng, 5, 1, classes=2), 2 * normal(rng, 5, 1)),
            "データ1個": lambda rng: (labels(rng, 1, 1, classes=2), normal(rng, 1, 1)),
            "小数の d": lambda rng: (np.array([[0.0], [1.0], [1.0]]), 3 * normal(rng, 3, 1)),
            "自信をもって正解": lambda rng: (np.array([[1.0], [0.0]]), np.array([[20.0], [-1000.0]])),
            "ひどい間違い": lambda rng: (np.array([[1.0], [0.0], [1.0]]), np.array([[-30.0], [25.0], [-40.0]])),
            "とても大きな値": lambda rng: (np.array([[1.0], [0.0], [1.0], [0.0]]), np.array([[-1000.0], [1000.0], [1000.0], [0.0]])),
            "整数の総入力": lambda rng: (labels(rng, 4, 1, classes=2), rng.integers(-5, 6, size=(4, 1))),
            "float32": lambda rng: (np.float32(labels(rng, 4, 1, classes=2)), np.float32(normal(rng, 4, 1))),
        },
        pitfalls={
            BROKEN + "return -np.sum(np.log(p + 1e-7)) / N, y - d": "まだ2つの間違いが残っています。",
            FROM_LOGITS + "return loss, y - d": "傾きが、まだ平均の傾きになっていません。",
            BROKEN + "return -np.sum(np.log(p + 1e-7)) / N, (y - d) / N": STILL_CAPPED,
            BROKEN + "return -np.sum(np.log(p + 1e-300)) / N, (y - d) / N":
                "足す数を小さくしても、頭打ちになる値が変わるだけです。総入力から計算しましょう。",
            BROKEN + "return -np.sum(np.log(p)) / N, (y - d) / N":
                "確率が 0 に丸められると、log 0 で無限大になります。確率を経由せず、総入力から計算しましょう。",
            BROKEN + "return -np.sum(np.log(np.clip(p, 1e-7, 1))) / N, (y - d) / N":
                "下限を決めても、頭打ちになることに変わりありません。総入力から計算しましょう。",
            "N = len(u)\nreturn np.sum(np.log(1 + np.exp(u)) - d * u) / N, (functions.sigmoid(u) - d) / N":
                "np.exp(u) が大きな値で溢れます。指数関数に渡す数を 0 以下にしましょう。",
            "N = len(u)\nreturn np.sum(functions.softplus(u) + d * u) / N, (functions.sigmoid(u) - d) / N":
                "式の d u の項は、足すのではなく引きます。",
            "N = len(u)\nreturn np.sum(functions.softplus(u)) / N, (functions.sigmoid(u) - d) / N":
                "d u の項を引き忘れています。いまの誤差は、正解が 1 でも 0 でも同じです。",
            "N = len(u)\nreturn np.sum(functions.softplus(u) - d * u), (functions.sigmoid(u) - d) / N":
                "誤差をデータについて平均していません。",
            "N = len(u)\nreturn np.sum(functions.softplus(u) - d * u), functions.sigmoid(u) - d":
                "誤差も傾きも平均していません。N で割るのは、どちらにも1回ずつです。",
            FROM_LOGITS + "return loss, (y - d) / N ** 2": "傾きに 1/N が2回付いています。1回だけにしましょう。",
            FROM_LOGITS + "return loss, (d - y) / N": "傾きの符号が逆です。",
            FROM_LOGITS + "return loss, (y - d) * y * (1 - y) / N":
                "シグモイド関数の微分 y (1 - y) は、交差エントロピー誤差の微分と約分されて消えています。",
            FROM_LOGITS + "return loss, np.sum(y - d) / N": "傾きを足し合わせてはいけません。総入力ごとに1つずつあります。",
            FROM_LOGITS + "return loss, np.mean(y - d, axis=0)": "傾きを平均して1つにしています。総入力ごとに1つずつあります。",
            FROM_LOGITS + "return loss": "誤差と傾きの2つを、この順に return で返しましょう。",
            FROM_LOGITS + "return (y - d) / N, loss": "返す順番が逆です。誤差が先、傾きがあとです。",
            "N = len(u)\nloss = functions.cross_entropy_error(d, functions.sigmoid(u))\nreturn loss, (functions.sigmoid(u) - d) / N":
                STILL_CAPPED,
        },
        variants=[
            "N = len(u)\ny = functions.sigmoid(u)\n"
            "loss = np.sum(np.maximum(u, 0) - d * u + np.log(1 + np.exp(-np.abs(u)))) / N\nreturn loss, (y - d) / N",
            "loss = np.mean(np.logaddexp(0, u) - d * u)\nreturn loss, (functions.sigmoid(u) - d) / u.shape[0]",
            "v = np.where(d == 1, -u, u)\nloss = np.mean(functions.softplus(v))\n"
            "return loss, (functions.sigmoid(u) - d) / len(d)",
            "losses = d * functions.softplus(-u) + (1 - d) * functions.softplus(u)\n"
            "return [losses.mean(), (functions.sigmoid(u) - d) / losses.size]",
            "total, slopes = 0.0, []\nfor t, v in zip(np.ravel(d), np.ravel(u)):\n"
            "    total += max(v, 0) - t * v + np.log1p(np.exp(-abs(v)))\n"
            "    slopes.append([(functions.sigmoid(v) - t) / len(u)])\nreturn total / len(u), slopes",
            "both = np.hstack([u, np.zeros_like(u)])\ntarget = np.hstack([d, 1 - d])\n"
            "return functions.softmax_with_loss(target, both), (functions.softmax(both)[:, :1] - d) / len(u)",
        ],
    ),
]
