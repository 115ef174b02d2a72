"""NumPy's integers are of 32 bits in the browser and of 64 elsewhere: sums, squares and factorials would wrap silently.

NumPy has no setting for it. So the reader's code is changed a little before it runs: of what a call gives back
(np.array([1, 2]), np.arange(9), x.astype(int), …) the integers are made 64 bits wide, and with them all that is
calculated from them. Code that names int32 itself is left alone.
"""

import ast
import builtins
from typing import Any, TypeVar

import numpy as np

HERE = np.intp  # what NumPy makes of a Python integer, and takes for an index
OWN = "int32"  # in the code: the reader has asked for it
# Functions of NumPy's that calculate with lists and Python's integers, and how many of these they take.
CALCULATING = dict.fromkeys(("sum", "prod", "cumsum", "cumprod", "square"), 1) | dict.fromkeys(
    ("add", "subtract", "multiply", "power", "dot", "vdot", "inner", "outer", "matmul", "cross", "kron", "convolve"), 2
)
# These take no wider integers than indices are; and where they take them: as a function of np, as a method.
INDEXED: dict[str, tuple[int, int | None]] = {"bincount": (0, None), "repeat": (1, 0), "take": (1, 0)}

Made = TypeVar("Made", bound=ast.AST)


def begin() -> None:
    vars(builtins).update(__wide__=wide, __wide_lists__=wide_lists, __narrow__=narrow)


def wide(value: Any) -> Any:
    """Integers as wide as elsewhere; anything else, and what belongs to another array, as it is."""
    kind = type(value)
    if kind is np.ndarray and value.dtype == HERE and value.base is None:
        return value.astype(np.int64)
    if kind is HERE:
        return np.int64(value)
    if kind is tuple and len(value) < 10 and any(type(part) in (np.ndarray, HERE) for part in value):
        return tuple(map(wide, value))
    return value


def wide_lists(*values: Any) -> list[Any]:
    """Lists of integers as arrays; an integer alone only where there is nothing else, for it takes on any dtype."""
    kinds = (list, tuple, range, int) if all(type(value) is int for value in values) else (list, tuple, range)
    return [wide(np.asarray(value)) if isinstance(value, kinds) else value for value in values]


def narrow(value: Any) -> Any:
    """Integers as an index may be, where they fit."""
    if isinstance(value, np.ndarray | np.integer) and value.dtype == np.int64 and np.all(value == value.astype(HERE)):
        return value.astype(HERE)
    return value


class Widened(ast.NodeTransformer):
    """Changes the code of a whole cell."""

    def visit_Module(self, tree: ast.Module) -> ast.AST:
        asked = any(OWN in (getattr(part, "attr", ""), getattr(part, "value", "")) for part in ast.walk(tree))
        return tree if asked or HERE is np.int64 else self.generic_visit(tree)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        method = getattr(node.func, "attr", "")
        owner = getattr(node.func, "value", None)
        of_numpy = isinstance(owner, ast.Name) and owner.id in ("np", "numpy")
        number = CALCULATING.get(method, 0) if of_numpy else 0
        place = INDEXED.get(method, (None, None))[not of_numpy]
        if not any(isinstance(argument, ast.Starred) for argument in node.args):
            if number:
                lists = called("__wide_lists__", node.args[:number])
                node.args[:number] = [located(ast.Starred(lists, ast.Load()), lists)]
            elif place is not None and place < len(node.args):
                node.args[place] = called("__narrow__", [node.args[place]])
        return called("__wide__", [node])


def located(made: Made, node: ast.AST) -> Made:
    return ast.copy_location(made, node)


def called(name: str, nodes: list[ast.expr]) -> ast.Call:
    return located(ast.Call(located(ast.Name(name, ast.Load()), nodes[0]), nodes, []), nodes[0])
