"""第4章 勾配降下法、確認テスト: どの間違いにどのヒントを返すか。"""

from dlcourse.checks.short_answers import Choice, Line, Value

EXERCISES = [
    Value(
        id="K4-3",
        name="k4_3",
        section="勾配の逆向きに進む",
        expected=[0.8, 0.64, 0.512],
        pitfalls={
            "[0.9, 0.81, 0.729]": "w² の傾きは、w ではありません。",
            "[0.9, 0.8, 0.7]": "傾きは場所によって変わります。動くたびに、新しい場所で求め直しましょう。",
            "[0.8, 0.6, 0.4]": "最初の場所の傾きを使い続けています。動くたびに、新しい場所で求め直しましょう。",
            "[1.2, 1.44, 1.728]": "傾きの向きへ進んでいます。引くのでしたか、足すのでしたか。",
            "[-1.0, 1.0, -1.0]": "学習率 0.1 を掛けていません。",
            "[0.9, 0.819, 0.7519239]": "引いたのが傾きではなく、w² の値(の 0.1 倍)になっています。",
            "[1.0, 0.8, 0.64]": "w⁽⁰⁾ から書いています。求めるのは、1回目から3回目の更新のあとの値です。",
            "[0.8, 0.512, 0.512]": "2回目の更新のあとの値が違います。1回ごとに同じ計算をくり返しましょう。",
            "[0.2, 0.16, 0.128]": "動いた量だけを書いています。動いたあとの w の値を書きましょう。",
            "[-0.2, -0.16, -0.128]": "動いた量だけを書いています。動いたあとの w の値を書きましょう。",
            "0.512": "w⁽¹⁾、w⁽²⁾、w⁽³⁾ の3つを、[ ] の中に順に並べて書きましょう。",
        },
        variants=["(0.8, 0.64, 0.512)", "np.array([0.8, 0.64, 0.512])", "[0.8, 0.8**2, 0.8**3]",
                  "[1 - 0.1 * 2 * 1, 0.8 - 0.1 * 2 * 0.8, 0.64 - 0.1 * 2 * 0.64]"],
    ),
    Choice(
        id="K4-2",
        name="k4_2",
        section="何個のデータで1回更新するか",
        correct=frozenset({1, 4}),
        reasons={
            2: "全部のデータの勾配を平均してから1回更新するのは、バッチ学習です。",
            3: "オンラインは通信のことではありません。データが届くのに合わせて学習を進める、という意味です。",
            5: "1個だけの勾配は、全部のデータの勾配とは違い、データごとに揺れます。",
            6: "いまの標準はミニバッチ学習です。データがメモリーに載らないことは、1個ずつにする理由にはなりません。",
        },
        missing="いつ更新するかについての文と、データをどう持つかについての文を1つずつ選びましょう。",
    ),
    Value(
        id="K4-2b",
        name="k4_2b",
        section="数えてみる",
        expected={"online": 6, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 1},
        pitfalls={
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 1, "batch": 1}':
                "4個使ったあとに残る2個も、1つのミニバッチです。捨ててはいけません。",
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 1.5, "batch": 1}':
                "更新の回数は整数です。余ったデータだけの、小さいミニバッチでも1回更新します。",
            '{"online": 1, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 6}':
                "オンラインとバッチが逆です。データを1個使うたびに更新するのは、どちらでしたか。",
            '{"online": 1, "mini_batch_2": 2, "mini_batch_4": 4, "batch": 6}':
                "1回の更新に使うデータの数を書いています。求めるのは、1エポックの更新の回数です。",
            '{"online": 6, "mini_batch_2": 12, "mini_batch_4": 24, "batch": 36}':
                "掛けるのではなく、6個をいくつに分けるかを考えましょう。",
            '{"online": 6, "mini_batch_2": 6, "mini_batch_4": 6, "batch": 6}':
                "エポックではデータを6個とも使いますが、更新の回数はデータの数とは違います。",
            '{"online": 6, "mini_batch_2": 3, "mini_batch_4": 2, "batch": 0}':
                "バッチ学習でも、全部のデータを使ったあとに更新します。",
            "[6, 3, 2, 1]": '{"online": 回数, …} のように、名前の付いた辞書で書きましょう。',
        },
        variants=['{"online": 6 // 1, "mini_batch_2": 6 // 2, "mini_batch_4": -(-6 // 4), "batch": 6 // 6}',
                  "dict(batch=1, mini_batch_4=2, mini_batch_2=3, online=6)",
                  '{"online": 6.0, "mini_batch_2": 3.0, "mini_batch_4": np.ceil(6 / 4), "batch": 1.0}',
                  '{f"{name}": len(range(0, 6, size)) for name, size in '
                  '[("online", 1), ("mini_batch_2", 2), ("mini_batch_4", 4), ("batch", 6)]}'],
    ),
    Line(
        id="K4-1",
        name="k4_1",
        section="ネットワークを学習させる",
        accepted=["network[key] -= learning_rate * grad[key]", "network[key] -= grad[key] * learning_rate",
                  "network[key] = network[key] - learning_rate * grad[key]"],
        pitfalls={
            "grad = backward(x, d, z1, y)": "それは勾配を求める行です。求めた勾配を使うのは、どの行ですか。",
            "z1, y = forward(network, x)": "それは順伝播の行です。パラメータは変わりません。",
            "x, d = dataset['x'], dataset['d']": "それはデータを取り出す行です。",
            "loss = functions.mean_squared_error(d, y)": "それは誤差を計算する行です。パラメータは変わりません。",
            "losses.append(loss)": "それは誤差を記録する行です。",
            "learning_rate * grad[key]": "左辺も含めて、1行をそのまま写しましょう。",
            "network[key] += learning_rate * grad[key]": "符号が違います。プログラムの行をそのまま写しましょう。",
            "network[key] -= grad[key]": "学習率が抜けています。プログラムの行をそのまま写しましょう。",
        },
        variants=["network[key]-=learning_rate*grad[key]",
                  "        network[key] -= learning_rate * grad[key]  # パラメータの更新"],
    ),
    Line(
        id="K4-1b",
        name="k4_1b",
        section="ネットワークを学習させる",
        accepted=["grad = backward(x, d, z1, y)"],
        pitfalls={
            "network[key] -= learning_rate * grad[key]": "それは勾配を使ってパラメータを更新する行です。勾配そのものは、どこで求めていますか。",
            "z1, y = forward(network, x)": "それは順伝播の行です。勾配はまだ求めていません。",
            "x, d = dataset['x'], dataset['d']": "それはデータを取り出す行です。",
            "loss = functions.mean_squared_error(d, y)": "それは誤差 E を計算する行です。勾配は、誤差をパラメータで微分したものです。",
            "losses.append(loss)": "それは誤差を記録する行です。",
            "backward(x, d, z1, y)": "行の左辺も含めて写しましょう。",
            "grad": "変数の名前だけでなく、その値を決めている1行を写しましょう。",
            "grad[key]": "取り出しているところではなく、その値を決めている1行を写しましょう。",
        },
        variants=["grad=backward(x,d,z1,y)", "    grad = backward( x, d, z1, y )  # 逆伝播"],
    ),
]
