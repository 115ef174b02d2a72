"""第5章 誤差逆伝播法: 何を正解とし、どの間違いにどのヒントを返すか。

番号の最初の文字がファイルの名前です。表が使う関数は accept.py に、誤答や別解に共通する部分は answers.py にあります。
"""

from dlcourse.checks.chapter5 import D, H, K, T, X

# 一覧に並ぶ順番(およそ、本に出てくる順)。ここにない番号は最後に並ぶ
ORDER = (
    "D5 T5-2 X5-1 X5-1b X5-7 H1 H1b H1c H1d X5-2 X5-5 K5-1 K5-2 K5-3 K5-4 X5-3 X5-6 T5-1 T5-1b X5-4 T5-4 T5-3 H2"
).split()
EXERCISES = sorted(
    [*D.EXERCISES, *H.EXERCISES, *K.EXERCISES, *T.EXERCISES, *X.EXERCISES],
    key=lambda exercise: [*ORDER, exercise.id].index(exercise.id),
)
