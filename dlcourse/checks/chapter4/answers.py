"""第4章 勾配降下法: いくつもの誤答や別解に共通する部分。"""

LOOP = "h = 1e-4\nx = np.array(x, dtype=float)\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    old = x[i]\n"
PLUS, MINUS, BACK = "    x[i] = old + h\n    a = f(x)\n", "    x[i] = old - h\n    c = f(x)\n", "    x[i] = old\n"
WHOLE = LOOP + PLUS + MINUS + BACK + "    g[i] = (a - c) / (2 * h)\n"

BEFORE = 'W1, b1, W2, b2 = (network[name] for name in ("W1", "b1", "W2", "b2"))\nu1 = x @ W1 + b1\n'
AFTER = (
    "y = z1 @ W2 + b2\ndelta2 = (y - d) / len(x)\ndelta1 = (delta2 @ W2.T) * slope\n"
    'return {"W1": x.T @ delta1, "b1": delta1.sum(axis=0), "W2": z1.T @ delta2, "b2": delta2.sum(axis=0)}'
)
RELU = 'if activation == "relu":\n    z1 = functions.relu(u1)\n    slope = functions.d_relu(u1)\n'
SIGMOID = "else:\n    z1 = functions.sigmoid(u1)\n    slope = functions.d_sigmoid(u1)\n"

ERROR = "error = x @ w + b - d\n"

ADAM = (
    "m = np.zeros_like(gradients[0])\nv = np.zeros_like(gradients[0])\n"
    "for t, g in enumerate(gradients, start=1):\n"
    "    m = beta1 * m + (1 - beta1) * g\n    v = beta2 * v + (1 - beta2) * g**2\n"
    "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n"
    "    w = w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)\nreturn w"
)

NESTEROV = "v = momentum * v\ng = gradient(w + v)\nv = v - learning_rate * g\nw = w + v\nreturn w, v"
ADAGRAD = (
    "h = np.zeros(w.shape)\nfor g in gradients:\n    h = h + g**2\n"
    "    w = w - learning_rate * g / (np.sqrt(h) + epsilon)\nreturn w"
)
RMSPROP = ADAGRAD.replace("h + g**2", "decay_rate * h + (1 - decay_rate) * g**2")
ADADELTA = (
    "h, s = np.zeros(w.shape), np.zeros(w.shape)\nfor g in gradients:\n"
    "    h = decay_rate * h + (1 - decay_rate) * g**2\n"
    "    delta = np.sqrt(s + epsilon) / np.sqrt(h + epsilon) * g\n"
    "    s = decay_rate * s + (1 - decay_rate) * delta**2\n"
    "    w = w - delta\nreturn w"
)


def changed(program: str, old: str, new: str) -> str:
    """The program with one part written otherwise; the part must be there."""
    assert program.count(old) == 1, old
    return program.replace(old, new)
