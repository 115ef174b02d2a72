"""第4章 勾配降下法、実装問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter4.accept import (
    CROSSED,
    DOUBLE,
    EVERY_KINK,
    EXPONENTIAL,
    FOLDED,
    KINK,
    MIXED,
    PARABOLA,
    SINE,
    SQUARES,
    WAVES,
    WEIGHTED,
    central,
    derivative_problem,
    descend,
    gradient_problem,
    partial_derivative,
    partial_derivative_problem,
)
from dlcourse.checks.chapter4.answers import BACK, LOOP, MINUS, PLUS, WHOLE, changed
from dlcourse.checks.exercise import EVERY_OPTIMIZER, Function
from dlcourse.checks.inputs import normal, whole_numbers
from dlcourse.gradient import numerical_diff, numerical_gradient

EXERCISES = [
    Function(
        id="D1",
        signature="numerical_diff(f, x)",
        section="傾きを数値で求める",
        reference=central,
        instead_of=(numerical_diff, numerical_gradient),
        accept=derivative_problem,
        inputs={
            "折れ目のある関数": lambda rng: (KINK, 3.0),
            "本文の例": lambda rng: (PARABOLA, 5.0),
            "整数の x": lambda rng: (PARABOLA, int(rng.integers(6, 20))),
            "負の x": lambda rng: (SINE, -1.0 - float(rng.random())),
            "正の x": lambda rng: (EXPONENTIAL, 2.0 + float(rng.random())),
            "大きな x": lambda rng: (PARABOLA, 1e3),
            "下り坂": lambda rng: (PARABOLA, -10.0 - 10 * float(rng.random())),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x)) / h":
                "前進差分になっています。x の右側だけでなく、左側も同じ幅だけ使いましょう。",
            "h = 1e-4\nreturn (f(x) - f(x - h)) / h":
                "後ろ側だけの差分になっています。x の左側だけでなく、右側も同じ幅だけ使いましょう。",
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / h": "x - h から x + h までの幅は、h ではありません。",
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / 2 * h":
                "割り算と掛け算は左から順に計算されます。割る数をかっこで囲みましょう。",
            "h = 1e-4\nreturn (f(x - h) - f(x + h)) / (2 * h)": "引く順番が逆なので、符号が逆になっています。",
            "h = 10e-50\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "差が 0 になっています。h が小さすぎると、x + h が x と同じ数に丸められます。",
            "h = 1e-13\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "h が小さすぎて、引き算で桁が失われています(桁落ち)。",
            "h = 0.1\nreturn (f(x + h) - f(x - h)) / (2 * h)": "h が大きすぎて、曲線の曲がりを拾っています。",
            "h = 1e-4\nreturn (f(x + h) + f(x - h)) / (2 * h)": "足し算ではなく、両側の値の差をとります。",
            "h = 1e-4\nreturn f(x + h) - f(x - h) / (2 * h)":
                "割り算は引き算より先に計算されます。差をかっこで囲みましょう。",
            "h = 1e-4\nreturn f(x + h) - f(x - h)": "差を、幅で割っていません。",
            "h = 1e-4\nreturn f((x + h) - (x - h)) / (2 * h)":
                "f に渡す値どうしを引いています。f の値を2つ求めてから、引き算をしましょう。",
            "h = 1e-4\nreturn round((f(x + h) - f(x - h)) / (2 * h), 3)": "値を丸めずに返しましょう。",
            "h = 1e-4\nreturn 0.02 * x + 0.1": "1つの関数の微分だけを書いています。渡された f を使いましょう。",
            "h = 1e-4\nreturn abs((f(x + h) - f(x - h)) / (2 * h))": "符号を消しています。下り坂では、微分は負の数です。",
            "h = 1e-4\nprint((f(x + h) - f(x - h)) / (2 * h))": "計算した値を return で返しましょう。print で表示するだけでは返りません。",
        },
        variants=[
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h)",
            "h = 1e-5\nreturn (f(x + h) - f(x - h)) / 2 / h",
            "h = 1e-4\nforward = (f(x + h) - f(x)) / h\nbackward = (f(x) - f(x - h)) / h\n"
            "return (forward + backward) / 2",
            "h = 1e-4\nleft, right = (f(x + step) for step in (-h, h))\nreturn float(right - left) * 0.5 / h",
            "h = 1e-3\na, b, c, e = f(x - h), f(x - h / 2), f(x + h / 2), f(x + h)\n"
            "return (8 * (c - b) - (e - a)) / (6 * h)",
        ],
    ),
    Function(
        id="D2",
        signature="partial_derivative(f, x, i)",
        section="変数が2つ以上のとき",
        reference=partial_derivative,
        instead_of=(numerical_diff, numerical_gradient),
        accept=partial_derivative_problem,
        inputs={
            "折れ目のある関数": lambda rng: (FOLDED, np.array([0.0, 5.0]), 0),
            "本文の例、x[0]": lambda rng: (SQUARES, np.array([3.0, 4.0]), 0),
            "本文の例、x[1]": lambda rng: (SQUARES, np.array([3.0, 4.0]), 1),
            "変数が3つ、x[0]": lambda rng: (MIXED, 1 + rng.random(3), 0),
            "変数が3つ、x[1]": lambda rng: (MIXED, 1 + rng.random(3), 1),
            "変数が3つ、x[2]": lambda rng: (MIXED, 1 + rng.random(3), 2),
            "大きな値": lambda rng: (SQUARES, np.array([-1e3, 1e2]), 0),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h)":
                "x + h では、すべての変数が動いてしまいます。i 番目だけを動かし、ほかは止めておきましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[0] += h\nc[0] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "いつも 0 番目の変数を動かしています。i 番目を動かしましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[1] += h\nc[1] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "いつも 1 番目の変数を動かしています。i 番目を動かしましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i - 1] += h\nc[i - 1] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "1つ前の変数を動かしています。番号は 0 から数えます。",
            "h = 1e-4\na = x.copy()\na[i] += h\nreturn (f(a) - f(x)) / h":
                "前進差分になっています。両側に動かして差をとりましょう。",
            "h = 1e-4\na = x.copy()\na[i] -= h\nreturn (f(x) - f(a)) / h":
                "後ろ側だけの差分になっています。両側に動かして差をとりましょう。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / h":
                "2つの点の間の幅は、h ではありません。",
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(c) - f(a)) / (2 * h)":
                "引く順番が逆なので、符号が逆になっています。",
            "h = 1e-4\na, c = np.zeros(len(x)), np.zeros(len(x))\na[i], c[i] = x[i] + h, x[i] - h\n"
            "return (f(a) - f(c)) / (2 * h)":
                "ほかの変数を 0 にしています。止めておくとは、渡された値のままにしておくことです。",
            "h = 1e-4\nx[i] += h\na = f(x)\nx[i] -= 2 * h\nreturn (a - f(x)) / (2 * h)":
                "x を動かしたままです。求め終わったら、元の値に戻しましょう。",
            "h = 1e-4\na = x\na[i] += h\nc = x\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "2つの点での値の差が 0 になっています。たとえば a = x と書くと、a は x の別名です。x.copy() で写しを作りましょう。",
            "h = 10e-50\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)":
                "h が小さすぎて、動かしたつもりの値が元の値に丸められています。",
            "h = 1e-4\ng = []\nfor k in range(len(x)):\n    a, c = x.copy(), x.copy()\n    a[k] += h\n    c[k] -= h\n"
            "    g.append((f(a) - f(c)) / (2 * h))\nreturn np.array(g)":
                "すべての変数の偏微分を返しています。求めるのは i 番目の1つだけです。",
            "h = 1e-4\nreturn (f(x[i] + h) - f(x[i] - h)) / (2 * h)":
                "f には、x[i] だけではなく、すべての変数を並べた配列を渡します。",
            "return 2 * x[i]": "1つの関数の偏微分だけを書いています。渡された f を使いましょう。",
        },
        variants=[
            "h = 1e-4\na, c = x.copy(), x.copy()\na[i] += h\nc[i] -= h\nreturn (f(a) - f(c)) / (2 * h)",
            "h = 1e-4\nold = x[i]\nx[i] = old + h\na = f(x)\nx[i] = old - h\nc = f(x)\nx[i] = old\n"
            "return (a - c) / (2 * h)",
            "h = 1e-5\nstep = np.eye(len(x))[i] * h\nreturn (f(x + step) - f(x - step)) / (2 * h)",
            "h = 1e-4\ndef g(t):\n    moved = list(x)\n    moved[i] = t\n    return f(moved)\n"
            "return (g(x[i] + h) - g(x[i] - h)) / (2 * h)",
        ],
    ),
    Function(
        id="D3",
        signature="numerical_gradient(f, x)",
        section="偏微分を並べる",
        reference=lambda f, x: f.slope(np.asarray(x, dtype=np.float64)),
        instead_of=(numerical_diff, numerical_gradient),
        accept=gradient_problem,
        inputs={
            "すべて折れ目の上": lambda rng: (EVERY_KINK, np.zeros(3)),
            "本文の例": lambda rng: (SQUARES, np.array([3.0, 4.0])),
            "変数が5つ": lambda rng: (WEIGHTED, normal(rng, 5)),
            "整数": lambda rng: (WEIGHTED, rng.integers(-9, 10, 4)),
            "2行3列": lambda rng: (WEIGHTED, normal(rng, 2, 3)),
            "4行1列": lambda rng: (WEIGHTED, normal(rng, 4, 1)),
            "2次式ではない関数": lambda rng: (WAVES, normal(rng, 3)),
            "大きな値": lambda rng: (WEIGHTED, np.array([1e3, -1e2, 0.0])),
            "2行2列": lambda rng: (WEIGHTED, normal(rng, 2, 2)),
        },
        pitfalls={
            "h = 1e-4\nreturn (f(x + h) - f(x - h)) / (2 * h) * np.ones(x.shape)":
                "すべての変数を一度に動かしています。1つずつ動かしましょう。",
            LOOP + PLUS + BACK + "    g[i] = (a - f(x)) / h\nreturn g":
                "前進差分になっています。両側に動かして差をとりましょう。",
            LOOP + MINUS + BACK + "    g[i] = (f(x) - c) / h\nreturn g":
                "後ろ側だけの差分になっています。両側に動かして差をとりましょう。",
            changed(WHOLE, "(2 * h)", "h") + "return g": "2つの点の間の幅は、h ではありません。",
            changed(WHOLE, "a - c", "c - a") + "return g": "符号が逆です。引く順番を確かめましょう。マイナスを付けるのは、下る向きへ進むときです。",
            changed(WHOLE, BACK, "") + "return g":
                "動かした要素を元に戻していないので、2つ目からは違う場所で求めています。",
            changed(WHOLE, "h = 1e-4", "h = 10e-50") + "return g":
                "h が小さすぎて、動かしたつもりの値が元の値に丸められています。",
            WHOLE + "    return g": "return が for の中にあるので、最初の要素だけで終わっています。",
            WHOLE + "return g.ravel()": "x と同じ形で返しましょう。いまは1列に並べ直しています。",
            WHOLE + "return g.sum()": "偏微分を合計しています。x と同じ形に並べて返しましょう。",
            "h = 1e-4\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    old = x[i]\n    x[i] = old + h\n"
            "    a = f(x)\n    x[i] = old - h\n    c = f(x)\n    x[i] = old\n    g[i] = (a - c) / (2 * h)\nreturn g":
                "整数の配列に小数を入れると、小数点より下が切り捨てられます。計算の前に、小数の配列にしましょう。",
            "h = 1e-4\ng = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    m = x.astype(float)\n    m[i] += h\n"
            "    a = f(m)\n    m[i] -= 2 * h\n    g[i] = (a - f(m)) / (2 * h)\nreturn g":
                "x が整数だと np.zeros_like(x) も整数の配列になり、勾配の小数点より下が切り捨てられます。",
            "h = 1e-4\nx = x.astype(float)\ng = np.zeros_like(x)\nfor i in range(x.size):\n    old = x[i]\n"
            "    x[i] = old + h\n    a = f(x)\n    x[i] = old - h\n    c = f(x)\n    x[i] = old\n"
            "    g[i] = (a - c) / (2 * h)\nreturn g":
                "x が行列だと、x[i] は1つの行になります。行列でも要素を1つずつ取り出せる番号を使いましょう。",
            "h = 1e-4\nx = x.astype(float)\ng = np.zeros_like(x)\nfor i in range(len(x)):\n    m, n = x.copy(), x.copy()\n"
            "    m[i] += h\n    n[i] -= h\n    g[i] = (f(m) - f(n)) / (2 * h)\nreturn g":
                "x が行列だと、x[i] は1つの行で、その行の要素がすべて一度に動いてしまいます。",
            "h = 1e-4\ng = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    m = n = x.astype(float)\n"
            "    m[i] += h\n    n[i] -= h\n    g[i] = (f(m) - f(n)) / (2 * h)\nreturn g":
                "2つの点での値の差が 0 になっています。たとえば m = n = … と書くと、同じ配列の別名です。写しを2つ作りましょう。",
            "return 2 * x": "1つの関数の勾配だけを書いています。渡された f を使いましょう。",
        },
        variants=[
            WHOLE + "return g",
            "h = 1e-5\nx = np.array(x, dtype=float)\nflat = x.reshape(-1)\ng = np.zeros(flat.size)\n"
            "for i in range(flat.size):\n    old = flat[i]\n    flat[i] = old + h\n    a = f(x)\n"
            "    flat[i] = old - h\n    g[i] = (a - f(x)) / (2 * h)\n    flat[i] = old\nreturn g.reshape(x.shape)",
            "h = 1e-4\ng = np.zeros(np.shape(x))\nit = np.nditer(x, flags=['multi_index'])\nwhile not it.finished:\n"
            "    step = np.zeros(np.shape(x))\n    step[it.multi_index] = h\n"
            "    g[it.multi_index] = (f(x + step) - f(x - step)) / (2 * h)\n    it.iternext()\nreturn g",
            "h = 1e-4\nsteps = h * np.eye(x.size).reshape(x.size, *x.shape)\n"
            "return np.reshape([(f(x + s) - f(x - s)) / (2 * h) for s in steps], x.shape)",
        ],
    ),
    Function(
        id="D4",
        signature="gradient_descent(gradient, w, learning_rate, steps)",
        section="勾配の逆向きに進む",
        reference=descend,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "学習率 0.1、1回": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 0.1, 1),
            "学習率 0.1、100回": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 0.1, 100),
            "学習率 10": lambda rng: (DOUBLE, np.array([-3.0, 4.0]), 10.0, 20),
            "学習率 1e-10": lambda rng: (DOUBLE, 1e3 * normal(rng, 2), 1e-10, 50),
            "変数が互いに影響する": lambda rng: (CROSSED, normal(rng, 2), 0.2, 3),
            "0回": lambda rng: (DOUBLE, normal(rng, 3), 0.1, 0),
            "整数の行列": lambda rng: (DOUBLE, rng.integers(1, 9, (2, 3)), 0.3, 4),
            "2行2列": lambda rng: (DOUBLE, whole_numbers(rng, 2, 2), 0.1, 2),
        },
        pitfalls={
            "for _ in range(steps):\n    w = w + learning_rate * gradient(w)\nreturn w":
                "勾配の向きへ進んでいます。勾配は、値が最も急に増える向きです。",
            "for _ in range(steps):\n    w = w - gradient(w)\nreturn w": "学習率を掛けていません。",
            "g = gradient(w)\nfor _ in range(steps):\n    w = w - learning_rate * g\nreturn w":
                "最初の場所の勾配を使い続けています。動くたびに求め直しましょう。",
            "return w - learning_rate * gradient(w)": "1回しか更新していません。steps 回くり返しましょう。",
            "return w - learning_rate * gradient(w) / max(steps, 1)":
                "一歩を steps で割っています。同じ学習率のまま、steps 回くり返しましょう。",
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\n    return w":
                "return が for の中にあるので、1回で終わっています。字下げを確かめましょう。",
            "for _ in range(steps + 1):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "1回多く更新しています。",
            "for _ in range(1, steps):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "1回少なくなっています。range(1, n) は n - 1 回です。",
            "for _ in range(steps):\n    w -= learning_rate * gradient(w)\nreturn w":
                "w -= は、渡された配列そのものを書き換えます(整数の配列ではエラーになります)。w = w - … と書きましょう。",
            "for _ in range(steps):\n    g = gradient(w)\n    w = w - learning_rate * g / (np.linalg.norm(g) + 1e-12)\n"
            "return w":
                "勾配の長さで割っています。勾配降下法では、傾きがゆるいほど歩幅が小さくなります。",
            "for _ in range(steps):\n    w = w - learning_rate * 2 * w\nreturn w":
                "1つの関数の勾配だけを書いています。渡された gradient を使いましょう。",
            "w = w.astype(float)\nfor _ in range(steps):\n    for i in range(len(w)):\n"
            "        w[i] = w[i] - learning_rate * gradient(w)[i]\nreturn w":
                "要素を1つずつ順に更新しています。すべての要素を、更新前の場所の勾配で同時に更新しましょう。",
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\n    learning_rate = learning_rate * 0.9\n"
            "return w":
                "学習率を途中で変えています。最後まで同じ値を使いましょう。",
            "path = [w]\nfor _ in range(steps):\n    path.append(path[-1] - learning_rate * gradient(path[-1]))\n"
            "return np.array(path)":
                "途中の場所まで、すべて返しています。最後の場所だけを返しましょう。",
            "for _ in range(100):\n    w = w - learning_rate * gradient(w)\nreturn w":
                "くり返しの回数が 100 に固定されています。引数 steps を使いましょう。",
            "for _ in range(steps):\n    w = w - 0.1 * gradient(w)\nreturn w":
                "学習率が 0.1 に固定されています。引数 learning_rate を使いましょう。",
            "for _ in range(steps):\n    w = w * (1 - learning_rate)\nreturn w":
                "勾配を使わずに、w に決まった数を掛けています。gradient(w) を呼び出しましょう。",
        },
        variants=[
            "for _ in range(steps):\n    w = w - learning_rate * gradient(w)\nreturn w",
            "w = np.array(w, dtype=float)\nfor _ in range(steps):\n    w -= learning_rate * gradient(w)\nreturn w",
            "t = 0\nwhile t < steps:\n    w, t = w - learning_rate * gradient(w), t + 1\nreturn w",
            "if steps == 0:\n    return w\n"
            "return gradient_descent(gradient, w - learning_rate * gradient(w), learning_rate, steps - 1)",
            "path = [w]\nfor _ in range(steps):\n    path.append(path[-1] - learning_rate * gradient(path[-1]))\n"
            "return path[-1].tolist()",
        ],
    ),
]
