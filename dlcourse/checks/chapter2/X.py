"""第2章 活性化関数、発展問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions
from dlcourse.checks.chapter2.accept import (
    ROUNDING,
    SILENCED,
    WithoutOverflow,
    batch_with_dead_units,
    dead_units,
    elementwise,
    not_cut_off,
    slope_cases,
    slope_through_layers,
)
from dlcourse.checks.chapter2.answers import LAYERS, ONE_BY_ONE
from dlcourse.checks.compare import RELATIVE_ONLY
from dlcourse.checks.exercise import EVERY_FUNCTION, Function
from dlcourse.checks.inputs import normal
from dlcourse.checks.short_answers import Choice, Value

EXERCISES = [
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
    Choice(
        id="X2-6",
        name="x2_6",
        section="出力層の活性化関数",
        correct=frozenset({2}),
        reasons={
            1: "1 の行は、総入力を1つずつ指数関数に通しています。正しい行です。",
            3: "3 の行は、合計で割っています。合計が正しければ、正しい行です。",
            4: "4 の行は、求めた確率を返しているだけです。",
        },
        missing="間違っている行を1つ選びましょう。",
        pitfalls={
            "{1}": "1 の行は、総入力を1つずつ指数関数に通しています。正しい行です。",
            "{3}": "3 の行は、合計で割っています。合計が正しければ、正しい行です。",
            "{4}": "4 の行は、求めた確率を返しているだけです。",
        },
    ),
    Function(
        id="X2-6b",
        signature="softmax_of_rows(u)",
        section="出力層の活性化関数",
        reference=functions.softmax,
        tolerance=RELATIVE_ONLY,
        instead_of=EVERY_FUNCTION,
        inputs={
            "データ2個": lambda rng: (3 * normal(rng, 2, 4),),
            "データ1個": lambda rng: (3 * normal(rng, 1, 3),),
            "行と列が同じ数": lambda rng: (3 * normal(rng, 3, 3),),
            "データ5個、2種類": lambda rng: (3 * normal(rng, 5, 2),),
            "絶対値が100まで": lambda rng: (np.array([[100.0, 0.0, -100.0], [-100.0, -99.0, -98.0]]),),
            "整数": lambda rng: (rng.integers(-5, 6, size=(2, 3)),),
        },
        pitfalls={
            "np.exp(u) / np.sum(np.exp(u), axis=0, keepdims=True)": "元のままです。行ごとの合計で割りましょう。",
            "np.exp(u) / np.sum(np.exp(u))": "全体の合計で割っています。行ごとに割りましょう。",
            "np.exp(u) / np.sum(np.exp(u), axis=1)":
                "足した軸が消えたので、割り算の相手がずれています。keepdims=True は残しておきましょう。",
            "np.exp(u) / np.sum(u, axis=1, keepdims=True)": "足すのは、指数関数に通したあとの e です。",
            "np.exp(u) / np.mean(np.exp(u), axis=1, keepdims=True)": "平均ではなく、合計で割ります。",
            "np.exp(u) / np.max(np.exp(u), axis=1, keepdims=True)": "最大値ではなく、合計で割ります。",
            "y = np.exp(u) / np.sum(np.exp(u), axis=0, keepdims=True)\nreturn y / np.sum(y, axis=1, keepdims=True)":
                "縦に割ったあとで横にも割っています。合計は 1 になりますが、割合が変わっています。直すのは 2 の行だけです。",
            "e = np.exp(u.T)\nreturn e / np.sum(e, axis=0, keepdims=True)": "結果が転置されたままです。u と同じ形で返しましょう。",
        },
        variants=[
            "e = np.exp(u)\ntotal = np.sum(e, axis=1, keepdims=True)\ny = e / total\nreturn y",
            "e = np.exp(u)\nreturn e / e.sum(axis=-1)[:, np.newaxis]",
            "e = np.exp(u - np.max(u, axis=1, keepdims=True))\nreturn e / np.sum(e, axis=1, keepdims=True)",
            "return [np.exp(row) / sum(np.exp(row)) for row in u]",
            "return (np.exp(u.T) / np.sum(np.exp(u.T), axis=0)).T",
        ],
    ),
    Value(
        id="X2-7",
        name="x2_7",
        section="層を重ねると、傾きは掛け算になる",
        expected=[1.0, 0.5, 3.0],
        pitfalls={
            "[1.0, 0.0, 1.0]": "2つ目の層では、総入力 0 をシグモイド関数に通します。",
            "[1.0, 0.5, 0.9525741268224334]": "3つ目の層は恒等写像です。シグモイド関数には通しません。",
            "[2.0, 0.04742587317756678, 1.1897034927102671]": "最初の層で、バイアスの -1 を足し忘れています。",
            "[1.0, 0.04742587317756678, 1.1897034927102671]": "2つ目の層で、バイアスの 3 を足し忘れています。",
            "[1.0, 0.5, 2.0]": "3つ目の層で、バイアスの 1 を足し忘れています。",
            "[1.0, 0.0, 3.0]": "総入力を書いています。活性化関数に通したあとの値を書きましょう。",
            "[1.0, 0.25, 2.0]": "0.25 は、シグモイド関数の 0 での傾きです。値は 0.5 です。",
            "[0.7310585786300049, 0.6914385881204217, 3.7657543524816867]": "最初の層は ReLU です。",
            "[3.0, 0.5, 1.0]": "順番が逆です。入力に近い層から順に書きましょう。",
            "3.0": "3つの層の出力を、[ ] の中に順に並べて書きましょう。",
        },
        variants=["(1, 0.5, 3)", "np.array([1.0, 0.5, 3.0])", "[max(2 * 1 - 1, 0), 1 / (1 + np.exp(0)), 4 * 0.5 + 1]",
                  "[1, functions.sigmoid(0.0), 3]"],
    ),
    Value(
        id="X2-7b",
        name="x2_7b",
        section="層を重ねると、傾きは掛け算になる",
        expected=-6.0,
        pitfalls={
            "-24.0": "重みだけを掛けています。活性化関数の傾きも掛けましょう。",
            "0.25": "活性化関数の傾きだけを掛けています。重みも掛けましょう。",
            "6.0": "重みの符号も掛けます。2つ目の重みは負です。",
            "-12.0": "シグモイド関数の、値 0.5 を掛けています。掛けるのは傾きです。",
            "3.0": "それは出力の値です。求めるのは、入力を動かしたときの倍率です。",
            "5.25": "足しています。層を通るたびに、変化は何倍になりますか。倍率は掛け合わせます。",
            "-1.5": "最後の層の重み 4 を掛けていません。恒等写像の傾きは 1 です。",
            "-3.0": "最初の層の重み 2 を掛けていません。",
            "0.0": "シグモイド関数の、0 での傾きは 0 ではありません。",
            "-5.64025": "傾きをとる場所が違います。z₂ ではなく u₂ での傾きです。",
            "[2.0, -0.75, 4.0]": "層ごとの倍率です。3つを掛け合わせて、1つの数にしましょう。",
        },
        variants=["-6", "2 * 1 * -3 * 0.25 * 4 * 1", "np.prod([2.0, -0.75, 4.0])", "2 * -3 * functions.d_sigmoid(0.0) * 4"],
    ),
]
