"""Expressions of sympy as trees of names and numbers. None is ever read from a text, which sympy would evaluate."""

import operator
from typing import Any

from dlcourse.grading.isolation.parts import CannotCross, Parts, text


def sympy() -> Any:
    import sympy

    return sympy


def expression_parts(value: Any) -> Parts:
    """Its class by name, and what it is made of; at the leaves names and numbers as texts."""
    sp = sympy()
    kind = type(value)
    if isinstance(value, sp.core.function.UndefinedFunction):
        return ["function", value.__name__]
    if isinstance(value, sp.MatrixBase):
        flat = [expression_parts(one) for one in value]
        return ["matrix", kind.__name__, list(value.shape), flat]
    if isinstance(value, sp.Symbol) and kind in (sp.Symbol, sp.Dummy):
        assumed = {name: bool(is_so) for name, is_so in value._assumptions_orig.items() if is_so is not None}
        return (
            ["symbol", value.name, assumed] if kind is sp.Symbol else ["dummy", value.name, value.dummy_index, assumed]
        )
    if isinstance(value, sp.Integer | sp.Rational) and value.is_finite:
        return ["rational", str(value.p), str(value.q)]
    if isinstance(value, sp.Float):
        sign, mantissa, exponent, bits = value._as_mpf_val(value._prec)
        return ["float", sign, str(mantissa), exponent, bits, value._prec]
    if isinstance(value, sp.core.function.AppliedUndef):
        return ["applied", value.func.__name__, [expression_parts(one) for one in value.args]]
    if isinstance(value, sp.core.symbol.Str):
        return ["str", value.name]
    if (
        not isinstance(value, sp.Basic)
        or getattr(sp, kind.__name__, None) is not kind
        and kind.__name__ not in SINGLETONS
    ):
        raise CannotCross
    if not value.args:
        return ["single", kind.__name__]
    return ["made", kind.__name__, [expression_parts(one) for one in value.args]]


# classes with one object, by the name of that object
SINGLETONS = {
    "Pi": "pi", "Exp1": "E", "ImaginaryUnit": "I", "Infinity": "oo", "NegativeInfinity": "-oo",
    "ComplexInfinity": "zoo", "NaN": "nan", "BooleanTrue": "true", "BooleanFalse": "false", "EmptySet": "EmptySet",
    "Reals": "Reals", "Integers": "Integers", "Naturals": "Naturals", "Naturals0": "Naturals0",
    "Rationals": "Rationals", "Complexes": "Complexes", "GoldenRatio": "GoldenRatio", "EulerGamma": "EulerGamma",
    "UniversalSet": "UniversalSet", "Catalan": "Catalan", "TribonacciConstant": "TribonacciConstant",
}  # fmt: skip


def expression(parts: Parts) -> Any:
    sp = sympy()
    kind, *of = parts
    match kind:
        case "function":
            return sp.Function(text(of[0], 100))
        case "matrix":
            made = {"MutableDenseMatrix": sp.Matrix, "ImmutableDenseMatrix": sp.ImmutableMatrix}[of[0]]
            return made(*map(operator.index, of[1]), [expression(one) for one in of[2]])
        case "symbol":
            return sp.Symbol(text(of[0], 100), **{text(name, 30): bool(is_so) for name, is_so in of[1].items()})
        case "dummy":
            assumed = {text(name, 30): bool(is_so) for name, is_so in of[2].items()}
            return sp.Dummy(text(of[0], 100), dummy_index=operator.index(of[1]), **assumed)
        case "rational":
            return sp.Rational(int(text(of[0])), int(text(of[1])))
        case "float":
            sign, mantissa, exponent, bits, precision = of
            return sp.Float._new((int(sign), int(text(mantissa)), int(exponent), int(bits)), int(precision))
        case "applied":
            return sp.Function(text(of[0], 100))(*map(expression, of[1]))
        case "str":
            return sp.core.symbol.Str(text(of[0]))
        case "single":
            name = SINGLETONS[of[0]]
            return -sp.oo if name == "-oo" else getattr(sp.S, name, None) or getattr(sp, name)
        case "made":
            cls = getattr(sp, text(of[0], 100))
            if not (isinstance(cls, type) and issubclass(cls, sp.Basic)):
                raise ValueError("no class of sympy's")
            return cls(*map(expression, of[1]))
    raise ValueError(kind)
