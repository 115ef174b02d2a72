"""層の部品。順伝播 forward と逆伝播 backward を並べて書きます。

どの部品も、forward で途中の値を覚え、backward で「後ろの層から来た勾配」を「前の層へ渡す勾配」に変えます。
データは (N, D) の行列で、1行が1つのデータです。受け取った配列は書き換えません。
"""

from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.functions import Array


class Affine:
    """総入力の層。

    u = xW + b なので、u についての勾配 dout が来たら、連鎖律から

        ∂E/∂W = xᵀ dout、  ∂E/∂b = dout をデータについて足したもの、  ∂E/∂x = dout Wᵀ

    Parameters
    ----------
    W : ndarray, shape (D, M)
        重み。写しではなく、渡された配列そのものを使います。
    b : ndarray, shape (M,)
        バイアス。
    """

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, x: Array) -> Array:
        if x.ndim != 2 or x.shape[1] != len(self.W):
            raise ValueError(f"x の形は (N, {len(self.W)}) でなければなりません。渡された形は {x.shape} です。")
        self.x = x
        u = x.dot(self.W)  # 2次元では @ と同じで、小さな行列では @ より速い
        u += self.b
        return u

    def backward(self, dout: Array) -> Array:
        self.parameter_gradients(dout)
        return dout.dot(self.W.T)

    def parameter_gradients(self, dout: Array) -> None:
        """dW と db だけを求めます。"""
        self.dW = self.x.T.dot(dout)
        self.db = np.add.reduce(dout)  # dout.sum(axis=0) と同じで、1個ずつの学習では目に見えて速い


class Relu:
    """ReLU の層。z = max(u, 0) なので、通した要素の勾配だけを通します。"""

    def forward(self, u: Array) -> Array:
        self.z = functions.relu(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (self.z > 0)


class LeakyRelu:
    """Leaky ReLU の層。負の側にも小さな傾きがあります。"""

    def forward(self, u: Array) -> Array:
        self.u = u
        return functions.leaky_relu(u)

    def backward(self, dout: Array) -> Array:
        return dout * functions.d_leaky_relu(self.u)


class Sigmoid:
    """シグモイド関数の層。z = sigmoid(u) の微分は、出力から z (1 - z) と書けます。"""

    def forward(self, u: Array) -> Array:
        self.z = functions.sigmoid(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (self.z * (1 - self.z))


class Tanh:
    """tanh の層。z = tanh(u) の微分は、出力から 1 - z² と書けます。"""

    def forward(self, u: Array) -> Array:
        self.z = functions.tanh(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (1 - self.z**2)


class SoftmaxWithLoss:
    """ソフトマックス関数と交差エントロピー誤差。組にすると、勾配は (y - d) / N になります。"""

    activate = staticmethod(functions.softmax)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = functions.softmax(u), functions.one_hot_like(d, u)
        return functions.softmax_with_loss(self.d, u)

    def backward(self, dout: float = 1) -> Array:
        return functions.d_softmax_with_loss(self.d, self.y) * dout


class SigmoidWithLoss:
    """シグモイド関数と二値の交差エントロピー誤差。組にすると、勾配は (y - d) / N になります。"""

    activate = staticmethod(functions.sigmoid)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = functions.sigmoid(u), d
        return functions.sigmoid_with_loss(d, u)

    def backward(self, dout: float = 1) -> Array:
        return functions.d_sigmoid_with_loss(self.d, self.y) * dout


class IdentityWithLoss:
    """恒等写像と二乗誤差。"""

    activate = staticmethod(functions.identity)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = u, d
        return functions.mean_squared_error(d, u)

    def backward(self, dout: float = 1) -> Array:
        return (self.y - self.d) * (dout / self.y.size)
