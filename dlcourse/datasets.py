"""本と演習で使うデータ。どれもその場で作るか、パッケージの中から読みます(通信はしません)。"""

import hashlib
import io
from importlib import resources

import numpy as np

from dlcourse.functions import Array
from dlcourse.words import say

DIGITS_SHA256 = "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"


def plane(n: int, rng: np.random.Generator | int | None = None) -> tuple[Array, Array]:
    """講義の回帰の例: 平面 y = 3 x_0 + 2 x_1 の上の点。

    Parameters
    ----------
    n : int
        データの数。
    rng : numpy.random.Generator, int または None
        乱数。

    Returns
    -------
    x : ndarray, shape (n, 2)
        0 以上 1 未満の一様乱数。
    d : ndarray, shape (n, 1)
        教師データ。
    """
    x = np.random.default_rng(rng).random((n, 2))
    return x, 3 * x[:, :1] + 2 * x[:, 1:]


def xor() -> tuple[Array, Array]:
    """排他的論理和: 2つの入力が違うときだけ 1。1本の直線では分けられない、最小の例です。

    Returns
    -------
    x : ndarray, shape (4, 2)
        0 と 1 のすべての組。
    d : ndarray of int, shape (4,)
        0 か 1。
    """
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])


def moons(n: int, *, noise: float = 0.1, rng: np.random.Generator | int | None = None) -> tuple[Array, Array]:
    """互いにかみ合う2つの三日月。

    Parameters
    ----------
    n : int
        データの数。2つの種類に、できるだけ半分ずつ分けます。
    noise : float
        位置に加える正規分布の乱数の標準偏差。
    rng : numpy.random.Generator, int または None
        乱数。

    Returns
    -------
    x : ndarray, shape (n, 2)
    d : ndarray of int, shape (n,)
        0 か 1。
    """
    rng = np.random.default_rng(rng)
    d = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where(d[:, None] == 0, upper, lower) + noise * rng.standard_normal((n, 2)), d


def spirals(
    n: int, *, classes: int = 3, noise: float = 0.1, rng: np.random.Generator | int | None = None
) -> tuple[Array, Array]:
    """原点から巻き出す、いくつかの渦。

    Parameters
    ----------
    n : int
        データの数。種類ごとに、できるだけ同じ数ずつ分けます。
    classes : int
        渦の数。
    noise : float
        角度(ラジアン)に加える正規分布の乱数の標準偏差。
    rng : numpy.random.Generator, int または None
        乱数。

    Returns
    -------
    x : ndarray, shape (n, 2)
        原点からの距離が 1 以下の点。
    d : ndarray of int, shape (n,)
        0 から classes - 1。
    """
    rng = np.random.default_rng(rng)
    d = np.arange(n) % classes
    radius = rng.random(n)
    angle = 2 * np.pi * d / classes + 4 * radius + noise * rng.standard_normal(n)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), d


def digits(*, normalize: bool = True, flatten: bool = True) -> tuple[Array, Array]:
    """手書き数字の画像 1797 枚(パッケージに入っています。出典は dlcourse/data/README.md)。

    Parameters
    ----------
    normalize : bool
        True なら画素を 0 から 1 の小数に、False なら 0 から 16 の整数のままにします。
    flatten : bool
        True なら1枚を 64 個の並びに、False なら 8×8 のままにします。

    Returns
    -------
    x : ndarray, shape (1797, 64) または (1797, 8, 8)
    d : ndarray of int, shape (1797,)
        0 から 9。

    Raises
    ------
    OSError
        ファイルの中身が、配布したものと違うとき。
    """
    content = resources.files("dlcourse").joinpath("data/digits.npz").read_bytes()  # may lie in a wheel
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        raise OSError(say("digits.npz の中身が配布したものと違います。dlcourse を入れ直してください。"))
    with np.load(io.BytesIO(content)) as file:
        images, labels = file["images"], file["labels"].astype(int)
    x = images / 16 if normalize else images
    return (x.reshape(len(x), -1) if flatten else x), labels


def split(
    x: Array, d: Array, fraction: float, rng: np.random.Generator | int | None = None
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """データを、順番を入れ替えてから2つに分けます。

    Parameters
    ----------
    x, d : ndarray
        同じ数の入力と教師データ。
    fraction : float
        1つ目に入れる割合。0 より大きく 1 より小さい数。
    rng : numpy.random.Generator, int または None
        乱数。

    Returns
    -------
    (x, d), (x, d) : ndarray の組が2つ

    Raises
    ------
    ValueError
        fraction が上の範囲にないとき。
    """
    if not 0 < fraction < 1:
        raise ValueError(
            say("fraction は 0 より大きく 1 より小さい数です。渡された値は {fraction!r} です。", fraction=fraction)
        )
    order = np.random.default_rng(rng).permutation(len(x))
    border = round(len(x) * fraction)
    return (x[order[:border]], d[order[:border]]), (x[order[border:]], d[order[border:]])
