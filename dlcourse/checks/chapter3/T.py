"""第3章 出力層と誤差関数、試してみよう: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions
from dlcourse.checks.chapter3.accept import one_hot, probabilities
from dlcourse.checks.exercise import LOSS_FUNCTIONS, Function
from dlcourse.checks.inputs import normal, whole_numbers

EXERCISES = [
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
            "大きな値": lambda rng: (whole_numbers(rng, 3, 3), whole_numbers(rng, 3, 3)),
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
]
