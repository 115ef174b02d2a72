"""勾配からパラメータを更新する手法。

どの手法も `update(parameters, gradients)` で、配列をその場で更新します。途中の状態は `state` にあり、
図にしたり、保存して続きから始めたりできます。式の書き方は、論文と PyTorch にそろえています。
割合 ρ、β と小さな数 δ の既定の値は、PyTorch のものです。論文の値と違うときは、引数の説明に書いてあります。
名前が1文字違う `dlcourse.optimizer` は、講義のプログラムのための、ここへの入口です。
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlcourse.functions import Array
from dlcourse.words import say


class Optimizer:
    """すべての手法に共通の部分。

    手法ごとに違うのは、パラメータ1つを動かす `move` と、そのために覚えておく配列の名前 `slots` だけです。

    Attributes
    ----------
    state : dict
        "step" は更新の回数。パラメータの名前の下に、`slots` の名前の配列があります。
    """

    slots: tuple[str, ...] = ()
    # move(parameter, gradient, **覚えておく配列) は、parameter と配列をその場で書き換える
    move: Callable[..., None]

    def __init__(self, learning_rate: float) -> None:
        if not learning_rate > 0:
            raise ValueError(
                say(
                    "learning_rate は正の数でなければなりません。渡された値は {learning_rate!r} です。",
                    learning_rate=learning_rate,
                )
            )
        self.learning_rate = learning_rate
        self.state: dict[str, Any] = {"step": 0}

    def update(self, parameters: Mapping[str, Array], gradients: Mapping[str, Any]) -> None:
        """パラメータを1回更新します。

        Parameters
        ----------
        parameters : dict of str to ndarray
            更新するパラメータ。配列の中身が変わります。
        gradients : dict of str to ndarray
            誤差の勾配。parameters と同じ名前と形。

        Raises
        ------
        ValueError
            勾配のないパラメータがあるとき、または形が違うとき。
        """
        if not self.state.keys() >= parameters.keys():
            self._begin({name: parameters[name] for name in parameters if name not in self.state}, gradients)
        self.state["step"] += 1
        for name, parameter in parameters.items():
            self.move(parameter, gradients[name], **self.state[name])

    def _begin(self, parameters: Mapping[str, Array], gradients: Mapping[str, Any]) -> None:
        """はじめて見るパラメータの形を確かめ、覚えておく配列を 0 で用意します。"""
        for name, parameter in parameters.items():
            shape = np.shape(gradients[name]) if name in gradients else None
            if shape != parameter.shape:
                wrong = "{name} の勾配の形は {shape} のはずですが、渡された勾配は {found} です。"
                if shape is None:
                    wrong = "{name} の勾配の形は {shape} のはずですが、渡された勾配はありません。"
                raise ValueError(say(wrong, name=name, shape=parameter.shape, found=shape))
        for name, parameter in parameters.items():
            self.state[name] = {slot: np.zeros_like(parameter) for slot in self.slots}


class SGD(Optimizer):
    """確率的勾配降下法: w ← w - ε g。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    """

    def __init__(self, learning_rate: float = 0.01) -> None:
        super().__init__(learning_rate)

    def move(self, parameter: Array, gradient: Array) -> None:
        parameter -= self.learning_rate * gradient


class Momentum(Optimizer):
    """慣性: v ← μ v - ε g、w ← w + v。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    momentum : float
        前回の動きを残す割合 μ。

    References
    ----------
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    """

    slots = ("velocity",)

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__(learning_rate)
        self.momentum = momentum

    def move(self, parameter: Array, gradient: Array, velocity: Array) -> None:
        velocity *= self.momentum
        velocity -= self.learning_rate * gradient
        parameter += velocity


class Nesterov(Momentum):
    """Nesterov の加速勾配: v ← μ v - ε g、w ← w + μ v - ε g。

    慣性で進んだ先の勾配を使う方法を、いまの位置の勾配だけで書けるように変形した形です。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    momentum : float
        前回の動きを残す割合 μ。

    References
    ----------
    Sutskever et al. (2013), "On the importance of initialization and momentum in deep learning".
    """

    def move(self, parameter: Array, gradient: Array, velocity: Array) -> None:
        step = self.learning_rate * gradient
        velocity *= self.momentum
        velocity -= step
        parameter += self.momentum * velocity - step


class AdaGrad(Optimizer):
    """これまでの勾配の2乗の和で、要素ごとに歩幅を縮めます: h ← h + g²、w ← w - ε g / (√h + δ)。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    epsilon : float
        0 で割らないための小さな数 δ。論文に決まった値はありません。

    References
    ----------
    Duchi et al. (2011), "Adaptive subgradient methods for online learning and stochastic optimization".
    """

    slots = ("squares",)

    def __init__(self, learning_rate: float = 0.01, epsilon: float = 1e-10) -> None:
        super().__init__(learning_rate)
        self.epsilon = epsilon

    def move(self, parameter: Array, gradient: Array, squares: Array) -> None:
        squares += gradient * gradient
        parameter -= self.learning_rate * gradient / (np.sqrt(squares) + self.epsilon)


class RMSProp(Optimizer):
    """勾配の2乗の移動平均で、要素ごとに歩幅を決めます: h ← ρ h + (1 - ρ) g²、w ← w - ε g / (√h + δ)。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    decay_rate : float
        古い値を残す割合 ρ。もとの講義では 0.9 です。
    epsilon : float
        0 で割らないための小さな数 δ。もとの講義に決まった値はありません。

    References
    ----------
    Tieleman and Hinton (2012), "Lecture 6.5 - RMSProp", Coursera.
    """

    slots = ("squares",)

    def __init__(self, learning_rate: float = 0.01, decay_rate: float = 0.99, epsilon: float = 1e-8) -> None:
        super().__init__(learning_rate)
        self.decay_rate = decay_rate
        self.epsilon = epsilon

    def move(self, parameter: Array, gradient: Array, squares: Array) -> None:
        squares *= self.decay_rate
        squares += (1 - self.decay_rate) * gradient * gradient
        parameter -= self.learning_rate * gradient / (np.sqrt(squares) + self.epsilon)


class AdaDelta(Optimizer):
    """勾配と更新量の、それぞれの2乗の移動平均の比で歩幅を決めます。

    h ← ρ h + (1 - ρ) g²、Δ = g √(s + δ) / √(h + δ)、s ← ρ s + (1 - ρ) Δ²、w ← w - ε Δ。

    Parameters
    ----------
    learning_rate : float
        全体に掛ける係数 ε。論文では 1 です。
    decay_rate : float
        古い値を残す割合 ρ。論文の実験では 0.95 です。
    epsilon : float
        最初の一歩の大きさを決める小さな数 δ。1e-6 は論文の実験の値でもあります。

    References
    ----------
    Zeiler (2012), "ADADELTA: An adaptive learning rate method".
    """

    slots = ("squares", "steps")

    def __init__(self, learning_rate: float = 1.0, decay_rate: float = 0.9, epsilon: float = 1e-6) -> None:
        super().__init__(learning_rate)
        self.decay_rate = decay_rate
        self.epsilon = epsilon

    def move(self, parameter: Array, gradient: Array, squares: Array, steps: Array) -> None:
        squares *= self.decay_rate
        squares += (1 - self.decay_rate) * gradient * gradient
        step = gradient * np.sqrt(steps + self.epsilon) / np.sqrt(squares + self.epsilon)
        steps *= self.decay_rate
        steps += (1 - self.decay_rate) * step * step
        parameter -= self.learning_rate * step


class Adam(Optimizer):
    """勾配の移動平均を、その2乗の移動平均の平方根で割って動かします。

    m ← β₁ m + (1 - β₁) g、v ← β₂ v + (1 - β₂) g²、w ← w - ε m̂ / (√v̂ + δ)。
    m̂ と v̂ は、0 から始めたことによる偏りを直した m / (1 - β₁ᵗ) と v / (1 - β₂ᵗ) です。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    beta1, beta2 : float
        古い値を残す割合 β₁ と β₂。どれも論文の値です。
    epsilon : float
        0 で割らないための小さな数 δ。1e-8 は論文の値でもあります。

    References
    ----------
    Kingma and Ba (2015), "Adam: A method for stochastic optimization".
    """

    slots = ("mean", "squares")

    def __init__(
        self, learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        self.beta1, self.beta2 = beta1, beta2
        self.epsilon = epsilon

    def move(self, parameter: Array, gradient: Array, mean: Array, squares: Array) -> None:
        mean *= self.beta1
        mean += (1 - self.beta1) * gradient
        squares *= self.beta2
        squares += (1 - self.beta2) * gradient * gradient
        # m̂ / (√v̂ + δ) を、配列の計算が少なくて済む順に書いたもの
        step = self.state["step"]
        scale = np.sqrt(squares)
        scale /= (1 - self.beta2**step) ** 0.5
        scale += self.epsilon
        parameter -= (self.learning_rate / (1 - self.beta1**step)) * mean / scale


class AdamW(Adam):
    """Adam の更新とは別に、重みを一定の割合で縮めます: w ← (1 - ε λ) w としてから、Adam の更新。

    誤差に λ|w|²/2 を足して Adam で小さくすると、縮む量も勾配の大きさで割られます。AdamW では割られません。

    Parameters
    ----------
    learning_rate : float
        学習率 ε。
    beta1, beta2 : float
        古い値を残す割合 β₁ と β₂。
    epsilon : float
        0 で割らないための小さな数 δ。
    weight_decay : float
        縮める強さ λ。0 以上。論文と違い、PyTorch と同じく学習率を掛けます。バイアスも同じ割合で縮みます。

    Raises
    ------
    ValueError
        weight_decay が 0 以上の数でないとき。

    References
    ----------
    本書の式 eq-adamw。Loshchilov and Hutter (2019), "Decoupled weight decay regularization"。
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon)
        if not weight_decay >= 0:
            raise ValueError(
                say(
                    "weight_decay は 0 以上の数でなければなりません。渡された値は {weight_decay!r} です。",
                    weight_decay=weight_decay,
                )
            )
        self.weight_decay = weight_decay

    def move(self, parameter: Array, gradient: Array, mean: Array, squares: Array) -> None:
        parameter *= 1 - self.learning_rate * self.weight_decay
        super().move(parameter, gradient, mean, squares)
