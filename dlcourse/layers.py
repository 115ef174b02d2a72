"""層の部品。順伝播 forward と逆伝播 backward を並べて書きます。

どの部品も、forward で途中の値を覚え、backward で「後ろの層から来た勾配」を「前の層へ渡す勾配」に変えます。
後ろから来る dout は、その部品の出力についての誤差 E の勾配で、連鎖律(式 eq-chain-sum)で前へ伝えます。
データは (N, D) の行列で、1行が1つのデータです。受け取った配列は書き換えません。
"""

from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.functions import Array
from dlcourse.words import say


class Affine:
    """総入力の層 u = xW + b (式 eq-affine-batch)。

    n 番目のデータの要素で書くと u_nj = Σ_i x_ni w_ij + b_j です。w_ij と b_j はどのデータの u_nj にも効き、
    x_ni はそのデータのどの u_nj にも効くので、効いた先の勾配を足し合わせます。

    - ∂E/∂w_ij = Σ_n x_ni dout_nj。行列では xᵀ dout (式 eq-batch-weight)
    - ∂E/∂b_j = Σ_n dout_nj。dout をデータについて足したもの(式 eq-batch-bias)
    - ∂E/∂x_ni = Σ_j dout_nj w_ij。行列では dout Wᵀ (式 eq-dx)

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
            raise ValueError(
                say("x の形は (N, {rows}) でなければなりません。渡された形は {x} です。", rows=len(self.W), x=x.shape)
            )
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
    """ReLU の層 z = max(u, 0)。

    微分 ∂z/∂u は、u > 0 で 1、ほかで 0 (式 eq-relu-derivative)。∂E/∂u = dout ∂z/∂u なので、
    通した要素の勾配だけを通します。z > 0 は u > 0 と同じです。
    """

    def forward(self, u: Array) -> Array:
        self.z = functions.relu(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (self.z > 0)


class LeakyRelu:
    """Leaky ReLU の層。負の側にも小さな傾き a があります。

    微分 ∂z/∂u は、u > 0 で 1、ほかで a (式 eq-leaky-relu-derivative)。∂E/∂u = dout ∂z/∂u です。
    """

    def forward(self, u: Array) -> Array:
        self.u = u
        return functions.leaky_relu(u)

    def backward(self, dout: Array) -> Array:
        return dout * functions.d_leaky_relu(self.u)


class Sigmoid:
    """シグモイド関数の層 z = sigmoid(u)。

    微分は、出力だけから ∂z/∂u = z (1 - z) と書けます(式 eq-sigmoid-derivative)。
    ですから ∂E/∂u = dout z (1 - z) です(式 eq-delta-sigmoid)。
    """

    def forward(self, u: Array) -> Array:
        self.z = functions.sigmoid(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (self.z * (1 - self.z))


class Tanh:
    """tanh の層 z = tanh(u)。

    微分は、出力だけから ∂z/∂u = 1 - z² と書けます(式 eq-tanh-derivative)。ですから ∂E/∂u = dout (1 - z²) です。
    """

    def forward(self, u: Array) -> Array:
        self.z = functions.tanh(u)
        return self.z

    def backward(self, dout: Array) -> Array:
        return dout * (1 - self.z**2)


class SoftmaxWithLoss:
    """ソフトマックス関数と交差エントロピー誤差。組にすると、勾配は (y - d) / N になります。

    1つのデータの誤差は、総入力で書くと log Σ_s exp(u_s) - Σ_r d_r u_r (式 eq-softmax-loss)。u_k で微分すると、
    前の項は exp(u_k) / Σ_s exp(u_s) = y_k、後の項は d_k なので、y_k - d_k です(式 eq-delta-softmax)。
    E は N 個のデータの平均なので、1/N が掛かります(式 eq-batch-output)。
    """

    activate = staticmethod(functions.softmax)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = functions.softmax(u), functions.one_hot_like(d, u)
        return functions.softmax_with_loss(self.d, u)

    def backward(self, dout: float = 1) -> Array:
        return functions.d_softmax_with_loss(self.d, self.y) * dout


class SigmoidWithLoss:
    """シグモイド関数と二値の交差エントロピー誤差。組にすると、勾配は (y - d) / N になります。

    1つの出力の誤差は、総入力で書くと log(1 + exp(u)) - d u (式 eq-binary-from-logits)。u で微分すると、
    前の項は exp(u) / (1 + exp(u)) = y、後の項は d なので、y - d です(式 eq-delta-binary)。
    E は N 個のデータの平均なので、1/N が掛かります(式 eq-batch-output)。
    """

    activate = staticmethod(functions.sigmoid)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = functions.sigmoid(u), d
        return functions.sigmoid_with_loss(d, u)

    def backward(self, dout: float = 1) -> Array:
        return functions.d_sigmoid_with_loss(self.d, self.y) * dout


class IdentityWithLoss:
    """恒等写像と二乗誤差(`functions.mean_squared_error`)。勾配は (y - d) / (N K) になります。

    E = Σ_n Σ_k (y_nk - d_nk)² / (2 N K) (式 eq-squared-error-course)の2乗を微分すると 2 が消え、
    y_nk = u_nk なので、∂E/∂u_nk = (y_nk - d_nk) / (N K) です。K は出力の数です。
    """

    activate = staticmethod(functions.identity)

    def forward(self, u: Array, d: Array) -> np.floating[Any]:
        self.y, self.d = u, d
        return functions.mean_squared_error(d, u)

    def backward(self, dout: float = 1) -> Array:
        return (self.y - self.d) * (dout / self.y.size)
