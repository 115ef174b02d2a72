"""第1章 入力層から中間層へ: 何を正解とし、どの間違いにどのヒントを返すか。

番号の最初の文字がファイルの名前です。表が使う関数は accept.py に、誤答や別解に共通する部分は answers.py にあります。
"""

from dlcourse.checks.chapter1 import K, T, X

EXERCISES = [*K.EXERCISES, *T.EXERCISES, *X.EXERCISES]
