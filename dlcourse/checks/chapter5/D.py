"""第5章 誤差逆伝播法、実装問題: どの間違いにどのヒントを返すか。"""

from dlcourse.checks.chapter5.accept import (
    FORMULA,
    Numerical,
    close_to_the_gradient,
    gradient_step_by_step,
    one_hot,
    simple_net_gradient,
)
from dlcourse.checks.chapter5.answers import CELLS, LOSS, NUMERICAL
from dlcourse.checks.inputs import normal

EXERCISES = [
    Numerical(
        id="D5",
        signature="simple_net_gradient(W, x, d)",
        section="数値微分では間に合わない",
        reference=simple_net_gradient,
        formulas=[simple_net_gradient, gradient_step_by_step],
        accept=close_to_the_gradient,
        inputs={
            "2入力3種類": lambda rng: (0.5 * normal(rng, 2, 3), normal(rng, 2), one_hot(rng, 3)),
            "4入力2種類": lambda rng: (0.5 * normal(rng, 4, 2), normal(rng, 4), one_hot(rng, 2)),
            "3入力3種類": lambda rng: (0.5 * normal(rng, 3, 3), normal(rng, 3), one_hot(rng, 3)),
            "W が整数": lambda rng: (rng.integers(-1, 2, (2, 3)), normal(rng, 2), one_hot(rng, 3)),
        },
        pitfalls={
            "np.outer(x, functions.softmax(np.dot(x, W)) - d)": FORMULA,
            "e = np.exp(np.dot(x, W))\nreturn x[:, None] * (e / e.sum() - d)": FORMULA,
            "y = functions.softmax(np.dot(x, W))\ndy = -d / (y + 1e-7)\n"
            "return np.outer(x, y * (dy - np.sum(dy * y)))": FORMULA,
            "from dlcourse import layers\naffine, last = layers.Affine(W, np.zeros(len(d))), layers.SoftmaxWithLoss()\n"
            "last.forward(affine.forward(x[None]), d[None])\naffine.backward(last.backward())\nreturn affine.dW": FORMULA,
            "functions.softmax_with_loss(d, np.dot(x, W))": "返しているのは誤差の値です。W の要素ごとの、誤差の変わり方を求めましょう。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.mean_squared_error(d, np.dot(x, V)), W)":
                "誤差が二乗誤差になっています。この問題の誤差は、ソフトマックス関数を通した交差エントロピーです。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, functions.softmax(np.dot(x, V))), W)":
                "ソフトマックス関数を2回通しています。softmax_with_loss には総入力を渡します。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.mean_squared_error(d, functions.softmax(np.dot(x, V))), W)":
                "ソフトマックス関数は合っています。誤差を、二乗誤差ではなく交差エントロピーにしましょう。",
            NUMERICAL + "return -numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, V)), W)":
                "符号が逆です。勾配を引いて更新するのは、このあとの段階です。",
            NUMERICAL + "return numerical_gradient(lambda v: functions.softmax_with_loss(d, np.dot(v, W)), x)":
                "入力 x についての勾配になっています。動かすのは重み W です。",
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, W)), W)":
                "誤差の関数が、渡された重みではなく外側の W を使っています。整数の W では動かした値が伝わりません。",
            "functions.softmax(np.dot(x, W)) - d": "それは総入力についての勾配です。重み W の1つ1つについての勾配を求めましょう。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        up = loss(V)\n        V[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(V)) / 1e-4\nreturn grad":
                "差を h で割っています。中心差分では、2つの点の間隔は h ではありません。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        grad[i, j] = loss(V) - loss(W)\nreturn grad":
                "誤差の差を、動かした幅で割り忘れています。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-50\n        up = loss(V)\n        V[i, j] -= 2e-50\n"
            "        grad[i, j] = (up - loss(V)) / 2e-50\nreturn grad":
                "動かす幅が小さすぎると、足しても値が変わらず、差が 0 になります。",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 0.1\n        grad[i, j] = (loss(V) - loss(W)) / 0.1\nreturn grad":
                "片側だけを大きく動かしているので、曲がった分まで傾きに入っています。幅を小さくして、両側の差をとりましょう。",
            LOSS + CELLS + "        old = W[i, j]\n        W[i, j] = old + 1e-4\n        up = loss(W)\n        W[i, j] = old - 1e-4\n"
            "        grad[i, j] = (up - loss(W)) / 2e-4\n        W[i, j] = old\nreturn grad":
                "小数の W では合っています。整数の配列に小数を入れると切り捨てられます。計算の前に小数の配列に直しましょう。",
            LOSS + CELLS + "        W[i, j] += 1e-4\n        up = loss(W)\n        W[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(W)) / 2e-4\nreturn grad":
                "動かした要素を元に戻していないので、渡された W が変わってしまいます。",
        },
        variants=[
            NUMERICAL + "return numerical_gradient(lambda V: functions.softmax_with_loss(d, np.dot(x, V)), W)",
            NUMERICAL + "f = lambda V: functions.cross_entropy_error(d, functions.softmax(x @ V))\nreturn numerical_gradient(f, W)",
            LOSS + CELLS + "        V = W.astype(float)\n        V[i, j] += 1e-4\n        up = loss(V)\n        V[i, j] -= 2e-4\n"
            "        grad[i, j] = (up - loss(V)) / 2e-4\nreturn grad",
            LOSS + "E = np.eye(W.size).reshape(W.size, *W.shape) * 1e-5\n"
            "return [[(loss(W + e) - loss(W - e)) / 2e-5 for e in row] for row in E.reshape(*W.shape, *W.shape)]",
            LOSS + "V = np.array(W, dtype=float)\ngrad = np.zeros_like(V)\nit = np.nditer(V, flags=['multi_index'])\n"
            "while not it.finished:\n    i = it.multi_index\n    old = V[i]\n    V[i] = old + 1e-4\n    up = loss(V)\n"
            "    V[i] = old - 1e-4\n    grad[i] = (up - loss(V)) / 2e-4\n    V[i] = old\n    it.iternext()\nreturn grad",
            "V = W + np.eye(W.size).reshape(-1, *W.shape) * np.array([1e-5, -1e-5]).reshape(2, 1, 1, 1)\n"
            "E = -np.sum(d * np.log(functions.softmax(x @ V)), axis=-1)\nreturn ((E[0] - E[1]) / 2e-5).reshape(W.shape)",
            "def loss(V):\n    u = x @ V\n    return np.log(np.sum(np.exp(u))) - d @ u\nh = 1e-3\ngrad = np.zeros(W.shape)\n"
            "for place in np.ndindex(W.shape):\n    e = np.zeros(W.shape)\n    e[place] = h\n"
            "    grad[place] = (8 * (loss(W + e) - loss(W - e)) - (loss(W + 2 * e) - loss(W - 2 * e))) / (12 * h)\nreturn grad",
        ],
    ),
]
