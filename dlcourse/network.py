"""層を重ねたネットワーク: パラメータの初期化、順伝播、逆伝播。

パラメータは `network["W1"]`、`network["b1"]`、… という名前の配列です。同じ計算に、書き方が2つあります。

- `init_network` と `forward` は、この辞書をそのまま扱う関数です。途中の値がすべて見えるので、順伝播を学ぶ第1章から
  第3章と、逆伝播を自分で書く第5章で使います。
- `Network` は、層の部品(`dlcourse.layers`)で逆伝播までまとめたクラスです。学習させる第4章、第5章の終わり、
  第6章で使います。
"""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from dlcourse import functions, layers
from dlcourse.functions import Array
from dlcourse.words import listed, say

Activation = Callable[..., Array]

# 名前 → 層の部品と、それに合う重みの選び方
HIDDEN: dict[str, tuple[type, str]] = {
    "relu": (layers.Relu, "he"),
    "leaky_relu": (layers.LeakyRelu, "he"),
    "sigmoid": (layers.Sigmoid, "xavier"),
    "tanh": (layers.Tanh, "xavier"),
}
OUTPUT: dict[str, type] = {
    "softmax": layers.SoftmaxWithLoss,
    "sigmoid": layers.SigmoidWithLoss,
    "identity": layers.IdentityWithLoss,
}


def init_network(
    layer_sizes: Sequence[int],
    *,
    weights: str | float = "he",
    rng: np.random.Generator | int | None = None,
    dtype: DTypeLike = np.float64,
) -> dict[str, Array]:
    """全結合ネットワークのパラメータを用意します。

    Parameters
    ----------
    layer_sizes : 2つ以上の正の整数の列
        入力層から出力層までのノードの数。(3, 5, 4) なら 3-5-4 のネットワーク。
    weights : "he", "xavier", "uniform" または 正の数, 既定は "he"
        重みの選び方。D は入力側のノードの数です。
        "he" は標準偏差 √(2/D) の正規分布で、ReLU 向け。
        "xavier" は標準偏差 √(1/D) の正規分布で、tanh 向け(論文の √(2/(D+M)) を簡単にした形)。
        シグモイド関数にも使われます。
        "uniform" は講義と同じ、0 以上 1 未満の一様分布。
        数なら、それを標準偏差とする正規分布。
    rng : numpy.random.Generator, int または None
        乱数。整数なら同じ値から同じ重みができます。
    dtype : numpy.dtype
        パラメータの型。float64 か float32。

    Returns
    -------
    dict of str to ndarray
        第 l 層の重み `W{l}`、形 (D, M) と、バイアス `b{l}`、形 (M,)。バイアスはすべて 0。

    Raises
    ------
    ValueError
        layer_sizes または weights が上のとおりでないとき。

    References
    ----------
    本書の式 eq-forward。He et al. (2015)、Glorot and Bengio (2010)。

    Examples
    --------
    >>> {name: value.shape for name, value in init_network([3, 5, 4], rng=0).items()}
    {'W1': (3, 5), 'b1': (5,), 'W2': (5, 4), 'b2': (4,)}
    """
    sizes = list(layer_sizes)
    if len(sizes) < 2 or any(not isinstance(size, int | np.integer) or size < 1 for size in sizes):
        raise ValueError(
            say("layer_sizes は2つ以上の正の整数の列です。渡された値は {layer_sizes!r} です。", layer_sizes=layer_sizes)
        )
    rng = np.random.default_rng(rng)
    network = {}
    for layer, (inputs, units) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        network[f"W{layer}"] = _draw(weights, inputs, units, rng).astype(dtype)
        network[f"b{layer}"] = np.zeros(units, dtype)
    return network


def _draw(weights: str | float, inputs: int, units: int, rng: np.random.Generator) -> Array:
    if weights == "uniform":
        return rng.random((inputs, units))
    named = {"he": math.sqrt(2 / inputs), "xavier": math.sqrt(1 / inputs)}
    scale = named.get(weights) if isinstance(weights, str) else weights
    if not isinstance(scale, Real) or not scale > 0:
        raise ValueError(
            say('weights は "he"、"xavier"、"uniform" か正の数です。渡された値は {weights!r} です。', weights=weights)
        )
    return scale * rng.standard_normal((inputs, units))


def forward(
    network: Mapping[str, Array],
    x: ArrayLike,
    *,
    hidden: Activation = functions.relu,
    output: Activation = functions.identity,
) -> dict[str, Array]:
    """順伝播: 入力 x から出力 y までを、途中の値とともに計算します。

    Parameters
    ----------
    network : dict
        `init_network` と同じ名前のパラメータ。
    x : array_like, shape (..., D)
        入力。
    hidden, output : callable
        中間層と出力層の活性化関数。

    Returns
    -------
    dict of str to ndarray
        総入力 `u1`、`u2`、…、中間層の出力 `z1`、…、最後に出力 `y`。

    Raises
    ------
    ValueError
        名前が `W1`、`b1`、… とそろっていないとき、または形が合わないとき。

    References
    ----------
    本書の式 eq-forward。

    Examples
    --------
    >>> network = {"W1": np.ones((2, 3)), "b1": np.zeros(3), "W2": np.ones((3, 1)), "b2": np.ones(1)}
    >>> forward(network, [1.0, 2.0])["y"]
    array([10.])
    """
    last = len(network) // 2
    names = [f"{kind}{layer}" for layer in range(1, last + 1) for kind in "Wb"]
    if not names or set(network) != set(names):
        expected = listed(names or ["W1", "b1"])
        raise ValueError(
            say(
                "network には W1、b1 から順に名前が必要です({expected})。あるのは {found} です。",
                expected=expected,
                found=list(network),
            )
        )
    values: dict[str, Array] = {}
    z = np.asarray(x)
    for layer in range(1, last + 1):
        u = functions.affine(z, network[f"W{layer}"], network[f"b{layer}"])
        z = (output if layer == last else hidden)(u)
        values[f"u{layer}"] = u
        values["y" if layer == last else f"z{layer}"] = z
    return values


class Network:
    """全結合ネットワーク。順伝播、誤差、誤差逆伝播法による勾配をまとめたもの。

    Parameters
    ----------
    layer_sizes : 2つ以上の正の整数の列
        入力層から出力層までのノードの数。
    hidden : "relu", "leaky_relu", "sigmoid" または "tanh"
        中間層の活性化関数。
    output : "softmax", "sigmoid" または "identity"
        出力層の活性化関数。誤差は、順に、多クラス分類の交差エントロピー、二値分類の交差エントロピー、
        二乗誤差(`functions.mean_squared_error`)になります。
    weights : "he", "xavier", "uniform", 正の数 または None
        重みの選び方(`init_network` と同じ)。None なら、中間層の活性化関数に合うものを選びます。
    rng : numpy.random.Generator, int または None
        乱数。
    dtype : numpy.dtype
        パラメータの型。

    Attributes
    ----------
    parameters : dict of str to ndarray
        `W1`、`b1`、… 。最適化の手法は、この配列をその場で更新します。

    Raises
    ------
    ValueError
        活性化関数の名前か、layer_sizes、weights が上のとおりでないとき。

    Examples
    --------
    >>> network = Network([2, 3, 2], rng=0)
    >>> network.predict(np.zeros((4, 2))).shape
    (4, 2)
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        *,
        hidden: str = "relu",
        output: str = "softmax",
        weights: str | float | None = None,
        rng: np.random.Generator | int | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if hidden not in HIDDEN:
            raise ValueError(
                say(
                    "hidden は {names} のどれかです。渡された値は {hidden!r} です。",
                    names=listed(HIDDEN),
                    hidden=hidden,
                )
            )
        if output not in OUTPUT:
            raise ValueError(
                say(
                    "output は {names} のどれかです。渡された値は {output!r} です。",
                    names=listed(OUTPUT),
                    output=output,
                )
            )
        activation, fitting_weights = HIDDEN[hidden]
        weights = fitting_weights if weights is None else weights
        self.parameters = init_network(layer_sizes, weights=weights, rng=rng, dtype=dtype)
        self.layers: list[Any] = []
        names = list(self.parameters)
        self.affines: list[tuple[str, str, layers.Affine]] = []  # (重みの名前、バイアスの名前、層)
        for W, b in zip(names[::2], names[1::2], strict=True):
            self.affines.append((W, b, layers.Affine(self.parameters[W], self.parameters[b])))
            self.layers += [self.affines[-1][2], activation()]
        self.layers.pop()  # 出力層の活性化関数は、誤差と組になっている
        self.output = OUTPUT[output]()

    def forward(self, x: ArrayLike) -> Array:
        """出力層の総入力を計算します。

        Parameters
        ----------
        x : ndarray, shape (N, D)
            入力。

        Returns
        -------
        ndarray, shape (N, K)
        """
        z = np.asarray(x)
        for layer in self.layers:
            z = layer.forward(z)
        return z

    def predict(self, x: ArrayLike) -> Array:
        """出力 y を計算します。

        Parameters
        ----------
        x : ndarray, shape (N, D)
            入力。

        Returns
        -------
        ndarray, shape (N, K)
        """
        return self.output.activate(self.forward(x))

    def loss(self, x: ArrayLike, d: ArrayLike) -> np.floating[Any]:
        """データについて平均した誤差を計算します。

        Parameters
        ----------
        x : ndarray, shape (N, D)
            入力。
        d : ndarray
            教師データ。形は誤差の関数と同じです。

        Returns
        -------
        float
        """
        return self.output.forward(self.forward(x), d)

    def gradient(self, x: ArrayLike, d: ArrayLike) -> dict[str, Array]:
        """誤差の、各パラメータについての勾配を、誤差逆伝播法で求めます。

        Parameters
        ----------
        x : ndarray, shape (N, D)
            入力。
        d : ndarray
            教師データ。

        Returns
        -------
        dict of str to ndarray
            `parameters` と同じ名前と形。
        """
        return self.loss_and_gradient(x, d)[1]

    def loss_and_gradient(self, x: ArrayLike, d: ArrayLike) -> tuple[np.floating[Any], dict[str, Array]]:
        """誤差と勾配を、1回の順伝播と逆伝播で求めます。

        Parameters
        ----------
        x : ndarray, shape (N, D)
            入力。
        d : ndarray
            教師データ。

        Returns
        -------
        loss : float
        gradients : dict of str to ndarray
        """
        loss = self.loss(x, d)
        delta = self.output.backward()
        for layer in reversed(self.layers[1:]):
            delta = layer.backward(delta)
        # 入力についての勾配は使わないので、最初の層では求めない
        self.layers[0].parameter_gradients(delta)
        gradients = {}
        for W, b, affine in self.affines:
            gradients[W], gradients[b] = affine.dW, affine.db
        return loss, gradients
