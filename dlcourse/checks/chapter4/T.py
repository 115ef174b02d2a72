"""第4章 勾配降下法、試してみよう: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter4.accept import activation_case, at_the_kink, good_rate, gradients_with, mean_of_gradients
from dlcourse.checks.chapter4.answers import AFTER, BEFORE, ERROR, RELU, SIGMOID
from dlcourse.checks.exercise import Function
from dlcourse.checks.inputs import normal, random_network, whole_numbers
from dlcourse.checks.short_answers import Value
from dlcourse.network import Network

EXERCISES = [
    Function(
        id="T4-3",
        signature="minibatch_gradient(w, b, x, d)",
        section="何個のデータで1回更新するか",
        reference=mean_of_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "データ5個": lambda rng: (normal(rng, 3), float(normal(rng)), normal(rng, 5, 3), normal(rng, 5)),
            "データ1個": lambda rng: (normal(rng, 2), float(normal(rng)), normal(rng, 1, 2), normal(rng, 1)),
            "データ4個、入力4つ": lambda rng: (normal(rng, 4), float(normal(rng)), normal(rng, 4, 4), normal(rng, 4)),
            "入力1つ": lambda rng: (normal(rng, 1), float(normal(rng)), normal(rng, 6, 1), normal(rng, 6)),
            "整数のデータ": lambda rng: (normal(rng, 2), 0.5, rng.integers(-9, 10, (7, 2)), rng.integers(-9, 10, 7)),
            "大きな値": lambda rng: (normal(rng, 2), 0.0, 1e3 * normal(rng, 3, 2), 1e3 * normal(rng, 3)),
            "大きさの違うずれ": lambda rng: (
                normal(rng, 2), 0.0, np.array([[1e3, 0.0], [0.0, 1.0]]), np.array([1e6, 1.0]) * (1 + rng.random(2))),
        },
        pitfalls={
            ERROR + "return error @ x, error.sum()": "合計になっています。データの数で割って、平均にしましょう。",
            ERROR + "return error @ x / len(x), error.sum()": "バイアスの勾配も平均にしましょう。",
            ERROR + "return error @ x, error.mean()": "重みの勾配も平均にしましょう。",
            ERROR + "return error[0] * x[0], error[0]": "最初のデータだけの勾配です。全部のデータについて平均しましょう。",
            ERROR + "return error[-1] * x[-1], error[-1]":
                "最後のデータだけの勾配です。くり返しのたびに上書きせず、全部のデータについて平均しましょう。",
            ERROR + "return error.mean() * x.mean(axis=0), error.mean()":
                "平均どうしの積は、積の平均とは違います。データごとに掛けてから平均しましょう。",
            ERROR + "return -error @ x / len(x), -error.mean()": "符号が逆です。誤差は y - d です。",
            ERROR + "return 2 * error @ x / len(x), 2 * error.mean()":
                "2倍になっています。E_n には 1/2 が掛かっています。",
            ERROR + "return error @ x / x.size, error.mean()": "割るのは、要素の数ではなく、データの数です。",
            ERROR + "return error @ x / x.shape[1], error.mean()": "割るのは、入力の数ではなく、データの数です。",
            "error = x @ w - d\nreturn error @ x / len(x), error.mean()": "y を求めるときに、バイアス b を足し忘れています。",
            ERROR + "return error @ x / len(x), np.sum(error @ x) / len(x)":
                "バイアスの勾配に、入力を掛けています。",
            ERROR + "return x.mean(axis=0), 1.0": "誤差 y - d を掛けていません。",
            ERROR + "return (error[:, np.newaxis] * x).mean(), error.mean()":
                "重みの勾配は、重みと同じ形です。どの軸で平均するかを指定しましょう。",
            ERROR + "return error @ x / len(x)": "重みの勾配とバイアスの勾配の2つを、この順に返しましょう。",
            ERROR + "return error.mean(), error @ x / len(x)": "返す順番が逆です。重みの勾配が先です。",
            ERROR + "return np.abs(error) @ x / len(x), np.abs(error).mean()":
                "y - d の符号を消しています。出力が大きすぎるときと小さすぎるときで、動かす向きは逆です。",
        },
        variants=[
            ERROR + "return x.T @ error / len(x), error.mean()",
            ERROR + "return np.dot(error, x) / x.shape[0], np.sum(error) / x.shape[0]",
            ERROR + "return np.einsum('n,ni->i', error, x) / len(d), error.mean()",
            ERROR + "return (error[:, np.newaxis] * x).mean(axis=0), np.average(error)",
            "dw, db = np.zeros(len(w)), 0.0\nfor n in range(len(x)):\n    error = np.dot(x[n], w) + b - d[n]\n"
            "    dw += error * x[n]\n    db += error\nreturn dw / len(x), db / len(x)",
            "rows = [(np.dot(row, w) + b - target) * np.append(row, 1) for row, target in zip(x, d)]\n"
            "mean = np.mean(rows, axis=0)\nreturn [mean[:-1].tolist(), mean[-1]]",
        ],
    ),
    Function(
        id="T4-1",
        signature="network_gradient(network, x, d, activation)",
        section="間違った勾配でも、誤差は減ってしまう",
        reference=gradients_with,
        inputs={
            "relu、データ5個": lambda rng: activation_case(rng, "relu"),
            "sigmoid、データ5個": lambda rng: activation_case(rng, "sigmoid"),
            "relu、データ1個": lambda rng: activation_case(rng, "relu", 1),
            "sigmoid、データ1個": lambda rng: activation_case(rng, "sigmoid", 1),
            "relu、総入力がすべて 0": at_the_kink,
            "sigmoid、大きな入力": lambda rng: (
                random_network(rng, 2, 4, 1), 1e2 * normal(rng, 3, 2), normal(rng, 3, 1), "sigmoid"),
            "relu、総入力がごく小さい": lambda rng: at_the_kink(rng, 1e-20),
            "relu、大きな値": lambda rng: (
                random_network(rng, 2, 4, 1, draw=whole_numbers), whole_numbers(rng, 5, 2), whole_numbers(rng, 5, 1), "relu"),
        },
        pitfalls={
            BEFORE + RELU.replace("d_relu(u1)", "d_sigmoid(z1)") + SIGMOID + AFTER:
                "活性化関数が ReLU なのに、シグモイド関数の微分を使っています(講義ノートと同じ間違いです)。",
            BEFORE + RELU.replace("d_relu(u1)", "d_sigmoid(u1)") + SIGMOID + AFTER:
                "活性化関数が ReLU なのに、シグモイド関数の微分を使っています。",
            BEFORE + RELU + SIGMOID.replace("d_sigmoid(u1)", "d_sigmoid(z1)") + AFTER:
                "d_sigmoid に渡すのは総入力 u1 です。z1 を渡すと、シグモイド関数を2回通した場所の微分になります。",
            BEFORE + RELU + SIGMOID.replace("d_sigmoid(u1)", "d_relu(u1)") + AFTER:
                "活性化関数がシグモイド関数なのに、ReLU の微分を使っています。",
            BEFORE + "z1 = functions.sigmoid(u1)\nslope = functions.d_sigmoid(u1)\n" + AFTER:
                'activation が "relu" のときも、シグモイド関数を使っています。',
            BEFORE + "z1 = functions.relu(u1)\nslope = functions.d_relu(u1)\n" + AFTER:
                'activation が "sigmoid" のときも、ReLU を使っています。',
            BEFORE + RELU.replace('"relu"', '"sigmoid"') + SIGMOID + AFTER: "2つの場合が入れ替わっています。",
            BEFORE + RELU.replace("functions.relu(u1)", "u1") + SIGMOID + AFTER:
                "z1 を求めるときに、ReLU に通していません。",
            BEFORE + RELU.replace("functions.d_relu(u1)", "1") + SIGMOID + AFTER:
                "ReLU の微分は、どこでも 1 ではありません。u1 が 0 以下なら 0 です。",
            BEFORE + RELU.replace("functions.d_relu(u1)", "(u1 >= 0)") + SIGMOID + AFTER:
                "u1 がちょうど 0 のときの ReLU の微分は、この本では 0 とします。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "z1 * (1 + z1)") + AFTER:
                "シグモイド関数の微分を z1 から求めるときの、かっこの中の符号が逆です。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "functions.sigmoid(u1)") + AFTER:
                "slope が、シグモイド関数の微分ではなく、値そのものになっています。",
            BEFORE + RELU + SIGMOID.replace("functions.d_sigmoid(u1)", "u1 * (1 - u1)") + AFTER:
                "z(1 - z) の z は、総入力 u1 ではなく、シグモイド関数の出力です。",
        },
        variants=[
            BEFORE + RELU + SIGMOID + AFTER,
            BEFORE + RELU.replace("d_relu(u1)", "d_relu(z1)")
            + SIGMOID.replace("functions.d_sigmoid(u1)", "z1 * (1 - z1)") + AFTER,
            BEFORE + 'f, df = {"relu": (functions.relu, functions.d_relu), '
            '"sigmoid": (functions.sigmoid, functions.d_sigmoid)}[activation]\nz1, slope = f(u1), df(u1)\n' + AFTER,
            BEFORE + 'if activation == "sigmoid":\n    z1 = 1 / (1 + np.exp(-u1))\n    slope = (1 - z1) * z1\nelse:\n'
            "    z1 = np.maximum(u1, 0)\n    slope = np.where(u1 > 0, 1, 0)\n" + AFTER,
            BEFORE + 'if activation == "relu":\n    slope = u1 > 0\n    z1 = u1 * slope\n' + SIGMOID + AFTER,
        ],
    ),
    Value(
        id="T4-2",
        name="t4_2",
        section="発散したら",
        accept=good_rate,
        pitfalls={
            "0.07": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "0.03": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "1": "発散しています。入力が大きいので、学習率をもっと小さくしましょう。10分の1ずつ試すのが早道です。",
            "0.01": "多くのデータではうまくいきますが、限度に近すぎます。もう少し余裕をもって小さくしましょう。",
            "1e-5": "発散はしませんが、1000回では進み足りません。もう少し大きくしましょう。",
            "1e-9": "発散はしませんが、1000回では進み足りません。もう少し大きくしましょう。",
            "np.inf": "学習率は、0.07 より小さい正の数から探しましょう。",
            "0": "学習率が 0 以下では、誤差を減らす向きに進めません。",
            "-0.001": "学習率が 0 以下では、誤差を減らす向きに進めません。",
            '"0.001"': "引用符やかっこを付けずに、数を1つだけ書きましょう。",
            "[0.001]": "引用符やかっこを付けずに、数を1つだけ書きましょう。",
        },
        variants=["0.001", "0.003", "5e-3", "0.07 / 10 / 10", "np.float64(0.002)"],
    ),
]
