"""第4章 勾配降下法、発展問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter4.accept import adam, adam_case, momentum_step
from dlcourse.checks.chapter4.answers import ADAM, changed
from dlcourse.checks.exercise import EVERY_OPTIMIZER, Function
from dlcourse.checks.inputs import normal, whole_numbers
from dlcourse.checks.short_answers import Choice

EXERCISES = [
    Function(
        id="X4-4",
        signature="learning_rate_bound(a)",
        section="学習率を選ぶ",
        reference=lambda a: 2 / np.max(a),
        inputs={
            "曲率 0.1 と 2": lambda rng: (np.array([0.1, 2.0]),),
            "1変数": lambda rng: (np.array([0.5 + float(rng.random())]),),
            "4変数": lambda rng: (0.1 + 5 * rng.random(4),),
            "最大が先頭": lambda rng: (np.array([7.0, 3.0, 0.5]) + rng.random(3),),
            "大きな曲率": lambda rng: (np.array([1.0, 1e3, 1e2]),),
            "整数": lambda rng: (rng.integers(1, 20, 5),),
        },
        pitfalls={
            "return 1 / np.max(a)": "それは、行き過ぎが始まる境目です。発散が始まる境目を答えましょう。",
            "return 2 / np.min(a)":
                "いちばんゆるい限度を選んでいます。曲率の大きい向きでも発散しないようにしましょう。",
            "return 2 / np.mean(a)": "平均の曲率では、それより曲がりの強い向きで発散してしまいます。",
            "return 2 / np.sum(a)": "曲率を足し合わせる必要はありません。どの向きの限度がいちばん厳しいでしょうか。",
            "return 2 / a": "向きごとの限度を並べています。学習率は1つなので、すべての向きで収まる1つの数にしましょう。",
            "return 2 / a[0]": "先頭の曲率だけを見ています。どの向きの限度がいちばん厳しいかを考えましょう。",
            "return 2 / a[-1]": "最後の曲率だけを見ています。どの向きの限度がいちばん厳しいかを考えましょう。",
            "return np.max(a) / 2": "分母と分子が逆です。曲がりが強いほど、学習率は小さくしなければなりません。",
            "return 1 / (2 * np.max(a))": "|1 - εa| < 1 を、ε について解き直しましょう。",
            "return 2 / (np.max(a) + np.min(a))":
                "それは、最も速く収まる学習率です。発散しない限度は、それより大きくなります。",
            "return 2 / np.linalg.norm(a)": "曲率の長さではなく、向きごとの限度を考えましょう。",
            "return 2 * np.max(a)": "曲率を掛けています。曲がりが強いほど、学習率は小さくしなければなりません。",
            "return 1.0": "1つの例の答えだけを書いています。渡された a から計算しましょう。",
        },
        variants=["return 2 / np.max(a)", "return np.min(2 / a)", "return min(2 / value for value in a)",
                  "return 2.0 / sorted(a)[-1]",
                  "bound = np.inf\nfor value in a:\n    if 2 / value < bound:\n        bound = 2 / value\nreturn bound"],
    ),
    Choice(
        id="X4-3",
        name="x4_3",
        section="同じ数のデータを使って比べる",
        correct=frozenset({2, 4, 5}),
        reasons={
            1: "同じデータが2つずつになると、和は2倍ですが、割るデータの数も2倍です。平均はどうなりますか。",
            3: "バッチ学習では、データが何個あっても、全部を使って1回だけ更新します。",
            6: "1回の更新に使うのは、どちらの場合も1個のデータの勾配です。",
        },
        missing="1回の更新の大きさと、1エポックの更新の回数を分けて、3つの学習について1つずつ考えましょう。",
    ),
    Function(
        id="X4-1",
        signature="momentum_update(w, v, gradient, learning_rate, momentum)",
        section="モメンタム: 往復を打ち消し、同じ向きなら速くする",
        reference=momentum_step,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "速度が 0": lambda rng: (np.array([1.0, -2.0]), np.zeros(2), np.array([0.5, 3.0]), 0.1, 0.9),
            "ベクトル": lambda rng: (normal(rng, 3), normal(rng, 3), normal(rng, 3), 0.01, 0.8),
            "行列": lambda rng: (normal(rng, 2, 3), normal(rng, 2, 3), normal(rng, 2, 3), 0.05, 0.5),
            "勾配が 0": lambda rng: (normal(rng, 2), normal(rng, 2), np.zeros(2), 0.1, 0.9),
            "慣性なし": lambda rng: (normal(rng, 2), normal(rng, 2), normal(rng, 2), 0.2, 0.0),
            "大きな勾配": lambda rng: (normal(rng, 1), normal(rng, 1), 1e3 * normal(rng, 1), 0.3, 0.7),
            "大きな値、2行2列": lambda rng: (whole_numbers(rng, 2, 2), whole_numbers(rng, 2, 2), whole_numbers(rng, 2, 2), 0.5, 0.25),
        },
        pitfalls={
            "v = momentum * v + learning_rate * gradient\nreturn w + v, v":
                "勾配の向きへ進んでいます。勾配は、値が最も急に増える向きです。",
            "v = momentum * v - learning_rate * gradient\nreturn w - v, v":
                "v にはすでにマイナスの向きが入っています。w には v を足します。",
            "new = momentum * v - learning_rate * gradient\nreturn w + v, new":
                "更新する前の速度で動いています。新しい速度で動きましょう。",
            "v = momentum * v - learning_rate * gradient\nreturn v, w + v": "返す順番が逆です。w が先、v があとです。",
            "v = momentum * v - learning_rate * gradient\nreturn w + v": "w と v の2つを、この順に返しましょう。",
            "v = v - learning_rate * gradient\nreturn w + v, v": "前の速度に momentum を掛けていません。",
            "v = momentum * v + (1 - momentum) * gradient\nreturn w - learning_rate * v, v":
                "指数移動平均を使う別の形です。この本の式では、速度に学習率を含め、(1 - μ) は掛けません。",
            "v = momentum * v + learning_rate * gradient\nreturn w - v, v":
                "v の符号が逆の、別の形です。w は同じになりますが、この本の v は、動く向きそのものです。",
            "v = momentum * v - (1 - momentum) * learning_rate * gradient\nreturn w + v, v":
                "勾配に (1 - μ) を掛けています。この本の式では、掛けるのは学習率だけです。",
            "v = momentum * v + gradient\nreturn w - learning_rate * v, v":
                "学習率を最後に掛ける別の形です。w は同じになりますが、この本の v には学習率とマイナスが入っています。",
            "v = learning_rate * v - momentum * gradient\nreturn w + v, v": "学習率と momentum が入れ替わっています。",
            "v = momentum * (v - learning_rate * gradient)\nreturn w + v, v":
                "momentum を掛けるのは、前の速度だけです。",
            "v = momentum * v - learning_rate * gradient\nreturn w + momentum * v - learning_rate * gradient, v":
                "それは Nesterov の更新です。モメンタムでは、w に新しい速度をそのまま足します。",
            "v = momentum * v - learning_rate * gradient\nreturn w + v - learning_rate * gradient, v":
                "勾配の分を2回引いています。速度の中に、もう入っています。",
            "return w - learning_rate * gradient, v": "速度が使われていません。これでは SGD と同じです。",
            "v = 0.9 * v - learning_rate * gradient\nreturn w + v, v": "慣性が 0.9 に固定されています。引数 momentum を使いましょう。",
            "v = momentum * v - gradient\nreturn w + v, v": "勾配に学習率を掛けていません。",
            "v *= momentum\nv -= learning_rate * gradient\nreturn w + v, v":
                "v *= は、渡された配列そのものを書き換えます。v = momentum * v のように、新しい配列を作りましょう。",
            "v = momentum * v - learning_rate * gradient\nw += v\nreturn w, v":
                "w += は、渡された配列そのものを書き換えます。w + v のように、新しい配列を作りましょう。",
        },
        variants=[
            "v = momentum * v - learning_rate * gradient\nreturn w + v, v",
            "step = learning_rate * gradient\nreturn w - step + momentum * v, momentum * v - step",
            "new_v = np.subtract(np.multiply(v, momentum), np.multiply(gradient, learning_rate))\n"
            "new_w = np.add(w, new_v)\nreturn [new_w, new_v]",
            "old = w\nw = w + momentum * v - learning_rate * gradient\nreturn w, momentum * v - learning_rate * gradient",
        ],
    ),
    Function(
        id="X4-2",
        signature="adam(w, gradients, learning_rate, beta1, beta2, epsilon)",
        section="Adam: 慣性と要素ごとの歩幅を合わせる",
        reference=adam,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "1回": lambda rng: adam_case(rng, 1, 2),
            "3回": lambda rng: adam_case(rng, 3, 2),
            "10回、行列": lambda rng: (normal(rng, 2, 3), normal(rng, 10, 2, 3), 0.05, 0.8, 0.95, 1e-8),
            "勾配が 0": lambda rng: (normal(rng, 2), np.zeros((3, 2)), 0.1, 0.9, 0.999, 1e-8),
            "とても小さい勾配": lambda rng: adam_case(rng, 3, 2, scale=1e-8),
            "大きな勾配": lambda rng: adam_case(rng, 3, 2, scale=1e3),
            "4回、別の割合": lambda rng: (normal(rng, 1), normal(rng, 4, 1), 0.3, 0.5, 0.7, 1e-3),
            "2回、2行2列": lambda rng: (normal(rng, 2, 2), normal(rng, 2, 2, 2), 0.1, 0.9, 0.999, 1e-8),
        },
        pitfalls={
            changed(ADAM, "m / (1 - beta1**t)", "m").replace("v / (1 - beta2**t)", "v"):
                "0 から始めた偏りを直していません。",
            changed(ADAM, "v / (1 - beta2**t)", "v"): "v の偏りを直していません。",
            changed(ADAM, "m / (1 - beta1**t)", "m"): "m の偏りを直していません。",
            ADAM.replace("**t)", ")"): "偏りを直す割合は、更新の回数 t とともに変わります。",
            changed(ADAM, ", start=1", ""): "nan になっています。t が 0 から始まると、最初に 0 で割ることになります。",
            changed(ADAM, "for t, g in enumerate(gradients, start=1):\n",
                    "for t, g in enumerate(gradients, start=1):\n    m = v = 0\n"):
                "m と v を毎回 0 に戻しています。くり返しの前に一度だけ 0 にしましょう。",
            ADAM.replace("m_hat", "m").replace("v_hat", "v"):
                "直した値で m と v を上書きしています。次の更新では、直す前の m と v を使います。",
            changed(ADAM, "(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon)"):
                "epsilon は、平方根の外で足します。",
            changed(ADAM, "m_hat / (np.sqrt(v_hat) + epsilon)",
                    "np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + epsilon)"):
                "epsilon を、偏りを直す前の √v に足しています。直したあとの √v に足しましょう。",
            changed(ADAM, "    w = w - ", "w = w - "):
                "更新が for の外にあるので、最後に1回しか動いていません。字下げを確かめましょう。",
            changed(ADAM, "start=1", "start=2"): "t は、1回目の更新で 1 です。",
            changed(ADAM, "np.sqrt(v_hat)", "v_hat"): "平方根をとっていません。",
            changed(ADAM, " + epsilon", ""): "epsilon を足していないので、勾配が 0 のときに 0 で割ってしまいます。",
            changed(ADAM, "g**2", "g"): "v は、勾配ではなく、勾配の2乗の平均です。",
            changed(ADAM, "w - learning_rate", "w + learning_rate"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            ADAM.replace("beta1", "beta0").replace("beta2", "beta1").replace("beta0", "beta2"):
                "beta1 と beta2 が入れ替わっています。",
            changed(ADAM, "(1 - beta2) * ", ""): "新しい g² に、1 - beta2 の割合を掛けていません。",
            changed(ADAM, "(1 - beta1) * ", ""): "新しい g に、1 - beta1 の割合を掛けていません。",
            changed(ADAM, "learning_rate * m_hat", "m_hat"): "学習率を掛けていません。",
            changed(ADAM, "learning_rate * m_hat", "learning_rate * g"):
                "いまの勾配だけで進んでいます。勾配の平均 m を使いましょう。",
            changed(ADAM, "enumerate(gradients", "enumerate([gradients[0]] * len(gradients)"):
                "いつも最初の勾配を使っています。更新のたびに、順番の勾配を使いましょう。",
            changed(ADAM, "return w", "    return w"): "return が for の中にあるので、1回で終わっています。",
            changed(ADAM, "w = w - ", "w -= "):
                "w -= は、渡された配列そのものを書き換えます。w = w - … と書きましょう。",
        },
        variants=[
            ADAM,
            "m = v = t = 0\nfor g in gradients:\n    t += 1\n    m += (1 - beta1) * (g - m)\n"
            "    v = v + (1 - beta2) * (np.square(g) - v)\n"
            "    w = w - learning_rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)\nreturn w",
            "w = np.array(w, dtype=float)\nm, v = np.zeros(w.shape), np.zeros(w.shape)\n"
            "for i in range(len(gradients)):\n    g = gradients[i]\n    m *= beta1\n    m += (1 - beta1) * g\n"
            "    v *= beta2\n    v += (1 - beta2) * g * g\n    root = (v / (1 - beta2 ** (i + 1))) ** 0.5\n"
            "    w -= learning_rate / (1 - beta1 ** (i + 1)) * m / (root + epsilon)\nreturn w",
            "for t in range(1, len(gradients) + 1):\n"
            "    m = sum((1 - beta1) * beta1 ** (t - 1 - k) * gradients[k] for k in range(t)) / (1 - beta1**t)\n"
            "    v = sum((1 - beta2) * beta2 ** (t - 1 - k) * gradients[k]**2 for k in range(t)) / (1 - beta2**t)\n"
            "    w = w - learning_rate * m / (np.sqrt(v) + epsilon)\nreturn w.tolist()",
            "state = {'m': 0.0, 'v': 0.0}\nb1, b2 = 1.0, 1.0\nfor g in gradients:\n    b1, b2 = b1 * beta1, b2 * beta2\n"
            "    state['m'] = beta1 * state['m'] + (1 - beta1) * g\n"
            "    state['v'] = beta2 * state['v'] + (1 - beta2) * g * g\n"
            "    w = w - learning_rate * (state['m'] / (1 - b1)) / (np.sqrt(state['v'] / (1 - b2)) + epsilon)\nreturn w",
        ],
    ),
]
