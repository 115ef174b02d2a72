"""第5章 誤差逆伝播法: いくつもの誤答や別解に共通する部分。"""

from typing import Any

CELLS = "grad = np.zeros(W.shape)\nfor i in range(W.shape[0]):\n    for j in range(W.shape[1]):\n"
LOSS = "def loss(V):\n    return functions.softmax_with_loss(d, np.dot(x, V))\n"
NUMERICAL = "from dlcourse.gradient import numerical_gradient\n"

LAYERS = (
    "class MulLayer:\n    def forward(self, x, y):\n        self.x, self.y = x, y\n        return x * y\n"
    "    def backward(self, dout):\n        return dout * self.y, dout * self.x\n"
    "class AddLayer:\n    def forward(self, x, y):\n        return x + y\n"
    "    def backward(self, dout):\n        return dout, dout\n"
)
TRY = (
    "mul, add = MulLayer(), AddLayer()\nproduct, total = mul.forward(x, y), add.forward(x, y)\n"
    "return product, mul.backward(dout), total, add.backward(dout)"
)


def layers_with(*replacements: tuple[str, str]) -> str:
    """The right answer of X5-1 with some of its text replaced."""
    text = LAYERS
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text + TRY


MUL_BACKWARD = "return dout * self.y, dout * self.x"
ADD_BACKWARD = "return dout, dout\n"
BUILD_IT = (
    "前の問題で作った MulLayer と AddLayer を組み立てます。"
    "forward を順に呼んで代金を、backward を逆の順に呼んで勾配を求めましょう。"
)
PRICE = "price = apple * apples + orange * oranges\n"

ONE = 'z = functions.sigmoid(np.dot(x, network["W1"]) + network["b1"])\ny = np.dot(z, network["W2"]) + network["b2"]\n'
ONE_DELTAS = 'dy = y - d\ndz = np.dot(network["W2"], dy)\ndu = dz * z * (1 - z)\n'
ONE_RETURN = 'return {"W1": np.outer(x, du), "b1": du, "W2": np.outer(z, dy), "b2": dy}'

PASS = (
    'u1 = np.dot(x, network["W1"]) + network["b1"]\nz1 = functions.relu(u1)\n'
    'y = functions.softmax(np.dot(z1, network["W2"]) + network["b2"])\n'
)
DELTAS = 'delta2 = (y - d) / len(x)\ndelta1 = np.dot(delta2, network["W2"].T) * functions.d_relu(u1)\n'
BOTH = (
    'return {"W1": np.dot(x.T, delta1), "b1": delta1.sum(axis=0), "W2": np.dot(z1.T, delta2), "b2": delta2.sum(axis=0)}'
)

SETTING = '{"units": 50, "learning_rate": 0.5, "epochs": 20, "batch_size": 50, "weights": "he"}'


def setting(old: str, new: str) -> str:
    assert old in SETTING
    return SETTING.replace(old, new)


COPY = "p = {name: value.copy() for name, value in network.items()}\n"
START = "losses = []\nfor _ in range(epochs):\n"
FORWARD = '    z1 = functions.sigmoid(x @ p["W1"] + p["b1"])\n    y = z1 @ p["W2"] + p["b2"]\n'
RECORD = "    losses.append(functions.sum_squared_error(d, y))\n"
GRADIENTS = (
    '    delta2 = (y - d) / len(x)\n    delta1 = (delta2 @ p["W2"].T) * z1 * (1 - z1)\n'
    '    grad = {"W1": x.T @ delta1, "b1": delta1.sum(0), "W2": z1.T @ delta2, "b2": delta2.sum(0)}\n'
)
UPDATE = "    for name in p:\n        p[name] = p[name] - learning_rate * grad[name]\n"
TRAINING = COPY + START + FORWARD + RECORD + GRADIENTS + UPDATE + "return losses"


def training_with(old: str, new: str) -> str:
    assert old in TRAINING
    return TRAINING.replace(old, new)


OWN_NUMERICAL = (
    "numerical = np.zeros_like(x)\nfor place in np.ndindex(x.shape):\n    old = x[place]\n"
    "    x[place] = old + 1e-5\n    up = f(x)\n    x[place] = old - 1e-5\n    down = f(x)\n    x[place] = old\n"
    "    numerical[place] = (up - down) / 2e-5\n"
)
TOO_LENIENT = "許す割合が大きすぎて、1つの要素だけの小さな間違いを見逃します。"
SIZE = "size = max(np.abs(numerical).max(), np.abs(gradient).max())\n"

LINES = [
    "delta2 = functions.d_mean_squared_error(d, y)",
    'grad["b2"] = np.sum(delta2, axis=0)',
    'grad["W2"] = np.dot(z1.T, delta2)',
    "delta1 = np.dot(delta2, W2.T) * functions.d_relu(z1)",
    'grad["b1"] = np.sum(delta1, axis=0)',
    'grad["W1"] = np.dot(x.T, delta1)',
]
DELTA2, B2, W2, DELTA1, B1, W1 = LINES
# as some sheets of the lecture print it
DELTA1_SIGMOID = "delta1 = np.dot(delta2, W2.T) * functions.d_sigmoid(z1)"
ONLY_RIGHT_SIDE = "行の左辺(変数の名前と =)も含めて、1行を写しましょう。"

ONE_LAYER = (
    "delta = dz * functions.d_relu(u)\ndW = x.T @ delta\ndb = delta.sum(axis=0)\ndx = delta @ W.T\nreturn dW, db, dx"
)


def by_hand(**changes: Any) -> str:
    """The right dictionary of X5-7 with some entries changed, as source text."""
    right = {"y": 5, "delta_k": 2, "dW2": [6, 0], "delta_j": [4, 0], "dW1": [[4, 0], [8, 0]]}
    return repr(right | changes)
