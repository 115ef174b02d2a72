"""第3章 出力層と誤差関数: 何を正解とするか(入力、正しい計算、答えを受け入れるかどうか)。"""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import numbers
from dlcourse.checks.inputs import Generator, normal
from dlcourse.functions import Array
from dlcourse.words import listed, say

# --- inputs -----------------------------------------------------------------------------------


def labels(rng: Generator, *shape: int, classes: int) -> Array:
    return rng.integers(classes, size=shape)


def one_hot(rng: Generator, *shape: int, classes: int) -> Array:
    return np.eye(classes)[labels(rng, *shape, classes=classes)]


def probabilities(rng: Generator, *shape: int) -> Array:
    return functions.softmax(2 * normal(rng, *shape))


def wrong_predictions(rng: Generator, count: int, classes: int) -> tuple[Array, Array]:
    """Labels and outputs of which at least one is not the largest: the prediction cannot stand for the target."""
    y = probabilities(rng, count, classes)
    d = y.argmax(axis=1)
    d[0] = (d[0] + 1) % classes
    return d, y


def certain_outputs(rng: Generator, classes: int) -> tuple[Array, Array]:
    """One output is exactly 0 where the target is, one exactly 1: log 0 lies on the way."""
    y = np.zeros((3, classes))
    y[[0, 1, 2], rng.integers(1, classes, size=3)] = 1
    d = y.argmax(axis=1)
    d[0] = 0
    return d, y


def rows_of_other_sizes(rng: Generator, columns: int) -> Array:
    """Rows that lie 2000 apart: the largest of all is no help to the smallest row."""
    return normal(rng, 3, columns) + np.array([[1000.0], [0.0], [-1000.0]])


# --- accept functions: None, or what is wrong -------------------------------------------------


def errors_that_cancel(value: Any) -> str | None:
    """Outputs that all miss the targets 1, 2, 3 although the deviations add up to 0."""
    y = numbers(value, (3,))
    if y is None or y.shape != (3,):
        return "数が3つの配列(またはリスト)ではありません。"
    if not np.isfinite(y).all():
        return "有限でない値があります。"
    deviations = y - np.array([1.0, 2.0, 3.0])
    if (np.abs(deviations) < 1e-9).any():
        return "当たっている出力があります。"
    if abs(deviations.sum()) > 1e-9:
        return "ずれの合計が 0 より大きいです。" if deviations.sum() > 0 else "ずれの合計が 0 より小さいです。"
    return None


# Two classes may be told apart with one output or with two (eq-softmax-two).
OUTPUTS = {
    "A": [("identity", "squared_error", 1)],
    "B": [("sigmoid", "cross_entropy", 1), ("softmax", "cross_entropy", 2)],
    "C": [("softmax", "cross_entropy", 10)],
    "D": [("sigmoid", "cross_entropy", 3)],
    "E": [("identity", "squared_error", 2)],
}
ACTIVATIONS, LOSSES = ("identity", "sigmoid", "softmax"), ("squared_error", "cross_entropy")


def output_layers(value: Any) -> str | None:
    if not isinstance(value, Mapping) or set(value) != set(OUTPUTS):
        return "A から E までを名前とする辞書ではありません。"
    for task, accepted in OUTPUTS.items():
        given = value[task]
        if not isinstance(given, tuple | list) or len(given) != 3:
            return say("{task} が3つの組ではありません。", task=task)
        activation, loss, count = given
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            return say("{task} の1つ目は、{names} のどれかの文字列です。", task=task, names=listed(ACTIVATIONS))
        if not isinstance(loss, str) or loss not in LOSSES:
            return say("{task} の2つ目は、{names} のどれかの文字列です。", task=task, names=listed(LOSSES))
        if isinstance(count, bool) or not isinstance(count, Real):
            return say("{task} の3つ目が数ではありません。", task=task)
        fitting = [answer for answer in accepted if answer[0] == activation]
        if not fitting:
            return say("{task} に {activation} は合いません。", task=task, activation=activation)
        if loss != fitting[0][1]:
            return say("{task} の誤差関数が違います。", task=task)
        if count != fitting[0][2]:
            return say("{task} の出力の数が、{activation} のときの数ではありません。", task=task, activation=activation)
    return None


# --- references ---------------------------------------------------------------------------------


def softmax_with_temperature(u: Array, T: float) -> Array:
    return functions.softmax(u / T)


def classification_error(d: Array, y: Array) -> Any:
    return -np.sum(d * np.log(y)) / len(d)


def loss_and_gradient(d: Array, u: Array) -> tuple[Any, Array]:
    return functions.sigmoid_with_loss(d, u), functions.d_sigmoid_with_loss(d, functions.sigmoid(u))
