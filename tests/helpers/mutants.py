"""Small changes to a model answer, one at a time: an operator, a constant, an axis, a name, a line left out."""

import ast
import copy
import functools
import signal
import warnings

import numpy as np

from dlcourse import functions
from dlcourse.checks import EXERCISES
from tests.helpers.judging import without_hints

ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
NAMES = {
    "max": "min",
    "min": "max",
    "sum": "mean",
    "mean": "sum",
    "maximum": "minimum",
    "minimum": "maximum",
    "exp": "log",
    "log": "exp",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "argmax": "argmin",
    "sqrt": "square",
    "relu": "sigmoid",
    "sigmoid": "relu",
    "softmax": "identity",
    "identity": "softmax",
    "d_relu": "d_sigmoid",
    "d_sigmoid": "d_relu",
    "sin": "cos",
    "cos": "sin",
    "all": "any",
    "any": "all",
}


def mutants(source, lines):
    """Each (what was changed, the changed source), in the order of the nodes; only these lines change."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        if getattr(node, "lineno", lines.start) not in lines:
            continue
        for place in range(len(list(changes(node, lines)))):
            changed = copy.deepcopy(tree)
            target = next(other for n, other in enumerate(ast.walk(changed)) if n == number)
            before = ast.unparse(target)
            replacement = list(changes(target, lines))[place]()
            if replacement is not None:
                changed = Replace(target, replacement).visit(changed)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen:
                seen.add(text)
                after = ast.unparse(replacement if replacement is not None else target)
                yield f"{before} → {after}", text


def changes(node, lines):
    """Functions that each change the node in place, or return the node to put in its place."""
    match node:
        case ast.BinOp():
            if type(node.op) in ARITHMETIC:
                yield lambda: setattr(node, "op", ARITHMETIC[type(node.op)]())
            yield lambda: node.left
            yield lambda: node.right
        case ast.UnaryOp(op=ast.USub()):
            yield lambda: node.operand
        case ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield lambda: setattr(node, "op", ARITHMETIC[type(node.op)]())
        case ast.Compare():
            for other in COMPARISONS.get(type(node.ops[0]), []):
                yield lambda other=other: setattr(node, "ops", [other(), *node.ops[1:]])
        case ast.Constant(value=bool()):
            yield lambda: setattr(node, "value", not node.value)
        case ast.Constant(value=int() | float()):
            yield lambda: setattr(node, "value", node.value + 1)
            if node.value:
                yield lambda: setattr(node, "value", -node.value)
        case ast.Attribute() if node.attr in NAMES:
            yield lambda: setattr(node, "attr", NAMES[node.attr])
        case ast.Attribute(attr="T"):
            yield lambda: node.value
        case ast.Call():
            yield from call_changes(node)
        case ast.FunctionDef() | ast.For() | ast.If() | ast.While() | ast.Module():
            if len(node.body) > 1:
                for place in range(len(node.body)):
                    if node.body[place].lineno not in lines:
                        continue
                    yield lambda place=place: node.body.pop(place) and None


def call_changes(node):
    positional = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    if len(positional) == len(node.args) == 2:
        yield lambda: node.args.reverse()
    for place in range(len(node.keywords)):
        if node.keywords[place].arg:
            yield lambda place=place: node.keywords.pop(place) and None
    if len(positional) == 1 and not node.keywords:
        yield lambda: node.args[0]  # the function left out


class Replace(ast.NodeTransformer):
    def __init__(self, target, replacement):
        self.target, self.replacement = target, replacement

    def visit(self, node):
        return self.replacement if node is self.target else self.generic_visit(node)


# --- right answers, spoilt ------------------------------------------------------------------------


def each_array(value, change):
    """The value with every array and number of decimals in it changed."""
    if isinstance(value, dict):
        return {name: each_array(part, change) for name, part in value.items()}
    if isinstance(value, tuple) or isinstance(value, list) and any(np.ndim(part) for part in value):
        return type(value)(each_array(part, change) for part in value)
    array = np.asarray(value)
    return change(array) if array.dtype.kind == "f" else value


def result(change):
    return lambda right: lambda *given: each_array(right(*given), change)


def given(change):
    return lambda right: lambda *given: right(*(each_array(one, change) for one in given))


def one_off(place):
    def change(array):
        array = np.array(array, dtype=np.float64)
        if array.size:
            array.flat[place(array.ravel())] *= 1 + 1e-6
        return array

    return change


def remembered(right):
    first = functools.cache(lambda: [])
    return lambda *given: copy.deepcopy((first() or first().append(right(*given)) or first())[0])


SMALL = {"T2-1b", "T2-1c", "T2-1d", "T2-1e", "X2-6b"}  # the question promises no larger numbers than 100
FLAT = {"X2-3b", "X2-5", "K3-4c", "T3-1c", "X3-5b"}  # slopes of straight lines, and probabilities
# name → (how, the exercises whose answers it leaves right)
SPOILT = {
    "float32": (result(lambda a: a.astype(np.float32)), set()),
    "float32 inside": (given(lambda a: a.astype(np.float32)), set()),
    "8 digits": (result(lambda a: np.round(a, 8)), {"X2-3b"}),
    "first off": (result(one_off(lambda a: 0)), set()),
    "last off": (result(one_off(lambda a: -1)), set()),
    "largest off": (result(one_off(lambda a: np.abs(a).argmax())), set()),
    "smallest off": (result(one_off(lambda a: np.abs(a).argmin())), {"T2-1c", "X5-3"}),  # which is 0
    "a little more": (result(lambda a: a * (1 + 1e-8)), set()),
    # X2-2, X2-2b: tanh is 1 from 20 on
    "cut off at 20": (given(lambda a: np.clip(a, -20, 20)), FLAT | {"X2-2"}),
    "cut off at 40": (given(lambda a: np.clip(a, -40, 40)), FLAT | {"X2-2", "X2-2b"}),
    # X2-1: what is below e to the -500 is as good as 0
    "cut off at 500": (given(lambda a: np.clip(a, -500, 500)), FLAT | SMALL | {"X2-1", "X2-2", "X2-2b"}),
    "remembered": (remembered, set()),
}


# --- derivatives by differences -----------------------------------------------------------------------


def differences(f, x, step, order):
    """Central differences of the second or the fourth order."""
    x = np.array(x, dtype=np.float64)
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):

        def moved(by, place=place):
            point = x.copy()
            point[place] += by
            return float(f(point))

        near = moved(step) - moved(-step)
        far = moved(2 * step) - moved(-2 * step) if order == 4 else 0.0
        slopes[place] = near / (2 * step) if order == 2 else (8 * near - far) / (12 * step)
    return slopes


def one_by_one(f, u, step, order):
    return np.reshape([differences(f, one, step, order) for one in np.ravel(u)], np.shape(u))


def of_network(network, x, d, hidden, loss, *how):
    def with_(name):
        def loss_of(value):
            p = network | {name: value}
            return loss(d, hidden(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])

        return loss_of

    return {name: differences(with_(name), network[name], *how) for name in network}


def through_layers(x, w):
    return functools.reduce(lambda z, weight: functions.sigmoid(weight * z), w, x)


def half_squares(d, y):
    return np.sum((y - d) ** 2) / 2


HIDDEN = {"relu": functions.relu, "sigmoid": functions.sigmoid}
APPROXIMATE = {
    "X2-3b": lambda *how: lambda u, slope: one_by_one(lambda v: functions.leaky_relu(v, slope), u, *how),
    "X2-5": lambda *how: lambda z: one_by_one(functions.sigmoid, np.log(z / (1 - z)), *how),
    "X2-5b": lambda *how: lambda x, w: float(differences(lambda v: through_layers(v, w), x, *how)),
    "K3-2b": lambda *how: lambda d, y, s: differences(lambda v: s * np.sum((v - d) ** 2), y, *how),
    "X3-4c": lambda *how: (
        lambda d, u: (
            functions.sigmoid_with_loss(d, u),
            differences(lambda v: functions.sigmoid_with_loss(d, v), u, *how),
        )
    ),
    "T4-1": lambda *how: (
        lambda network, x, d, activation: of_network(
            network, x, d, HIDDEN[activation], functions.sum_squared_error, *how
        )
    ),
    "T4-3": lambda *how: (
        lambda w, b, x, d: (
            differences(lambda v: half_squares(d, x @ v + b) / len(x), w, *how),
            float(differences(lambda v: half_squares(d, x @ w + v) / len(x), b, *how)),
        )
    ),
    "H1": lambda *how: lambda d, y: differences(lambda v: half_squares(d, v), y, *how),
    "H1d": lambda *how: lambda network, x, d: of_network(network, x, d, functions.sigmoid, half_squares, *how),
    "X5-2": lambda *how: lambda d, u: differences(lambda v: functions.softmax_with_loss(d, v), u, *how),
    "X5-3": lambda *how: lambda u, dout: differences(lambda v: np.sum(dout * functions.relu(v)), u, *how),
    "T5-1": lambda *how: (
        lambda network, x, d: of_network(network, x, d, functions.relu, functions.softmax_with_loss, *how)
    ),
}


SEEDS = range(3)  # each judgement draws every input twice
# Changes that leave the answer right: check → (why, the changes; None for any).
EQUIVALENT = {
    "K0-3b": ("the product is the same", {"3 * 1 → 3", "3 * 1 → 3 / 1"}),
    "K1-1": ("any numbers are features", None),
    "K2-1": (
        "other numbers tell the same functions apart; np.isclose and bool do not mind",
        {
            "3.0 → 4.0",
            "3.0 → -3.0",
            "-5.0 → 5.0",
            "5.0 → 6.0",
            "5.0 → -5.0",
            "-2.0 → 2.0",
            "2.0 → 3.0",
            "2.0 → -2.0",
            "np.isclose(f(x + x2), f(x) + f(x2)) → np.isclose(f(x) + f(x2), f(x + x2))",
            "np.isclose(f(k * x), k * f(x)) → np.isclose(k * f(x), f(k * x))",
            "bool(additive and homogeneous) → additive and homogeneous",
        },
    ),
    "T2-1c": ("the order does not matter", {"np.maximum(u, 0) → np.maximum(0, u)"}),
    "K3-1b": ("a list is subtracted as an array is", {"np.array([2.0, 4.0, 0.0]) → [2.0, 4.0, 0.0]"}),
    "K3-4c": ("the last axis of two is axis 1; reshape takes any negative size", {"1 → -1", "1 → 2"}),
    "X2-6b": ("the last axis of two is axis 1", {"1 → -1"}),
    "X3-1": ("the last axis of two is axis 1", {"1 → -1"}),
    "D1": ("the step may go either way", {"0.0001 → -0.0001"}),
    "D2": ("the step may go either way", {"0.0001 → -0.0001"}),
    "D3": (
        "the step may go either way; every element is replaced",
        {"0.0001 → -0.0001", "np.zeros_like → np.ones_like"},
    ),
    "X5-2": ("the last axis of two is axis 1", {"1 → -1"}),
    "X5-1b": (
        "a sum has no order",
        {"add_layer.forward(apple_price, orange_price) → add_layer.forward(orange_price, apple_price)"},
    ),
    "X5-4": (
        "gradients that pass are nearly equal, and others fail with any of these sizes; bool does not matter",
        {
            "max(np.abs(numerical).max(), np.abs(gradient).max())"
            " → max(np.abs(gradient).max(), np.abs(numerical).max())",
            "bool(np.abs(numerical - gradient).max() <= 1e-05 * size)"
            " → np.abs(numerical - gradient).max() <= 1e-05 * size",
            "np.abs(numerical).max → np.abs(numerical).min",
            "np.abs(gradient).max → np.abs(gradient).min",
            "np.abs(numerical) → numerical",
            "np.abs(gradient) → gradient",
        },
    ),
    "T5-3": ("51 units, or 51 data at a time, are as good", {"50 → 51"}),
    "H2": ("the squared error is symmetric", {"functions.sum_squared_error(d, y) → functions.sum_squared_error(y, d)"}),
    "X2-1": ("both sides give 1/2 at 0", {"u >= 0 → u > 0"}),
    "X2-3": ("both sides give 0 at 0", {"u > 0 → u >= 0"}),
    "T1-4": ("the question leaves the first biases free", {"np.zeros → np.ones"}),
    "T1-6": (
        "the squared error is symmetric",
        {"functions.mean_squared_error(d, y) → functions.mean_squared_error(y, d)"},
    ),
}


class TooLong(BaseException):
    """A changed loop may not end; no answer catches this."""


def stop(signum, frame):
    raise TooLong


def accepted(check, namespace, source):
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(source, namespace)
            exercise = without_hints(EXERCISES[check])
            return all(exercise.judge_in(namespace, np.random.default_rng(seed)).passed for seed in SEEDS)
    except (Exception, TooLong):
        return False
    finally:
        signal.alarm(0)
