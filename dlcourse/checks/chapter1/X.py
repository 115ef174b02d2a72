"""第1章 入力層から中間層へ、発展問題: どの間違いにどのヒントを返すか。"""

from dlcourse import functions
from dlcourse.checks.chapter1.accept import collapse, shapes
from dlcourse.checks.chapter1.answers import LOOPS
from dlcourse.checks.exercise import Function
from dlcourse.checks.inputs import layer_arguments, normal, whole_numbers
from dlcourse.checks.short_answers import Value

EXERCISES = [
    Value(
        id="X1-1",
        name="x1_1",
        section="活性化関数に通す",
        accept=shapes({"W": (4, 3), "b": (3,), "u": (20, 3), "z": (20, 3)}),
        pitfalls={
            '{"W": (3, 4), "b": (3,), "u": (20, 3), "z": (20, 3)}':
                "重みの形が転置です。行が入力、列がユニットです。",
            '{"W": (4, 3), "b": (20, 3), "u": (20, 3), "z": (20, 3)}':
                "バイアスはユニットごとに1つで、どのデータにも同じものを足します。",
            '{"W": (4, 3), "b": (3,), "u": (3, 20), "z": (3, 20)}': "データが行に並びます。行と列が逆です。",
            '{"W": (4, 3), "b": (3,), "u": (3,), "z": (3,)}': "データは20個あるので、総入力も20行になります。",
            '{"W": (4, 3), "b": (4,), "u": (20, 3), "z": (20, 3)}':
                "バイアスの数は入力の数ではなく、ユニットの数です。",
            '{"W": (4, 3), "b": (3), "u": (20, 3), "z": (20, 3)}': "(3) はただの数 3 です。(3,) と書きましょう。",
            '{"W": (20, 3), "b": (3,), "u": (20, 3), "z": (20, 3)}':
                "重みの形は、データの数によりません。入力の数とユニットの数で決まります。",
            '{"W": (4, 3), "b": (3,), "u": (20, 4), "z": (20, 3)}':
                "総入力の列は、入力ではなくユニットに対応します。",
            '{"W": (4, 3), "b": (3,), "u": (20, 3), "z": (20, 1)}':
                "活性化関数は要素ごとに働くので、形を変えません。",
        },
        variants=["dict(W=[4, 3], b=[3], u=[20, 3], z=[20, 3])",
                  "(lambda x, W, b: dict(W=W.shape, b=b.shape, u=(x @ W + b).shape, z=np.tanh(x @ W + b).shape))(\n"
                  "    np.ones((20, 4)), np.ones((4, 3)), np.ones(3))",
                  "(lambda N, D, M: {'W': (D, M), 'b': (M,), **dict.fromkeys(['u', 'z'], (N, M))})(20, 4, 3)",
                  '{"W": np.zeros((4, 3)).shape, "b": (3,), "u": (20, 3), "z": (20, 3)}'],
    ),
    Function(
        id="X1-2",
        signature="collapse(W1, b1, W2, b2)",
        section="なぜ活性化関数が要るのか",
        reference=collapse,
        inputs={
            "4-3-2": lambda rng: (normal(rng, 4, 3), normal(rng, 3), normal(rng, 3, 2), normal(rng, 2)),
            "2-2-2": lambda rng: (normal(rng, 2, 2), normal(rng, 2), normal(rng, 2, 2), normal(rng, 2)),
            "大きな値": lambda rng: (whole_numbers(rng, 3, 3), whole_numbers(rng, 3), whole_numbers(rng, 3, 3), whole_numbers(rng, 3)),
        },
        pitfalls={
            "return W1 @ W2, b1 + b2": "b1 も2つ目の層を通ります。W2 を掛けてから足しましょう。",
            "return W1 @ W2, b2": "b1 の分が消えています。",
            "return W1 @ W2, b1 @ W2": "b2 を足し忘れています。",
            "return W2 @ W1, b1 @ W2 + b2": "積の順番が逆です。先に通る層の W1 が左です。",
            "return W1 * W2, b1 @ W2 + b2": "* は要素ごとの積です。行列の積は @ です。",
            "return W1 @ W2": "W と b の2つを、この順に返しましょう。",
            "return b1 @ W2 + b2, W1 @ W2": "返す順番が逆です。W が先、b があとです。",
            "return W1 @ W2, (b1 + b2) @ W2": "b2 は2つ目の層のあとで足されるので、W2 を通りません。",
            "return functions.relu(W1 @ W2), b1 @ W2 + b2": "この問題の層には活性化関数がありません。ReLU は要りません。",
            "return W1 @ W2, b1 @ W2 * b2": "b2 は掛けるのではなく、足します。",
        },
        variants=["return np.dot(W1, W2), np.dot(b1, W2) + b2", "return W1.dot(W2), b2 + b1.dot(W2)",
                  "b = np.zeros(1) @ np.zeros((1, W1.shape[0]))\nb = (b @ W1 + b1) @ W2 + b2\n"
                  "W = np.array([(row @ W1 + b1) @ W2 + b2 - b for row in np.eye(len(W1))])\nreturn W, b",
                  "b = functions.affine(b1, W2, b2)\nreturn [np.matmul(W1, W2), b]"],
    ),
    Function(
        id="X1-3",
        signature="layer_by_loops(x, W, b)",
        section="ユニットを並べて層にする",
        reference=functions.affine,
        inputs={
            "データ5個、入力4つ": lambda rng: layer_arguments(rng, 5, 4),
            "データ1個": lambda rng: layer_arguments(rng, 1, 2),
            "データ3個、3入力3ユニット": lambda rng: layer_arguments(rng, 3, 3),
            "ユニット1つ": lambda rng: layer_arguments(rng, 2, 4, units=1),
            "大きな値": lambda rng: (whole_numbers(rng, 3, 4), whole_numbers(rng, 4, 3), whole_numbers(rng, 3)),
        },
        pitfalls={
            LOOPS.replace("= b[j]", "= 0"): "バイアス b[j] を足していません。和をとり始める前の値にしましょう。",
            LOOPS.replace("= b[j]", "= b[n]"): "バイアスはユニットごとに1つです。データの番号 n では選べません。",
            LOOPS.replace("= b[j]", "= b.sum()"): "バイアスは合計せず、ユニット j のものだけを足します。",
            LOOPS.replace("W[i, j]", "W[j, i]"): "W の行が入力、列がユニットです。番号の順が逆になっています。",
            LOOPS.replace("x[n, i]", "x[i, n]"): "x の行がデータ、列が入力です。番号の順が逆になっています。",
            LOOPS.replace("x[n, i]", "x[n, j]"): "入力の番号は i です。j はユニットの番号です。",
            LOOPS.replace("+= x", "= x"): "前に足した分を上書きしています。+= で足していきましょう。",
            LOOPS.replace("+= x", "-= x"): "引いています。総入力は、掛けたものの和です。",
            LOOPS.replace("] * W", "] + W"): "入力と重みを足しています。掛けてから足し合わせます。",
            LOOPS.replace("= b[j]", "= 0").replace("W[i, j]", "W[i, j] + b[j]"):
                "バイアスを、入力の数だけ何度も足しています。ユニットごとに1回だけ足します。",
            LOOPS.replace("range(len(W))", "range(len(b))"):
                "足すのは、入力の数だけです。ユニットの数とは違うことがあります。",
            LOOPS.replace("return u", "return functions.relu(u)"): "活性化関数まで通しています。求めるのは総入力です。",
        },
        variants=[
            LOOPS,
            "x @ W + b",
            LOOPS.replace("= b[j]", "= 0").replace("return u", "return u + b"),
            "u = np.zeros((len(x), len(b)))\nfor n in range(len(x)):\n    for j in range(len(b)):\n"
            "        u[n, j] = np.sum(x[n] * W[:, j]) + b[j]\nreturn u",
            "return [[sum(x[n, i] * W[i, j] for i in range(x.shape[1])) + b[j] for j in range(len(b))] for n in range(len(x))]",
        ],
    ),
    Value(
        id="X1-4",
        name="x1_4",
        section="まとめて計算する",
        accept=shapes({"A": (4,), "B": (3,), "C": (3,), "D": (20, 3), "E": (20, 20)}),
        pitfalls={
            '{"A": (1, 4), "B": (3,), "C": (3,), "D": (20, 3), "E": (20, 20)}':
                "X[0] では、行の軸がなくなります。X[0:1] なら (1, 4) です。",
            '{"A": (20,), "B": (3,), "C": (3,), "D": (20, 3), "E": (20, 20)}':
                "X[0] は最初の行です。1行には、特徴が4つ並んでいます。",
            '{"A": (4,), "B": (1, 3), "C": (3,), "D": (20, 3), "E": (20, 20)}':
                "(4,) と (4, 3) の積では、4 が消えて、残るのは3だけです。",
            '{"A": (4,), "B": (20, 3), "C": (3,), "D": (20, 3), "E": (20, 20)}':
                "X[0] はデータ1個です。その総入力は、ユニットの数だけです。",
            '{"A": (4,), "B": (3,), "C": (20,), "D": (20, 3), "E": (20, 20)}':
                "axis=0 でまとめると、なくなるのは最初の軸、つまりデータの軸です。",
            '{"A": (4,), "B": (3,), "C": (1, 3), "D": (20, 3), "E": (20, 20)}':
                "keepdims=True がないので、まとめた軸はなくなります。",
            '{"A": (4,), "B": (3,), "C": (3,), "D": (20, 1), "E": (20, 20)}':
                "長さ 1 の軸のほうが引き伸ばされて、大きいほうの形になります。",
            '{"A": (4,), "B": (3,), "C": (3,), "D": (20, 3), "E": (20,)}':
                "(20,) と (20, 1) は、右からそろえます。(20,) は (1, 20) とみなされます。",
            '{"A": (4,), "B": (3,), "C": (3,), "D": (20, 3), "E": (20, 1)}':
                "(20,) と (20, 1) は、右からそろえます。(20,) は (1, 20) とみなされます。",
            '{"A": (4), "B": (3), "C": (3), "D": (20, 3), "E": (20, 20)}': "(4) はただの数 4 です。(4,) と書きましょう。",
        },
        variants=["dict(A=[4], B=[3], C=[3], D=[20, 3], E=[20, 20])",
                  "(lambda X, U, d: {'A': X[0].shape, 'B': U[0].shape, 'C': U.sum(axis=0).shape, 'D': (U - d).shape,\n"
                  "    'E': (U[:, 0] - d).shape})(np.ones((20, 4)), np.ones((20, 3)), np.ones((20, 1)))",
                  "(lambda N, D, M: {'A': (D,), 'B': (M,), 'C': (M,), 'D': (N, M), 'E': (N, N)})(20, 4, 3)",
                  '{"E": (20, 20), "D": np.zeros((20, 3)).shape, "C": (3,), "B": (3,), "A": (4,)}'],
    ),
]
