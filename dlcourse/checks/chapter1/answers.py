"""第1章 入力層から中間層へ: いくつもの誤答や別解に共通する部分。"""

HIDDEN = 'z1 = functions.relu(np.dot(x, network["W1"]) + network["b1"])\n'
OUTPUT = 'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
MULTICLASS = (
    'u1 = np.dot(x, network["W1"]) + network["b1"]\nz1 = functions.relu(u1)\n'
    'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
)
KEEP_THE_ORDER = "並べ替えずに、作った順のまま返しましょう。"
ONE_BY_ONE = "1つの乱数や決まった値から、ほかの値を計算しています。1つ1つの値を、rng から別々に作りましょう。"
INIT = "network = {}\nfor i in range(len(layer_sizes) - 1):\n    D, M = layer_sizes[i], layer_sizes[i + 1]\n"
LOOPS = (
    "u = np.zeros((len(x), len(b)))\nfor n in range(len(x)):\n    for j in range(len(b)):\n        u[n, j] = b[j]\n"
    "        for i in range(len(W)):\n            u[n, j] += x[n, i] * W[i, j]\nreturn u"
)
