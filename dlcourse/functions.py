"""総入力、活性化関数、誤差関数。

どの関数も NumPy の関数と同じように使えます。

- 最後の軸が「1つのデータ」で、その前に軸がいくつあってもかまいません。(N, D) ならデータが N 個です。
- float32 は float32 のまま、整数は float64 にして計算します。引数の中身は書き換えません。
- inf や nan は、式のとおりに伝わります。活性化関数は、どんな有限の値を入れても警告を出しません。

長いファイルですが、1つ1つは数行の式とその説明で、互いにほとんど関わりません。名前で引く一覧として、分けずに並べてあります。
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlcourse.words import say

Array = NDArray[Any]

# 交差エントロピーで log 0 を避けるために、出力へ足す小さな数
LOG_OFFSET = 1e-7
# SiLU と GELU の尾は、0 から これより遠いところでは float64 でも 0 に丸められる。inf * 0 の nan と、2乗の溢れを防ぐ
FAR = 800.0


def _floating(x: ArrayLike) -> Array:
    """計算に使える浮動小数点の配列にします(float32 や複素数はそのまま)。"""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def affine(x: ArrayLike, W: ArrayLike, b: ArrayLike) -> Array:
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
        raise ValueError(
            say("W の形は (入力の数, ユニットの数) か (入力の数,) です。渡された形は {W} です。", W=W.shape)
        )
    if x.ndim == 0 or x.shape[-1] != W.shape[0]:
        raise ValueError(
            say(
                "x の最後の軸は W の行数 {rows} と同じでなければなりません。渡された形は x が {x}、W が {W} です。",
                rows=W.shape[0],
                x=x.shape,
                W=W.shape,
            )
        )
    if b.shape not in ((), W.shape[1:]):
        raise ValueError(
            say(
                "b の形は {wanted} かスカラーです。渡された形は {b} です(W は {W})。",
                wanted=W.shape[1:],
                b=b.shape,
                W=W.shape,
            )
        )
    return x @ W + b


def identity(u: ArrayLike) -> Array:
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


def d_identity(u: ArrayLike) -> Array:
    """恒等写像の微分。どこでも 1 です。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        すべて 1。
    """
    return np.ones_like(_floating(u))


def step_function(u: ArrayLike) -> Array:
    """ステップ関数: u が正なら 1、0 以下なら 0。

    u = 0 での値は本によって違います。ここでは講義のプログラムと同じ 0 とします。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 か 1 の小数。nan は nan のままです。

    References
    ----------
    McCulloch and Pitts (1943), "A logical calculus of the ideas immanent in nervous activity".
    """
    return np.heaviside(_floating(u), 0)


def d_step_function(u: ArrayLike) -> Array:
    """ステップ関数の微分。微分できない u = 0 も含めて 0 とします。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        すべて 0。勾配が伝わらないので、ステップ関数は勾配降下法では学習できません。
    """
    return np.zeros_like(_floating(u))


def relu(u: ArrayLike) -> Array:
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


def d_relu(u: ArrayLike) -> Array:
    """ReLU の微分: u が正なら 1、0 以下なら 0。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。出力 z = relu(u) を渡しても同じ値になります。

    Returns
    -------
    ndarray, u と同じ形
        0 か 1 の小数。微分できない u = 0 では 0 とします。nan は nan のままです。
    """
    return np.heaviside(_floating(u), 0)


def leaky_relu(u: ArrayLike, negative_slope: float = 0.01) -> Array:
    """Leaky ReLU: u が正ならそのまま、負なら小さな傾きを掛けます。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。
    negative_slope : float
        負の側の傾き。

    Returns
    -------
    ndarray, u と同じ形

    References
    ----------
    Maas et al. (2013), "Rectifier nonlinearities improve neural network acoustic models".
    """
    u = _floating(u)
    return np.maximum(u, 0) + negative_slope * np.minimum(u, 0)


def d_leaky_relu(u: ArrayLike, negative_slope: float = 0.01) -> Array:
    """Leaky ReLU の微分: u が正なら 1、0 以下なら negative_slope。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。
    negative_slope : float
        負の側の傾き。

    Returns
    -------
    ndarray, u と同じ形
        微分できない u = 0 では negative_slope とします。
    """
    return negative_slope + (1 - negative_slope) * np.heaviside(_floating(u), 0)


def sigmoid(u: ArrayLike) -> Array:
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


def d_sigmoid(u: ArrayLike) -> Array:
    """シグモイド関数の、総入力 u についての微分。

    渡すのは総入力 u です。出力 z = sigmoid(u) を渡すと違う値になります(z からは z * (1 - z) で求められます)。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 から 0.25 の値。

    Notes
    -----
    sigmoid(u) * (1 - sigmoid(u)) と同じ値を、e = exp(-abs(u)) から e / (1 + e)² で計算します。u が大きいときに
    1 - sigmoid(u) が 0 に丸められて桁が失われる、ということがありません。
    """
    u = _floating(u)
    e = np.exp(np.minimum(u, -u))
    return e / (1 + e) ** 2


def tanh(u: ArrayLike) -> Array:
    """双曲線正接関数 tanh(u)。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        -1 から 1 の値。
    """
    return np.tanh(_floating(u))


def d_tanh(u: ArrayLike) -> Array:
    """tanh の、総入力 u についての微分。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 から 1 の値。

    Notes
    -----
    1 - tanh(u)² と同じ値を、e = exp(-2 abs(u)) から 4e / (1 + e)² で計算します。u が大きいときに桁が失われません。
    """
    u = _floating(u)
    # -2 * 400 の exp は 0 に丸められる。それより小さい値は同じ 0 なので、2 倍で溢れる前に止める
    e = np.exp(2 * np.maximum(np.minimum(u, -u), -400))
    return 4 * e / (1 + e) ** 2


def softplus(u: ArrayLike) -> Array:
    """ソフトプラス関数 log(1 + exp(u))。ReLU をなめらかにした関数です。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 以上の値。

    Notes
    -----
    max(u, 0) + log(1 + exp(-abs(u))) と同じ値です。exp に正の値を渡さないので溢れません。

    References
    ----------
    Dugas et al. (2001), "Incorporating second-order functional knowledge for better option pricing".
    """
    u = _floating(u)
    return np.maximum(u, 0) + np.log1p(np.exp(np.minimum(u, -u)))


def d_softplus(u: ArrayLike) -> Array:
    """ソフトプラス関数の微分。シグモイド関数になります。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        0 から 1 の値。
    """
    return sigmoid(u)


def silu(u: ArrayLike) -> Array:
    """SiLU u sigmoid(u)。Swish とも呼ばれます。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        -0.279 より大きい値。silu(-inf) = 0、silu(inf) = inf。

    References
    ----------
    本書の式 eq-silu。Elfwing et al. (2018), "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning"。Ramachandran et al. (2017), "Searching for activation functions"。
    """
    u = _floating(u)
    return np.maximum(u, -FAR) * sigmoid(u)


def d_silu(u: ArrayLike) -> Array:
    """SiLU の、総入力 u についての微分 sigmoid(u) (1 + u sigmoid(-u))。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。

    Returns
    -------
    ndarray, u と同じ形
        -0.1 から 1.1 の値。

    References
    ----------
    本書の式 eq-silu-derivative。
    """
    u = _floating(u)
    return sigmoid(u) * (1 + np.clip(u, -FAR, FAR) * sigmoid(-u))


def gelu(u: ArrayLike) -> Array:
    """GELU u Φ(u)。Φ(u) は、標準正規分布の乱数が u 以下になる確率です。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。実数。

    Returns
    -------
    ndarray, u と同じ形
        -0.17 より大きい値。gelu(-inf) = 0、gelu(inf) = inf。

    References
    ----------
    本書の式 eq-gelu。Hendrycks and Gimpel (2016), "Gaussian error linear units (GELUs)"。
    """
    u = _floating(u)
    return np.maximum(u, -FAR) * _normal_probability(u)


def d_gelu(u: ArrayLike) -> Array:
    """GELU の、総入力 u についての微分 Φ(u) + u φ(u)。φ は標準正規分布の密度です。

    Parameters
    ----------
    u : array_like, 任意の形
        総入力。実数。

    Returns
    -------
    ndarray, u と同じ形
        -0.13 から 1.13 の値。

    References
    ----------
    本書の式 eq-gelu-derivative。
    """
    u = _floating(u)
    near = np.clip(u, -FAR, FAR)
    return _normal_probability(u) + near * np.exp(-near * near / 2) / math.sqrt(2 * math.pi)


def _normal_probability(u: Array) -> Array:
    """Φ(u)。NumPy には誤差関数がないので、標準ライブラリーのものを要素ごとに使います。"""
    return np.asarray(_erfc(-math.sqrt(0.5) * u) / 2).astype(u.dtype)


_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def softmax(u: ArrayLike) -> Array:
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
    e = np.exp(_below_maximum(u))
    return e / e.sum(axis=-1, keepdims=True)


def d_softmax(u: ArrayLike) -> Array:
    """ソフトマックス関数のヤコビ行列 ∂y_i / ∂u_j = y_i (δ_ij - y_j)。

    Parameters
    ----------
    u : array_like, shape (..., K)
        出力層の総入力。

    Returns
    -------
    ndarray, shape (..., K, K)
        i 行 j 列が ∂y_i / ∂u_j。各行と各列の合計は 0。

    Raises
    ------
    ValueError
        u がスカラーのとき。
    """
    y = softmax(u)
    return y[..., :, None] * (np.eye(y.shape[-1], dtype=y.dtype) - y[..., None, :])


def log_softmax(u: ArrayLike) -> Array:
    """ソフトマックス関数の対数 log softmax(u)。

    Parameters
    ----------
    u : array_like, shape (..., K)
        出力層の総入力。

    Returns
    -------
    ndarray, shape (..., K)
        0 以下の値。

    Raises
    ------
    ValueError
        u がスカラーのとき。

    Notes
    -----
    z = u - max(u) とすると、値は z - log Σ exp(z) です。最大の要素の exp(0) = 1 だけを和から分けて
    log1p で計算するので、確率が 1 に近いときの、0 に近い値も正確です。
    """
    z = _below_maximum(u)
    e = np.exp(z)
    np.put_along_axis(e, z.argmax(axis=-1, keepdims=True), 0, axis=-1)
    return z - np.log1p(e.sum(axis=-1, keepdims=True))


def _below_maximum(u: ArrayLike) -> Array:
    """u から、最後の軸の最大値を引きます。"""
    u = _floating(u)
    if u.ndim == 0:
        raise ValueError(say("u は1つ以上の軸を持つ配列でなければなりません。渡されたのはスカラーです。"))
    # inf - inf が nan になることは softmax の説明に書いてある。-inf に溢れた差は、exp で正しく 0 になる
    with np.errstate(invalid="ignore", over="ignore"):
        return u - u.max(axis=-1, keepdims=True)


# --- 誤差関数 -----------------------------------------------------------------------------------
# どれも (教師データ d, 出力 y) の順に受け取り、データについての平均を返す。微分は 1/N を含む。


def one_hot_like(d: ArrayLike, y: Array) -> Array:
    """教師データを、出力と同じ形の確率にします。ラベルは、その場所だけが 1 の並び(one-hot)になります。

    Parameters
    ----------
    d : array_like, shape (..., K) または 整数の (...,)
        確率か、0 から K-1 のラベル(ラベルは K が2以上のとき)。
    y : ndarray, shape (..., K)
        出力。形と型だけを使います。

    Returns
    -------
    ndarray, y と同じ形
        d がすでに y と同じ形なら、そのまま。

    Raises
    ------
    ValueError
        d と y の形が合わないとき、またはラベルが 0 から K-1 の範囲にないとき。
    TypeError
        ラベルが整数でないとき。

    Examples
    --------
    >>> one_hot_like([2, 0], np.zeros((2, 3)))
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    d = np.asarray(d)
    if y.ndim == 0:
        raise ValueError(say("y は1つ以上の軸を持つ配列でなければなりません。渡されたのはスカラーです。"))
    if d.shape == y.shape:
        return _floating(d)
    classes = y.shape[-1]
    if d.shape != y.shape[:-1] or classes == 1:
        wanted = "d の形は y と同じ {shape} です。渡された形は {found} です。"
        if classes > 1:
            wanted = "d の形は y と同じ {shape} か、ラベルなら {labels} です。渡された形は {found} です。"
        raise ValueError(say(wanted, shape=y.shape, labels=y.shape[:-1], found=d.shape))
    if d.dtype.kind not in "iu":
        raise TypeError(say("ラベル d は整数でなければなりません。渡された型は {kind} です。", kind=d.dtype))
    if d.size and (d.min() < 0 or d.max() >= classes):
        place = tuple(int(i) for i in np.argwhere((d < 0) | (d >= classes))[0])
        raise ValueError(
            say(
                "ラベル d は 0 から {last} です。d[{place}] は {label} です。",
                last=classes - 1,
                place=", ".join(map(str, place)),
                label=d[place],
            )
        )
    return np.eye(classes, dtype=y.real.dtype)[d]


def sum_squared_error(d: ArrayLike, y: ArrayLike) -> np.floating[Any]:
    """二乗誤差 Σ_i (y_i - d_i)² / 2 の、データについての平均。

    Parameters
    ----------
    d : array_like, shape (..., K)
        教師データ。
    y : array_like, d と同じ形
        出力。

    Returns
    -------
    float
        0 以上の誤差。

    Raises
    ------
    ValueError
        d と y の形が違うとき((N, 1) と (N,) も違う形です)。
    """
    d, y = _same_shape(d, y)
    difference = y - d
    return (difference * difference).sum() / (2 * _data_count(y))


def d_sum_squared_error(d: ArrayLike, y: ArrayLike) -> Array:
    """`sum_squared_error` の、出力 y についての微分 (y - d) / N。

    Parameters
    ----------
    d : array_like, shape (..., K)
        教師データ。
    y : array_like, d と同じ形
        出力。

    Returns
    -------
    ndarray, y と同じ形

    Raises
    ------
    ValueError
        d と y の形が違うとき。
    """
    d, y = _same_shape(d, y)
    return (y - d) / _data_count(y)


def mean_squared_error(d: ArrayLike, y: ArrayLike) -> np.floating[Any]:
    """二乗誤差の平均の半分 mean((y - d)²) / 2。

    講義のプログラムの誤差で、すべての要素について平均します。資料の式 Σ (y - d)² / 2 は `sum_squared_error` です。

    Parameters
    ----------
    d : array_like
        教師データ。
    y : array_like, d と同じ形
        出力。

    Returns
    -------
    float
        0 以上の誤差。

    Raises
    ------
    ValueError
        d と y の形が違うとき((N, 1) と (N,) も違う形です)。

    References
    ----------
    本書の第3章。
    """
    d, y = _same_shape(d, y)
    difference = y - d
    return (difference * difference).sum() / (2 * y.size)


def d_mean_squared_error(d: ArrayLike, y: ArrayLike) -> Array:
    """`mean_squared_error` の、出力 y についての微分 (y - d) / (要素の数)。

    Parameters
    ----------
    d : array_like
        教師データ。
    y : array_like, d と同じ形
        出力。

    Returns
    -------
    ndarray, y と同じ形

    Raises
    ------
    ValueError
        d と y の形が違うとき。

    Notes
    -----
    講義のプログラムは、出力が2つ以上のデータを N 個まとめたときに、要素の数 N×K ではなく N で割るので、
    誤差の微分の K 倍になります。ここでは誤差の微分そのものを返します。
    """
    d, y = _same_shape(d, y)
    return (y - d) / y.size


def cross_entropy_error(d: ArrayLike, y: ArrayLike) -> np.floating[Any]:
    """交差エントロピー誤差 -Σ_i d_i log y_i の、データについての平均。

    講義と同じく、log 0 を避けるために y へ 1e-7 を足します。そのため、正解の確率が 0 でも誤差は
    16.118 で頭打ちになり、1 のときはごくわずかに負になります。総入力からそのまま計算する
    `softmax_with_loss` と `sigmoid_with_loss` には、この誤差がありません。

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
    d = one_hot_like(d, y)
    if y.shape[-1] == 1:
        d, y = np.concatenate([d, 1 - d], axis=-1), np.concatenate([y, 1 - y], axis=-1)
    return -np.sum(d * np.log(y + LOG_OFFSET)) / _data_count(y)


def d_cross_entropy_error(d: ArrayLike, y: ArrayLike) -> Array:
    """`cross_entropy_error` の、出力 y についての微分。

    Parameters
    ----------
    d : array_like, shape (..., K) または 整数の (...,)
        教師データ。
    y : array_like, shape (..., K)
        出力(確率)。

    Returns
    -------
    ndarray, y と同じ形

    Raises
    ------
    ValueError, TypeError
        `cross_entropy_error` と同じ。
    """
    y = _floating(y)
    d = one_hot_like(d, y)
    slope = -d / (y + LOG_OFFSET)
    if y.shape[-1] == 1:
        slope = slope + (1 - d) / (1 - y + LOG_OFFSET)
    return slope / _data_count(y)


def softmax_with_loss(d: ArrayLike, u: ArrayLike) -> np.floating[Any]:
    """ソフトマックス関数と交差エントロピー誤差を、総入力 u から一度に計算します。

    Parameters
    ----------
    d : array_like, shape (..., K) または 整数の (...,)
        教師データ。one-hot などの確率か、0 から K-1 のラベル。
    u : array_like, shape (..., K)
        出力層の総入力。

    Returns
    -------
    float
        誤差。log 0 が現れないので、1e-7 を足す必要がなく、どんな u でも正確です。

    Raises
    ------
    ValueError, TypeError
        `cross_entropy_error` と同じ。
    """
    u = _floating(u)
    d = one_hot_like(d, u)
    # 確率 0 の種類は足さない。0 * (-inf) は nan になる
    log_y = np.where(d == 0, 0, log_softmax(u))
    return -np.sum(d * log_y) / _data_count(u)


def d_softmax_with_loss(d: ArrayLike, y: ArrayLike) -> Array:
    """`softmax_with_loss` の、総入力についての微分 (y - d) / N。

    Parameters
    ----------
    d : array_like, shape (..., K) または 整数の (...,)
        教師データ。合計が 1 の確率か、0 から K-1 のラベル。
    y : array_like, shape (..., K)
        ソフトマックス関数の出力。総入力ではありません。

    Returns
    -------
    ndarray, y と同じ形

    Raises
    ------
    ValueError, TypeError
        `cross_entropy_error` と同じ。
    """
    y = _floating(y)
    return (y - one_hot_like(d, y)) / _data_count(y)


def sigmoid_with_loss(d: ArrayLike, u: ArrayLike) -> np.floating[Any]:
    """シグモイド関数と交差エントロピー誤差を、総入力 u から一度に計算します。

    Parameters
    ----------
    d : array_like, shape (..., K)
        教師データ。0 から 1 の値。K 個の出力は、それぞれ別の二値分類です。
    u : array_like, d と同じ形
        出力層の総入力。

    Returns
    -------
    float
        K 個の出力について足し、データについて平均した誤差。

    Raises
    ------
    ValueError
        d と u の形が違うとき。

    Notes
    -----
    1つの出力の誤差は softplus(u) - d u です。d が 1 のときも桁が失われないように、
    d softplus(-u) + (1 - d) softplus(u) と計算します。
    """
    d, u = _same_shape(d, u, "u")
    return np.sum(d * softplus(-u) + (1 - d) * softplus(u)) / _data_count(u)


def d_sigmoid_with_loss(d: ArrayLike, y: ArrayLike) -> Array:
    """`sigmoid_with_loss` の、総入力についての微分 (y - d) / N。

    Parameters
    ----------
    d : array_like, shape (..., K)
        教師データ。
    y : array_like, d と同じ形
        シグモイド関数の出力。総入力ではありません。

    Returns
    -------
    ndarray, y と同じ形

    Raises
    ------
    ValueError
        d と y の形が違うとき。

    Notes
    -----
    講義のプログラムは N で割りません。データが1つのときは同じ値です。
    """
    d, y = _same_shape(d, y)
    return (y - d) / _data_count(y)


def _data_count(y: Array) -> int:
    """データの数 N: 最後の軸を除いた要素の数。スカラーや1つのデータなら 1。"""
    return math.prod(y.shape[:-1])


def _same_shape(d: ArrayLike, y: ArrayLike, name: str = "y") -> tuple[Array, Array]:
    d, y = _floating(d), _floating(y)
    if d.shape != y.shape:
        raise ValueError(
            say(
                "d と {name} は同じ形でなければなりません。渡された形は d が {d}、{name} が {y} です。",
                name=name,
                d=d.shape,
                y=y.shape,
            )
        )
    return d, y
