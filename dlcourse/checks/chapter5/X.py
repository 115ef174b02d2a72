"""第5章 誤差逆伝播法、発展問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse import functions, layers
from dlcourse.checks.chapter5.accept import (
    any_element_off,
    backward_case,
    first_element_not_0,
    first_two_exchanged,
    gradient_check,
    layer_backward,
    one_hot,
    one_sign_changed,
    polynomial,
    relu_backward,
    shopping,
    smallest_element_off,
    smooth_function,
    softmax_loss_gradient,
    try_layers,
    two_layers,
    with_wrong_gradient,
)
from dlcourse.checks.chapter5.answers import (
    ADD_BACKWARD,
    BUILD_IT,
    LAYERS,
    MUL_BACKWARD,
    NUMERICAL,
    ONE_LAYER,
    OWN_NUMERICAL,
    PRICE,
    SIZE,
    TOO_LENIENT,
    by_hand,
    layers_with,
)
from dlcourse.checks.exercise import Function
from dlcourse.checks.inputs import normal, whole_numbers
from dlcourse.checks.line_order import Order
from dlcourse.checks.short_answers import Value
from dlcourse.gradient_check import check_gradient

TOO_EARLY = "W2 を更新したあとで、W2 を使って中間層のデルタを求めています。勾配は、更新する前の重みで求めます。"
WITH_THE_OUTPUT = "d_sigmoid に渡すのは、出力 z1 ではなく、総入力 u1 です。"

EXERCISES = [
    Function(
        id="X5-1",
        signature="try_layers(x, y, dout)",
        section="層の部品を組み合わせる",
        reference=try_layers,
        inputs={
            "正の数": lambda rng: tuple(float(v) for v in 1 + 9 * rng.random(3)),
            "負の数や 0": lambda rng: (0.0, -float(1 + rng.random()), float(normal(rng))),
            "配列": lambda rng: (normal(rng, 4), normal(rng, 4), normal(rng, 4)),
            "大きな値、3行3列": lambda rng: (whole_numbers(rng, 3, 3), whole_numbers(rng, 3, 3), whole_numbers(rng, 3, 3)),
            "大きさの違う数": lambda rng: (1e6 * (1 + rng.random(3)), 1e-3 * normal(rng, 3), normal(rng, 3)),
        },
        pitfalls={
            layers_with((MUL_BACKWARD, "return dout * self.x, dout * self.y")):
                "掛け算の逆伝播で、自分の値を掛けています。x が増えたとき、積はその何倍増えるでしょうか。",
            layers_with((MUL_BACKWARD, "return self.y, self.x")): "掛け算の逆伝播で、後ろから来た勾配 dout を掛け忘れています。",
            layers_with((MUL_BACKWARD, "return dout, dout")): "掛け算の逆伝播が、足し算のものになっています。",
            layers_with((MUL_BACKWARD, "return dout * self.x * self.y, dout * self.x * self.y")):
                "掛け算の逆伝播で、両方の値を掛けています。それぞれの勾配に要るのは片方だけです。",
            layers_with((MUL_BACKWARD, "return dout + self.y, dout + self.x")): "掛け算の逆伝播で、dout に足しています。連鎖律では倍率を掛け合わせます。",
            layers_with((MUL_BACKWARD, "return dout * self.y + dout * self.x")):
                "x についての勾配と y についての勾配は、足さずに、2つに分けて返します。",
            layers_with((ADD_BACKWARD, "return 1, 1\n")): "足し算の逆伝播で、後ろから来た勾配 dout が使われていません。",
            layers_with((ADD_BACKWARD, "return dout / 2, dout / 2\n")):
                "足し算の逆伝播で、勾配を半分ずつに分けています。x が1増えると、和はいくつ増えますか。",
            layers_with((ADD_BACKWARD, "return dout\n")): "足し算の逆伝播でも、x についてと y についての2つを返します。",
            layers_with((ADD_BACKWARD, "return dout, -dout\n")): "足し算の逆伝播で、y についての勾配の符号が逆です。",
            layers_with((ADD_BACKWARD, "return 2 * dout, 2 * dout\n")): "足し算の逆伝播で勾配が2倍になっています。",
            layers_with(("        return x + y", "        return x * y")): "AddLayer の順伝播が掛け算になっています。",
            layers_with(("        return x * y", "        return x + y")): "MulLayer の順伝播が足し算になっています。",
            layers_with(("        self.x, self.y = x, y\n", "")): "forward で受け取った値を、self.x、self.y に覚えておきましょう。",
            layers_with(("        return x * y\n", "")): "MulLayer の forward の最後に return を書きましょう。",
        },
        variants=[
            layers_with(),
            layers_with((MUL_BACKWARD, "dx = self.y * dout\n        dy = self.x * dout\n        return [dx, dy]")),
            layers_with((ADD_BACKWARD, "return dout * 1, dout * 1\n")),
            layers_with(("self.x, self.y = x, y", "self.saved = (x, y)"),
                        (MUL_BACKWARD, "x, y = self.saved\n        return np.multiply(dout, y), np.multiply(dout, x)")),
        ],
    ),
    Function(
        id="X5-1b",
        signature="shopping(apple, apples, orange, oranges, tax)",
        section="連鎖律と計算グラフ",
        reference=shopping,
        by_means_of=("MulLayer.forward", "AddLayer.forward", "MulLayer.backward", "AddLayer.backward"),
        inputs={
            "りんご2個、みかん3個": lambda rng: (100.0, 2, 150.0, 3, 1.1),
            "いろいろな値": lambda rng: (
                float(10 + 2000 * rng.random()), int(rng.integers(1, 9)), float(10 + 2000 * rng.random()),
                int(rng.integers(1, 9)), float(1 + rng.random())),
            "りんごを買わない": lambda rng: (float(10 + 2000 * rng.random()), 0, float(10 + 2000 * rng.random()), 4, 1.08),
        },
        pitfalls={
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price)": BUILD_IT,
            PRICE + "return price * tax, (apples, apple, oranges, orange, price)":
                "倍率の掛け算をさかのぼるのを忘れています。税の分も勾配に掛かります。",
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price * tax)":
                "tax についての勾配が違います。倍率が1増えると、代金は税抜きの合計だけ増えます。",
            PRICE + "return price * tax, (apple * tax, apples * tax, orange * tax, oranges * tax, price)":
                "値段についての勾配と個数についての勾配が入れ替わっています。",
            PRICE + "return price * tax, (apples * tax, oranges * tax, apple * tax, orange * tax, price)":
                "勾配の順番が違います。apple、apples、orange、oranges、tax の順です。",
            PRICE + "return price * tax, (tax * tax, price * tax, tax * tax, price * tax, price)":
                "1つの MulLayer を使い回すと、覚えた値が上書きされます。掛け算ごとに別の部品を作りましょう。",
            PRICE + "return price * tax": "代金と勾配の2つを返しましょう。",
            PRICE + "return price * tax, apples * tax, apple * tax, oranges * tax, orange * tax, price":
                "5つの勾配は、1つのタプルにまとめて、2番目の値にします。",
            PRICE + "return price, (apples, apple, oranges, orange, price)": "税込みの倍率が掛かっていません。",
            PRICE + "return price * tax, (tax, tax, tax, tax, price)":
                "足し算の部品から先へ、掛け算の部品をさかのぼっていません。",
            PRICE + "dout = price * tax\nreturn price * tax, tuple(g * dout for g in (apples * tax, apple * tax, oranges * tax, orange * tax, price))":
                "逆伝播の始まりは、代金を代金で微分した 1 です。代金の値ではありません。",
            "price = (apple + apples) * (orange + oranges)\nreturn price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, price)":
                "順伝播で、足し算と掛け算の部品が入れ替わっています。",
            PRICE + "return price * tax, (apples * tax, apple * tax, oranges * tax, orange * tax)":
                "tax についての勾配も返しましょう。勾配は5つです。",
        },
        variants=[
            LAYERS + "m1, m2, m3, a = MulLayer(), MulLayer(), MulLayer(), AddLayer()\n"
            "total = m3.forward(a.forward(m1.forward(apple, apples), m2.forward(orange, oranges)), tax)\n"
            "ds, dt = m3.backward(1)\nd1, d2 = a.backward(ds)\nreturn total, (*m1.backward(d1), *m2.backward(d2), dt)",
            LAYERS + "m1, m2, m3, a = [MulLayer() for _ in 'abc'] + [AddLayer()]\n"
            "prices = m1.forward(apple, apples), m2.forward(orange, oranges)\n"
            "total = m3.forward(tax, a.forward(*prices))\ndt, ds = m3.backward(1.0)\nd1, d2 = a.backward(ds)\n"
            "return [total, [*m1.backward(d1), *m2.backward(d2), dt]]",
            LAYERS + "tax_layer, add = MulLayer(), AddLayer()\nfruits = {'apple': (apple, apples), 'orange': (orange, oranges)}\n"
            "layers = {name: MulLayer() for name in fruits}\n"
            "total = tax_layer.forward(add.forward(*(layers[n].forward(*fruits[n]) for n in fruits)), tax)\n"
            "d_sum, d_tax = tax_layer.backward(1)\ngradients = []\nfor n, d in zip(fruits, add.backward(d_sum)):\n"
            "    gradients += layers[n].backward(d)\nreturn total, np.array([*gradients, d_tax])",
            LAYERS + "class Shop:\n    def __init__(self):\n        self.a, self.o, self.t, self.s = MulLayer(), MulLayer(), MulLayer(), AddLayer()\n"
            "    def forward(self):\n        self.sum = self.s.forward(self.a.forward(apple, apples), self.o.forward(orange, oranges))\n"
            "        return self.t.forward(self.sum, tax)\n"
            "    def backward(self):\n        d, dt = self.t.backward(1)\n        da, do = self.s.backward(d)\n"
            "        return self.a.backward(da) + self.o.backward(do) + (dt,)\n"
            "shop = Shop()\nreturn shop.forward(), shop.backward()",
        ],
    ),
    Function(
        id="X5-2",
        signature="softmax_loss_gradient(d, u)",
        section="分類でも y − d になる",
        reference=softmax_loss_gradient,
        instead_of=(functions.d_softmax_with_loss, layers.SoftmaxWithLoss.backward),
        inputs={
            "one-hot、データ5個": lambda rng: (one_hot(rng, 3, 5), normal(rng, 5, 3)),
            "ラベル、データ4個": lambda rng: (rng.integers(3, size=4), normal(rng, 4, 3)),
            "ラベル、データの数と種類の数が同じ": lambda rng: (rng.permutation(3), normal(rng, 3, 3)),
            "整数の one-hot、データ1個": lambda rng: (one_hot(rng, 4, 1).astype(int), normal(rng, 1, 4)),
            "大きな値": lambda rng: (one_hot(rng, 4, 6), 1e4 * normal(rng, 6, 4)),
        },
        pitfalls={
            "y = functions.softmax(u)\nreturn y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)":
                "データの数で割り忘れています。誤差はデータについての平均です。",
            "y = functions.softmax(u)\nreturn ((np.eye(u.shape[1])[d] if d.ndim == 1 else d) - y) / len(u)":
                "符号が逆です。正解の種類の総入力は、増やすと誤差が減ります。",
            "return (functions.softmax(u) - d) / len(u)":
                "one-hot なら合っています。ラベルの d を引くと、確率から種類の番号を引くことになります。",
            "return (functions.softmax(u) - np.eye(u.shape[1])[d]) / len(u)":
                "ラベルなら合っています。one-hot で渡されたときは、d をそのまま使いましょう。",
            "y = functions.softmax(u)\nreturn (y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / u.size":
                "割りすぎです。平均をとるのはデータについてだけで、種類の数では割りません。",
            "y = functions.softmax(u)\nreturn (y - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / u.shape[1]":
                "種類の数で割っています。割るのはデータの数です。",
            "return (u - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "総入力 u から直接、教師データを引いています。その前に、ソフトマックス関数に通しましょう。",
            "e = np.exp(u - u.max())\nreturn (e / e.sum() - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "バッチ全体の合計で割っています。1つのデータ(行)ごとに、合計が 1 の確率にしましょう。",
            "e = np.exp(u)\nreturn (e / e.sum(axis=1, keepdims=True) - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "大きな値で exp が溢れて nan になります。functions.softmax は溢れない計算をします。",
            "return (functions.sigmoid(u) - (np.eye(u.shape[1])[d] if d.ndim == 1 else d)) / len(u)":
                "多クラス分類の出力は、シグモイド関数ではなくソフトマックス関数です。",
            "if d.ndim == 1:\n    d = np.eye(u.shape[1])[d]\nreturn -d / (functions.softmax(u) + 1e-7) / len(u)":
                "それは出力 y についての微分です。ソフトマックス関数までさかのぼって、u についての勾配にしましょう。",
            "y = functions.softmax(u)\nif d.ndim == 2:\n    d = d.argmax(axis=1)\ny[:, d] -= 1\nreturn y / len(u)":
                "y[:, d] は、すべての行から d の列を選びます。行ごとに1つの場所を選ぶには、行の番号も並べます。",
            "if d.size == u.size:\n    d = d.argmax(axis=1)\nreturn np.eye(u.shape[1])[d] / len(u)":
                "教師データだけで、出力が使われていません。",
            "y = functions.softmax(u)\nt = np.eye(u.shape[1])[d] if d.ndim == 1 else d\nreturn np.sum(y - t, axis=0) / len(u)":
                "データについて足してしまっています。総入力と同じ (N, K) の形で返しましょう。",
        },
        variants=[
            "if d.ndim == 1:\n    d = np.eye(u.shape[1])[d]\nreturn (functions.softmax(u) - d) / u.shape[0]",
            "y = functions.softmax(u)\nlabels = d if d.ndim == 1 else d.argmax(axis=1)\n"
            "y[np.arange(len(u)), labels] -= 1\nreturn y / len(u)",
            "e = np.exp(u - u.max(axis=1, keepdims=True))\ny = e / e.sum(axis=1, keepdims=True)\nN, K = y.shape\n"
            "t = d if d.shape == y.shape else (d[:, np.newaxis] == np.arange(K))\nreturn (y - t) * (1 / N)",
            "g = np.zeros(u.shape)\nfor n in range(len(u)):\n    y = functions.softmax(u[n])\n    for k in range(len(y)):\n"
            "        t = d[n] == k if d.ndim == 1 else d[n, k]\n        g[n, k] = (y[k] - t) / len(u)\nreturn g",
        ],
    ),
    Function(
        id="X5-3",
        signature="relu_backward(u, dout)",
        section="層の部品を組み合わせる",
        reference=relu_backward,
        instead_of=(layers.Relu.backward,),
        inputs={
            "(3, 4)": lambda rng: (normal(rng, 3, 4), normal(rng, 3, 4)),
            "ちょうど 0 と大きな値": lambda rng: (
                np.array([-1e3, -1.0, 0.0, 1e-3, 1.0, 1e3]), rng.choice([-1.0, 1.0], 6) * (1 + rng.random(6))),
            "整数の u、(2, 3, 2)": lambda rng: (rng.integers(-2, 3, (2, 3, 2)), normal(rng, 2, 3, 2)),
            "float32": lambda rng: (np.float32(normal(rng, 4)), np.float32(normal(rng, 4))),
            "大きな値と、ごく小さな値": lambda rng: (
                rng.permutation([1e-20, -1e-20, 1e-300, 0.0, 900.0, -900.0, 1e-9, -1e-9, 1e-3]).reshape(3, 3), whole_numbers(rng, 3, 3)),
        },
        pitfalls={
            "dout * functions.relu(u)": "掛けるのは ReLU の値ではなく、微分(0 か 1)です。",
            "functions.relu(dout)": "勾配のほうを ReLU に通しています。通すかどうかは、順伝播のときの u で決まります。",
            "dout * (u >= 0)": "u がちょうど 0 のところの微分は 0 と約束しました。",
            "np.where(u > 0, 1, 0)": "それは微分だけです。後ろから来た勾配 dout を掛けましょう。",
            "np.where(u > 0, u, 0)": "それは順伝播です。逆伝播では、後ろから来た dout を通します。",
            "dout[u <= 0] = 0\nreturn dout": "渡された dout を書き換えています。新しい配列を作りましょう。",
            "dout": "止めたところの勾配まで通しています。",
            "dout * (u < 0)": "通すところと止めるところが逆です。",
            "dout * np.sign(u)": "負のところで勾配の符号が反対になります。ReLU では、そこは 0 です。",
            "dout * functions.d_sigmoid(u)": "シグモイド関数の微分です。ReLU の微分は 0 か 1 です。",
            "dout[u > 0]": "通した要素だけを抜き出すと、形が変わります。止めた要素は 0 として残しましょう。",
            "dx = np.zeros_like(u)\ndx[u > 0] = dout[u > 0]\nreturn dx":
                "小数の u なら合っています。u が整数だと、整数の配列に勾配を入れて、小数点以下が切り捨てられています。",
            "np.abs(dout) * (u > 0)": "負の勾配も、通すところではそのまま(負のまま)通します。",
            "np.maximum(0, dout * u)": "掛けるのは u の値ではありません。u が正のところで、dout をそのまま通します。",
            "dout * u": "u の値そのものを掛けています。ReLU の傾きは、通すところでは 1 です。",
        },
        variants=["dout * (u > 0)", "np.where(u > 0, dout, 0)", "dout * functions.d_relu(u)",
                  "dx = dout.copy()\ndx[u <= 0] = 0\nreturn dx", "dx = np.zeros_like(dout)\ndx[u > 0] = dout[u > 0]\nreturn dx",
                  "mask = (u <= 0)\nresult = np.array(dout)\nresult[mask] = 0\nreturn result"],
    ),
    Function(
        id="X5-4",
        signature="gradient_check(f, x, gradient)",
        section="勾配を確かめる",
        reference=gradient_check,
        instead_of=(check_gradient,),
        inputs={
            "正しい勾配、(4,)": lambda rng: smooth_function(rng, 4),
            "正しい勾配、(2, 3)": lambda rng: smooth_function(rng, 2, 3),
            "符号が逆の勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 4), np.negative),
            "3倍になった勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 2, 3), lambda g: 3 * g),
            "1次関数の正しい勾配": lambda rng: polynomial(rng, 1),
            "2次関数の正しい勾配": lambda rng: polynomial(rng, 2),
            "どれか1つの要素だけ1 % 違う勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 2, 3), any_element_off(rng)),
            "いちばん小さい要素だけ1 % 違う勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 5), smallest_element_off),
            "どれか1つの要素だけ符号が逆の勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3, 2), one_sign_changed(rng)),
            "要素の順番が逆の勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3), lambda g: g[::-1].copy()),
            "転置された勾配、(3, 3)": lambda rng: with_wrong_gradient(smooth_function(rng, 3, 3), lambda g: g.T.copy()),
            "2つの要素が違い、合計は同じ勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 4), first_two_exchanged),
            "10⁻⁹ ほどの正しい勾配": lambda rng: smooth_function(rng, 3, size=1e-9),
            "10⁻⁹ ほどで、2倍になった勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3, size=1e-9), lambda g: 2 * g),
            "10⁻⁹ ほどで、1つの要素だけ1 % 違う勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3, size=1e-9), any_element_off(rng)),
            "10⁹ ほどの正しい勾配": lambda rng: smooth_function(rng, 3, size=1e9),
            "10⁹ ほどで、1つの要素だけ1 % 違う勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3, size=1e9), any_element_off(rng)),
            "一部が 0 の正しい勾配": lambda rng: smooth_function(rng, 4, unused=(0, 2)),
            "本当は 0 の要素だけ、0 でない勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 4, unused=(0,)), first_element_not_0),
            "すべて 0 の正しい勾配": lambda rng: smooth_function(rng, 2, 2, unused=range(4)),
            "本当は 0 なのに、0 でない勾配": lambda rng: with_wrong_gradient(smooth_function(rng, 3, unused=range(3)), lambda g: g + 1),
        },
        pitfalls={
            "return True": "いつも True を返しています。間違った勾配を見つけられません。",
            "return False": "いつも False を返しています。正しい勾配まで間違いにしています。",
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient))":
                "とても小さな勾配の間違いを見逃しています。np.allclose も、atol を 0 にしなければ、決まった大きさまでの差を許します。",
            NUMERICAL + "return bool(np.abs(numerical_gradient(f, x) - gradient).max() < 1e-6)":
                "差そのものの大きさで比べています。勾配の大きさに対する割合で比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(np.abs(numerical) - np.abs(gradient)).max() <= 1e-5 * size)":
                "符号の間違いを見逃しています。大きさにしてから差をとるのではなく、差をとってから大きさにしましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(abs(numerical.sum() - gradient.sum()) <= 1e-5 * size)":
                "合計だけを比べています。打ち消し合う間違いを見逃すので、要素ごとに比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\na, b = numerical.ravel(), gradient.ravel()\n"
            "lengths = np.linalg.norm(a) * np.linalg.norm(b)\nreturn bool(np.dot(a, b) >= (1 - 1e-9) * lengths)":
                "向きだけを比べています。定数倍の間違い(1/N の忘れなど)を見逃します。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 0.5 * size)": TOO_LENIENT,
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 0.05 * size)": TOO_LENIENT,
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient, rtol=0.05, atol=0))": TOO_LENIENT,
            NUMERICAL + "numerical = numerical_gradient(f, x)\nplace = np.unravel_index(np.abs(gradient).argmax(), x.shape)\n"
            + SIZE + "return bool(abs(numerical[place] - gradient[place]) <= 1e-5 * size)":
                "1つの要素しか比べていません。すべての要素を比べて、いちばん大きい差を調べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(np.sort(numerical.ravel()) - np.sort(gradient.ravel())).max() <= 1e-5 * size)":
                "並べ替えてから比べると、要素の場所が違う間違いを見逃します。同じ場所の要素どうしを比べましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() / size < 1e-5)":
                "勾配がすべて 0 のとき、正しいのに False になります(0 を 0 で割った nan や、0 < 0 を比べています)。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n"
            "return bool(np.all(np.abs(numerical - gradient) / np.abs(numerical) < 1e-5))":
                "勾配に 0 の要素があると、0 で割って nan になり、正しいのに False になります。",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return float(np.abs(numerical - gradient).max() / (size + 1e-300))":
                "返しているのは相対誤差の値です。許す割合と比べて、True か False を返しましょう。",
            NUMERICAL + "numerical = numerical_gradient(f, x, h=1e-14)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "数値微分の誤差のために、正しい勾配まで間違いにしています。許す割合か、動かす幅が小さすぎます。",
            NUMERICAL + "numerical = numerical_gradient(f, x, h=0.3)\n" + SIZE
            + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "曲がった関数で、正しい勾配まで間違いにしています。動かす幅が大きいと、数値微分は曲がりを拾います。",
            OWN_NUMERICAL.replace("/ 2e-5", "/ 1e-5") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "数値微分が2倍になっています。中心差分では、2つの点の間隔で割ります。",
            OWN_NUMERICAL.replace("    x[place] = old\n", "") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "動かした要素を元に戻していません。1つの要素を調べ終わるごとに、元の値に戻しましょう。",
            OWN_NUMERICAL.replace("np.ndindex(x.shape)", "range(len(x))").replace("old = x[place]", "old = x[place].copy()")
            + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)":
                "2次元の配列では、1行をまとめて動かしてしまいます。要素を1つずつ動かしましょう。",
            OWN_NUMERICAL.replace("    x[place] = old - 1e-5\n    down = f(x)\n    x[place] = old\n", "    x[place] = old\n    down = f(x)\n")
            .replace("2e-5", "1e-5") + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-7 * size)":
                "片側だけを動かす前進差分の誤差は大きく、正しい勾配まで間違いにしています。中心差分にしましょう。",
        },
        variants=[
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE + "return np.abs(numerical - gradient).max() <= 1e-5 * size",
            OWN_NUMERICAL + SIZE + "return bool(np.abs(numerical - gradient).max() <= 1e-5 * size)",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n"
            "top = np.abs(numerical - gradient)\nbottom = np.maximum(1e-8, np.abs(numerical) + np.abs(gradient))\n"
            "return bool((top / bottom).max() < 1e-4)",
            NUMERICAL + "numerical = numerical_gradient(f, x)\nd = np.linalg.norm(numerical - gradient)\n"
            "s = np.linalg.norm(numerical) + np.linalg.norm(gradient)\nif s == 0:\n    return True\nreturn d / s < 1e-5",
            NUMERICAL + "return bool(np.allclose(numerical_gradient(f, x), gradient, rtol=1e-4, atol=0))",
            NUMERICAL + "numerical = numerical_gradient(f, x)\n" + SIZE
            + "return np.array(np.abs(numerical - gradient).max() <= 1e-5 * size)",
            "for place in np.ndindex(x.shape):\n    e = np.zeros_like(x)\n    e[place] = 1e-4\n    n = (f(x + e) - f(x - e)) / 2e-4\n"
            "    if abs(n - gradient[place]) > 1e-4 * max(abs(n), abs(gradient[place])):\n        return False\nreturn True",
        ],
    ),
    Value(
        id="X5-7",
        name="x5_7",
        section="中間層の勾配",
        expected={"y": 5, "delta_k": 2, "dW2": [6, 0], "delta_j": [4, 0], "dW1": [[4, 0], [8, 0]]},
        pitfalls={
            by_hand(y=2, delta_k=-1, dW2=[3 * -1, -1 * -1], delta_j=[-2, 0], dW1=[[-2, 0], [-4, 0]]):
                "2つ目の中間層のユニットは、総入力が -1 なので、ReLU を通ると 0 です。",
            by_hand(y=6, delta_k=3, dW2=[9, 0], delta_j=[6, 0], dW1=[[6, 0], [12, 0]]): "出力層のバイアス -1 を足し忘れています。",
            by_hand(delta_k=-2, dW2=[-6, 0], delta_j=[-4, 0], dW1=[[-4, 0], [-8, 0]]): "符号が逆です。デルタは y - d です。",
            by_hand(delta_k=4, dW2=[12, 0], delta_j=[8, 0], dW1=[[8, 0], [16, 0]]):
                "2乗の微分から出る2は、誤差の式の 1/2 と打ち消し合います。",
            by_hand(delta_k=5, dW2=[15, 0], delta_j=[10, 0], dW1=[[10, 0], [20, 0]]): "デルタは y ではなく、y - d です。",
            by_hand(dW2=[4, 6]): "dW2 には、層の入力 z を掛けます。重み W⁽²⁾ を掛けるのは、前の層へ戻るときです。",
            by_hand(dW2=[2, 4]): "出力層の入力は x ではなく、中間層の出力 z です。",
            by_hand(dW2=[6, -2]): "dW2 に掛けるのは、総入力 u ではなく、ReLU を通したあとの z です。",
            by_hand(delta_j=[4, 6], dW1=[[4, 6], [8, 12]]):
                "中間層のデルタに、ReLU の傾きを掛けていません。総入力が負のユニットの傾きは 0 です。",
            by_hand(delta_j=[6, 0], dW1=[[6, 0], [12, 0]]):
                "中間層へ戻るときに掛けるのは、z ではなく、線の重み W⁽²⁾ です。",
            by_hand(delta_j=[2, 0], dW1=[[2, 0], [4, 0]]): "中間層へ戻るときに、線の重み W⁽²⁾ を掛けていません。",
            by_hand(delta_j=[12, 0], dW1=[[12, 0], [24, 0]]): "ReLU の傾きは z ではなく、0 か 1 です。",
            by_hand(dW1=[[4, 8], [0, 0]]): "dW1 が転置になっています。行が入力、列がユニットです。",
            by_hand(dW1=[[12, 0], [0, 0]]): "dW1 に掛けるのは、層の入力 x です。z ではありません。",
        },
        variants=["dict(y=5.0, delta_k=2.0, dW2=(6.0, 0.0), delta_j=(4.0, 0.0), dW1=((4.0, 0.0), (8.0, 0.0)))",
                  "dict(y=5, delta_k=2, dW2=np.array([6, 0]), delta_j=np.array([4, 0]), dW1=np.array([[4, 0], [8, 0]]))",
                  "dict(y=2 * 3 - 1, delta_k=5 - 3, dW2=np.array([3, 0]) * 2, delta_j=[2 * 2, 0], dW1=np.outer([1, 2], [4, 0]))",
                  "(lambda delta: dict(y=delta + 3, delta_k=delta, dW2=[3 * delta, 0], delta_j=[2 * delta, 0],\n"
                  "    dW1=[[2 * delta, 0], [4 * delta, 0]]))(2)"],
    ),
    Function(
        id="X5-5",
        signature="layer_backward(x, W, u, dz)",
        section="行列の形でまとめて計算する",
        reference=layer_backward,
        inputs={
            "データ5個、入力4つ、ユニット3つ": lambda rng: backward_case(rng, 5, 4, 3),
            "データ3個、3入力3ユニット": lambda rng: backward_case(rng, 3, 3, 3),
            "データ1個": lambda rng: backward_case(rng, 1, 2, 4),
            "ユニット1つ": lambda rng: backward_case(rng, 6, 3, 1),
            "大きな値": lambda rng: backward_case(rng, 4, 3, 2, draw=whole_numbers),
        },
        pitfalls={
            ONE_LAYER.replace("x.T @ delta", "delta.T @ x"): "重みの勾配が転置になっています。W と同じ、(D, M) の形にしましょう。",
            ONE_LAYER.replace("x.T @ delta", "x.T @ delta / len(x)"):
                "1/N を、もう一度掛けています。平均の 1/N は dz に入っています。",
            ONE_LAYER.replace("x.T @ delta", "x.T @ dz"): "ReLU の傾きを掛ける前の dz を使っています。delta を使いましょう。",
            ONE_LAYER.replace("x.T @ delta", "u.T @ delta"): "重みの勾配に掛けるのは、総入力 u ではなく、層の入力 x です。",
            ONE_LAYER.replace("delta.sum(axis=0)", "delta.sum(axis=1)"): "足す軸が違います。データについて、縦に足しましょう。",
            ONE_LAYER.replace("delta.sum(axis=0)", "delta.sum()"): "バイアスの勾配は、ユニットごとに1つです。全体を足してはいけません。",
            ONE_LAYER.replace("delta.sum(axis=0)", "delta.mean(axis=0)"): "平均の 1/N は dz に入っています。データについては、和をとります。",
            ONE_LAYER.replace("delta.sum(axis=0)", "delta"): "バイアスの勾配を、データについて足していません。b と同じ (M,) の形にしましょう。",
            ONE_LAYER.replace("delta.sum(axis=0)", "dz.sum(axis=0)"): "バイアスの勾配にも、ReLU の傾きを掛けたあとの delta を使います。",
            ONE_LAYER.replace("delta @ W.T", "delta @ W"): "W を転置しましょう。(N, M) と (M, D) の積で、(N, D) になります。",
            ONE_LAYER.replace("delta @ W.T", "dz @ W.T"): "前の層へ戻すのも、ReLU の傾きを掛けたあとの delta です。",
            ONE_LAYER.replace("delta @ W.T", "(delta @ W.T) * functions.d_relu(x)"):
                "求めるのは層の入力についての勾配です。前の層の活性化関数の傾きは、前の層で掛けます。",
            ONE_LAYER.replace("delta @ W.T", "W @ delta.T"): "層の入力についての勾配が転置になっています。x と同じ (N, D) の形にしましょう。",
            ONE_LAYER.replace("dW, db, dx", "dx, dW, db"): "返す順番が違います。dW、db、dx の順です。",
        },
        variants=[
            ONE_LAYER,
            ONE_LAYER.replace("x.T @ delta", "np.dot(x.T, delta)").replace("delta @ W.T", "np.dot(W, delta.T).T"),
            "delta = np.where(u > 0, dz, 0)\nreturn sum(np.outer(x[n], delta[n]) for n in range(len(x))), sum(delta), delta @ W.T",
            "delta = dz * (u > 0)\nreturn [np.einsum('ni,nj->ij', x, delta), np.ones(len(x)) @ delta, np.einsum('nj,ij->ni', delta, W)]",
        ],
    ),
    Order(
        id="X5-6",
        name="x5_6",
        section="行列の形でまとめて計算する",
        lines=[
            "delta1 = (delta2 @ W2.T) * functions.d_sigmoid(u1)",
            "y = z1 @ W2",
            "dW1 = x.T @ delta1",
            "u1 = x @ W1",
            "W2 = W2 - learning_rate * dW2",
            "delta2 = (y - d) / len(x)",
            "z1 = functions.sigmoid(u1)",
            "dW2 = z1.T @ delta2",
            "W1 = W1 - learning_rate * dW1",
            "delta1 = (delta2 @ W2.T) * functions.d_sigmoid(z1)",
        ],
        correct=[4, 7, 2, 6, 8, 1, 3, 5, 9],
        begin=two_layers,
        results=["W1", "W2"],
        extra={10: WITH_THE_OUTPUT},
        precede={(1, 5): TOO_EARLY},
        pitfalls={
            "[4, 7, 2, 6, 8, 5, 1, 3, 9]": TOO_EARLY,
            "[4, 7, 2, 6, 8, 10, 3, 5, 9]": WITH_THE_OUTPUT,
            "[4, 7, 2, 6, 8, 1, 10, 3, 5, 9]": WITH_THE_OUTPUT,
            "[4, 7, 2, 6, 1, 3, 9, 5, 8]": "dW2 を求める前に W2 を更新しています。勾配を作る行を先に置きましょう。",
            "[4, 7, 2, 6, 8, 5, 3, 1, 9]": "dW1 は、中間層のデルタから求めます。delta1 を先に作りましょう。",
            "[4, 7, 2, 1, 6, 8, 3, 5, 9]": "デルタは、出力層から中間層へと戻ります。delta2 を先に作りましょう。",
            "[6, 4, 7, 2, 8, 1, 3, 5, 9]": "逆伝播の前に、順伝播で y を求めましょう。",
            "[4, 2, 7, 6, 8, 1, 3, 5, 9]": "出力 y は、中間層の出力 z1 から求めます。z1 を先に作りましょう。",
            "[7, 4, 2, 6, 8, 1, 3, 5, 9]": "中間層の出力 z1 は、総入力 u1 から求めます。u1 を先に作りましょう。",
            "[4, 7, 2, 6, 1, 3, 9, 8]": "W2 の更新がありません。2つの重みを、どちらも更新しましょう。",
            "[9, 3, 5, 1, 8, 6, 2, 7, 4]": "並びがちょうど逆です。順伝播から始めましょう。",
        },
        variants=["[4, 7, 2, 6, 1, 3, 8, 9, 5]", "[4, 7, 2, 6, 1, 8, 5, 3, 9]", "[4, 7, 2, 6, 8, 1, 5, 3, 9]"],
    ),
]
