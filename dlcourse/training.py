"""学習: データを少しずつ取り出し、勾配を求め、パラメータを更新することをくり返します。

オンライン学習、ミニバッチ学習、バッチ学習の違いは、1回の更新に使うデータの数だけです。
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from dlcourse.functions import Array
from dlcourse.optimizers import Optimizer
from dlcourse.words import say

# これより長い学習では、進み具合を表示する(更新の回数)
LONG = 2000


class Trainable(Protocol):
    """学習させられるもの。`dlcourse.network.Network` はその1つです。"""

    parameters: dict[str, Array]

    def loss_and_gradient(self, x: Array, d: Array) -> tuple[Any, dict[str, Array]]: ...


@dataclass
class History:
    """学習の記録。

    losses : 更新ごとの、使ったデータについての誤差(更新する前の値)
    epochs : エポックごとの、誤差の平均(データの数の重みを付けたもの)
    """

    losses: list[float] = field(default_factory=list)
    epochs: list[float] = field(default_factory=list)


def train(
    network: Trainable,
    x: ArrayLike,
    d: ArrayLike,
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    batch_size: int | None = None,
    rng: np.random.Generator | int | None = None,
    shuffle: bool = True,
    progress: bool | None = None,
    after_epoch: Callable[[int], object] | None = None,
) -> History:
    """ネットワークを学習させます。

    Parameters
    ----------
    network : dlcourse.network.Network
        学習させるネットワーク。`parameters` と `loss_and_gradient` があれば、ほかのものでもかまいません。
    x : ndarray, shape (N, D)
        入力。
    d : ndarray, shape (N, ...) または (N,)
        教師データ。
    optimizer : dlcourse.optimizers.Optimizer
        最適化の手法。
    epochs : int
        全部のデータを何回ずつ使うか。
    batch_size : int または None
        1回の更新に使うデータの数。1 ならオンライン学習、None なら全部を使うバッチ学習。
        割り切れないときの最後の少ないバッチも使います。
    rng : numpy.random.Generator, int または None
        データの順番を決める乱数。
    shuffle : bool
        エポックごとに順番を入れ替えるかどうか。
    progress : bool または None
        進み具合を表示するかどうか。None なら、更新が 2000 回を超えるときだけ(tqdm があれば)表示します。
    after_epoch : callable または None
        エポックの終わりごとに、エポックの番号(1 から)を渡して呼び出されます。

    Returns
    -------
    History

    Raises
    ------
    ValueError
        データが有限でないとき、x と d の数が違うとき、epochs か batch_size が正の整数でないとき。
    FloatingPointError
        学習の途中で誤差が有限でなくなったとき。パラメータは、最後に誤差が有限だったときの値に戻ります。
    """
    x, d = np.asarray(x), np.asarray(d)
    _check_data(x, d)
    batch_size = len(x) if batch_size is None else batch_size
    _check_counts(epochs=epochs, batch_size=batch_size)
    rng = np.random.default_rng(rng)
    history = History()
    last_finite = _LastFinite(network.parameters)
    with _progress_bar(epochs * len(range(0, len(x), batch_size)), progress) as bar:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for batch in _batches(len(x), batch_size, rng if shuffle else None):
                loss, gradients = network.loss_and_gradient(x.take(batch, axis=0), d.take(batch, axis=0))
                last_finite.keep_or_stop(loss, len(history.losses), optimizer)
                optimizer.update(network.parameters, gradients)
                history.losses.append(float(loss))
                total += history.losses[-1] * len(batch)
                bar.update()
            history.epochs.append(total / len(x))
            if after_epoch:
                after_epoch(epoch)
    return history


def _batches(count: int, batch_size: int, rng: np.random.Generator | None) -> Iterator[Array]:
    """1エポックで使うデータの番号を、バッチごとに。rng があれば、順番を入れ替えます。"""
    order = np.arange(count) if rng is None else rng.permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


class _LastFinite:
    """誤差が最後に有限だったときのパラメータ。発散したときに、そこへ戻すためのもの。"""

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        self.pairs = [(parameter, parameter.copy()) for parameter in parameters.values()]

    def keep_or_stop(self, loss: Any, updates: int, optimizer: Optimizer) -> None:
        """誤差が有限なら、いまのパラメータを写しておきます。そうでなければ、前の写しに戻して学習を止めます。"""
        if math.isfinite(loss):
            for parameter, copy in self.pairs:
                copy[...] = parameter
            return
        for parameter, copy in self.pairs:
            parameter[...] = copy
        raise FloatingPointError(
            say(
                "{updates}回目の更新のあと、誤差が有限の数でなくなりました。学習率 "
                "{rate:g} が大きすぎるようです。小さくしてやり直してください"
                "(パラメータは、その更新の前に戻しました)。",
                updates=updates,
                rate=optimizer.learning_rate,
            )
        )


def _check_counts(**counts: object) -> None:
    for name, value in counts.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(
                say("{name} は正の整数でなければなりません。渡された値は {value!r} です。", name=name, value=value)
            )


def _check_data(x: Array, d: Array) -> None:
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(say("x の形は (N, D) で、N は1以上でなければなりません。渡された形は {x} です。", x=x.shape))
    if d.ndim == 0 or len(d) != len(x):
        raise ValueError(
            say("d には x と同じ {count} 個のデータが要ります。渡された形は {d} です。", count=len(x), d=d.shape)
        )
    for name, values in (("x", x), ("d", d)):
        if not np.isfinite(values).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            where = f"{name}[{', '.join(map(str, place))}]"
            raise ValueError(
                say("{name} に有限でない値があります: {where} = {value}。", name=name, where=where, value=values[place])
            )


class _NoBar:
    """表示しないときの進み具合。"""

    def __enter__(self) -> "_NoBar":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self) -> None:
        pass


def _progress_bar(total: int, wanted: bool | None) -> Any:
    if wanted is False or (wanted is None and total <= LONG):
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(total=total, desc=say("学習"), unit=say("回"))
