"""第2章 活性化関数: 何を正解とするか(入力、正しい計算、答えを受け入れるかどうか)。"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse import functions
from dlcourse.checks.compare import numbers
from dlcourse.checks.exercise import Function, Verdict
from dlcourse.checks.inputs import Arguments, Draw, Generator, normal
from dlcourse.checks.overflow import WARNING_FILTERS, seeing
from dlcourse.checks.watch import any_silences, used
from dlcourse.functions import Array
from dlcourse.network import forward
from dlcourse.words import in_every_language, listed, say


@dataclass(frozen=True, kw_only=True)
class WithoutOverflow(Function):
    """A function in whose calculation nothing may overflow: what NumPy only warns of becomes an error here."""

    overflow = "raise"

    def judge(self, answer: Any, rng: np.random.Generator) -> Verdict:
        cases = [draw(rng) for draw in self.inputs.values()]
        if callable(answer) and (any_silences(answer, cases) or used(answer, cases, WARNING_FILTERS)):
            return self.wrong("np.errstate や np.seterr、warnings で、警告を消しています。", SILENCED)
        return super().judge(answer, rng)

    def arguments(self, draw: Draw, rng: Generator) -> Arguments:
        return tuple(map(seeing, draw(rng)))


SILENCED = "警告を消しても、溢れた値は残ります。溢れる計算そのものを避けましょう。"

# --- accept functions: None, or what is wrong -------------------------------------------------

LINEAR = {"3x": True, "-x/2": True, "2x + 1": False, "x の2乗": False, "絶対値": False, "ReLU": False, "いつも0": True}


def as_in_the_table(value: Any) -> Any:
    """A dictionary with the names of LINEAR, in whatever language the cell that asks for it has them."""
    if not isinstance(value, Mapping):
        return value
    ours = {said: name for name in LINEAR for said in in_every_language(name)}
    return {ours.get(name, name): verdict for name, verdict in value.items()}


def linear_or_not(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "名前と True か False の辞書(dict)ではありません。"
    if set(value) != set(LINEAR):
        missing = listed(say(name) for name in LINEAR if name not in value)
        return say("{names} がありません。", names=missing) if missing else "candidates にない名前があります。"
    for name, verdict in value.items():
        verdict = numbers(verdict)
        if verdict is None or verdict.shape or verdict not in (0, 1):
            return say("「{name}」の値が True でも False でもありません。", name=say(name))
    wrong = [name for name, answer_wrong_about in LINEAR.items() if bool(value[name]) != answer_wrong_about]
    return say("判定の違うものがあります: {names}", names=listed(map(say, wrong))) if wrong else None


# One function of each element has no sums in which errors add up; in (tanh(u / 2) + 1) / 2 that of 1 remains.
ROUNDING = (1e-12, 2.5e-16)
SMALLEST = 1e-200  # nobody minds whether a number below it is 0


def not_cut_off(arguments: Arguments, result: Any) -> str | None:
    """Where a sigmoid is too small for a sum with 1, it has its own value or none, but not that of a limit."""
    u, y = np.asarray(arguments[0]), np.asarray(result)
    right = functions.sigmoid(u)
    lost_in_a_sum = y * 2.0**65 % 1 == 0
    cut = (right < 1e-17) & (y > SMALLEST) & ~lost_in_a_sum & (np.abs(y - right) > 1e-9 * right)
    if u.dtype == np.float32 or not cut.any():
        return None
    place = tuple(np.argwhere(cut)[0])
    return say(
        "u = {u:.4g} での値が {y:.2g} です(正しい値は {right:.2g})。遠くの u を切り詰めています。",
        u=u[place],
        y=y[place],
        right=right[place],
    )


# --- arguments --------------------------------------------------------------------------------


def elementwise(
    *, largest: float = 1e3, integers: bool = False, further: Sequence[Callable[[Generator], float]] = ()
) -> dict[str, Draw]:
    """Cases of one array `u` (and what follows it) for a function that works on every element."""
    values: dict[str, Callable[[Generator], Array]] = {
        "負、0、正": lambda rng: np.array([-2.0, 0.0, 3.0]),
        "乱数": lambda rng: 3 * normal(rng, 5),
        "データ4個": lambda rng: 3 * normal(rng, 4, 3),
        # as many rows as columns: a wrong axis does not show in the shape
        "行と列が同じ数": lambda rng: 3 * normal(rng, 3, 3),
        "とても小さな数と大きな数": lambda rng: np.array(
            [[-largest, -1e-20, 0.0, 1e-5, 0.3], [1e-20, 0.7, -1e-5, 40.0, largest]]
        ),
        "遠くまでの乱数": lambda rng: rng.uniform(-largest, largest, 20),
        "float32": lambda rng: normal(rng, 2, 3).astype(np.float32),
    }
    if integers:
        values["整数"] = lambda rng: rng.permutation([-5, -2, -1, 0, 1, 3])

    def with_further(draw: Callable[[Generator], Array]) -> Draw:
        return lambda rng: (draw(rng), *(value(rng) for value in further))

    return {label: with_further(draw) for label, draw in values.items()}


def batch_with_dead_units(rng: Generator, data: int, inputs: int, units: int) -> tuple[Array, Array, Array]:
    """X, W, b of a layer in which every way to judge units by less than all of the data is wrong for one of them."""
    X, W, b = np.abs(normal(rng, data, inputs)), normal(rng, inputs, units), normal(rng, units)
    b[0] = -1000.0  # dead by its bias
    W[:, 1], b[1] = 0.0, 0.0  # dead at exactly 0
    # dead with and without its bias, but not without its negative weights
    W[:, 2], b[2] = -np.abs(W[:, 2]), -0.1 * X[:, 1].max()
    W[:2, 2] = -1 - X[:, 1].max() / X[:, 0].min(), 1.0
    W[0, 3] = 0.0  # the first input belongs to unit 5
    X = X[np.argsort(-(X @ W[:, 3]))]
    X[-1, 0] = X[:, 0].max() + 1
    first, second = X[:2] @ W[:, 3]
    b[3] = -(0.75 * first + 0.25 * second)  # alive for the first datum only, and the mean is negative
    if ((X - X[0]) @ W[:, 4]).mean() < 0:
        W[:, 4] *= -1
    b[4] = -X[0] @ W[:, 4] - ((X - X[0]) @ W[:, 4]).mean() / 2  # alive, but not for the first datum
    W[:, 5] = 1e-30 * np.eye(inputs)[0]
    b[5] = 1e-30 * (0.5 - X[-1, 0])  # hardly alive, and for the last datum only
    b[6] = 50.0  # alive for all
    order = rng.permutation(units)
    return X, W[:, order], b[order]


def slope_cases() -> dict[str, Draw]:
    return {
        "1層": lambda rng: (0.5, np.array([1.0])),
        "3層、重みはすべて1": lambda rng: (0.0, np.ones(3)),
        "4層、乱数の重み": lambda rng: (float(normal(rng)), 2 * normal(rng, 4)),
        "10層": lambda rng: (float(normal(rng)), 1 + rng.random(10)),
        "飽和する重み": lambda rng: (1.0, np.array([1.0, -12.0, 3.0])),
        "深く飽和する重み": lambda rng: (1e-3, np.array([-40e3, 2.0])),
        # A numerical derivative has no step that is small enough for the first and large enough for the second.
        "小さな入力、大きな重み": lambda rng: (1e-4 * float(normal(rng)), np.array([1e4, 2.0])),
        "大きな入力、小さな重み": lambda rng: (1e6 * (1 + float(rng.random())), np.array([-1e-6, 2.0])),
    }


# --- references -------------------------------------------------------------------------------


def compare_outputs(network: Mapping[str, Array], x: Array) -> tuple[Array, Array]:
    u2 = forward(network, x)["y"]
    return u2, functions.sigmoid(u2)


def dead_units(X: Array, W: Array, b: Array) -> Array:
    return np.all(functions.affine(X, W, b) <= 0, axis=0)


def slope_through_layers(x: float, w: Array) -> float:
    z, slope = np.asarray(x), 1.0
    for weight in w:
        u = weight * z
        z, slope = functions.sigmoid(u), slope * weight * functions.d_sigmoid(u)
    return slope
