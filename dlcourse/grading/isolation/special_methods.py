"""Python's special methods by the operation that they stand for, on both sides of the line."""

import operator
from collections.abc import Callable
from typing import Any

# of one object
UNARY = {
    "__len__": "len", "__neg__": "neg", "__pos__": "pos", "__abs__": "abs", "__invert__": "invert", "__int__": "int",
    "__float__": "float", "__complex__": "complex", "__index__": "index", "__next__": "next",
    "__reversed__": "reversed", "__trunc__": "trunc", "__floor__": "floor", "__ceil__": "ceil", "__bytes__": "bytes",
}  # fmt: skip
# of an object and a value …
COMPARISONS = {f"__{name}__": name for name in ("eq", "ne", "lt", "le", "gt", "ge")}
ARITHMETIC = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "divmod", "and", "or", "xor",
              "lshift", "rshift")  # fmt: skip
BINARY = COMPARISONS | {f"__{name}__": name for name in ARITHMETIC}
# … the other way round, and with the object changed
REFLECTED = {f"__r{name}__": f"r{name}" for name in ARITHMETIC}
IN_PLACE = {f"__i{name}__": f"i{name}" for name in ARITHMETIC if name != "divmod"}


def functions() -> dict[str, Callable[..., Any]]:
    """operation → what does it."""

    def function(name: str) -> Callable[..., Any]:
        if name == "divmod":
            return divmod
        return getattr(operator, f"{name}_" if name in ("and", "or") else name)

    def other_way(name: str) -> Callable[..., Any]:
        own = function(name)
        return lambda value, other: own(other, value)

    found = {name: function(name) for name in (*COMPARISONS.values(), *ARITHMETIC)}
    found |= {f"r{name}": other_way(name) for name in ARITHMETIC}
    return found | {f"i{name}": getattr(operator, f"i{name}") for name in ARITHMETIC if name != "divmod"}


def of_class(cls: Any, name: str) -> Any:
    """What objects of the class have under this name; a class has more of its own.

    Nothing is asked for it: a Mock would make one more for each name.
    """
    return next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)
