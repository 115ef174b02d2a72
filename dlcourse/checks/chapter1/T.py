"""第1章 入力層から中間層へ、試してみよう: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter1.accept import (
    binary,
    draws_of_biases,
    draws_of_networks,
    draws_of_weights,
    initial_weights,
    multiclass,
    network_parameters,
    regression,
    single_layer,
    three_layers,
    uniform_bias,
)
from dlcourse.checks.chapter1.answers import HIDDEN, INIT, KEEP_THE_ORDER, MULTICLASS, ONE_BY_ONE, OUTPUT
from dlcourse.checks.exercise import USE_THE_GIVEN_RNG, Function
from dlcourse.checks.inputs import layer_arguments, normal, random_network, whole_numbers
from dlcourse.network import Network, forward, init_network

EXERCISES = [
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
            "入力4つ、ユニット3つ": lambda rng: layer_arguments(rng, 4),
            "重みがすべて0": lambda rng: (np.array([1.0, 5.0, 2.0, -1.0]), np.zeros((4, 3)), np.array([0.1, 0.2, 0.3])),
            "データ5個": lambda rng: layer_arguments(rng, 5, 4, units=2),
            "大きな値、データ3個": lambda rng: (whole_numbers(rng, 3, 4), whole_numbers(rng, 4, 3), whole_numbers(rng, 3)),
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
            "大きな値、3-3-3-3": lambda rng: (random_network(rng, 3, 3, 3, 3, draw=whole_numbers), whole_numbers(rng, 3, 3)),
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
            "大きな値、データ4個": lambda rng: (random_network(rng, 3, 5, 4, draw=whole_numbers), whole_numbers(rng, 4, 3), whole_numbers(rng, 4, 4)),
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
                random_network(rng, 5, 10, 1, draw=whole_numbers), whole_numbers(rng, 2, 5), np.array([[1.0], [0.0]])),
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
]
