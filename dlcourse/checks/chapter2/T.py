"""第2章 活性化関数、試してみよう: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions
from dlcourse.checks.chapter2.accept import ROUNDING, compare_outputs, elementwise, not_cut_off
from dlcourse.checks.chapter2.answers import HIDDEN, ONE_BY_ONE, OUTPUT
from dlcourse.checks.compare import RELATIVE_ONLY
from dlcourse.checks.exercise import EVERY_FUNCTION, Function
from dlcourse.checks.inputs import normal, random_network
from dlcourse.checks.short_answers import Choice
from dlcourse.network import Network, forward

EXERCISES = [
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
        tolerance=RELATIVE_ONLY,
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
]
