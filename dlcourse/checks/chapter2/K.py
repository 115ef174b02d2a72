"""第2章 活性化関数、確認テスト: どの間違いにどのヒントを返すか。"""

from dlcourse.checks.chapter2.accept import LINEAR, as_in_the_table, linear_or_not
from dlcourse.checks.chapter2.answers import answer_wrong_about
from dlcourse.checks.short_answers import Line, Value

EXERCISES = [
    Value(
        id="K2-1",
        name="k2_1",
        section="線形と非線形",
        read=as_in_the_table,
        accept=linear_or_not,
        pitfalls={
            answer_wrong_about(wrong=["2x + 1"]):
                "グラフがまっすぐでも、線形とは限りません。2x + 1 で f(3) + f(-5) と f(-2) を計算してみましょう。",
            answer_wrong_about(wrong=["絶対値", "ReLU"]):
                "正の数だけで調べると、この2つは一致してしまいます。x と x' の符号を変え、k も負にしましょう。",
            answer_wrong_about(wrong=["ReLU"]): "ReLU は 0 で折れ曲がります。x と x' を、0 をはさんで選びましょう。",
            answer_wrong_about(wrong=["絶対値"]): "絶対値は 0 で折れ曲がります。x と x' を、0 をはさんで選びましょう。",
            answer_wrong_about(wrong=["x の2乗"]): "x の2乗で、k を 2 にして f(kx) と k f(x) を比べてみましょう。",
            answer_wrong_about(wrong=["x の2乗", "絶対値", "ReLU"]):
                "0 だけで調べると、f(0) = 0 の関数はすべて一致します。0 でない x、x'、k を選びましょう。",
            answer_wrong_about(wrong=["3x"]):
                "丸めの誤差のせいで、== では違うと判定されることがあります。np.isclose で比べましょう。",
            answer_wrong_about(wrong=["-x/2"]): "右下がりの直線も、2つの式を計算で確かめれば判定できます。",
            answer_wrong_about(wrong=["いつも0"]): "いつも 0 の関数でも、両辺を計算してみましょう。0 + 0 と 0 は等しいですか。",
            answer_wrong_about(wrong=["2x + 1", "x の2乗", "絶対値", "ReLU"]):
                "すべて True になっています。2つの条件の両方を調べ、どちらかでも成り立たなければ False にします。",
            answer_wrong_about(wrong=["3x", "-x/2", "いつも0"]):
                "すべて False になっています。両辺が等しいかどうかを np.isclose で比べ、結果を入れましょう。",
            answer_wrong_about(wrong=list(LINEAR)): "True と False が逆です。線形なら True です。",
            '("3x", "-x/2", "いつも0")': "線形なものの並びではなく、7つの名前すべてと True か False の辞書にします。",
            '{"3x": True, "-x/2": True, "いつも0": True}': "非線形なものも、False として辞書に入れましょう。",
            repr({name: "線形" if linear_ else "非線形" for name, linear_ in LINEAR.items()}):
                "値には True か False を、引用符を付けずに入れましょう。",
        },
        variants=[
            repr(LINEAR),
            "dict(zip(['いつも0', 'ReLU', '絶対値', 'x の2乗', '2x + 1', '-x/2', '3x'], [True, *[False] * 4, True, True]))",
            "{name: np.bool_(name in ('3x', '-x/2', 'いつも0')) for name in "
            "['3x', '-x/2', '2x + 1', 'x の2乗', '絶対値', 'ReLU', 'いつも0']}",
            "{name: bool(np.isclose(f(2.0 - 3.0), f(2.0) + f(-3.0)) and np.isclose(f(-4.0), -2 * f(2.0))) for name, f in "
            "{'3x': lambda x: 3 * x, '-x/2': lambda x: -x / 2, '2x + 1': lambda x: 2 * x + 1, 'x の2乗': lambda x: x**2,"
            " '絶対値': abs, 'ReLU': functions.relu, 'いつも0': lambda x: 0 * x}.items()}",
        ],
    ),
    Line(
        id="K2-2",
        name="k2_2",
        section="傾きは、変化の伝わりやすさ",
        accepted=["z = functions.sigmoid(u)", "z1 = functions.relu(u1)", "z2 = functions.relu(u2)"],
        pitfalls={
            "u = np.dot(x, W) + b": "それは総入力 u を作る行です。f に通すのは、そのあとです。",
            "u1 = np.dot(x, W1) + b1": "それは1つ目の層の総入力を作る行です。f に通すのは、そのあとです。",
            "u2 = np.dot(z1, W2) + b2": "それは2つ目の層の総入力を作る行です。f に通すのは、そのあとです。",
            "u3 = np.dot(z2, W3) + b3": "それは出力層の総入力を作る行です。",
            "y = functions.identity(u3)": "関数に通していますが、左辺は出力層の出力 y です。中間層の行を探しましょう。",
            "delta2 = np.dot(delta3, W3.T) * functions.d_relu(u2)":
                "名前が d_ で始まる関数は、活性化関数ではなくその微分です。逆伝播で使います。",
            "delta3 = functions.d_mean_squared_error(d, y)": "それは誤差の微分を求める行です。",
            "functions.sigmoid(u)": "行の左辺 z = も含めて写しましょう。",
            "functions.relu(u1)": "行の左辺 z1 = も含めて写しましょう。",
            "z": "変数の名前だけでなく、その値を決めている1行を写しましょう。",
            "z = f(u)": "式のままではなく、それにあたるプログラムの行を写しましょう。",
        },
        variants=["z=functions.sigmoid( u )", "  z1 = functions.relu(u1)  # 1つ目の中間層", "z2 = relu(u2)",
                  "z = sigmoid(u)"],
    ),
]
