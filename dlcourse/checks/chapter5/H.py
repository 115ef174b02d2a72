"""第5章 誤差逆伝播法、実装問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter5.accept import layer_gradients, one_hot, regression_gradients, train_regression
from dlcourse.checks.chapter5.answers import (
    COPY,
    FORWARD,
    GRADIENTS,
    ONE,
    ONE_DELTAS,
    ONE_RETURN,
    RECORD,
    START,
    TRAINING,
    UPDATE,
    training_with,
)
from dlcourse.checks.exercise import EVERY_OPTIMIZER, Function
from dlcourse.checks.inputs import normal, random_network, whole_numbers
from dlcourse.network import Network
from dlcourse.training import train

EXERCISES = [
    Function(
        id="H1",
        signature="output_delta(d, y)",
        section="回帰の勾配を計算する",
        reference=lambda d, y: np.subtract(y, d),
        inputs={
            "出力2つ": lambda rng: (normal(rng, 2), normal(rng, 2)),
            "出力5つ": lambda rng: (normal(rng, 5), 10 * normal(rng, 5)),
            "出力1つ": lambda rng: (normal(rng, 1), 1e3 * normal(rng, 1)),
            "教師データが整数": lambda rng: (rng.integers(-3, 4, 3), normal(rng, 3)),
            "大きさの違うずれ": lambda rng: (normal(rng, 3), np.array([1e6, 1.0, -1e6]) * (1 + rng.random(3))),
        },
        pitfalls={
            "d - y": "符号が逆です。出力が正解より大きいときは、総入力を増やすと誤差が増えます。",
            "(y - d) / len(d)": "1つのデータの誤差は和で、平均ではありません。出力の数で割らないでください。",
            "2 * (y - d)": "2乗の微分から出た2は、誤差の式の何と打ち消し合いますか。",
            "(y - d) ** 2 / 2": "それは誤差の値です。誤差を出力で微分しましょう。",
            "np.sum(y - d)": "出力ごとの値を、1つに足してしまっています。",
            "(y - d) * y * (1 - y)": "出力層は恒等写像です。シグモイド関数の微分は要りません。",
            "np.abs(y - d)": "絶対値をとると、増やすべきか減らすべきかがわからなくなります。",
            "(y - d) / 2": "誤差の式の 1/2 は、2乗を微分すると打ち消されます。",
            "y": "教師データ d が使われていません。",
            "(y - d) * functions.d_relu(y)": "出力層は恒等写像です。ReLU の微分は要りません。",
            "(y - d) * y": "恒等写像の微分は、出力の値ではなく、どこでも 1 です。",
            "y -= d\nreturn y": "渡された y を書き換えています。新しい配列を作りましょう。",
        },
        variants=["y - d", "np.subtract(y, d)", "-(d - y)", "[y[k] - d[k] for k in range(len(y))]",
                  "functions.d_sum_squared_error(d, y)", "return (y - d) * functions.d_identity(y)"],
    ),
    Function(
        id="H1b",
        signature="layer_gradients(z, delta, W)",
        section="中間層の勾配",
        reference=layer_gradients,
        inputs={
            "入力4つ、ユニット2つ": lambda rng: (normal(rng, 4), normal(rng, 2), normal(rng, 4, 2)),
            "入力3つ、ユニット3つ": lambda rng: (normal(rng, 3), normal(rng, 3), normal(rng, 3, 3)),
            "入力2つ、ユニット5つ": lambda rng: (normal(rng, 2), normal(rng, 5), normal(rng, 2, 5)),
            "ユニット1つ": lambda rng: (normal(rng, 3), normal(rng, 1), normal(rng, 3, 1)),
            "大きな値": lambda rng: (whole_numbers(rng, 3), whole_numbers(rng, 3), whole_numbers(rng, 3, 3)),
        },
        pitfalls={
            "return np.outer(delta, z), delta, np.dot(W, delta)":
                "重みの勾配が転置になっています。行が入力、列がユニットです。",
            "return z * delta, delta, np.dot(W, delta)":
                "要素ごとの積では、入力とユニットのすべての組み合わせになりません。",
            "return np.outer(z, delta), delta, np.dot(delta, W)":
                "入力についての勾配で、足す方向が違います。W の行(1つの入力から出る線)について足しましょう。",
            "return np.outer(z, delta), delta, np.dot(W.T, delta)":
                "W を転置しています。デルタの番号 r は、W の列の番号です。",
            "return np.outer(z, delta), np.sum(delta), np.dot(W, delta)":
                "バイアスの勾配はユニットごとに1つです。合計しないでください。",
            "return np.outer(z, delta), np.ones_like(delta), np.dot(W, delta)":
                "総入力をバイアスで微分すると 1 ですが、連鎖律ではそれにデルタを掛けます。",
            "return np.outer(z, delta), delta, W * delta":
                "入力についての勾配は、線ごとの値をユニットについて足し合わせたものです。",
            "return np.outer(z, delta), delta, np.sum(W, axis=1)": "入力についての勾配に、デルタが掛かっていません。",
            "return np.outer(z, delta), delta": "重み、バイアス、入力についての3つの勾配を返しましょう。",
            "return delta, np.outer(z, delta), np.dot(W, delta)": "返す順番は、重み、バイアス、入力についての勾配です。",
            "return np.dot(z, W) * delta, delta, np.dot(W, delta)":
                "重みの勾配に重みの値は要りません。入口の値と出口のデルタの積です。",
            "return np.outer(z, delta), z, np.dot(W, delta)": "バイアスの勾配が、層の入力になっています。",
            "return np.outer(z, delta), delta, np.dot(W, delta) * z * (1 - z)":
                "活性化関数の微分まで掛けています。それは次の hidden_delta の仕事です。",
            "return np.outer(z, delta), delta, delta": "入力についての勾配は、重みを通って戻ってきます。W を使いましょう。",
        },
        variants=[
            "return np.outer(z, delta), delta, np.dot(W, delta)",
            "return z[:, np.newaxis] * delta, delta.copy(), delta @ W.T",
            'return np.einsum("j,k->jk", z, delta), delta, np.einsum("jk,k->j", W, delta)',
            "dW = np.zeros_like(W)\ndz = np.zeros(len(z))\nfor j in range(len(z)):\n    for k in range(len(delta)):\n"
            "        dW[j, k] = z[j] * delta[k]\n        dz[j] += delta[k] * W[j, k]\nreturn dW, delta, dz",
            "return z.reshape(-1, 1) @ delta.reshape(1, -1), 1 * delta, (W * delta).sum(axis=1)",
        ],
    ),
    Function(
        id="H1c",
        signature="hidden_delta(dz, z)",
        section="回帰の勾配を計算する",
        reference=lambda dz, z: dz * (z * (1 - z)),
        inputs={
            "ユニット4つ": lambda rng: (normal(rng, 4), rng.random(4)),
            "ユニット1つ": lambda rng: (normal(rng, 1), rng.random(1)),
            "0 や 1 に張りついた出力": lambda rng: (1e3 * normal(rng, 3), np.array([0.0, 1.0, rng.random()])),
        },
        pitfalls={
            "dz * functions.d_sigmoid(z)": "d_sigmoid が受け取るのは総入力です。ここにあるのは、もうシグモイド関数を通した出力です。",
            "dz": "活性化関数をさかのぼっていません。シグモイド関数の微分を掛けましょう。",
            "dz * z": "シグモイド関数の微分は z だけではありません。もう1つの因子があります。",
            "dz * (1 - z)": "シグモイド関数の微分は 1 - z だけではありません。もう1つの因子があります。",
            "z * (1 - z)": "後ろから来た勾配 dz が掛かっていません。",
            "dz + z * (1 - z)": "連鎖律では、勾配と微分を足すのではなく掛けます。",
            "np.dot(dz, z * (1 - z))": "ユニットごとの積のままにします。足し合わせると1つの数になってしまいます。",
            "dz * functions.d_relu(z)": "ReLU の微分になっています。中間層はシグモイド関数です。",
            "dz * (1 - z ** 2)": "それは tanh の微分です。シグモイド関数の微分を掛けましょう。",
            "dz * z * (z - 1)": "かっこの中の引き算の順が逆で、符号が反対になっています。",
            "dz * functions.sigmoid(z)": "シグモイド関数の値ではなく、微分を掛けます。",
            "dz / (z * (1 - z))": "微分で割っています。連鎖律では掛けます。",
            "dz *= z * (1 - z)\nreturn dz": "渡された dz を書き換えています。新しい配列を作りましょう。",
            "dz * 0.25": "シグモイド関数の微分が 0.25 になるのは、総入力が 0 のところだけです。",
        },
        variants=["dz * (1 - z) * z", "dz * (z - z ** 2)", "np.multiply(dz, z * (1 - z))",
                  "[dz[j] * z[j] * (1 - z[j]) for j in range(len(z))]", "slope = z * (1 - z)\nreturn slope * dz"],
    ),
    Function(
        id="H1d",
        signature="regression_gradients(network, x, d)",
        section="回帰の勾配を計算する",
        reference=regression_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "3-4-2": lambda rng: (random_network(rng, 3, 4, 2), normal(rng, 3), normal(rng, 2)),
            "2-2-2": lambda rng: (random_network(rng, 2, 2, 2), normal(rng, 2), normal(rng, 2)),
            "5-3-1": lambda rng: (random_network(rng, 5, 3, 1), normal(rng, 5), normal(rng, 1)),
            "大きさの違うずれ": lambda rng: (
                random_network(rng, 2, 3, 2), normal(rng, 2), np.array([1e6, 1.0]) * (1 + rng.random(2))),
        },
        pitfalls={
            ONE + ONE_DELTAS.replace("z * (1 - z)", "functions.d_sigmoid(z)") + ONE_RETURN:
                "中間層のデルタで、d_sigmoid に出力 z を渡しています。渡すのは総入力です(z からなら別の式で計算できます)。",
            ONE + ONE_DELTAS.replace(" * z * (1 - z)", "") + ONE_RETURN: "中間層のデルタに、シグモイド関数の微分が掛かっていません。",
            ONE + ONE_DELTAS.replace("y - d", "d - y") + ONE_RETURN: "すべての勾配の符号が逆です。出力層のデルタを見直しましょう。",
            ONE + ONE_DELTAS.replace("y - d", "(y - d) / len(d)") + ONE_RETURN:
                "出力の数で割っています。この誤差は和なので、平均をとりません(出力が1つだと偶然合います)。",
            ONE + ONE_DELTAS.replace('network["W2"], dy', 'dy, network["W2"]') + ONE_RETURN:
                "W2 と出力層のデルタの積で、足す方向が違います。",
            ONE + ONE_DELTAS + ONE_RETURN.replace("np.outer(x, du)", "np.outer(du, x)").replace("np.outer(z, dy)", "np.outer(dy, z)"):
                "重みの勾配が転置になっています。パラメータと同じ形にしましょう。",
            ONE + ONE_DELTAS + 'return {"W1": np.outer(x, du), "W2": np.outer(z, dy)}': "バイアスの勾配も辞書に入れましょう。",
            ONE + ONE_DELTAS + 'return np.outer(x, du), du, np.outer(z, dy), dy': "名前の付いた辞書にして返しましょう。",
            ONE.replace("functions.sigmoid", "functions.relu") + ONE_DELTAS.replace("z * (1 - z)", "functions.d_relu(z)") + ONE_RETURN:
                "中間層が ReLU になっています。この問題ではシグモイド関数です。",
            ONE.replace(' + network["b1"]', "") + ONE_DELTAS + ONE_RETURN: "順伝播で、中間層のバイアス b1 を足し忘れています。",
            ONE.replace(' + network["b2"]', "") + ONE_DELTAS + ONE_RETURN: "順伝播で、出力層のバイアス b2 を足し忘れています。",
            ONE.replace('y = np.dot(z, network["W2"]) + network["b2"]', 'y = functions.sigmoid(np.dot(z, network["W2"]) + network["b2"])')
            + ONE_DELTAS + ONE_RETURN: "出力層までシグモイド関数に通しています。回帰の出力層は恒等写像です。",
            ONE + ONE_DELTAS + ONE_RETURN.replace('"b1": du', '"b1": dz'):
                "b1 の勾配が、活性化関数をさかのぼる前の値になっています。バイアスの勾配は、その層のデルタです。",
            ONE + ONE_DELTAS + ONE_RETURN.replace('"b2": dy', '"b2": y'): "b2 の勾配が、出力そのものになっています。バイアスの勾配は、その層のデルタです。",
        },
        variants=[
            ONE + ONE_DELTAS + ONE_RETURN,
            'u = x @ network["W1"] + network["b1"]\nz = functions.sigmoid(u)\ndy = z @ network["W2"] + network["b2"] - d\n'
            'du = dy @ network["W2"].T * functions.d_sigmoid(u)\n'
            'return dict(W2=z[:, None] * dy, b2=dy, W1=x[:, None] * du, b1=du)',
            'X = x[np.newaxis]\nz = functions.sigmoid(X @ network["W1"] + network["b1"])\n'
            'D = z @ network["W2"] + network["b2"] - d\nH = (D @ network["W2"].T) * z * (1 - z)\n'
            'return {"W1": X.T @ H, "b1": H.sum(0), "W2": z.T @ D, "b2": D.sum(0)}',
            ONE + "grads = {}\n" + ONE_DELTAS + 'grads["b2"], grads["b1"] = dy, du\n'
            'grads["W2"] = np.array([[z[j] * dy[k] for k in range(len(dy))] for j in range(len(z))])\n'
            'grads["W1"] = np.einsum("i,j->ij", x, du)\nreturn grads',
        ],
    ),
    Function(
        id="H2",
        signature="train_regression(network, x, d, learning_rate, epochs)",
        section="手書き数字を学習する",
        reference=train_regression,
        instead_of=(train, Network.loss_and_gradient, *EVERY_OPTIMIZER),
        inputs={
            "サインの曲線、1-5-1": lambda rng: (
                random_network(rng, 1, 5, 1), np.linspace(-1, 1, 9)[:, np.newaxis],
                np.sin(np.pi * np.linspace(-1, 1, 9))[:, np.newaxis], 0.1, 8),
            "出力2つ、2-4-2": lambda rng: (
                random_network(rng, 2, 4, 2), normal(rng, 5, 2), one_hot(rng, 2, 5), 0.1, 6),
            "データ1個、3-3-3": lambda rng: (
                random_network(rng, 3, 3, 3), normal(rng, 1, 3), normal(rng, 1, 3), 0.05, 4),
            "誤差が上がり下がりする学習率": lambda rng: (
                random_network(rng, 2, 3, 1), normal(rng, 4, 2), normal(rng, 4, 1), 2.0, 5),
            "1回だけ": lambda rng: (random_network(rng, 2, 3, 1), normal(rng, 4, 2), normal(rng, 4, 1), 0.1, 1),
            "大きな値": lambda rng: (
                random_network(rng, 2, 3, 2), normal(rng, 4, 2), whole_numbers(rng, 4, 2), 0.01, 3),
        },
        pitfalls={
            training_with(COPY, "p = network\n").replace(UPDATE, "    for name in p:\n        p[name] -= learning_rate * grad[name]\n"):
                "渡された network を書き換えています。最初に、辞書だけでなく、中の配列の写しを作りましょう。",
            training_with(COPY, "p = dict(network)\n").replace(UPDATE, "    for name in p:\n        p[name] -= learning_rate * grad[name]\n"):
                "渡された network を書き換えています。最初に、辞書だけでなく、中の配列の写しを作りましょう。",
            training_with(" / len(x)", ""): "勾配をデータの数で割り忘れています。誤差はデータについての平均です。",
            training_with("- learning_rate", "+ learning_rate"): "誤差が増える向きに更新しています。",
            training_with(UPDATE, ""): "パラメータが更新されていないので、誤差がずっと同じです。",
            training_with(GRADIENTS, '    delta2 = (y - d) / len(x)\n    p["W2"] = p["W2"] - learning_rate * z1.T @ delta2\n'
                          '    p["b2"] = p["b2"] - learning_rate * delta2.sum(0)\n    delta1 = (delta2 @ p["W2"].T) * z1 * (1 - z1)\n'
                          '    p["W1"] = p["W1"] - learning_rate * x.T @ delta1\n    p["b1"] = p["b1"] - learning_rate * delta1.sum(0)\n')
            .replace(UPDATE, ""):
                "中間層のデルタに、更新したあとの W2 を使っています。すべての勾配を求めてから、まとめて更新しましょう。",
            training_with("z1 * (1 - z1)", "functions.d_sigmoid(z1)"):
                "シグモイド関数の微分に、出力 z1 を渡しています。渡すのは総入力です(z1 からなら別の式で計算できます)。",
            training_with(" * z1 * (1 - z1)", ""): "中間層のデルタに、シグモイド関数の微分が掛かっていません。",
            training_with(RECORD, "").replace("return losses", FORWARD.replace("    ", "") + "return [functions.sum_squared_error(d, y)]"):
                "最後の誤差だけを返しています。更新のたびに記録したリストを返しましょう。",
            COPY + START + FORWARD + GRADIENTS + UPDATE + FORWARD + RECORD + "return losses":
                "更新したあとの誤差を記録しています。記録するのは、更新する前の誤差です。",
            training_with("return losses", FORWARD.replace("    ", "") + "losses.append(functions.sum_squared_error(d, y))\nreturn losses"):
                "誤差が1つ多く記録されています。長さは epochs と同じです。",
            training_with("functions.sum_squared_error(d, y)", "functions.sum_squared_error(d, y) * len(x)"):
                "誤差がデータの数倍になっています。データについての平均を記録しましょう。",
            training_with("functions.sum_squared_error(d, y)", "2 * functions.sum_squared_error(d, y)"):
                "誤差に 1/2 が掛かっていません。",
            training_with("functions.sum_squared_error(d, y)", "functions.mean_squared_error(d, y)"):
                "mean_squared_error は出力の数でも割ります。この問題の誤差は、出力については和です(出力が1つだと偶然合います)。",
            training_with("    for name in p:\n", '    for name in ("W1", "W2"):\n'): "バイアスが更新されていません。",
            training_with("    for name in p:\n", '    for name in ("W2", "b2"):\n'): "1つ目の層が更新されていません。",
            training_with("functions.sigmoid", "functions.relu").replace("z1 * (1 - z1)", "(z1 > 0)"):
                "中間層が ReLU になっています。この問題ではシグモイド関数です。",
            training_with("return losses", "return sorted(losses, reverse=True)"): "誤差は、記録した順のまま返しましょう。",
            training_with("return losses", "return p"): "返すのはパラメータではなく、誤差の移り変わりです。",
            training_with("return losses", "    return losses"): "return がくり返しの中にあるので、1回で終わっています。字下げを確かめましょう。",
        },
        variants=[
            TRAINING,
            "import copy\np = copy.deepcopy(network)\n" + START + FORWARD
            + "    losses.append(0.5 * np.sum((y - d) ** 2) / x.shape[0])\n    D2 = y - d\n    D1 = D2 @ p['W2'].T * (z1 - z1 ** 2)\n"
            "    N = x.shape[0]\n    p['W1'] -= learning_rate * (x.T @ D1) / N\n    p['b1'] -= learning_rate * D1.mean(axis=0)\n"
            "    p['W2'] -= learning_rate * (z1.T @ D2) / N\n    p['b2'] -= learning_rate * D2.mean(axis=0)\nreturn np.array(losses)",
            "W1, b1, W2, b2 = (network[k] for k in ('W1', 'b1', 'W2', 'b2'))\nlosses = []\nfor _ in range(epochs):\n"
            "    u1 = np.dot(x, W1) + b1\n    z1 = functions.sigmoid(u1)\n    y = np.dot(z1, W2) + b2\n"
            "    losses.append(functions.sum_squared_error(d, y))\n    d2 = functions.d_sum_squared_error(d, y)\n"
            "    d1 = np.dot(d2, W2.T) * functions.d_sigmoid(u1)\n"
            "    W1, b1, W2, b2 = (W1 - learning_rate * np.dot(x.T, d1), b1 - learning_rate * d1.sum(axis=0),\n"
            "                      W2 - learning_rate * np.dot(z1.T, d2), b2 - learning_rate * d2.sum(axis=0))\nreturn losses",
            COPY + "losses = np.zeros(epochs)\nfor step in range(epochs):\n" + FORWARD
            + "    losses[step] = np.mean(np.sum((y - d) ** 2, axis=1)) / 2\n" + GRADIENTS + UPDATE + "return losses",
        ],
    ),
]
