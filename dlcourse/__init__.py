"""深層学習 day1 の参照実装です。使う関数は、それぞれのモジュールから読み込みます。

>>> from dlcourse import functions
>>> functions.relu(-2.0)
np.float64(0.0)
"""

__version__ = "0.2.0"
