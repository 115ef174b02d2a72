"""第4章 勾配降下法、発展問題: どの間違いにどのヒントを返すか。"""

import numpy as np

from dlcourse.checks.chapter4.accept import (
    CROSSED,
    DOUBLE,
    SINES,
    adadelta,
    adagrad,
    adam,
    adam_case,
    arrows_problem,
    gradients_case,
    momentum_step,
    nesterov_case,
    nesterov_step,
    one_at_a_time,
    rmsprop,
)
from dlcourse.checks.chapter4.answers import ADADELTA, ADAGRAD, ADAM, NESTEROV, RMSPROP, changed
from dlcourse.checks.exercise import EVERY_OPTIMIZER, Function
from dlcourse.checks.inputs import normal, whole_numbers
from dlcourse.checks.line_order import Order
from dlcourse.checks.short_answers import Choice, Value

THREE_DECIMALS = (0.0, 6e-4)  # rounded or cut off
ADADELTA_STEPS = [float(-adadelta(np.zeros(1), np.full((count, 1), 2.0), 0.5, 0.01)[0]) for count in (1, 2)]
ADADELTA_STEPS[1] -= ADADELTA_STEPS[0]

AGAINST = "勾配は、誤差が最も急に増える向きです。矢印は、その逆に進みます。"
AT_THE_START = "動いたあとは、勾配も変わります。矢印の始点で求め直しましょう。"
SAME_BATCH = "更新のたびに、ミニバッチが替わります。t 本目では、t 番目のミニバッチの底を使いましょう。"
UPDATE_FIRST = "勾配を求める前に更新しています。勾配を作る行を、それを使う行より先に置きましょう。"

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
    Value(
        id="X4-10",
        name="x4_10",
        section="勾配の逆向きに進む",
        expected=[[2.0, 0.0], [1.0, 0.0], [0.5, 0.0]],
        pitfalls={
            "[[4.0, 1.0], [2.0, 0.0], [1.0, 0.0]]": "始める場所から書いています。path に入れるのは、更新したあとの w です。",
            "[[0.5, 0.0], [0.5, 0.0], [0.5, 0.0]]":
                "それは w -= … のときです。w = w - … は、毎回新しい配列を作り、前の配列はそのまま残ります。",
            "[[2.0, 0.5], [1.0, 0.25], [0.5, 0.125]]": "w[1] の勾配は 2 * w[1] です。",
            "[[2.0, 0.0], [1.0, 0.5], [0.5, 0.5]]": "w[1] が 0 になったあとの勾配は 0 です。w[1] は、もう動きません。",
            "[[6.0, 2.0], [9.0, 4.0], [13.5, 8.0]]": "勾配を足しています。更新の行の符号を見ましょう。",
            "[[0.0, -1.0], [0.0, 1.0], [0.0, -1.0]]": "勾配に 0.5 を掛けていません。",
            "[[2.0, 0.0], [0.0, -1.0], [-2.0, -2.0]]":
                "最初の勾配を使い続けています。gradient は、くり返しのたびに新しい w で計算されます。",
            "[0.5, 0.0]": "最後の場所だけを書いています。path には、3回分の場所が順に入ります。",
            "[[0.5, 0.0]]": "最後の場所だけを書いています。path には、3回分の場所が順に入ります。",
            "[[2.0, 1.0, 0.5], [0.0, 0.0, 0.0]]": "行と列が逆です。1回の更新につき1つの [w0, w1] を並べましょう。",
            "[[2.0, 0.0], [1.0, 0.0]]": "range(3) のくり返しは3回です。",
            "[[2.0, 0.0], [1.0, 0.0], [0.5, 0.0], [0.25, 0.0]]": "range(3) のくり返しは3回です。",
        },
        variants=["((2, 0), (1, 0), (0.5, 0))", "np.array([[2, 0], [1, 0], [0.5, 0]])",
                  "[[4 * 0.5**t, 0] for t in (1, 2, 3)]", "[np.array([2.0, 0.0]), np.array([1.0, 0.0]), np.array([0.5, 0.0])]"],
    ),
    Value(
        id="X4-10b",
        name="x4_10b",
        section="勾配の逆向きに進む",
        expected=[[0.5, 0.0], [0.5, 0.0], [0.5, 0.0]],
        pitfalls={
            "[[2.0, 0.0], [1.0, 0.0], [0.5, 0.0]]":
                "w = w - … のときと同じになっています。append が入れるのは写しではなく、w という配列そのものです。",
            "[[4.0, 1.0], [4.0, 1.0], [4.0, 1.0]]": "同じ配列が3つ並ぶのは、そのとおりです。その中身は、更新のたびに書き換わります。",
            "[[2.0, 0.0], [2.0, 0.0], [2.0, 0.0]]": "同じ配列が3つ並ぶのは、そのとおりです。中身は、1回目だけでなく、そのあとも書き換わります。",
            "[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]": "同じ配列が3つ並ぶのは、そのとおりです。更新は3回です。",
            "[[0.25, 0.0], [0.25, 0.0], [0.25, 0.0]]": "同じ配列が3つ並ぶのは、そのとおりです。更新は3回です。",
            "[[4.0, 1.0], [2.0, 0.0], [1.0, 0.0]]": "append したあとにも、同じ配列の中身が書き換わります。",
            "[0.5, 0.0]": "append は3回実行されるので、path の長さは3です。",
            "[[0.5, 0.0]]": "append は3回実行されるので、path の長さは3です。",
            "[[0.5, 0.5, 0.5], [0.0, 0.0, 0.0]]": "行と列が逆です。path には [w0, w1] が3つ並びます。",
            "[]": "append は3回実行されるので、path の長さは3です。",
        },
        variants=["((0.5, 0), (0.5, 0), (0.5, 0))", "np.array([[0.5, 0.0]] * 3)", "[[4 * 0.5**3, 0]] * 3",
                  "[np.array([0.5, 0.0])] * 3"],
    ),
    Value(
        id="X4-9",
        name="x4_9",
        section="何個のデータで1回更新するか",
        accept=arrows_problem,
        pitfalls={
            "[[[0, 0], [-2, 0]], [[-2, 0], [-5, -2]], [[-5, -2], [-6.5, -4]]]": AGAINST,
            "[[[0, 0], [2, 0]], [[2, 0], [1, -2]], [[1, -2], [2.5, -4]]]": AGAINST,
            "[[[0, 0], [4, 0]], [[4, 0], [4, 4]], [[4, 4], [-2, 2]]]": "∇E にあたる分を、そのまま動いています。学習率 0.5 を掛けましょう。",
            "[[[0, 0], [2, 0]], [[2, 0], [4, 2]], [[4, 2], [3, 3]]]": AT_THE_START,
            "[[[0, 0], [2, 0]], [[2, 0], [3, 2]], [[3, 2], [2, 3]]]": AT_THE_START,
            "[[[0, 0], [2, 0]], [[2, 0], [3, 0]], [[3, 0], [3.5, 0]]]": SAME_BATCH,
            "[[[0, 0], [2, 0]], [[2, 0], [3, 2]], [[3, 2], [3.5, 1]]]": SAME_BATCH,
            "[[[0, 0], [1, 1]], [[1, 1], [1.5, 1.5]], [[1.5, 1.5], [1.75, 1.75]]]":
                "全部のデータで更新するバッチ学習になっています。1回の更新に使うのは、ミニバッチ1つの勾配です。",
            "[[[0, 0], [2, 0]], [[0, 0], [2, 2]], [[0, 0], [-1, 1]]]": "1回動くと、場所が変わります。次の矢印は、前の矢印の終点から始めましょう。",
            "[[[0, 0], [2, 0]], [[2, 0], [3, 2]], [[0, 0], [0.5, 2]]]": "1回動くと、場所が変わります。次の矢印は、前の矢印の終点から始めましょう。",
            "[[[0, 0], [2, 0]], [[2, 0], [1, 2]], [[1, 2], [-2.5, 0]]]": "終点は、始点に、動いた量を足した場所です。",
            "[[[4, 0], [2, 0]], [[2, 0], [3, 2]], [[3, 2], [0.5, 2]]]": "1本目の矢印は W⁽⁰⁾ = (0, 0) から始まります。c は底の場所です。",
            "[[0, 0], [2, 0], [3, 2], [0.5, 2]]": "場所だけが並んでいます。矢印ごとに、始点と終点の組を書きましょう。",
            "[[2, 0], [3, 2], [0.5, 2]]": "終点だけが並んでいます。矢印ごとに、始点と終点の組を書きましょう。",
        },
        variants=["(((0, 0), (2, 0)), ((2, 0), (3, 2)), ((3, 2), (0.5, 2)))",
                  "np.array([[[0, 0], [2, 0]], [[2, 0], [3, 2]], [[3, 2], [0.5, 2]]])",
                  "(lambda w: list(zip(w, w[1:])))([[0, 0], [2, 0], [3, 2], [0.5, 2]])",
                  "[[[0, 0], [0 + 2, 0]], [[2, 0], [2 + 1, 0 + 2]], [[3, 2], [3 - 2.5, 2 + 0]]]"],
    ),
    Order(
        id="X4-11",
        name="x4_11",
        section="ネットワークを学習させる",
        lines=[
            "    W = W - learning_rate * dW",
            "for n in range(len(x)):",
            "    y = x[n] @ W + b",
            "    losses.append((y - d[n]) ** 2 / 2)",
            "    b = b - learning_rate * db",
            "losses = []",
            "    db = y - d[n]",
            "    dW = (y - d[n]) * x[n]",
            "    W = W + learning_rate * dW",
        ],
        correct=[6, 2, 3, 4, 8, 7, 1, 5],
        begin=one_at_a_time,
        results=["W", "b", "losses"],
        extra={9: "9 の行は、勾配の向きに進みます。誤差は増えてしまいます。"},
        pitfalls={
            "[6, 2, 3, 4, 1, 8, 5, 7]": UPDATE_FIRST,
            "[6, 2, 1, 5, 3, 4, 8, 7]": UPDATE_FIRST,
            "[6, 2, 3, 4, 1, 5, 8, 7]": UPDATE_FIRST,
            "[6, 2, 8, 7, 1, 5, 3, 4]": "勾配の式には y が入っています。予測 y を、先に求めましょう。",
            "[6, 2, 4, 3, 8, 7, 1, 5]": "誤差の式には y が入っています。予測 y を、先に求めましょう。",
            "[2, 6, 3, 4, 8, 7, 1, 5]": "6 の行は字下げされていません。くり返しの前に1回だけ実行します。",
            "[2, 3, 4, 8, 7, 1, 5, 6]": "losses を空にするのは、最初です。最後に空にすると、記録が消えてしまいます。",
            "[3, 4, 8, 7, 1, 5, 6, 2]": "字下げした行は、2 の行のくり返しの中身です。2 の行より下に置きましょう。",
            "[6, 2, 3, 4, 8, 7, 9, 5]": "9 の行は、勾配の向きに進みます。誤差は増えてしまいます。",
            "[6, 2, 3, 8, 7, 1, 5]": "4 の行も使います。学習の途中の誤差を記録しておきましょう。",
            "[6, 2, 3, 4, 8, 7, 1, 9, 5]": "1 の行と 9 の行を両方とも実行すると、動いた分が元に戻ってしまいます。",
        },
        variants=["[6, 2, 3, 4, 7, 8, 5, 1]", "[6, 2, 3, 7, 5, 8, 1, 4]", "[6, 2, 3, 8, 1, 7, 5, 4]"],
    ),
    Choice(
        id="X4-5",
        name="x4_5",
        section="Nesterov: 進んだ先の傾きを見る",
        correct=frozenset({2}),
        reasons={
            1: "1 の行は、式の μv を作っています。正しい行です。",
            3: "3 の行は、μv から学習率と勾配の積を引いて、新しい速度にしています。正しい行です。",
            4: "4 の行は、新しい速度で w を動かしています。式の2行目のとおりです。",
            5: "5 の行は、新しい w と v を返しています。正しい行です。",
        },
        missing="間違っている行を1つ選びましょう。",
        pitfalls={
            "{1}": "1 の行は、式の μv を作っています。正しい行です。",
            "{3}": "3 の行は、μv から学習率と勾配の積を引いて、新しい速度にしています。正しい行です。",
            "{4}": "4 の行は、新しい速度で w を動かしています。式の2行目のとおりです。",
            "{5}": "5 の行は、新しい w と v を返しています。正しい行です。",
        },
    ),
    Function(
        id="X4-5b",
        signature="nesterov_update(w, v, gradient, learning_rate, momentum)",
        section="Nesterov: 進んだ先の傾きを見る",
        reference=nesterov_step,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "勾配 2w": lambda rng: nesterov_case(rng, DOUBLE, 2),
            "変数が混ざった勾配": lambda rng: nesterov_case(rng, CROSSED, 2),
            "勾配 sin(w)": lambda rng: nesterov_case(rng, SINES, 3),
            "行列": lambda rng: nesterov_case(rng, SINES, 2, 3),
            "速度が 0": lambda rng: (normal(rng, 2), np.zeros(2), CROSSED, 0.1, 0.9),
            "慣性なし": lambda rng: (normal(rng, 2), normal(rng, 2), CROSSED, 0.2, 0.0),
            "大きな値": lambda rng: (whole_numbers(rng, 2), whole_numbers(rng, 2), CROSSED, 0.125, 0.5),
        },
        pitfalls={
            changed(NESTEROV, "w + v)", "w)"): "いまの場所の勾配のままです。これではモメンタムと同じです。",
            changed(NESTEROV, "w + v)", "w - v)"): "進むのとは逆の側の勾配を見ています。μv だけ進んだ先を見ましょう。",
            changed(NESTEROV, "w + v)", "v)"): "速度は場所ではありません。w から μv だけ進んだ場所の勾配を求めましょう。",
            changed(NESTEROV, "w + v)", "w + momentum * v)"):
                "1 の行で、v はもう μv になっています。momentum を2回掛けています。",
            "g = gradient(w + v)\nv = momentum * v - learning_rate * g\nreturn w + v, v":
                "先に見るのは、w + v ではなく w + μv です。",
            "w = w + momentum * v\ng = gradient(w)\nv = momentum * v - learning_rate * g\nreturn w + v, v":
                "先を見るために w を動かしたままにしています。動くのは、元の w から新しい速度の分だけです。",
            "v = momentum * v - learning_rate * gradient(w)\nreturn w + momentum * v - learning_rate * gradient(w), v":
                "先読みした場所を w とする、変形した形です。この問題では、式のとおりに gradient(w + μv) を使いましょう。",
            changed(NESTEROV, "v - learning_rate", "v + learning_rate"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            changed(NESTEROV, "w = w + v", "w = w - v"): "v にはもうマイナスの向きが入っています。w には v を足します。",
            changed(NESTEROV, "learning_rate * g", "g"): "勾配に学習率を掛けていません。",
            changed(NESTEROV, "return w, v", "return v, w"): "返す順番が逆です。w が先、v があとです。",
            changed(NESTEROV, "return w, v", "return w"): "w と v の2つを、この順に返しましょう。",
            NESTEROV.replace("v = momentum * v", "v *= momentum"):
                "v *= は、渡された配列そのものを書き換えます。v = momentum * v と書きましょう。",
            NESTEROV.replace("w = w + v", "w += v"): "w += は、渡された配列そのものを書き換えます。w = w + v と書きましょう。",
        },
        variants=[
            NESTEROV,
            "ahead = w + momentum * v\nv = momentum * v - learning_rate * gradient(ahead)\nreturn w + v, v",
            "g = gradient(np.add(w, momentum * v))\nreturn [w + momentum * v - learning_rate * g, momentum * v - learning_rate * g]",
            "new_v = -learning_rate * gradient(w + v * momentum)\nnew_v += v * momentum\nnew_w = w.copy()\nnew_w += new_v\n"
            "return new_w, new_v",
        ],
    ),
    Function(
        id="X4-6",
        signature="adagrad(w, gradients, learning_rate, epsilon)",
        section="AdaGrad: 要素ごとに歩幅を変える",
        reference=adagrad,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "1回": lambda rng: gradients_case(rng, 1, 2, rates=(0.1, 1e-8)),
            "3回": lambda rng: gradients_case(rng, 3, 2, rates=(1.5, 1e-8)),
            "10回、行列": lambda rng: gradients_case(rng, 10, 2, 3, rates=(0.05, 1e-8)),
            "勾配が 0": lambda rng: (normal(rng, 2), np.zeros((3, 2)), 0.1, 1e-8),
            "とても小さい勾配": lambda rng: gradients_case(rng, 3, 2, scale=1e-8, rates=(0.1, 1e-8)),
            "大きな勾配": lambda rng: gradients_case(rng, 3, 2, scale=1e3, rates=(0.1, 1e-8)),
            "4回、大きな epsilon": lambda rng: gradients_case(rng, 4, 3, rates=(0.3, 0.1)),
        },
        pitfalls={
            changed(ADAGRAD, "h + g**2", "g**2"): "いまの勾配だけになっています。これまでの h に足していきましょう。",
            changed(ADAGRAD, "h + g**2", "h + g"): "h に足すのは、勾配の2乗です。",
            changed(ADAGRAD, "h + g**2", "h + np.sum(g**2)"): "要素を1つに足しています。歩幅は要素ごとに変えるので、h は w と同じ形です。",
            changed(ADAGRAD, "h + g**2", "h + np.abs(g)"): "h に足すのは、絶対値ではなく、2乗です。",
            changed(ADAGRAD, "h + g**2", "0.9 * h + 0.1 * g**2"): "指数移動平均になっています。それは次の RMSProp です。AdaGrad は合計です。",
            changed(ADAGRAD, "h + g**2", "h * g**2"): "掛けるのではなく、足していきます。",
            changed(ADAGRAD, "np.sqrt(h)", "h"): "平方根をとっていません。",
            changed(ADAGRAD, "(np.sqrt(h) + epsilon)", "np.sqrt(h + epsilon)"): "epsilon は、平方根の外で足します。",
            changed(ADAGRAD, " + epsilon", ""): "epsilon を足していないので、勾配が 0 のときに 0 で割ってしまいます。",
            changed(ADAGRAD, "(np.sqrt(h) + epsilon)", "np.sqrt(h) + epsilon"):
                "割る数全体を、かっこで囲みましょう。いまは、割ったあとに epsilon を足しています。",
            changed(ADAGRAD, "learning_rate * g", "learning_rate"): "勾配を掛けていません。",
            changed(ADAGRAD, "learning_rate * g", "g"): "学習率を掛けていません。",
            changed(ADAGRAD, "w - learning", "w + learning"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            "h = np.zeros(w.shape)\nfor g in gradients:\n    w = w - learning_rate * g / (np.sqrt(h) + epsilon)\n    h = h + g**2\nreturn w":
                "h を更新する前の値で割っています。先に h に足しましょう。",
            changed(ADAGRAD, "w = w - ", "w -= "): "w -= は、渡された配列そのものを書き換えます。w = w - … と書きましょう。",
            "return w - learning_rate * gradients.sum(axis=0)": "どの要素にも同じ歩幅を使っています。h の平方根で割りましょう。",
        },
        variants=[
            ADAGRAD,
            ADAGRAD.replace("h = h + g**2", "h += g * g"),
            "h = 0\nfor t in range(len(gradients)):\n    h = h + np.square(gradients[t])\n"
            "    w = np.subtract(w, gradients[t] * learning_rate / (h ** 0.5 + epsilon))\nreturn w",
            "total = np.cumsum(gradients**2, axis=0)\nreturn w - np.sum(learning_rate * gradients / (np.sqrt(total) + epsilon), axis=0)",
            "w = w.copy()\nh = np.zeros_like(w)\nfor g in gradients:\n    h = np.add(h, g**2)\n"
            "    w -= learning_rate / (epsilon + np.sqrt(h)) * g\nreturn w.tolist()",
        ],
    ),
    Function(
        id="X4-7",
        signature="rmsprop(w, gradients, learning_rate, decay_rate, epsilon)",
        section="RMSProp: 古い勾配を忘れる",
        reference=rmsprop,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "1回": lambda rng: gradients_case(rng, 1, 2, rates=(0.1, 0.9, 1e-8)),
            "3回": lambda rng: gradients_case(rng, 3, 2, rates=(0.3, 0.9, 1e-8)),
            "10回、行列": lambda rng: gradients_case(rng, 10, 2, 3, rates=(0.05, 0.99, 1e-8)),
            "勾配が 0": lambda rng: (normal(rng, 2), np.zeros((3, 2)), 0.1, 0.9, 1e-8),
            "とても小さい勾配": lambda rng: gradients_case(rng, 3, 2, scale=1e-8, rates=(0.1, 0.8, 1e-8)),
            "大きな勾配": lambda rng: gradients_case(rng, 3, 2, scale=1e3, rates=(0.1, 0.9, 1e-8)),
            "4回、別の割合": lambda rng: gradients_case(rng, 4, 3, rates=(0.3, 0.3, 0.1)),
        },
        pitfalls={
            ADAGRAD: "AdaGrad のままです。h を、合計ではなく指数移動平均にしましょう。",
            changed(RMSPROP, "(1 - decay_rate) * g**2", "g**2"): "新しい g² に、1 - ρ の割合を掛けていません。",
            changed(RMSPROP, "decay_rate * h +", "h +"): "古い h を ρ 倍に減らしていません。",
            changed(RMSPROP, "decay_rate * h + (1 - decay_rate) * g**2", "(1 - decay_rate) * h + decay_rate * g**2"):
                "割合が逆です。decay_rate は、古い値を残す割合です。",
            changed(RMSPROP, "decay_rate * h + (1 - decay_rate) * g**2", "decay_rate * (h + g**2)"):
                "新しい値に掛ける割合は、ρ ではなく 1 - ρ です。",
            changed(RMSPROP, "g**2", "g"): "混ぜるのは、勾配ではなく、勾配の2乗です。",
            changed(RMSPROP, "np.sqrt(h)", "h"): "平方根をとっていません。",
            changed(RMSPROP, "(np.sqrt(h) + epsilon)", "np.sqrt(h + epsilon)"): "epsilon は、平方根の外で足します。",
            changed(RMSPROP, " + epsilon", ""): "epsilon を足していないので、勾配が 0 のときに 0 で割ってしまいます。",
            changed(RMSPROP, "learning_rate * g", "g"): "学習率を掛けていません。",
            changed(RMSPROP, "w - learning", "w + learning"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            RMSPROP.replace("decay_rate", "0.9"): "割合が 0.9 に固定されています。引数 decay_rate を使いましょう。",
            RMSPROP.replace("learning_rate", "?").replace("decay_rate", "learning_rate").replace("?", "decay_rate"):
                "learning_rate と decay_rate が入れ替わっています。",
            changed(RMSPROP, "for g in gradients:\n", "for g in gradients:\n    h = np.zeros(w.shape)\n"):
                "h を毎回 0 に戻しています。くり返しの前に一度だけ 0 にしましょう。",
            changed(RMSPROP, "return w", "    return w"): "return が for の中にあるので、1回で終わっています。",
            changed(RMSPROP, "w = w - ", "w -= "): "w -= は、渡された配列そのものを書き換えます。w = w - … と書きましょう。",
        },
        variants=[
            RMSPROP,
            RMSPROP.replace("h = decay_rate * h + (1 - decay_rate) * g**2", "h += (1 - decay_rate) * (g**2 - h)"),
            "h = 0\nfor t in range(len(gradients)):\n    h = h * decay_rate + np.square(gradients[t]) * (1 - decay_rate)\n"
            "    w = np.subtract(w, gradients[t] * learning_rate / (h ** 0.5 + epsilon))\nreturn w",
            "w = w.copy()\nh = np.zeros_like(w)\nfor g in gradients:\n    h *= decay_rate\n    h += (1 - decay_rate) * g * g\n"
            "    w -= learning_rate / (epsilon + np.sqrt(h)) * g\nreturn w.tolist()",
        ],
    ),
    Value(
        id="X4-8",
        name="x4_8",
        section="AdaDelta: 学習率の単位を考える",
        expected=ADADELTA_STEPS,
        tolerance=THREE_DECIMALS,
        pitfalls={
            "[0.0, 0.0]": "分子の √ の中に δ を足しましょう。s は 0 から始まるので、δ がなければ動けません。",
            "[0.071, 0.082]": "g を掛けていません。",
            "[0.282, 0.282]": "g の2乗を掛けています。掛けるのは g です。",
            "[0.1, 0.122]": "新しい g² に、1 - ρ の割合を掛けていません。",
            "[0.141, 0.115]": "2回目の分子の s が 0 のままです。1回目の Δ で、s を更新しましょう。",
            "[0.141, 0.2]": "s に、Δ の2乗ではなく Δ を混ぜています。",
            "[0.141, 0.199]": "2回目の h が、1回目のままです。h も更新しましょう。",
            "[0.01, 0.007]": "平方根をとっていません。",
            "[1.418, 1.158]": "分子の √ がありません。√(s + δ) を掛けましょう。",
            "[-0.141, -0.163]": "Δ は、符号を変える前の量です。引くのは、w を更新するときです。",
            "[0.141, 0.304]": "2回の合計になっています。2回目の Δ だけを書きましょう。",
            "[0.163, 0.141]": "順番が逆です。1回目、2回目の順に書きましょう。",
            "[0.141, 0.141]": "2回目も、1回目と同じ値になっています。h と s は、1回ごとに変わります。",
            "0.163": "1回目と2回目の Δ を、[ ] の中に順に並べて書きましょう。",
        },
        variants=["(0.141, 0.163)", "np.array([0.1411, 0.1628])", "[0.1411, 0.1628]",
                  "[2 * np.sqrt(0.01 / 2.01), 2 * np.sqrt(0.5 * 0.04 / 2.01 + 0.01) / np.sqrt(3.01)]"],
    ),
    Function(
        id="X4-8b",
        signature="adadelta(w, gradients, decay_rate, epsilon)",
        section="AdaDelta: 学習率の単位を考える",
        reference=adadelta,
        instead_of=EVERY_OPTIMIZER,
        inputs={
            "手で計算した2回": lambda rng: (np.zeros(1), np.full((2, 1), 2.0), 0.5, 0.01),
            "1回": lambda rng: gradients_case(rng, 1, 2, rates=(0.9, 1e-2)),
            "3回": lambda rng: gradients_case(rng, 3, 2, rates=(0.9, 1e-6)),
            "10回、行列": lambda rng: gradients_case(rng, 10, 2, 3, rates=(0.95, 1e-2)),
            "勾配が 0": lambda rng: (normal(rng, 2), np.zeros((3, 2)), 0.9, 1e-6),
            "とても小さい勾配": lambda rng: gradients_case(rng, 3, 2, scale=1e-3, rates=(0.8, 1e-6)),
            "大きな勾配": lambda rng: gradients_case(rng, 4, 2, scale=1e3, rates=(0.3, 1.0)),
        },
        pitfalls={
            changed(ADADELTA, "np.sqrt(s + epsilon)", "np.sqrt(s)"):
                "分子の √ の中に epsilon を足していません。s は 0 から始まるので、これでは一歩も動けません。",
            changed(ADADELTA, "np.sqrt(s + epsilon)", "(np.sqrt(s) + epsilon)"): "分子の epsilon は、平方根の中で足します。",
            changed(ADADELTA, "np.sqrt(h + epsilon)", "(np.sqrt(h) + epsilon)"): "分母の epsilon も、平方根の中で足します。",
            changed(ADADELTA, "np.sqrt(s + epsilon) / ", ""): "分子がありません。動いた量の目安 √(s + δ) を掛けましょう。",
            changed(ADADELTA, "delta**2", "g**2"): "s に混ぜるのは、勾配ではなく、動いた量 Δ の2乗です。",
            changed(ADADELTA, "delta**2", "delta"): "s に混ぜるのは、Δ の2乗です。",
            changed(ADADELTA, "s = decay_rate * s", "s = s"): "古い s を ρ 倍に減らしていません。",
            changed(ADADELTA, "h = decay_rate * h", "h = h"): "古い h を ρ 倍に減らしていません。",
            changed(ADADELTA, " * g\n", "\n"): "最後に g を掛けていません。",
            changed(ADADELTA, "w - delta", "w + delta"): "勾配の向きへ進んでいます。符号を確かめましょう。",
            changed(ADADELTA, "    s = decay_rate * s + (1 - decay_rate) * delta**2\n", ""):
                "s を更新していません。Δ を求めたあとで、s に混ぜましょう。",
            changed(ADADELTA, "np.sqrt(s + epsilon) / np.sqrt(h + epsilon)", "(s + epsilon) / (h + epsilon)"):
                "平方根をとっていません。",
            changed(ADADELTA, "np.sqrt(s + epsilon) / np.sqrt(h + epsilon)", "np.sqrt(h + epsilon) / np.sqrt(s + epsilon)"):
                "分子と分母が逆です。勾配の大きさで割り、動いた量の大きさを掛けます。",
            changed(ADADELTA, "return w", "    return w"): "return が for の中にあるので、1回で終わっています。",
            changed(ADADELTA, "w = w - delta", "w -= delta"): "w -= は、渡された配列そのものを書き換えます。w = w - … と書きましょう。",
        },
        variants=[
            ADADELTA,
            ADADELTA.replace("np.sqrt(s + epsilon) / np.sqrt(h + epsilon) * g", "g * np.sqrt((s + epsilon) / (h + epsilon))"),
            "h = s = 0\nfor t in range(len(gradients)):\n    g = gradients[t]\n    h = h + (1 - decay_rate) * (g * g - h)\n"
            "    step = g * (s + epsilon) ** 0.5 / (h + epsilon) ** 0.5\n    s = s + (1 - decay_rate) * (step * step - s)\n"
            "    w = np.subtract(w, step)\nreturn w",
            "w = w.copy()\nkept = [np.zeros_like(w), np.zeros_like(w)]\nfor g in gradients:\n"
            "    kept[0] *= decay_rate\n    kept[0] += (1 - decay_rate) * np.square(g)\n"
            "    step = np.sqrt(kept[1] + epsilon) * g / np.sqrt(kept[0] + epsilon)\n"
            "    kept[1] *= decay_rate\n    kept[1] += (1 - decay_rate) * np.square(step)\n    w -= step\nreturn w.tolist()",
        ],
    ),
]
