"""第4章 勾配降下法: 何を正解とし、どの間違いにどのヒントを返すか。

番号の最初の文字がファイルの名前です。表が使う関数は accept.py に、誤答や別解に共通する部分は answers.py にあります。
"""

from dlcourse.checks.chapter4 import D, K, T, X

# 一覧に並ぶ順番(およそ、本に出てくる順)。ここにない番号は最後に並ぶ
ORDER = (
    "D1 D2 D3 K4-3 X4-10 X4-10b D4 X4-4 K4-2 K4-2b X4-9 T4-3 X4-3 K4-1 K4-1b X4-11 T4-1 T4-2 "
    "X4-1 X4-5 X4-5b X4-6 X4-7 X4-8 X4-8b X4-2"
).split()
EXERCISES = sorted(
    [*D.EXERCISES, *K.EXERCISES, *T.EXERCISES, *X.EXERCISES],
    key=lambda exercise: [*ORDER, exercise.id].index(exercise.id),
)
