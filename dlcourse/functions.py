"""総入力、活性化関数、誤差関数。

どの関数も NumPy の関数と同じように使えます。

- 最後の軸が「1つのデータ」で、その前に軸がいくつあってもかまいません。(N, D) ならデータが N 個です。
- float32 は float32 のまま、整数は float64 にして計算します。引数の中身は書き換えません。
- inf や nan は、式のとおりに伝わります。活性化関数は、どんな有限の値を入れても警告を出しません。
"""

import numpy as np

# 交差エントロピーで log 0 を避けるために、出力へ足す小さな数
LOG_OFFSET = 1e-7


def _floating(x):
    """計算に使える浮動小数点の配列にします(float32 や複素数はそのまま)。"""
    x = np.asarray(x)
    return x if np.issubdtype(x.dtype, np.inexact) else x.astype(np.float64)


def affine(x, W, b):
    """総入力 u = xW + b を計算します。

    Parameters
    ----------
    x : array_like, shape (..., D)
        入力。1つのデータなら (D,)、N 個まとめるなら (N, D)。
    W : array_like, shape (D, M) または (D,)
        重み。行が入力、列がユニット。ユニットが1つだけなら (D,) でもかまいません。
    b : array_like, shape (M,) または スカラー
        バイアス。

    Returns
    -------
    u : ndarray, shape (..., M)
        総入力。W が (D,) のときは (...,)。

    Raises
    ------
    ValueError
        形が合わないとき。どの引数が、どの形であるべきかを伝えます。

    References
    ----------
    本書の式 eq-affine-batch。

    Examples
    --------
    >>> affine([1.0, 2.0], [[1.0, 0.0], [0.0, 1.0]], [0.5, -0.5])
    array([1.5, 1.5])
    """
    x, W, b = _floating(x), _floating(W), _floating(b)
    if W.ndim not in (1, 2):
        raise ValueError(f"W の形は (入力の数, ユニットの数) か (入力の数,) です。渡された形は {W.shape} です。")
    if x.ndim == 0 or x.shape[-1] != W.shape[0]:
        raise ValueError(
            f"x の最後の軸は W の行数 {W.shape[0]} と同じでなければなりません。"
            f"渡された形は x が {x.shape}、W が {W.shape} です。"
        )
    if b.shape not in ((), W.shape[1:]):
        raise ValueError(f"b の形は {W.shape[1:]} かスカラーです。渡された形は {b.shape} です(W は {W.shape})。")
    return x @ W + b


def identity(u):
    """恒等写像 f(u) = u。回帰の出力層で使います。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        u と同じ値の、新しい配列。
    """
    return _floating(u).copy()


def relu(u):
    """ReLU: u が正ならそのまま、0 以下なら 0 を返します。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 以上の値。nan は nan のままです。

    References
    ----------
    本書の式 eq-relu。Nair and Hinton (2010), "Rectified linear units improve restricted Boltzmann machines".
    """
    return np.maximum(_floating(u), 0)


def sigmoid(u):
    """シグモイド関数 1 / (1 + exp(-u))。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 から 1 の値。sigmoid(-inf) = 0、sigmoid(inf) = 1。

    Notes
    -----
    a = exp(min(u, 0))、b = exp(min(-u, 0)) として a / (a + b) を計算します。分母と分子に同じ数を
    掛けただけの式ですが、exp に渡す値が正にならないので、u がどれほど大きくても溢れません。

    References
    ----------
    本書の式 eq-sigmoid。
    """
    u = _floating(u)
    a = np.exp(np.minimum(u, 0))
    b = np.exp(np.minimum(-u, 0))
    return a / (a + b)


def softmax(u):
    """ソフトマックス関数 exp(u_i) / Σ_k exp(u_k)。最後の軸で合計が 1 になります。

    Parameters
    ----------
    u : array_like, shape (..., K)
        出力層の総入力。

    Returns
    -------
    y : ndarray, shape (..., K)
        0 から 1 の値。最後の軸の合計は 1。

    Raises
    ------
    ValueError
        u がスカラーのとき(合計をとる軸がありません)。

    Notes
    -----
    最大値を引いてから exp を計算します。結果は変わらず、1000 のような値でも溢れません。
    最大値が inf か -inf のデータと、nan を含むデータは、すべて nan になります。

    References
    ----------
    本書の式 eq-softmax。
    """
    u = _floating(u)
    if u.ndim == 0:
        raise ValueError("u は1つ以上の軸を持つ配列でなければなりません。渡されたのはスカラーです。")
    # inf - inf が nan になることは上に書いてある。-inf に溢れた差は、exp で正しく 0 になる
    with np.errstate(invalid="ignore", over="ignore"):
        shifted = u - u.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)


def mean_squared_error(d, y):
    """二乗誤差の平均の半分 mean((y - d)²) / 2。

    Parameters
    ----------
    d : array_like
        教師データ。
    y : array_like, d と同じ形
        出力。

    Returns
    -------
    float
        0 以上の誤差。すべての要素についての平均です。

    Raises
    ------
    ValueError
        d と y の形が違うとき((N, 1) と (N,) も違う形です)。

    References
    ----------
    本書の第3章。
    """
    d, y = _floating(d), _floating(y)
    if d.shape != y.shape:
        raise ValueError(f"d と y は同じ形でなければなりません。渡された形は d が {d.shape}、y が {y.shape} です。")
    return np.mean(np.square(y - d)) / 2


def cross_entropy_error(d, y):
    """交差エントロピー誤差 -Σ_i d_i log y_i の、データについての平均。

    講義と同じく、log 0 を避けるために y へ 1e-7 を足します。そのため、正解の確率が 0 でも誤差は
    16.118 で頭打ちになり、1 のときはごくわずかに負になります。

    Parameters
    ----------
    d : array_like, shape (..., K) または 整数の (...,)
        教師データ。one-hot などの確率か、0 から K-1 のラベル(ラベルは K が2以上のとき)。
    y : array_like, shape (..., K)
        出力(確率)。K = 1 のときは二値分類の確率とみなし、-d log y - (1-d) log(1-y) を計算します。

    Returns
    -------
    float
        誤差。

    Raises
    ------
    ValueError
        d と y の形が合わないとき、またはラベルが 0 から K-1 の範囲にないとき。
    TypeError
        ラベルが整数でないとき。

    References
    ----------
    本書の第3章。
    """
    y = _floating(y)
    d = np.asarray(d)
    if y.ndim == 0:
        raise ValueError("y は1つ以上の軸を持つ配列でなければなりません。渡されたのはスカラーです。")
    if d.shape == y.shape:
        d = _floating(d)
        if y.shape[-1] == 1:
            d, y = np.concatenate([d, 1 - d], axis=-1), np.concatenate([y, 1 - y], axis=-1)
        losses = -np.sum(d * np.log(y + LOG_OFFSET), axis=-1)
    elif d.shape == y.shape[:-1] and y.shape[-1] > 1:
        losses = -np.log(np.take_along_axis(y, _labels(d, y.shape[-1])[..., None], axis=-1) + LOG_OFFSET)
    else:
        labels = f"か、ラベルなら {y.shape[:-1]} " if y.shape[-1] > 1 else ""
        raise ValueError(f"d の形は y と同じ {y.shape} {labels}です。渡された形は {d.shape} です。")
    return np.mean(losses)


def _labels(d, classes):
    if not np.issubdtype(d.dtype, np.integer):
        raise TypeError(f"ラベル d は整数でなければなりません。渡された型は {d.dtype} です。")
    wrong = np.argwhere((d < 0) | (d >= classes))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise ValueError(f"ラベル d は 0 から {classes - 1} です。d[{', '.join(map(str, place))}] は {d[place]} です。")
    return d
