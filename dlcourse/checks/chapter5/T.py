"""第5章 誤差逆伝播法、試してみよう: どの間違いにどのヒントを返すか。"""

import math

import numpy as np

from dlcourse.checks.chapter5.accept import (
    digits_settings,
    draws_of_scaled_weights,
    evaluations,
    network_gradients,
    one_hot,
    own_generator,
    scaled_weights,
    updated,
)
from dlcourse.checks.chapter5.answers import BOTH, DELTAS, PASS, setting
from dlcourse.checks.exercise import EVERY_OPTIMIZER, USE_THE_GIVEN_RNG, Function
from dlcourse.checks.inputs import normal, random_network, whole_numbers
from dlcourse.checks.short_answers import Value
from dlcourse.network import Network, init_network

EXERCISES = [
    Function(
        id="T5-2",
        signature="evaluations(layer_sizes)",
        section="数値微分では間に合わない",
        reference=evaluations,
        inputs={
            "2-10-1": lambda rng: ([2, 10, 1],),
            "4層": lambda rng: ([int(n) for n in rng.integers(2, 60, 5)],),
            "1層": lambda rng: ([int(n) for n in rng.integers(2, 60, 2)],),
            "784-50-10": lambda rng: ([784, 50, 10],),
        },
        pitfalls={
            "return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 1":
                "それはパラメータの数です。中心差分では、1つのパラメータにつき何回、誤差を計算しますか。",
            "return 2 * sum(a * b for a, b in zip(layer_sizes, layer_sizes[1:])), 1": "バイアスを数え忘れています。",
            "return 2 * sum(layer_sizes[1:]), 1": "バイアスだけを数えています。重みのほうがずっと多くあります。",
            "return 2 * (sum(a * b for a, b in zip(layer_sizes, layer_sizes[1:])) + sum(layer_sizes)), 1":
                "入力層のノードにはバイアスがありません。",
            "return 2 * sum(a * b + 1 for a, b in zip(layer_sizes, layer_sizes[1:])), 1":
                "バイアスは層に1つではなく、ユニットに1つずつあります。",
            "P = sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))\nreturn 2 * P, P":
                "逆伝播では、順伝播の途中の値を使い回します。順伝播をパラメータの数だけくり返す必要はありません。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 2":
                "誤差逆伝播法の回数に、逆向きの計算まで数えています。数えるのは順伝播だけです。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])), 0":
                "逆伝播には順伝播の途中の値が要るので、順伝播もしなければなりません。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])) + 1, 1":
                "中心差分では、動かす前の誤差は使いません。その1回が余分です。",
            "P = sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))\nreturn P + 1, 1":
                "前進差分の回数です。中心差分では、増やしたときと減らしたときの両方を計算します。",
            "return 1, 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))":
                "返す順番が逆です。数値微分が先、誤差逆伝播法があとです。",
            "return 2 * (layer_sizes[0] + 1) * layer_sizes[1], 1": "最初の層しか数えていません。すべての層について足しましょう。",
            "a, b, c = layer_sizes\nreturn 2 * (a * b + b + b * c + c), 1":
                "層の数が決まった書き方です。ノードの並びがどんな長さでも数えられるように、くり返しで書きましょう。",
            "return 2 * sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:]))":
                "数値微分の回数と誤差逆伝播法の回数の2つを返しましょう。",
            "return sum((a + 1) * b for a, b in zip(layer_sizes, layer_sizes[1:])) ** 2, 1":
                "2乗ではなく2倍です。手間が2乗になるのは、1回の順伝播にかかる計算まで考えたときです。",
        },
        variants=[
            "P = 0\nfor i in range(len(layer_sizes) - 1):\n    P += layer_sizes[i] * layer_sizes[i + 1] + layer_sizes[i + 1]\nreturn 2 * P, 1",
            "s = np.array(layer_sizes)\nreturn 2 * np.sum((s[:-1] + 1) * s[1:]), 1",
            "s = np.array(layer_sizes)\nreturn np.array([2 * np.sum((s[:-1] + 1) * s[1:]), 1])",
            "from dlcourse.network import init_network\nreturn [2 * sum(v.size for v in init_network(layer_sizes, rng=0).values()), 1]",
            "s = layer_sizes\nreturn (np.dot(s[:-1], s[1:]) + sum(s[1:])) * 2, 1",
        ],
    ),
    Function(
        id="T5-1",
        signature="network_gradients(network, x, d)",
        section="行列の形でまとめて計算する",
        reference=network_gradients,
        instead_of=(Network.loss_and_gradient,),
        inputs={
            "2-3-2、データ1個": lambda rng: (random_network(rng, 2, 3, 2), normal(rng, 1, 2), one_hot(rng, 2, 1)),
            "4-6-3、データ5個": lambda rng: (random_network(rng, 4, 6, 3), normal(rng, 5, 4), one_hot(rng, 3, 5)),
            "3-3-3、データ3個": lambda rng: (random_network(rng, 3, 3, 3), normal(rng, 3, 3), one_hot(rng, 3, 3)),
            "大きな入力": lambda rng: (random_network(rng, 2, 5, 4), 1e5 * normal(rng, 7, 2), one_hot(rng, 4, 7)),
            "総入力がごく小さい": lambda rng: (
                random_network(rng, 2, 4, 3) | {"b1": 1e-20 * rng.permutation([1.0, 1.0, -1.0, -1.0])},
                np.zeros((2, 2)), one_hot(rng, 3, 2)),
        },
        pitfalls={
            PASS + DELTAS.replace(" / len(x)", "") + BOTH: "データの数で割り忘れています。誤差はデータについての平均です。",
            PASS + DELTAS.replace("y - d", "d - y") + BOTH: "すべての勾配の符号が逆です。出力層のデルタを見直しましょう。",
            PASS + DELTAS.replace("functions.d_relu(u1)", "functions.d_sigmoid(z1)") + BOTH:
                "順伝播は ReLU なのに、逆伝播でシグモイド関数の微分を掛けています。組をそろえましょう。",
            PASS + DELTAS.replace(" * functions.d_relu(u1)", "") + BOTH: "中間層のデルタに、ReLU の微分が掛かっていません。",
            PASS + DELTAS.replace("d_relu(u1)", "relu(u1)") + BOTH: "中間層のデルタに、ReLU の微分ではなく値を掛けています。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1.mean(axis=0)").replace("delta2.sum(axis=0)", "delta2.mean(axis=0)"):
                "バイアスの勾配で、もう一度平均をとっています。1/N はデルタに入っているので、足すだけです。",
            PASS + DELTAS + BOTH.replace("np.dot(x.T, delta1)", "np.dot(delta1.T, x)").replace("np.dot(z1.T, delta2)", "np.dot(delta2.T, z1)"):
                "重みの勾配が転置になっています。パラメータと同じ形にしましょう。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1").replace("delta2.sum(axis=0)", "delta2"):
                "バイアスの勾配は、デルタをデータについて足したものです。形を b と同じにしましょう。",
            PASS + DELTAS + BOTH.replace("delta1.sum(axis=0)", "delta1.sum()").replace("delta2.sum(axis=0)", "delta2.sum()"):
                "バイアスの勾配を、ユニットについてまで足しています。足すのはデータについてだけです。",
            PASS + DELTAS.replace('network["W2"].T', 'network["W2"]') + BOTH:
                "W2 を転置していません。ユニットの数が等しいと、エラーにならずに違う値になります。",
            PASS + DELTAS + BOTH.replace("np.dot(z1.T, delta2)", "np.dot(u1.T, delta2)"):
                "W2 の勾配に掛けるのは、総入力 u1 ではなく、出力層に入った値 z1 です。",
            PASS + DELTAS + 'return {"W1": np.dot(x.T, delta1), "W2": np.dot(z1.T, delta2)}': "バイアスの勾配も辞書に入れましょう。",
            PASS.replace("functions.softmax(", "(") + DELTAS + BOTH: "出力をソフトマックス関数に通していません。",
            PASS.replace("functions.softmax(", "np.exp(") + "y = y / y.sum(axis=1, keepdims=True)\n" + DELTAS + BOTH:
                "大きな総入力で exp が溢れて nan になります。functions.softmax は溢れない計算をします。",
            PASS + DELTAS.replace("len(x)", "y.size") + BOTH: "種類の数でも割っています。平均をとるのはデータについてだけです。",
            PASS + DELTAS + "delta1 = delta1 / len(x)\n" + BOTH: "中間層のデルタで、もう一度データの数で割っています。1/N は出力層で一度だけです。",
        },
        variants=[
            PASS + DELTAS + BOTH,
            PASS + "delta2 = functions.d_softmax_with_loss(d, y)\ndelta1 = (delta2 @ network['W2'].T) * (z1 > 0)\n"
            "return dict(b2=delta2.sum(0), W2=z1.T @ delta2, b1=delta1.sum(0), W1=x.T @ delta1)",
            PASS + "g = {name: np.zeros_like(value) for name, value in network.items()}\nfor n in range(len(x)):\n"
            "    d2 = (y[n] - d[n]) / len(x)\n    d1 = np.dot(network['W2'], d2) * (u1[n] > 0)\n"
            "    g['W1'] += np.outer(x[n], d1)\n    g['b1'] += d1\n    g['W2'] += np.outer(z1[n], d2)\n    g['b2'] += d2\nreturn g",
            PASS + "N = x.shape[0]\nD2 = y - d\nD1 = np.where(u1 > 0, D2 @ network['W2'].T, 0)\n"
            "return {'W1': np.einsum('ni,nj->ij', x, D1) / N, 'b1': np.mean(D1, axis=0),\n"
            "        'W2': np.einsum('nj,nk->jk', z1, D2) / N, 'b2': np.mean(D2, axis=0)}",
            "from dlcourse import layers\na1, r, a2 = layers.Affine(network['W1'], network['b1']), layers.Relu(), "
            "layers.Affine(network['W2'], network['b2'])\nlast = layers.SoftmaxWithLoss()\n"
            "last.forward(a2.forward(r.forward(a1.forward(x))), d)\na1.backward(r.backward(a2.backward(last.backward())))\n"
            "return {'W1': a1.dW, 'b1': a1.db, 'W2': a2.dW, 'b2': a2.db}",
        ],
    ),
    Function(
        id="T5-1b",
        signature="updated(network, gradients, learning_rate)",
        section="行列の形でまとめて計算する",
        reference=updated,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "2-3-2": lambda rng: (random_network(rng, 2, 3, 2), random_network(rng, 2, 3, 2), 0.01),
            "3層": lambda rng: (random_network(rng, 4, 3, 5, 2), random_network(rng, 4, 3, 5, 2), float(rng.random())),
            "大きな値、3-3-3": lambda rng: (
                random_network(rng, 3, 3, 3, draw=whole_numbers), random_network(rng, 3, 3, 3, draw=whole_numbers), 0.5),
        },
        pitfalls={
            "return {k: network[k] + learning_rate * gradients[k] for k in network}": "勾配の向きに動いています。誤差を減らすには逆向きに動かします。",
            "for k in network:\n    network[k] -= learning_rate * gradients[k]\nreturn network":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "new = dict(network)\nfor k in new:\n    new[k] -= learning_rate * gradients[k]\nreturn new":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "for k in network:\n    network[k] = network[k] - learning_rate * gradients[k]\nreturn network":
                "渡された network を書き換えています。新しい配列を作りましょう。",
            "return {k: network[k] - gradients[k] for k in network}": "学習率を掛け忘れています。",
            "return {k: -learning_rate * gradients[k] for k in network}": "更新の量だけを返しています。元のパラメータから引きましょう。",
            "return {k: network[k] - gradients[k] / learning_rate for k in network}": "学習率で割っています。小さな学習率ほど、動きを小さくします。",
            "return {k: network[k] - learning_rate * gradients[k] for k in network if k[0] == 'W'}": "バイアスも更新しましょう。",
            "return {k: network[k] - learning_rate * gradients[k] for k in ('W1', 'b1', 'W2', 'b2')}":
                "名前が4つに固定されています。層がいくつあっても使えるように、network の名前でくり返しましょう。",
            "return {k: network[k] - learning_rate * gradients[k] if k[0] == 'W' else network[k] for k in network}":
                "バイアスが更新されていません。",
            "return {k: network[k] * (1 - learning_rate * gradients[k]) for k in network}": "パラメータに比例した量を引いています。引くのは学習率と勾配の積です。",
            "return {k: learning_rate * (network[k] - gradients[k]) for k in network}": "学習率が、元のパラメータにまで掛かっています。",
            "return {k: (1 - learning_rate) * network[k] - learning_rate * gradients[k] for k in network}":
                "元のパラメータまで減らしています。引くのは学習率と勾配の積だけです。",
            "for k in network:\n    return {k: network[k] - learning_rate * gradients[k]}":
                "return がくり返しの中にあるので、1つ目で終わっています。",
        },
        variants=[
            "return {k: network[k] - learning_rate * gradients[k] for k in network}",
            "new = {}\nfor name, value in network.items():\n    new[name] = value - gradients[name] * learning_rate\nreturn new",
            "new = {k: v.copy() for k, v in network.items()}\nfor k in new:\n    new[k] -= learning_rate * gradients[k]\nreturn new",
            "return dict(zip(network, map(lambda p, g: np.subtract(p, np.multiply(learning_rate, g)), network.values(),\n"
            "                            (gradients[k] for k in network))))",
        ],
    ),
    Function(
        id="T5-4",
        signature="scaled_weights(kind, inputs, units, rng)",
        section="重みをすべて同じにするとどうなるか",
        instead_of=(init_network,),
        reference=lambda kind, inputs, units, rng:
            math.sqrt({"xavier": 1, "he": 2}[kind] / inputs) * rng.standard_normal((inputs, units)),
        accept=scaled_weights,
        together=draws_of_scaled_weights,
        # So few inputs that one more shows.
        inputs={
            "xavier、3 × 2000": lambda rng: ("xavier", 3, 2000, own_generator(rng)),
            "he、2 × 2000": lambda rng: ("he", 2, 2000, own_generator(rng)),
            "xavier、80 × 70": lambda rng: ("xavier", 80, 70, own_generator(rng)),
            "he、60 × 60": lambda rng: ("he", 60, 60, own_generator(rng)),
            "he、3 × 2": lambda rng: ("he", 3, 2, own_generator(rng)),
        },
        pitfalls={
            "rng.standard_normal((inputs, units))": "標準偏差が 1 のままです。入力の数に合わせて小さくしましょう。",
            "rng.standard_normal((inputs, units)) / np.sqrt(inputs)": '"he" のときも "xavier" と同じになっています。kind によって変えましょう。',
            "rng.standard_normal((inputs, units)) * np.sqrt(2 / inputs)": '"xavier" のときも "he" と同じになっています。kind によって変えましょう。',
            'rng.standard_normal((inputs, units)) * {"xavier": 1, "he": 2}[kind] / inputs': "平方根をとっていません。それは分散(標準偏差の2乗)です。",
            'rng.standard_normal((inputs, units)) * {"xavier": 1, "he": 2}[kind] / np.sqrt(inputs)':
                '"he" の 2 は、平方根の中に入ります。',
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / units)':
                "ユニットの数で割っています。使うのは入力側のノードの数です。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] * inputs)':
                "入力の数が多いほど大きくなっています。割るところと掛けるところを確かめましょう。",
            'rng.standard_normal((units, inputs)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "形が転置です。(入力の数, ユニットの数) の順にしましょう。",
            'rng.random((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "0 以上 1 未満の一様分布なので、平均が 0 になりません。正規分布を使いましょう。",
            'rng.uniform(-1, 1, (inputs, units)) * np.sqrt(3 * {"xavier": 1, "he": 2}[kind] / inputs)':
                "標準偏差は合っていますが、一様分布です。正規分布の乱数から作りましょう。",
            'np.random.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)': USE_THE_GIVEN_RNG,
            'np.random.default_rng(0).standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                USE_THE_GIVEN_RNG,
            'np.repeat(rng.standard_normal((inputs, 1)), units, axis=1) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "どのユニットも同じ重みになっています。ユニットごとに違う乱数にしましょう。",
            'np.abs(rng.standard_normal((inputs, units))) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "負の重みがありません。絶対値をとらずに、正規分布の乱数をそのまま使いましょう。",
            'np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)': "標準偏差の値だけを返しています。それを乱数の配列に掛けましょう。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 2, "he": 1}[kind] / inputs)': "xavier と he が入れ替わっています。",
            'rng.normal(0, {"xavier": 1, "he": 2}[kind] / inputs, (inputs, units))':
                "平方根をとっていません。それは分散(標準偏差の2乗)です。",
            'rng.standard_normal((inputs, units)) * np.sqrt(2 / (inputs + units)) * (np.sqrt(2) if kind == "he" else 1)':
                "ユニットの数も使う、論文の形です。この問題では、表の式のとおり、入力側の数だけを使います。",
            'rng.standard_normal((inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / (inputs + 1))':
                "バイアスの分の 1 を、入力側のノードの数に足しています。入力側のノードだけを数えましょう。",
            'np.sort(rng.standard_normal((inputs, units)), axis=0) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "並べ替えずに、作った順のまま返しましょう。",
            'rng.logistic(0, np.sqrt(3) / np.pi, (inputs, units)) * np.sqrt({"xavier": 1, "he": 2}[kind] / inputs)':
                "標準偏差は合っていますが、正規分布ではありません。rng.standard_normal か rng.normal を使いましょう。",
        },
        variants=[
            'scale = np.sqrt(1 / inputs) if kind == "xavier" else np.sqrt(2 / inputs)\nreturn scale * rng.standard_normal((inputs, units))',
            'return rng.normal(0, np.sqrt((2 if kind == "he" else 1) / inputs), (inputs, units))',
            'W = rng.standard_normal((inputs, units)) / np.sqrt(inputs)\nif kind == "he":\n    W = W * np.sqrt(2)\nreturn W',
            "s = {'xavier': 1.0, 'he': 2.0}[kind]\nreturn [[rng.normal() * (s / inputs) ** 0.5 for _ in range(units)] for _ in range(inputs)]",
        ],
    ),
    Value(
        id="T5-3",
        name="t5_3",
        section="手書き数字を学習する",
        accept=digits_settings,
        pitfalls={
            '{"units": 40, "learning_rate": 0.1, "epochs": 7, "batch_size": 100, "weights": 0.01}':
                "出発点の値のままです。更新の回数か大きさを増やすか、重みの初期値を変えてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 1000.0'): "学習率が大きすぎて発散しました。10分の1ずつ小さくしてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 10.0'):
                "学習率が大きすぎると、最初の数回の更新で ReLU がすべて 0 になり、それきり学習できなくなります。小さくしてみましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": 1e-4'): "学習率が小さすぎて、この回数の更新ではほとんど動きません。",
            setting('"units": 50', '"units": 2'): "ユニット2つでは、10種類を見分けるだけの表現ができません。増やしてみましょう。",
            setting('"epochs": 20', '"epochs": 1'): "データを1回ずつ使っただけでは、更新の回数が足りません。",
            setting('"batch_size": 50', '"batch_size": 1000'): "1回に多くのデータを使うと、同じエポックの数では更新の回数が減ります。",
            setting('"weights": "he"', '"weights": 5.0'):
                "重みの初期値が大きすぎて、はじめの誤差がとても大きくなっています。入力の数に合わせて小さくしましょう。",
            setting('"weights": "he"', '"weights": "random"'): "weights には、\"he\"、\"xavier\" か、標準偏差にする正の数を書きましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": "0.5"'): "学習率には、引用符やかっこを付けずに、数を1つ書きましょう。",
            setting('"learning_rate": 0.5', '"learning_rate": -0.5'): "学習率が 0 なら動かず、負なら誤差が増える向きに動きます。",
            setting('"units": 50', '"units": 50.0'): "ユニットの数は、引用符や小数点を付けずに、整数で書きましょう。",
            setting('"epochs": 20', '"epochs": 1000'): "エポックの数には上限があります。同じ回数でよりよく学習できる値を探しましょう。",
            setting('"units": 50', '"units": 1000'): "ユニットの数には上限があります。ほかの値も変えてみましょう。",
            setting('"batch_size": 50', '"batch_size": 1'): "バッチの大きさには下限があります(1つずつでは時間がかかりすぎます)。",
            setting('"units"', '"hidden"'): "名前は units、learning_rate、epochs、batch_size、weights の5つです。綴りを確かめましょう。",
            "[50, 0.5, 20, 50, 'he']": "値には、辞書の形で名前を付けましょう。",
        },
        variants=[
            setting('"units": 50', '"units": 100'),
            setting('"learning_rate": 0.5', '"learning_rate": 1.0'),
            setting('"weights": "he"', '"weights": "xavier"'),
            '{"units": 100, "learning_rate": 0.1, "epochs": 20, "batch_size": 10, "weights": 0.01}',
            'dict(weights=np.float64(0.2), batch_size=np.int64(30), epochs=20, learning_rate=0.5, units=64)',
        ],
    ),
]
