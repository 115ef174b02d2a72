"""第3章 出力層と誤差関数、確認テスト: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions
from dlcourse.checks.chapter3.accept import (
    certain_outputs,
    errors_that_cancel,
    labels,
    one_hot,
    probabilities,
    rows_of_other_sizes,
    wrong_predictions,
)
from dlcourse.checks.chapter3.answers import IN_PLACE, ROWWISE, TO_LABELS
from dlcourse.checks.compare import RELATIVE_ONLY
from dlcourse.checks.exercise import EVERY_FUNCTION, LOSS_FUNCTIONS, Function
from dlcourse.checks.inputs import normal, whole_numbers
from dlcourse.checks.short_answers import Choice, Line, Value

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
        accept=errors_that_cancel,
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
            "大きな値、データ3個": lambda rng: (whole_numbers(rng, 3, 3), whole_numbers(rng, 3, 3), 1.5),
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
        tolerance=RELATIVE_ONLY,
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
            "5個、ラベル": lambda rng: wrong_predictions(rng, 5, 3),
            "3個、3種類、ラベル": lambda rng: wrong_predictions(rng, 3, 3),
            "3個、3種類、整数の one-hot": lambda rng: (
                np.eye(3, dtype=np.int64)[rng.permutation(3)], probabilities(rng, 3, 3)),
            "1個のまとまり、ラベル": lambda rng: (labels(rng, 1, classes=5), probabilities(rng, 1, 5)),
            "確率が 0 と 1": lambda rng: certain_outputs(rng, 4),
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
]
