"""第3章 出力層と誤差関数、発展問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions
from dlcourse.checks.chapter3.accept import (
    classification_error,
    labels,
    loss_and_gradient,
    one_hot,
    output_layers,
    probabilities,
    rows_of_other_sizes,
    softmax_with_temperature,
)
from dlcourse.checks.chapter3.answers import (
    BROKEN,
    FROM_LOGITS,
    IN_PLACE,
    LOG_SOFTMAX,
    NO_TEMPERATURE,
    STILL_CAPPED,
    TO_ONE_HOT,
    TOO_LATE,
    answer_with,
)
from dlcourse.checks.compare import RELATIVE_ONLY
from dlcourse.checks.exercise import LOSS_FUNCTIONS, Function
from dlcourse.checks.inputs import normal
from dlcourse.checks.short_answers import Choice, Line, Value

EXERCISES = [
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
            answer_with(A=("sigmoid", "squared_error", 1)): "家賃は 0 から 1 の間の数ではありません。どんな実数も出力できるものを選びましょう。",
            answer_with(A=("identity", "cross_entropy", 1)): "家賃は確率ではありません。数のずれを測る誤差を選びましょう。",
            answer_with(A=("identity", "squared_error", 2)): "出力の数は、予測する数の個数です。入力の特徴の数にはよりません。",
            answer_with(B=("identity", "cross_entropy", 1)): "答えるのは確率です。出力を 0 から 1 に収めましょう。",
            answer_with(B=("sigmoid", "squared_error", 1)): "ひどく間違えたときに、傾きがほとんどなくなる組です。確率の誤差を選びましょう。",
            answer_with(B=("sigmoid", "cross_entropy", 2)): "シグモイド関数なら、「迷惑メールである確率」1つで足ります。",
            answer_with(B=("softmax", "cross_entropy", 1)): "ソフトマックス関数の出力は、種類ごとに1つです。いくつに分ける問題でしょうか。",
            answer_with(C=("sigmoid", "cross_entropy", 10)): "10種類のうち、正解は必ず1つだけです。合計が 1 になるものを選びましょう。",
            answer_with(C=("softmax", "squared_error", 10)): "確率の誤差を選びましょう。",
            answer_with(C=("softmax", "cross_entropy", 1)): "ソフトマックス関数の出力は、種類ごとに1つです。0 から 9 は何種類ですか。",
            answer_with(D=("softmax", "cross_entropy", 3)):
                "ソフトマックス関数では確率の合計が 1 になるので、ネコと人の両方に高い確率を与えられません。",
            answer_with(D=("sigmoid", "squared_error", 3)): "1つ1つは二値分類です。確率の誤差を選びましょう。",
            answer_with(D=("sigmoid", "cross_entropy", 1)): "ネコ、イヌ、人の、それぞれの確率を答えます。",
            answer_with(E=("softmax", "squared_error", 2)): "気温は確率ではありません。どんな実数も出力できるものを選びましょう。",
            answer_with(E=("identity", "cross_entropy", 2)): "気温は確率ではありません。数のずれを測る誤差を選びましょう。",
            answer_with(E=("identity", "squared_error", 1)): "最高気温と最低気温の、2つの数を答えます。",
            '{"A": "identity"}': "A から E までの5つを、{\"A\": (…, …, …), …} のように書きましょう。",
        },
        variants=[
            answer_with(B=("softmax", "cross_entropy", 2)),
            answer_with(A=["identity", "squared_error", 1], E=["identity", "squared_error", 2.0]),
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
        tolerance=RELATIVE_ONLY,
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
    Choice(
        id="X3-5",
        name="x3_5",
        section="交差エントロピー誤差を計算する",
        correct=frozenset({3}),
        reasons={
            1: "1 の行は、確率の対数をとっています。正しい行です。",
            2: "2 の行は、正解のところだけを残して、ほかを 0 にしています。正しい行です。",
            4: "4 の行は、求めた誤差を返しているだけです。",
        },
        missing="間違っている行を1つ選びましょう。",
        pitfalls={
            "{1}": "1 の行は、確率の対数をとっています。正しい行です。",
            "{2}": "2 の行は、正解のところだけを残して、ほかを 0 にしています。正しい行です。",
            "{4}": "4 の行は、求めた誤差を返しているだけです。",
        },
    ),
    Function(
        id="X3-5b",
        signature="classification_error(d, y)",
        section="交差エントロピー誤差を計算する",
        reference=classification_error,
        instead_of=LOSS_FUNCTIONS,
        inputs={
            "5個、3種類": lambda rng: (one_hot(rng, 5, classes=3), probabilities(rng, 5, 3)),
            "1個、4種類": lambda rng: (one_hot(rng, 1, classes=4), probabilities(rng, 1, 4)),
            "3個、3種類": lambda rng: (one_hot(rng, 3, classes=3), probabilities(rng, 3, 3)),
            "8個、2種類": lambda rng: (one_hot(rng, 8, classes=2), probabilities(rng, 8, 2)),
            "どれも 1/4": lambda rng: (one_hot(rng, 6, classes=4), np.full((6, 4), 0.25)),
            "整数の one-hot": lambda rng: (np.eye(3, dtype=np.int64)[rng.permutation(3)], probabilities(rng, 3, 3)),
            "とても小さい確率": lambda rng: (np.array([[1.0, 0.0]]), np.array([[1e-30, 1.0]]) * (1 + rng.random())),
        },
        pitfalls={
            "-np.mean(d * np.log(y))": "元のままです。割る数は、要素の数ではなく、データの数です。",
            "-np.sum(d * np.log(y))": "合計になっています。データの数で割って、平均にしましょう。",
            "-np.sum(d * np.log(y)) / d.shape[1]": "種類の数で割っています。割るのは、データの数です。",
            "np.sum(d * np.log(y)) / len(d)": "マイナスの符号がなくなっています。",
            "-np.sum(d * np.log(y), axis=1)": "データごとの誤差のままです。最後に平均して、1つの数にしましょう。",
            "-np.mean(d * np.log(y), axis=0)": "種類ごとの平均になっています。1つの数にまとめましょう。",
            "-np.sum(d * np.log(y + 1e-7)) / len(d)": "確率に小さな数を足す必要はありません。y に 0 はないので、直すのは 3 の行だけです。",
            "-np.sum(np.log(y)) / len(d)": "正解でない種類の対数まで足しています。2 の行は、そのままにしましょう。",
            "-np.log(np.sum(d * y) / len(d))": "平均してから対数をとっています。対数をとってから平均しましょう。",
        },
        variants=[
            "log_y = np.log(y)\nchosen = d * log_y\nerror = -np.sum(chosen) / len(d)\nreturn error",
            "-np.sum(d * np.log(y), axis=1).mean()",
            "-np.mean(d * np.log(y)) * d.shape[1]",
            "-np.mean(np.log(y[np.arange(len(y)), np.argmax(d, axis=1)]))",
            "total = 0.0\nfor row, target in zip(y, d):\n    total -= np.log(row) @ target\nreturn total / len(y)",
        ],
    ),
    Value(
        id="X3-6",
        name="x3_6",
        section="どの組でも、傾きは y - d",
        expected=[1.0, 2.0, 1.5],
        tolerance=(0.0, 1e-3),
        pitfalls={
            "[1.0, 1.0, 1.0]": "データ2の正解は1種類目です。最も大きい確率ではなく、正解に与えた確率を使います。",
            "[1.0, 2.0, 3.0]": "3つ目は平均です。データの数で割りましょう。",
            "[-1.0, -2.0, -1.5]": "確率の対数は負です。誤差では、マイナスの符号を付けて正にします。",
            "[0.5, 0.25, 0.375]": "確率をそのまま書いています。誤差は、その対数にマイナスを付けたものです。",
            "[1.0, 4.0, 2.5]": "log 4 は log 2 の4倍ではありません。4 は 2 の2乗です。",
            "[2.0, 4.0, 3.0]": "確率の逆数になっています。その対数をとりましょう。",
            "[5.0, 5.0, 5.0]": "3種類の対数を全部足しています。誤差に入るのは、正解の種類だけです。",
            "[1.0, 2.0, 0.5]": "平均を、種類の数でも割っています。割るのはデータの数です。",
            "[0.6931471805599453, 1.3862943611198906, 1.0397207708399179]":
                "誤差の値そのものです。log 2 で割って、何倍かを書きましょう。",
            "[1.0, 2.0]": "平均も含めて、3つの数を書きましょう。",
        },
        variants=["(1, 2, 1.5)", "np.array([1.0, 2.0, 1.5])", "[1, np.log(4) / np.log(2), (1 + 2) / 2]",
                  "[-np.log2(1 / 2), -np.log2(1 / 4), 3 / 2]"],
    ),
    Value(
        id="X3-6b",
        name="x3_6b",
        section="1/N はどこに付くか",
        expected=[[-0.25, 0.125, 0.125], [-0.375, 0.25, 0.125]],
        pitfalls={
            "[[-0.5, 0.25, 0.25], [-0.75, 0.5, 0.25]]": "データごとの傾きのままです。平均の誤差の傾きには、1/N が付きます。",
            "[[0.25, -0.125, -0.125], [0.375, -0.25, -0.125]]": "符号が逆です。傾きは、出力から教師データを引いたものです。",
            "[[-0.25, 0.125, 0.125], [0.125, -0.25, 0.125]]": "データ2の正解は、2種類目ではなく1種類目です。",
            "[[0.25, 0.125, 0.125], [0.125, 0.25, 0.125]]": "教師データ d を引いていません。",
            "[[-0.25, 0.0, 0.0], [-0.375, 0.0, 0.0]]": "正解でない種類の傾きは 0 ではありません。その確率が、そのまま傾きになります。",
            "[[-1.0, 0.0, 0.0], [-2.0, 0.0, 0.0]]": "y についての傾きになっています。求めるのは、総入力 u についての傾きです。",
            "[[-2.0, 0.0, 0.0], [-4.0, 0.0, 0.0]]": "y についての傾きになっています。求めるのは、総入力 u についての傾きです。",
            "[[-0.5 / 3, 0.25 / 3, 0.25 / 3], [-0.25, 0.5 / 3, 0.25 / 3]]": "種類の数で割っています。割るのは、データの数です。",
            "[[-0.5 / 6, 0.25 / 6, 0.25 / 6], [-0.125, 0.5 / 6, 0.25 / 6]]": "要素の数で割っています。割るのは、データの数です。",
            "[[-0.25, -0.375], [0.125, 0.25], [0.125, 0.125]]": "行と列が逆です。1行に、1つのデータの3つの傾きを並べましょう。",
            "[-0.3125, 0.1875, 0.125]": "データについて平均していますが、傾きは総入力ごとに1つずつ、2行3列あります。",
        },
        variants=["np.array([[-0.25, 0.125, 0.125], [-0.375, 0.25, 0.125]])",
                  "((-1 / 4, 1 / 8, 1 / 8), (-3 / 8, 1 / 4, 1 / 8))",
                  "(np.array([[2, 1, 1], [1, 2, 1]]) / 4 - [1, 0, 0]) / 2",
                  "[[(0.5 - 1) / 2, 0.25 / 2, 0.25 / 2], [(0.25 - 1) / 2, 0.5 / 2, 0.25 / 2]]"],
    ),
]
