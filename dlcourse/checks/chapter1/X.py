"""第1章 入力層から中間層へ、発展問題: どの間違いにどのヒントを返すか。"""

from dlcourse.checks.chapter1.accept import collapse, shapes
from dlcourse.checks.exercise import Function
from dlcourse.checks.inputs import normal, whole_numbers
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
]
