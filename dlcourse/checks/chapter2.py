"""第2章 活性化関数: 何を正解とし、どの間違いにどのヒントを返すか。"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import TAILS, numbers
from dlcourse.checks.exercise import EVERY_FUNCTION, Choice, Function, Line, Value, Verdict
from dlcourse.checks.inputs import Arguments, Draw, Generator, normal, random_network
from dlcourse.checks.overflow import WARNING_FILTERS, seeing
from dlcourse.checks.watch import silent, used
from dlcourse.functions import Array
from dlcourse.network import Network, forward


@dataclass(frozen=True, kw_only=True)
class WithoutOverflow(Function):
    """A function in whose calculation nothing may overflow: what NumPy only warns of becomes an error here."""

    overflow = "raise"

    def judge(self, answer: Any, rng: np.random.Generator) -> Verdict:
        cases = [draw(rng) for draw in self.inputs.values()]
        if callable(answer) and (silent(answer, cases) or used(answer, cases, WARNING_FILTERS)):
            return self.wrong("np.errstate や np.seterr、warnings で、警告を消しています。", SILENCED)
        return super().judge(answer, rng)

    def arguments(self, draw: Draw, rng: Generator) -> Arguments:
        return tuple(map(seeing, draw(rng)))


SILENCED = "警告を消しても、溢れた値は残ります。溢れる計算そのものを避けましょう。"

# --- accept functions: None, or what is wrong -------------------------------------------------

LINEAR = {"3x": True, "-x/2": True, "2x + 1": False, "x の2乗": False, "絶対値": False, "ReLU": False, "いつも0": True}


def linear_or_not(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "名前と True か False の辞書(dict)ではありません。"
    if set(value) != set(LINEAR):
        missing = [name for name in LINEAR if name not in value]
        return f"{'、'.join(missing)} がありません。" if missing else "candidates にない名前があります。"
    for name, verdict in value.items():
        verdict = numbers(verdict)
        if verdict is None or verdict.shape or verdict not in (0, 1):
            return f"「{name}」の値が True でも False でもありません。"
    wrong = [name for name, linear in LINEAR.items() if bool(value[name]) != linear]
    return f"判定の違うものがあります: {'、'.join(wrong)}" if wrong else None


def linear(*, wrong: Sequence[str]) -> str:
    """A student's dictionary, as source text, in which the named verdicts are wrong."""
    return repr(LINEAR | {name: not LINEAR[name] for name in wrong})


# One function of each element has no sums in which errors add up; in (tanh(u / 2) + 1) / 2 that of 1 remains.
ROUNDING = (1e-12, 2.5e-16)
SMALLEST = 1e-200  # nobody minds whether a number below it is 0


def not_cut_off(arguments: Arguments, result: Any) -> str | None:
    """Where a sigmoid is too small for a sum with 1, it has its own value or none, but not that of a limit."""
    u, y = np.asarray(arguments[0]), np.asarray(result)
    right = functions.sigmoid(u)
    lost_in_a_sum = y * 2.0**65 % 1 == 0
    cut = (right < 1e-17) & (y > SMALLEST) & ~lost_in_a_sum & (np.abs(y - right) > 1e-9 * right)
    if u.dtype == np.float32 or not cut.any():
        return None
    place = tuple(np.argwhere(cut)[0])
    return f"u = {u[place]:.4g} での値が {y[place]:.2g} です(正しい値は {right[place]:.2g})。遠くの u を切り詰めています。"


# --- arguments --------------------------------------------------------------------------------


def elementwise(
    *, largest: float = 1e3, integers: bool = False, further: Sequence[Callable[[Generator], float]] = ()
) -> dict[str, Draw]:
    """Cases of one array `u` (and what follows it) for a function that works on every element."""
    values: dict[str, Callable[[Generator], Array]] = {
        "負、0、正": lambda rng: np.array([-2.0, 0.0, 3.0]),
        "乱数": lambda rng: 3 * normal(rng, 5),
        "データ4個": lambda rng: 3 * normal(rng, 4, 3),
        # as many rows as columns: a wrong axis does not show in the shape
        "行と列が同じ数": lambda rng: 3 * normal(rng, 3, 3),
        "とても小さな数と大きな数": lambda rng: np.array(
            [[-largest, -1e-20, 0.0, 1e-5, 0.3], [1e-20, 0.7, -1e-5, 40.0, largest]]
        ),
        "遠くまでの乱数": lambda rng: rng.uniform(-largest, largest, 20),
        "float32": lambda rng: normal(rng, 2, 3).astype(np.float32),
    }
    if integers:
        values["整数"] = lambda rng: rng.permutation([-5, -2, -1, 0, 1, 3])

    def with_further(draw: Callable[[Generator], Array]) -> Draw:
        return lambda rng: (draw(rng), *(value(rng) for value in further))

    return {label: with_further(draw) for label, draw in values.items()}


def batch_with_dead_units(rng: Generator, data: int, inputs: int, units: int) -> tuple[Array, Array, Array]:
    """X, W, b of a layer in which every way to judge units by less than all of the data is wrong for one of them."""
    X, W, b = np.abs(normal(rng, data, inputs)), normal(rng, inputs, units), normal(rng, units)
    b[0] = -1000.0  # dead by its bias
    W[:, 1], b[1] = 0.0, 0.0  # dead at exactly 0
    # dead with and without its bias, but not without its negative weights
    W[:, 2], b[2] = -np.abs(W[:, 2]), -0.1 * X[:, 1].max()
    W[:2, 2] = -1 - X[:, 1].max() / X[:, 0].min(), 1.0
    W[0, 3] = 0.0  # the first input belongs to unit 5
    X = X[np.argsort(-(X @ W[:, 3]))]
    X[-1, 0] = X[:, 0].max() + 1
    first, second = X[:2] @ W[:, 3]
    b[3] = -(0.75 * first + 0.25 * second)  # alive for the first datum only, and the mean is negative
    if ((X - X[0]) @ W[:, 4]).mean() < 0:
        W[:, 4] *= -1
    b[4] = -X[0] @ W[:, 4] - ((X - X[0]) @ W[:, 4]).mean() / 2  # alive, but not for the first datum
    W[:, 5] = 1e-30 * np.eye(inputs)[0]
    b[5] = 1e-30 * (0.5 - X[-1, 0])  # hardly alive, and for the last datum only
    b[6] = 50.0  # alive for all
    order = rng.permutation(units)
    return X, W[:, order], b[order]


def slope_cases() -> dict[str, Draw]:
    return {
        "1層": lambda rng: (0.5, np.array([1.0])),
        "3層、重みはすべて1": lambda rng: (0.0, np.ones(3)),
        "4層、乱数の重み": lambda rng: (float(normal(rng)), 2 * normal(rng, 4)),
        "10層": lambda rng: (float(normal(rng)), 1 + rng.random(10)),
        "飽和する重み": lambda rng: (1.0, np.array([1.0, -12.0, 3.0])),
        "深く飽和する重み": lambda rng: (1e-3, np.array([-40e3, 2.0])),
        # A numerical derivative has no step that is small enough for the first and large enough for the second.
        "小さな入力、大きな重み": lambda rng: (1e-4 * float(normal(rng)), np.array([1e4, 2.0])),
        "大きな入力、小さな重み": lambda rng: (1e6 * (1 + float(rng.random())), np.array([-1e-6, 2.0])),
    }


# --- references -------------------------------------------------------------------------------


def compare_outputs(network: Mapping[str, Array], x: Array) -> tuple[Array, Array]:
    u2 = forward(network, x)["y"]
    return u2, functions.sigmoid(u2)


def dead_units(X: Array, W: Array, b: Array) -> Array:
    return np.all(functions.affine(X, W, b) <= 0, axis=0)


def slope_through_layers(x: float, w: Array) -> float:
    z, slope = np.asarray(x), 1.0
    for weight in w:
        u = weight * z
        z, slope = functions.sigmoid(u), slope * weight * functions.d_sigmoid(u)
    return slope


# --- beginnings that several pitfalls and variants share ---------------------------------------

HIDDEN = 'z1 = functions.relu(np.dot(x, network["W1"]) + network["b1"])\n'
OUTPUT = 'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
LAYERS = "z = x\nslope = 1.0\nfor weight in w:\n"
ONE_BY_ONE = "y = np.zeros(u.shape)\nfor place in np.ndindex(u.shape):\n"


EXERCISES = [
    Value(
        id="K2-1",
        name="k2_1",
        section="線形と非線形",
        accept=linear_or_not,
        pitfalls={
            linear(wrong=["2x + 1"]):
                "グラフがまっすぐでも、線形とは限りません。2x + 1 で f(3) + f(-5) と f(-2) を計算してみましょう。",
            linear(wrong=["絶対値", "ReLU"]):
                "正の数だけで調べると、この2つは一致してしまいます。x と x' の符号を変え、k も負にしましょう。",
            linear(wrong=["ReLU"]): "ReLU は 0 で折れ曲がります。x と x' を、0 をはさんで選びましょう。",
            linear(wrong=["絶対値"]): "絶対値は 0 で折れ曲がります。x と x' を、0 をはさんで選びましょう。",
            linear(wrong=["x の2乗"]): "x の2乗で、k を 2 にして f(kx) と k f(x) を比べてみましょう。",
            linear(wrong=["x の2乗", "絶対値", "ReLU"]):
                "0 だけで調べると、f(0) = 0 の関数はすべて一致します。0 でない x、x'、k を選びましょう。",
            linear(wrong=["3x"]):
                "丸めの誤差のせいで、== では違うと判定されることがあります。np.isclose で比べましょう。",
            linear(wrong=["-x/2"]): "右下がりの直線も、2つの式を計算で確かめれば判定できます。",
            linear(wrong=["いつも0"]): "いつも 0 の関数でも、両辺を計算してみましょう。0 + 0 と 0 は等しいですか。",
            linear(wrong=["2x + 1", "x の2乗", "絶対値", "ReLU"]):
                "すべて True になっています。2つの条件の両方を調べ、どちらかでも成り立たなければ False にします。",
            linear(wrong=["3x", "-x/2", "いつも0"]):
                "すべて False になっています。両辺が等しいかどうかを np.isclose で比べ、結果を入れましょう。",
            linear(wrong=list(LINEAR)): "True と False が逆です。線形なら True です。",
            '("3x", "-x/2", "いつも0")': "線形なものの並びではなく、7つの名前すべてと True か False の辞書にします。",
            '{"3x": True, "-x/2": True, "いつも0": True}': "非線形なものも、False として辞書に入れましょう。",
            repr({name: "線形" if linear_ else "非線形" for name, linear_ in LINEAR.items()}):
                "値には True か False を、引用符を付けずに入れましょう。",
        },
        variants=[
            repr(LINEAR),
            "dict(zip(['いつも0', 'ReLU', '絶対値', 'x の2乗', '2x + 1', '-x/2', '3x'], [True, *[False] * 4, True, True]))",
            "{name: np.bool_(name in ('3x', '-x/2', 'いつも0')) for name in "
            "['3x', '-x/2', '2x + 1', 'x の2乗', '絶対値', 'ReLU', 'いつも0']}",
            "{name: bool(np.isclose(f(2.0 - 3.0), f(2.0) + f(-3.0)) and np.isclose(f(-4.0), -2 * f(2.0))) for name, f in "
            "{'3x': lambda x: 3 * x, '-x/2': lambda x: -x / 2, '2x + 1': lambda x: 2 * x + 1, 'x の2乗': lambda x: x**2,"
            " '絶対値': abs, 'ReLU': functions.relu, 'いつも0': lambda x: 0 * x}.items()}",
        ],
    ),
    Line(
        id="K2-2",
        name="k2_2",
        section="傾きは、変化の伝わりやすさ",
        accepted=["z = functions.sigmoid(u)", "z1 = functions.relu(u1)", "z2 = functions.relu(u2)"],
        pitfalls={
            "u = np.dot(x, W) + b": "それは総入力 u を作る行です。f に通すのは、そのあとです。",
            "u1 = np.dot(x, W1) + b1": "それは1つ目の層の総入力を作る行です。f に通すのは、そのあとです。",
            "u2 = np.dot(z1, W2) + b2": "それは2つ目の層の総入力を作る行です。f に通すのは、そのあとです。",
            "u3 = np.dot(z2, W3) + b3": "それは出力層の総入力を作る行です。",
            "y = functions.identity(u3)": "関数に通していますが、左辺は出力層の出力 y です。中間層の行を探しましょう。",
            "delta2 = np.dot(delta3, W3.T) * functions.d_relu(u2)":
                "名前が d_ で始まる関数は、活性化関数ではなくその微分です。逆伝播で使います。",
            "delta3 = functions.d_mean_squared_error(d, y)": "それは誤差の微分を求める行です。",
            "functions.sigmoid(u)": "行の左辺 z = も含めて写しましょう。",
            "functions.relu(u1)": "行の左辺 z1 = も含めて写しましょう。",
            "z": "変数の名前だけでなく、その値を決めている1行を写しましょう。",
            "z = f(u)": "式のままではなく、それにあたるプログラムの行を写しましょう。",
        },
        variants=["z=functions.sigmoid( u )", "  z1 = functions.relu(u1)  # 1つ目の中間層", "z2 = relu(u2)",
                  "z = sigmoid(u)"],
    ),
    Function(
        id="T2-1",
        signature="step_function(u)",
        section="ステップ関数",
        reference=functions.step_function,
        instead_of=EVERY_FUNCTION,
        inputs=elementwise(largest=100.0, integers=True),
        pitfalls={
            "np.where(u >= 0, 1, 0)": "u = 0 のときは 0 です。境目の等号か、np.heaviside の2つ目の引数(u = 0 での値)を確かめましょう。",
            "np.heaviside(u, 0.5)": "u = 0 での値が 0.5 になっています。np.heaviside では、2つ目の引数が u = 0 での値です。",
            "np.sign(u)": "np.sign は、負の数で -1 を返します。負の数では 0 にしましょう。",
            "np.where(u > 0, 0, 1)": "1 と 0 が逆です。正のときに 1 です。",
            "np.where(u > 0, 1, -1)": "正でないときの値は -1 ではなく 0 です。",
            "np.clip(u, 0, 1)": "0 と 1 の間の値が残っています。正の数は、大きさにかかわらず 1 にします。",
            "np.maximum(u, 0)": "それは ReLU です。正の数は、大きさにかかわらず 1 にします。",
            "np.where(u > 1, 1, 0)": "境目は 1 ではなく 0 です。",
            "np.where(u > 0.5, 1, 0)": "境目は 0.5 ではなく 0 です。",
            "1 / (1 + np.exp(-u))": "それはシグモイド関数です。途中の値をとらず、0 か 1 のどちらかにします。",
            "np.round(1 / (1 + np.exp(-u)))":
                "0 にごく近い正の数が 0 になっています。丸めたりせずに、u そのものを 0 と比べましょう。",
            "if u > 0:\n    return 1\nelse:\n    return 0":
                "if では配列の要素ごとに場合分けできません。u > 0 や np.where を使いましょう。",
            "return 1 if (u > 0).any() else 0": "配列全体で1つの答えになっています。要素ごとに 0 か 1 を返しましょう。",
            "u[u > 0] = 1\nu[u <= 0] = 0\nreturn u": "渡された u を書き換えています。新しい配列を作って返しましょう。",
            "np.zeros_like(u)": "それはステップ関数の微分です。",
            "u > 0": "True と False の配列になっています。1 と 0 の数に変えましょう。",
        },
        variants=["(u > 0).astype(float)", "(u > 0) * 1", "np.heaviside(u, 0)", "np.array(u > 0, dtype=int)",
                  "y = np.zeros(u.shape)\ny[u > 0] = 1\nreturn y",
                  ONE_BY_ONE + "    y[place] = 1 if u[place] > 0 else 0\nreturn y",
                  "np.sign(np.maximum(u, 0))", "1 - (u <= 0)"],
    ),
    Function(
        id="T2-1b",
        signature="sigmoid(u)",
        section="シグモイド関数",
        reference=functions.sigmoid,
        tolerance=ROUNDING,
        besides=not_cut_off,
        instead_of=EVERY_FUNCTION,
        inputs=elementwise(largest=100.0, integers=True),
        pitfalls={
            "1 / (1 + np.exp(u))": "exp の中の符号が逆です。大きな u ほど 1 に近づくはずです。",
            "1 / 1 + np.exp(-u)": "1 / 1 が先に計算されて、分母だけの値になっています。1 + np.exp(-u) 全体を、かっこで囲みましょう。",
            "1 / (1 - np.exp(-u))": "分母は引き算ではなく、足し算です。",
            "np.exp(-u)": "1 / (1 + …) の部分がありません。",
            "y = 1 / (1 + np.exp(-u))\nreturn y * (1 - y)": "それはシグモイド関数の微分です。",
            "np.tanh(u)": "tanh は -1 から 1 の関数です。シグモイド関数は 0 から 1 です。",
            "1 / (1 + 2.718 ** -u)": "e を 2.718 と丸めると値がずれます。np.exp を使いましょう。",
            "np.round(1 / (1 + np.exp(-u)), 4)": "値を丸めないでください。",
            "1 / (1 + np.exp(-np.clip(u, -30, 30)))": "遠くの u を切り詰めています。100 までの u なら、そのまま計算できます。",
            "np.float32(1 / (1 + np.exp(-u)))": "float32 では7桁ほどしか残りません。float64 のまま返しましょう。",
            "1 / (1 + 2.718281828 ** -u)": "e の桁が足りません。np.exp を使いましょう。",
            "1 / (1 + np.exp(-np.abs(u)))": "負の u でも 0.5 以上になっています。絶対値をとってはいけません。",
            "1 / np.sum(1 + np.exp(-u))": "合計はとりません。要素ごとに計算しましょう。",
            "np.exp(-u) / np.sum(np.exp(-u))": "それはソフトマックス関数に近い形です。合計はとりません。",
            "np.where(u > 0, 1.0, 0.0)": "それはステップ関数です。なめらかに変わるのがシグモイド関数です。",
            "import math\nreturn 1 / (1 + math.exp(-u))":
                "math.exp は1つの数しか計算できません。配列には np.exp を使いましょう。",
            "y = np.zeros_like(u)\nfor place in np.ndindex(u.shape):\n    y[place] = 1 / (1 + np.exp(-u[place]))\nreturn y":
                "np.zeros_like(u) は u の型を引き継ぐので、整数の u では小数が切り捨てられます。np.zeros(u.shape) を使いましょう。",
        },
        variants=["1 / (1 + np.exp(-u))", "1.0 / (np.exp(-u) + 1.0)", "(1 + np.exp(-u)) ** -1",
                  "np.reciprocal(1 + np.exp(-u))", "(np.tanh(u / 2) + 1) / 2",
                  ONE_BY_ONE + "    y[place] = 1 / (1 + np.exp(-float(u[place])))\nreturn y",
                  "e = np.exp(-np.abs(u))\nreturn np.where(u >= 0, 1 / (1 + e), e / (1 + e))",
                  "np.exp(-np.logaddexp(0, -u))", "1 / (1 + np.e ** -u)", "np.exp(u) / (1 + np.exp(u))",
                  "import math\nreturn np.vectorize(lambda v: 1 / (1 + math.exp(-v)))(u)"],
    ),
    Function(
        id="T2-1c",
        signature="relu(u)",
        section="ReLU",
        reference=functions.relu,
        instead_of=EVERY_FUNCTION,
        inputs=elementwise(largest=100.0, integers=True),
        pitfalls={
            "max(u, 0)": "max や if では、配列の要素ごとに 0 と比べられません。np.maximum や np.where を使いましょう。",
            "np.max(u, 0)": "np.max の2つ目の引数は軸です。要素ごとに比べるのは np.maximum です。",
            "np.max(u)": "いちばん大きい要素だけが返っています。要素ごとに 0 と比べるのは np.maximum です。",
            "np.minimum(u, 0)": "小さいほうをとっています。正の数を通すには、どちらをとりますか。",
            "np.abs(u)": "負の数が正の数になっています。負の数は 0 にします。",
            "np.where(u > 0, 1, 0)": "それは ReLU の微分です。正の数は、1 ではなくそのまま通します。",
            "np.where(u > 0, u, 0.01 * u)": "それは Leaky ReLU です。負の数は 0 にします。",
            "np.where(u > 1, u, 0)": "境目は 1 ではなく 0 です。",
            "np.clip(u, 0, 1)": "1 より大きい数も、そのまま通します。",
            "u": "何も変えずに返しています。負の数は 0 にします。",
            "np.vectorize(lambda v: max(0, v))(u)":
                "np.vectorize は最初の結果の型に合わせるので、整数の 0 から始まると小数が切り捨てられます。np.maximum を使いましょう。",
            "np.clip(u, 0, 6)": "6 で頭打ちにした ReLU6 です。ReLU には上限がありません。",
            "np.maximum(u, 1)": "比べる相手は 1 ではなく 0 です。",
            "u[u > 0]": "0 以下の要素が取り除かれています。取り除かずに 0 にして、形を保ちましょう。",
            "u[u < 0] = 0\nreturn u": "渡された u を書き換えています。新しい配列を作って返しましょう。",
            "if u > 0:\n    return u\nreturn 0": "max や if では、配列の要素ごとに 0 と比べられません。np.maximum や np.where を使いましょう。",
            "np.logaddexp(0, u)": "それはソフトプラス関数です。ReLU は 0 で折れ曲がります。",
        },
        variants=["np.maximum(0, u)", "np.where(u > 0, u, 0)", "u * (u > 0)", "(u + np.abs(u)) / 2",
                  "np.clip(u, 0, None)", "y = u.copy()\ny[y < 0] = 0\nreturn y", "np.where(u < 0, 0, u)",
                  ONE_BY_ONE + "    y[place] = max(u[place], 0)\nreturn y", "np.fmax(u, 0.0)"],
    ),
    Function(
        id="T2-1d",
        signature="identity(u)",
        section="出力層の活性化関数",
        reference=functions.identity,
        instead_of=EVERY_FUNCTION,
        inputs=elementwise(largest=100.0, integers=True),
        pitfalls={
            "np.eye(len(u))": "それは単位行列です。恒等写像は、渡された値をそのまま返します。",
            "np.ones_like(u)": "それは恒等写像の微分です。",
            "1": "恒等写像の微分が 1 です。関数そのものは、渡された値をそのまま返します。",
            "np.maximum(u, 0)": "それは ReLU です。負の数も、そのまま返します。",
            "1 / (1 + np.exp(-u))": "それはシグモイド関数です。何も変えずに返しましょう。",
            "np.abs(u)": "負の数の符号が消えています。負の数も、そのまま返します。",
            "-u": "符号が変わっています。何も変えずに返しましょう。",
            "u + 1": "何も足さずに返しましょう。",
            "print(u)": "値は、print で表示するだけでは返りません。return で返しましょう。",
            "u[0]": "最初の要素だけでなく、配列全体を返しましょう。",
            "np.sum(u)": "1つの数になっています。配列をそのままの形で返しましょう。",
            "np.round(u)": "値を丸めないでください。",
            "u.astype(int)": "整数に変えると、小数の部分が失われます。",
            "u.ravel()": "形も変えずに返します。1列に並べ直してはいけません。",
        },
        variants=["u", "u.copy()", "np.array(u)", "1 * u", "u + 0", "y = u\nreturn y", "np.where(True, u, 0)"],
    ),
    Function(
        id="T2-1e",
        signature="softmax(u)",
        section="出力層の活性化関数",
        reference=functions.softmax,
        tolerance=TAILS,
        instead_of=EVERY_FUNCTION,
        inputs={
            "負、0、正": lambda rng: (np.array([-2.0, 0.0, 3.0]),),
            "乱数": lambda rng: (3 * normal(rng, 5),),
            "データ2個": lambda rng: (3 * normal(rng, 2, 4),),
            "行と列が同じ数": lambda rng: (3 * normal(rng, 3, 3),),
            "絶対値が100まで": lambda rng: (np.array([[100.0, 0.0, -100.0], [-100.0, -99.0, -98.0]]),),
            "整数": lambda rng: (rng.integers(-5, 6, size=(2, 3)),),
        },
        pitfalls={
            "np.exp(u) / np.sum(np.exp(u))": "データをまとめたとき、全体の合計で割っています。1行ごとに割りましょう。",
            "np.exp(u) / np.sum(np.exp(u), axis=0)": "列ごとの合計で割っています。1つのデータは1行です。",
            "np.exp(u) / np.sum(np.exp(u), axis=-1)":
                "足した軸が消えたので、割り算の相手がずれています。keepdims=True を付けましょう。",
            "np.exp(u) / np.sum(np.exp(u), axis=1, keepdims=True)":
                "データが1つのとき (K,) には、軸 1 がありません。最後の軸を axis=-1 と書きましょう。",
            "np.exp(u)": "合計で割っていません。",
            "u / np.sum(u, axis=-1, keepdims=True)": "割る前に、exp を通しましょう。",
            "np.exp(-u) / np.sum(np.exp(-u), axis=-1, keepdims=True)": "exp の中の符号が逆です。大きな u ほど確率が大きくなります。",
            "np.exp(u) / np.exp(np.sum(u, axis=-1, keepdims=True))": "exp を通してから合計します。順番が逆です。",
            "np.exp(u) / np.max(np.exp(u), axis=-1, keepdims=True)": "最大値ではなく、合計で割りましょう。",
            "np.exp(u) / np.mean(np.exp(u), axis=-1, keepdims=True)": "平均ではなく、合計で割りましょう。",
            "1 / (1 + np.exp(-u))": "それはシグモイド関数です。1つのデータの出力の合計が 1 になりません。",
            "s = 1 / (1 + np.exp(-u))\nreturn s / np.sum(s, axis=-1, keepdims=True)":
                "シグモイド関数ではなく、exp を合計で割ります。",
            "np.eye(u.shape[-1])[np.argmax(u, axis=-1)]": "最大の要素を 1 にするのではなく、確率の割合を返します。",
            "e = np.exp(u)\nreturn np.log(e / np.sum(e, axis=-1, keepdims=True))": "対数はとりません。",
            "e = np.exp(u)\nreturn np.round(e / np.sum(e, axis=-1, keepdims=True), 4)": "値を丸めないでください。",
            "e = 10.0 ** u\nreturn e / np.sum(e, axis=-1, keepdims=True)": "底は 10 ではなく e です。np.exp を使いましょう。",
            "e = 2.0 ** u\nreturn e / np.sum(e, axis=-1, keepdims=True)": "底は 2 ではなく e です。np.exp を使いましょう。",
        },
        variants=[
            "e = np.exp(u - np.max(u, axis=-1, keepdims=True))\nreturn e / np.sum(e, axis=-1, keepdims=True)",
            "np.exp(u) / np.exp(u).sum(axis=-1, keepdims=True)",
            "(np.exp(u).T / np.exp(u).T.sum(axis=0)).T",
            "e = np.exp(u)\nif u.ndim == 1:\n    return e / e.sum()\nreturn e / e.sum(axis=1)[:, np.newaxis]",
            "if u.ndim == 2:\n    return np.array([np.exp(row) / sum(np.exp(row)) for row in u])\nreturn np.exp(u) / np.exp(u).sum()",
            "e = np.exp(u)\nreturn np.einsum('...k,...->...k', e, 1 / np.einsum('...k->...', e))",
            "e = np.exp(u)\nreturn e / (e @ np.ones((u.shape[-1], 1)))",
            "np.exp(u - np.log(np.exp(u).sum(axis=-1, keepdims=True)))",
            "total = 0\nfor k in range(u.shape[-1]):\n    total = total + np.exp(u[..., k])\nreturn np.exp(u) / total[..., None]",
        ],
    ),
    Function(
        id="T2-2",
        signature="compare_outputs(network, x)",
        section="出力層の活性化関数",
        reference=compare_outputs,
        instead_of=(forward, Network.forward),
        inputs={
            "2-3-1": lambda rng: (random_network(rng, 2, 3, 1), normal(rng, 2)),
            "データ5個": lambda rng: (random_network(rng, 3, 4, 2), normal(rng, 5, 3)),
            "大きな値": lambda rng: (random_network(rng, 2, 6, 1), 1e3 * normal(rng, 4, 2)),
        },
        pitfalls={
            HIDDEN + OUTPUT + "return functions.sigmoid(u2), u2": "返す順番が逆です。恒等写像の出力が先です。",
            HIDDEN + OUTPUT + "return functions.sigmoid(u2)": "恒等写像とシグモイド関数の2つの出力を、この順に返しましょう。",
            HIDDEN + OUTPUT + "return u2": "恒等写像とシグモイド関数の2つの出力を、この順に返しましょう。",
            HIDDEN + OUTPUT + "return u2, functions.softmax(u2)": "2つ目の出力は、ソフトマックス関数ではなくシグモイド関数です。",
            HIDDEN + OUTPUT + "return u2, functions.relu(u2)": "2つ目の出力は、ReLU ではなくシグモイド関数です。",
            HIDDEN + OUTPUT + "return u2, functions.d_sigmoid(u2)": "2つ目がシグモイド関数の微分になっています(名前が d_ で始まるのは微分です)。関数そのものに通しましょう。",
            HIDDEN + OUTPUT + "return u2, functions.sigmoid(functions.sigmoid(u2))": "シグモイド関数を2回通しています。",
            HIDDEN + OUTPUT + "return functions.relu(u2), functions.sigmoid(u2)":
                "1つ目の出力に ReLU を通しています。恒等写像は何も変えません。",
            HIDDEN.replace("relu", "sigmoid") + OUTPUT + "return u2, functions.sigmoid(u2)":
                "中間層の活性化関数まで替わっています。中間層は ReLU のままです。",
            HIDDEN + OUTPUT + 'v1 = functions.sigmoid(np.dot(x, network["W1"]) + network["b1"])\n'
            'v2 = np.dot(v1, network["W2"]) + network["b2"]\nreturn u2, functions.sigmoid(v2)':
                "2つ目の計算で、中間層の活性化関数まで替わっています。中間層は、どちらも ReLU です。",
            'z1 = np.dot(x, network["W1"]) + network["b1"]\n' + OUTPUT + "return u2, functions.sigmoid(u2)":
                "中間層の ReLU を通していません。",
            HIDDEN + 'u2 = np.dot(z1, network["W2"])\nreturn u2, functions.sigmoid(u2)':
                "出力層のバイアス b2 を足し忘れています。",
            'z1 = functions.relu(np.dot(x, network["W1"]))\n' + OUTPUT + "return u2, functions.sigmoid(u2)":
                "中間層のバイアス b1 を足し忘れています。",
            HIDDEN + OUTPUT + "return z1, functions.sigmoid(z1)": "中間層の出力を返しています。出力層の計算が残っています。",
            HIDDEN + OUTPUT + 'return u2, np.dot(functions.sigmoid(z1), network["W2"]) + network["b2"]':
                "シグモイド関数は、出力層の総入力に通します。中間層の出力に通すのではありません。",
            HIDDEN + OUTPUT + "return u2, np.where(u2 > 0, 1.0, 0.0)":
                "シグモイド関数の出力は、0 か 1 ではなく、その間の値です。",
        },
        variants=[
            HIDDEN + OUTPUT + "return functions.identity(u2), functions.sigmoid(u2)",
            HIDDEN + OUTPUT + "return [u2, 1 / (1 + np.exp(-u2))]",
            'z1 = np.maximum(x @ network["W1"] + network["b1"], 0)\ny = z1 @ network["W2"] + network["b2"]\n'
            "return y, (np.tanh(y / 2) + 1) / 2",
            'W1, b1, W2, b2 = (network[k] for k in ("W1", "b1", "W2", "b2"))\n'
            "u2 = np.einsum('...h,hk->...k', functions.relu(np.einsum('...i,ih->...h', x, W1) + b1), W2) + b2\n"
            "y = functions.sigmoid(u2)\nreturn u2, y",
        ],
    ),
    Choice(
        id="T2-2b",
        name="t2_2b",
        section="出力層の活性化関数",
        correct=frozenset({1, 2}),
        reasons={
            3: "合計が 1 になるように割るのはソフトマックス関数です。シグモイド関数は、要素を1つずつ変えます。",
            4: "替えたのは出力層の活性化関数だけです。中間層の計算は、出力層より前に終わっています。",
            5: "活性化関数には、学習で調整する重みもバイアスもありません。",
        },
        missing="シグモイド関数のグラフを見て、右へ進むとどうなるか、0 でどんな値になるかを確かめましょう。",
    ),
    WithoutOverflow(
        id="X2-1",
        signature="stable_sigmoid(u)",
        section="大きな負の数でも溢れないように",
        reference=functions.sigmoid,
        tolerance=ROUNDING,
        besides=not_cut_off,
        instead_of=EVERY_FUNCTION,
        inputs={
            "ふつうの値": lambda rng: (3 * normal(rng, 6),),
            "-1000": lambda rng: (np.array([-1000.0, -2.0, 1.0]),),
            "1000": lambda rng: (np.array([1000.0, 2.0, -1.0]),),
            "10万": lambda rng: (np.array([-1e5, 3.0, 1e5]),),
            "データ3個": lambda rng: (10.0 ** rng.integers(0, 6, size=(3, 4)) * rng.choice([-1.0, 1.0], size=(3, 4)),),
            "0 と、広い範囲の乱数": lambda rng: (np.append(rng.uniform(-1000, 1000, 20), [0.0, -800.0, 800.0, -30.0]),),
            "-50 から -1000": lambda rng: (np.append(rng.uniform(-1000, -50, 20), [-60.0, -450.0]),),
        },
        pitfalls={
            "1 / (1 + np.exp(-u))": "負の大きな u で、np.exp(-u) が溢れています。",
            "np.exp(u) / (1 + np.exp(u))": "正の大きな u で、np.exp(u) が溢れています。",
            'with np.errstate(over="ignore"):\n    return 1 / (1 + np.exp(-u))': SILENCED,
            'quiet = np.errstate(over="ignore")(lambda v: 1 / (1 + np.exp(-v)))\nreturn quiet(u)': SILENCED,
            "np.where(u >= 0, 1 / (1 + np.exp(-u)), np.exp(u) / (1 + np.exp(u)))":
                "exp に大きな正の数が渡っています。np.where は選ばれないほうの式も計算することと、場合分けの向きを確かめましょう。",
            "if u >= 0:\n    return 1 / (1 + np.exp(-u))\nreturn np.exp(u) / (1 + np.exp(u))":
                "if では配列の要素ごとに場合分けできません。要素を選ぶか、np.where を使いましょう。",
            "1 / (1 + np.exp(-np.abs(u)))": "溢れなくなりましたが、負の u の値が、正の u と同じになっています。",
            "np.exp(-np.abs(u)) / (1 + np.exp(-np.abs(u)))": "溢れなくなりましたが、正の u の値が、負の u と同じになっています。",
            "1 / (1 + np.exp(-np.maximum(u, 0)))": "負の u がすべて 0.5 になっています。負のときの式も要ります。",
            "1 / (1 + np.exp(-np.clip(u, -10, 10)))": "切り詰める範囲が狭すぎて、値がずれています。",
            "1 / (1 + np.exp(-np.clip(u, -40, 40)))": "切り詰める範囲が狭すぎて、値がずれています。",
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n"
            "    return pool.submit(lambda: 1 / (1 + np.exp(-u))).result()":
                "負の大きな u で、np.exp(-u) が溢れています。",
            "import contextvars\nreturn contextvars.Context().run(lambda: np.exp(u) / (1 + np.exp(u)))":
                "正の大きな u で、np.exp(u) が溢れています。",
            "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
            "    return 1 / (1 + np.exp(-u))": SILENCED,
            "1 / (1 + np.exp(np.minimum(-u, 10)))": "切り詰める範囲が狭すぎて、負の側の値がずれています。",
            "np.where(u >= 0, 1.0, 0.0)": "それはステップ関数です。0 に近い u では、間の値をとります。",
            "e = np.exp(-np.abs(u))\nreturn np.where(u >= 0, e, 1) / (1 + e)": "正の u と負の u の式が逆です。",
            "import math\nreturn 1 / (1 + math.exp(-u))":
                "math.exp は1つの数しか計算できません。配列には np.exp を使いましょう。",
            "y = 1 / (1 + np.exp(-np.clip(u, -700, 700)))\nreturn np.where(np.abs(u) > 700, 0.0, y)":
                "大きな正の u では、0 ではなく 1 に近づきます。",
            "u = u / np.abs(u).max()\nreturn 1 / (1 + np.exp(-u))": "u を小さくすると、シグモイド関数の値が変わってしまいます。",
            "u = u - u.max()\nreturn np.exp(u) / (1 + np.exp(u))":
                "最大値を引いても値が変わらないのは、比だけで決まるソフトマックス関数です。シグモイド関数の値は変わります。",
            "(np.tanh(u) + 1) / 2": "tanh に渡す数の倍率が違います。",
            "y = np.zeros(len(u))\nfor i in range(len(u)):\n    y[i] = 1 / (1 + np.exp(-u[i])) if u[i] >= 0 else "
            "np.exp(u[i]) / (1 + np.exp(u[i]))\nreturn y":
                "1次元の配列なら合っています。2次元の配列では、u[i] が1つの数ではなく1行になります。",
        },
        variants=[
            "e = np.exp(-np.abs(u))\nreturn np.where(u >= 0, 1 / (1 + e), e / (1 + e))",
            "y = np.empty(u.shape)\nplus = u >= 0\ny[plus] = 1 / (1 + np.exp(-u[plus]))\n"
            "e = np.exp(u[~plus])\ny[~plus] = e / (1 + e)\nreturn y",
            "0.5 * (1 + np.tanh(u / 2))", "0.5 * (1 + np.tanh(0.5 * u))",
            "1 / (1 + np.exp(-np.clip(u, -500, 500)))", "1 / (1 + np.exp(np.minimum(-u, 700)))",
            "np.exp(-np.logaddexp(0, -u))",
            "a = np.exp(np.minimum(u, 0))\nb = np.exp(np.minimum(-u, 0))\nreturn a / (a + b)",
            "y = np.zeros_like(u)\nfor place, value in np.ndenumerate(u):\n"
            "    y[place] = 1 / (1 + np.exp(-value)) if value >= 0 else np.exp(value) / (1 + np.exp(value))\nreturn y",
            "y = 1 / (1 + np.exp(-np.abs(u)))\nreturn np.where(u < 0, 1 - y, y)",
            "import math\n\ndef one(v):\n    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))\n\n"
            "return np.vectorize(one)(u)",
        ],
    ),
    Function(
        id="X2-2",
        signature="tanh_by_sigmoid(u)",
        section="tanh",
        reference=functions.tanh,
        by_means_of=(functions.sigmoid,),
        inputs=elementwise(integers=True),
        pitfalls={
            "2 * functions.sigmoid(u) - 1": "シグモイド関数に渡す u を、横にも縮めましょう。",
            "functions.sigmoid(2 * u) - 1": "値の範囲が -1 から 0 です。縦に2倍してから 1 を引きましょう。",
            "2 * functions.sigmoid(2 * u)": "値の範囲が 0 から 2 です。-1 から 1 になるように、下げましょう。",
            "2 * functions.sigmoid(u / 2) - 1": "横に縮めるのではなく、伸ばしています。2 を掛けるか割るかを確かめましょう。",
            "1 - 2 * functions.sigmoid(2 * u)": "符号が逆です。正の u では正の値になります。",
            "functions.sigmoid(u)": "0 から 1 のままです。-1 から 1 になるように、伸ばして下げましょう。",
            "2 * functions.sigmoid(2 * u - 1)": "1 を引くのは、シグモイド関数に通したあとです。",
            "2 * (functions.sigmoid(2 * u) - 1)": "1 を引くのは、2倍したあとです。かっこの位置を確かめましょう。",
            "(functions.sigmoid(u / 2) + 1) / 2": "それは反対向きの式に近い形です。こんどは 0 から 1 を -1 から 1 に広げます。",
            "(np.exp(u) - np.exp(-u)) / (np.exp(u) + np.exp(-u))":
                "tanh の定義どおりですが、大きな u で inf / inf になります。functions.sigmoid を使いましょう。",
            "1 - np.tanh(u) ** 2": "それは tanh の微分です。",
        },
        variants=["2 * functions.sigmoid(2 * u) - 1", "2.0 * functions.sigmoid(u + u) - 1.0",
                  "functions.sigmoid(2 * u) - functions.sigmoid(-2 * u)", "1 - 2 * functions.sigmoid(-2 * u)",
                  "s = functions.sigmoid(2 * u)\nreturn s + s - 1",
                  "-1 + functions.sigmoid(2.0 * u) / 0.5",
                  ONE_BY_ONE + "    y[place] = 2 * functions.sigmoid(2 * u[place]) - 1\nreturn y"],
    ),
    Function(
        id="X2-2b",
        signature="sigmoid_by_tanh(u)",
        section="tanh",
        reference=functions.sigmoid,
        tolerance=ROUNDING,
        besides=not_cut_off,
        inputs=elementwise(integers=True),
        pitfalls={
            "(np.tanh(u) + 1) / 2": "縦の変換は合っています。tanh に渡す数も、横に伸ばすように変えましょう。",
            "(np.tanh(2 * u) + 1) / 2": "tanh に渡す数を2倍しています。掛けるか割るかを確かめましょう。",
            "np.tanh(u / 2) + 1": "値の範囲が 0 から 2 です。0 から 1 に縮めましょう。",
            "np.tanh(u / 2) / 2": "値の範囲が -0.5 から 0.5 です。0 から 1 になるように、上げましょう。",
            "np.tanh(u / 2) / 2 + 1": "値の範囲が 0.5 から 1.5 です。足してから割る順番を確かめましょう。",
            "np.tanh(u / 2) + 1 / 2": "割り算は足し算より先に計算されます。np.tanh(u / 2) + 1 をかっこで囲みましょう。",
            "(1 - np.tanh(u / 2)) / 2": "符号が逆です。大きな u ほど 1 に近づくはずです。",
            "2 * np.tanh(2 * u) - 1": "それは tanh をシグモイド関数で書く式の形です。u について解き直しましょう。",
            "np.tanh(u)": "-1 から 1 のままです。0 から 1 になるように、上げて縮めましょう。",
            "np.tanh((u + 1) / 2)": "1 を足すのは、tanh に通したあとです。",
            "(np.tanh(u // 2) + 1) / 2": "// は小数を切り捨てる割り算です。/ を使いましょう。",
            "2 * np.tanh(u / 2) - 1": "-1 から 1 の値を、さらに広げています。0 から 1 に縮めるには、どうしますか。",
        },
        variants=["(np.tanh(u / 2) + 1) / 2", "0.5 * np.tanh(0.5 * u) + 0.5", "(1 + functions.tanh(u / 2)) * 0.5",
                  "1 / (1 + np.exp(-u))", "t = np.tanh(u / 2)\nreturn (t + 1) / 2",
                  "1 - (1 - np.tanh(u / 2)) / 2",
                  ONE_BY_ONE + "    y[place] = (np.tanh(u[place] / 2) + 1) / 2\nreturn y"],
    ),
    Function(
        id="X2-3",
        signature="leaky_relu(u, negative_slope)",
        section="負の側にも傾きを残す",
        reference=functions.leaky_relu,
        inputs=elementwise(further=[lambda rng: round(float(rng.uniform(0.02, 0.9)), 3)])
        | {"傾き 0.01": lambda rng: (3 * normal(rng, 5), 0.01)},
        pitfalls={
            "np.maximum(u, 0)": "それは ReLU です。負の側の傾き negative_slope を使いましょう。",
            "np.where(u > 0, u, 0.01 * u)": "傾きが 0.01 に固定されています。引数 negative_slope を使いましょう。",
            "np.where(u > 0, u, negative_slope)": "負の側では、傾きをそのまま返すのではなく、u に掛けます。",
            "np.where(u > 0, u, -negative_slope * u)": "負の側で符号が変わり、V 字になっています。",
            "np.where(u > 0, negative_slope * u, u)": "正の側と負の側が逆です。np.minimum を使ったなら、大きいほうをとる関数に替えましょう。",
            "np.where(u > 0, 1, negative_slope)": "それは Leaky ReLU の微分です。",
            "negative_slope * u": "正の側にも傾きを掛けています。正の側はそのまま通します。",
            "np.maximum(u, negative_slope)": "比べる相手は、傾きそのものではなく、u に傾きを掛けたものです。",
            "np.maximum(u, 0) + negative_slope * u": "正の側でも negative_slope * u を足しています。負の側だけに足しましょう。",
            "np.where(u > 0, u, u - negative_slope)": "傾きは引くのではなく、u に掛けます。",
            "np.where(u > 0, u, u / negative_slope)": "傾きは割るのではなく、掛けます。",
            "if u > 0:\n    return u\nreturn negative_slope * u":
                "max や if では、配列の要素ごとに 0 と比べられません。np.maximum や np.where を使いましょう。",
            "u[u < 0] *= negative_slope\nreturn u": "渡された u を書き換えています。新しい配列を作って返しましょう。",
            "max(u, negative_slope * u)": "max や if では、配列の要素ごとに 0 と比べられません。np.maximum や np.where を使いましょう。",
        },
        variants=["np.maximum(u, negative_slope * u)", "np.where(u < 0, negative_slope * u, u)",
                  "np.maximum(u, 0) + negative_slope * np.minimum(u, 0)",
                  "u * np.where(u > 0, 1, negative_slope)", "y = u.copy()\ny[u < 0] *= negative_slope\nreturn y",
                  "functions.relu(u) - negative_slope * functions.relu(-u)",
                  ONE_BY_ONE + "    y[place] = u[place] if u[place] > 0 else negative_slope * u[place]\nreturn y",
                  "((1 + negative_slope) * u + (1 - negative_slope) * np.abs(u)) / 2"],
    ),
    Function(
        id="X2-3b",
        signature="d_leaky_relu(u, negative_slope)",
        section="負の側にも傾きを残す",
        reference=functions.d_leaky_relu,
        inputs=elementwise(further=[lambda rng: round(float(rng.uniform(0.02, 0.9)), 3)])
        | {"傾き 0.01": lambda rng: (3 * normal(rng, 5), 0.01)},
        pitfalls={
            "np.where(u >= 0, 1, negative_slope)": "u = 0 での微分は negative_slope です。境目の等号を確かめましょう。",
            "np.where(u > 0, 1, 0)": "それは ReLU の微分です。負の側にも傾きがあります。",
            "np.where(u > 0, 1, 0.01)": "傾きが 0.01 に固定されています。引数 negative_slope を使いましょう。",
            "np.where(u > 0, 1, negative_slope * u)": "微分は傾きです。負の側で u は掛けません。",
            "np.where(u > 0, u, negative_slope)": "正の側の直線 u の傾きは、u ではありません。",
            "np.where(u > 0, u, negative_slope * u)": "それは Leaky ReLU そのものです。求めるのは微分です。",
            "np.where(u > 0, 1, -negative_slope)": "負の側の傾きの符号が逆です。負の側でも右上がりです。",
            "np.where(u > 0, negative_slope, 1)": "正の側と負の側が逆です。",
            "np.where(u < 0, negative_slope, np.where(u > 0, 1, 0))": "u = 0 での微分は 0 ではなく、negative_slope です。",
            "negative_slope": "要素ごとに、正の側と負の側を分けましょう。",
            "np.full_like(u, negative_slope)": "正の側の傾きは negative_slope ではありません。",
            "np.where(u > 0, 1 + negative_slope, negative_slope)": "正の側に negative_slope を足す必要はありません。",
            "np.sign(u)": "負の側の傾きは -1 ではなく negative_slope です。",
            "1 if u > 0 else negative_slope": "if では配列の要素ごとに場合分けできません。np.where を使いましょう。",
            "np.where(u < 0, negative_slope, np.where(u > 0, 1, (1 + negative_slope) / 2))":
                "u = 0 では、左右の傾きの平均ではなく negative_slope とします。",
        },
        variants=["np.where(u > 0, 1.0, negative_slope)", "np.where(u <= 0, negative_slope, 1)",
                  "negative_slope + (1 - negative_slope) * (u > 0)",
                  "d = np.ones_like(u)\nd[u <= 0] = negative_slope\nreturn d",
                  "(u > 0) + negative_slope * (u <= 0)",
                  ONE_BY_ONE + "    y[place] = 1 if u[place] > 0 else negative_slope\nreturn y",
                  "functions.d_relu(u) + negative_slope * (1 - functions.d_relu(u))"],
    ),
    Function(
        id="X2-4",
        signature="dead_units(X, W, b)",
        section="死んだ ReLU",
        reference=dead_units,
        inputs={
            "データ5個、ユニット7つ": lambda rng: batch_with_dead_units(rng, 5, 3, 7),
            "データもユニットも7": lambda rng: batch_with_dead_units(rng, 7, 4, 7),
            "データ2個": lambda rng: batch_with_dead_units(rng, 2, 5, 8),
            "どれも同じ数": lambda rng: batch_with_dead_units(rng, 7, 7, 7),
        },
        pitfalls={
            "(functions.relu(X @ W + b) == 0).all(axis=1)":
                "データごとに調べています。ユニットごとに調べるには、どの軸に沿って見ますか。",
            "(functions.relu(X @ W + b) == 0).any(axis=0)":
                "1つでも 0 になれば死んでいる、と数えています。すべてのデータで 0 かどうかを調べましょう。",
            "(functions.relu(X @ W + b) == 0).all()": "全体で1つの答えになっています。ユニットごとに調べましょう。",
            "functions.relu(X @ W + b) == 0": "データごとの結果を、ユニットごとに1つにまとめましょう。",
            "(X @ W + b < 0).all(axis=0)": "総入力がちょうど 0 のときも、出力は 0 です。",
            "(X @ W + b).mean(axis=0) <= 0": "総入力の平均や合計では決まりません。1つでも正のデータがあれば生きています。",
            "(functions.relu(X @ W) == 0).all(axis=0)": "バイアス b を足し忘れています。",
            "(X @ W + b > 0).any(axis=0)": "生きているユニットが True になっています。逆にしましょう。",
            "np.where((functions.relu(X @ W + b) == 0).all(axis=0))[0]":
                "死んでいるユニットの番号が返っています。ユニットごとの True と False を返しましょう。",
            "(functions.relu(X @ W + b) == 0).sum(axis=0)":
                "0 になったデータの数が返っています。それがすべてのデータかどうかを調べましょう。",
            "(functions.relu(X @ W + b) == 0).mean(axis=0)":
                "0 になったデータの割合が返っています。すべてかどうかを、True か False で返しましょう。",
            "(functions.relu(X @ W + b) == 0).all(axis=0).sum()":
                "死んでいるユニットの数が返っています。ユニットごとの True と False を返しましょう。",
            "X[0] @ W + b <= 0": "最初のデータだけを見ています。すべてのデータを調べましょう。",
            "b < 0": "バイアスの符号だけでは決まりません。データを通した総入力で調べましょう。",
            "(functions.sigmoid(X @ W + b) == 0).all(axis=0)": "活性化関数は、シグモイド関数ではなく ReLU です。",
            "(functions.relu(X @ W + b) < 1e-3).all(axis=0)": "出力がどんなに小さくても、正なら生きています。0 と比べましょう。",
            "np.isclose(functions.relu(X @ W + b), 0).all(axis=0)": "出力がどんなに小さくても、正なら生きています。0 と比べましょう。",
            "np.where((X @ W + b <= 0).all(axis=0), 1, 0)": "1 と 0 ではなく、True と False を返しましょう。",
            "(X @ W + b == 0).all(axis=0)": "調べるのは総入力ではなく、ReLU を通した出力です。負の総入力も 0 になります。",
        },
        variants=[
            "(X @ W + b <= 0).all(axis=0)", "np.all(np.maximum(X @ W + b, 0) == 0, axis=0)",
            "functions.relu(X @ W + b).max(axis=0) == 0", "~functions.relu(X @ W + b).any(axis=0)",
            "functions.relu(X @ W + b).sum(axis=0) == 0", "(X @ W + b).max(axis=0) <= 0",
            "functions.d_relu(X @ W + b).sum(axis=0) == 0",
            "U = np.dot(X, W) + b\nreturn np.array([all(u <= 0 for u in U[:, j]) for j in range(U.shape[1])])",
            "U = X @ W + b\ndead = []\nfor j in range(len(b)):\n    dead.append(not np.any(U[:, j] > 0))\nreturn dead",
            "U = np.einsum('nd,dm->nm', X, W) + b\nreturn np.logical_not((U > 0).any(axis=0))",
        ],
    ),
    Function(
        id="X2-5",
        signature="d_sigmoid_from_output(z)",
        section="シグモイド関数",
        reference=lambda z: z * (1 - z),
        tolerance=(1e-14, 2.5e-16),  # one product: a difference quotient does not come so close
        inputs={
            "0 から 1 の乱数": lambda rng: (rng.random(5),),
            "両端と真ん中": lambda rng: (np.array([0.0, 0.5, 1.0]),),
            "データ4個": lambda rng: (functions.sigmoid(3 * normal(rng, 4, 3)),),
            "行と列が同じ数": lambda rng: (functions.sigmoid(3 * normal(rng, 3, 3)),),
            "飽和した出力": lambda rng: (functions.sigmoid(np.array([-12.0, -6.0, 6.0, 12.0])),),
            "float32": lambda rng: (rng.random((2, 3)).astype(np.float32),),
        },
        pitfalls={
            "functions.d_sigmoid(z)": "d_sigmoid に渡すのは総入力です。ここで渡されているのは出力 z なので、z だけの式で書きましょう。",
            "functions.sigmoid(z)": "z はすでにシグモイド関数を通した値です。もう一度通してはいけません。",
            "1 - z": "もう1つの因子が抜けています。",
            "z": "それは出力そのものです。求めるのは微分です。",
            "z * (z - 1)": "符号が逆です。シグモイド関数は右上がりなので、微分は負になりません。",
            "1 - z ** 2": "それは tanh の、出力を使った微分です。",
            "2 * z * (1 - z)": "2 は要りません。最大の値は 0.25 です。",
            "z * 1 - z": "どの z でも 0 になっています。z * 1 - z では掛け算が先に計算されるので、1 - z をかっこで囲みます。",
            "z * (1 + z)": "かっこの中の符号が違います。",
            "z @ (1 - z)": "@ では和がとられます。要素ごとの掛け算は * です。",
            "np.sum(z * (1 - z))": "合計はとりません。要素ごとの微分を返しましょう。",
            "z(1 - z)": "掛け算の記号 * が抜けています。Python では、z(…) は関数の呼び出しになります。",
            "np.full_like(z, 0.25)": "0.25 は最大の値です。微分は z によって変わります。",
            "z ** 2 * (1 - z)": "z を掛けるのは1回だけです。",
            "(1 - z) ** 2": "2つの因子の一方が違います。",
            "np.where(z > 0, 1.0, 0.0)": "それは ReLU の、出力を使った微分です。",
        },
        variants=["z * (1 - z)", "(1 - z) * z", "z - z**2", "z - z * z", "np.multiply(z, 1 - z)", "-z * (z - 1)",
                  "1 / 4 - (z - 1 / 2) ** 2",
                  "d = np.zeros(z.shape)\nfor place in np.ndindex(z.shape):\n    d[place] = z[place] * (1 - z[place])\nreturn d"],
    ),
    Function(
        id="X2-5b",
        signature="slope_through_layers(x, w)",
        section="層を重ねると、傾きは掛け算になる",
        reference=slope_through_layers,
        inputs=slope_cases(),
        pitfalls={
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= z * (1 - z)\nreturn slope":
                "層を通るたびに、活性化関数の微分だけでなく、重みも掛かります。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight\nreturn slope":
                "重みだけでなく、活性化関数の微分も掛けましょう。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight * functions.d_sigmoid(z)\nreturn slope":
                "d_sigmoid に渡すのは総入力です。出力 z を渡すと違う値になります。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight * functions.d_sigmoid(weight * z)\nreturn slope":
                "z を新しくしたあとの weight * z は、その層の総入力ではありません。新しくする前に総入力を求めましょう。",
            LAYERS + "    slope *= weight * functions.d_sigmoid(weight * x)\nreturn slope":
                "どの層にも入力 x を渡しています。前の層の出力を、次の層の入力にしましょう。",
            "z = x\nslope = 0.0\nfor weight in w:\n    z = functions.sigmoid(weight * z)\n    slope += weight * z * (1 - z)\n"
            "return slope":
                "層ごとの傾きを足しています。変化は層を通るたびに何倍かになるので、掛けましょう。",
            "z = x\nslope = 0.0\nfor weight in w:\n    z = functions.sigmoid(weight * z)\n    slope *= weight * z * (1 - z)\n"
            "return slope":
                "傾きがいつも 0 です。掛けていくはじめの値が 0 だと、何を掛けても 0 です。",
            "z = x\nfor weight in w:\n    z = functions.sigmoid(weight * z)\n    slope = weight * z * (1 - z)\nreturn slope":
                "最後の層の傾きしか残っていません。それまでの傾きに掛けていきましょう。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight * z * (1 - z)\n    return slope":
                "return が for の中にあるので、1層で終わっています。字下げを確かめましょう。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight * z * (1 - z)\nreturn z":
                "出力 z ではなく、傾きを返しましょう。",
            "0.25 ** len(w)": "それは、重みの絶対値がすべて 1 以下のときの、傾きの絶対値の上限です。実際の傾きを計算しましょう。",
            "np.prod(w) * 0.25 ** len(w)": "活性化関数の微分は、いつも 0.25 とは限りません。層ごとに計算しましょう。",
            "z = x\nslope = 1.0\nfor weight in w[:-1]:\n    z = functions.sigmoid(weight * z)\n    slope *= weight * z * (1 - z)\n"
            "return slope":
                "最後の層が抜けています。",
            LAYERS + "    z = functions.sigmoid(z)\n    slope *= weight * z * (1 - z)\nreturn slope":
                "総入力を求めるときに、重みを掛け忘れています。",
            LAYERS + "    slope *= weight * z * (1 - z)\n    z = functions.sigmoid(weight * z)\nreturn slope":
                "順番が逆です。z * (1 - z) には、その層の出力を使います。",
            "z = x\nslopes = []\nfor weight in w:\n    z = functions.sigmoid(weight * z)\n    slopes.append(weight * z * (1 - z))\n"
            "return slopes":
                "層ごとの傾きの並びが返っています。すべて掛けて、1つの数にしましょう。",
            LAYERS + "    z = functions.sigmoid(weight * z)\n    slope *= weight * (1 - z ** 2)\nreturn slope":
                "1 - z² は tanh の微分です。ここではシグモイド関数です。",
            LAYERS + "    z = functions.relu(weight * z)\n    slope *= weight * functions.d_relu(z)\nreturn slope":
                "活性化関数は、ReLU ではなくシグモイド関数です。",
        },
        variants=[
            LAYERS + "    u = weight * z\n    slope = slope * weight * functions.d_sigmoid(u)\n    z = functions.sigmoid(u)\n"
            "return slope",
            "z = [x]\nfor weight in w:\n    z.append(1 / (1 + np.exp(-weight * z[-1])))\nz = np.array(z[1:])\n"
            "return np.prod(w * z * (1 - z))",
            "slope, z = 1, x\nfor i in range(len(w)):\n    z = functions.sigmoid(w[i] * z)\n    slope *= w[i] * (z - z * z)\n"
            "return slope",
            "if len(w) == 0:\n    return 1.0\nz = functions.sigmoid(w[0] * x)\n"
            "return w[0] * z * (1 - z) * slope_through_layers(z, w[1:])",
            "outputs, z = [], x\nfor weight in w:\n    z = functions.sigmoid(weight * z)\n    outputs.append(z)\n"
            "slope = 1.0\nfor weight, z in zip(w[::-1], outputs[::-1]):\n    slope = slope * z * (1 - z) * weight\nreturn slope",
            "import math\nslope, z = 1.0, x\nfor weight in w:\n    z = 1 / (1 + math.exp(-weight * z))\n"
            "    slope *= weight * z * (1 - z)\nreturn slope",
        ],
    ),
]
