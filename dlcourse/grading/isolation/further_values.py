"""Values of the standard library, pandas, sympy and Pillow that cross as data, and are made anew on the other side.

Each kind has a name, a way to take a value apart into plainer ones (`TAKEN_APART`, by the name of its class) and a way
to make it of them again (`MADE`). Making one runs the library's own code on data; never does it load, import or evaluate
what the other side has sent.
"""

import array
import collections
import datetime
import io
import operator
import random
import re
import sys
import types
import uuid
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LONGEST_TEXT = 1 << 20  # characters of a file that a test has opened
LONGEST_PATTERN = 1000
FACTORIES = {kind.__name__: kind for kind in (int, float, str, bool, list, dict, set, tuple)}
Parts = Any


class CannotCross(Exception):
    """This one stays where it is."""


def text(parts: Parts, most: int = 4096) -> str:
    if not isinstance(parts, str) or len(parts) > most:
        raise ValueError("no such text")
    return parts


# --- files --------------------------------------------------------------------------------------------------


class OpenedText(io.StringIO):
    """The other side's open file: its content, its place in it, its name and mode."""

    def __init__(self, content: str, name: str, mode: str) -> None:
        super().__init__(content, newline="")
        self.name, self.mode, self.began = name, mode, content


class OpenedBytes(io.BytesIO):
    def __init__(self, content: bytes, name: str, mode: str) -> None:
        super().__init__(content)
        self.name, self.mode, self.began = name, mode, content  # type: ignore[misc]


def file_parts(file: Any) -> Parts:
    """Its content, place, name and mode; a file that is open for writing alone begins empty here."""
    if file.closed:
        return [None, 0, str(file.name), str(file.mode)]
    if not file.seekable() or not isinstance(file.name, str):
        raise CannotCross
    if not file.readable():
        return [b"" if "b" in file.mode else "", 0, file.name, file.mode]
    place = file.tell()
    file.seek(0)
    whole = file.read(LONGEST_TEXT + 1)
    file.seek(place)
    rest = file.read(LONGEST_TEXT + 1)
    file.seek(place)
    if len(whole) > LONGEST_TEXT:
        raise CannotCross
    return [whole, len(whole) - len(rest), file.name, file.mode]


def opened(parts: Parts) -> Any:
    content, place, name, mode = parts
    made: Any = (OpenedBytes if isinstance(content, bytes) else OpenedText)(
        content if content is not None else "", text(name), text(mode)
    )
    made.seek(operator.index(place))
    if content is None:
        made.close()
    return made


def opened_parts(file: Any) -> Parts:
    if file.closed:
        return [None, 0, file.name, file.mode]
    return [file.getvalue(), file.tell(), file.name, file.mode]


def change_file(file: Any, now: Any) -> None:
    """Do to our open file what was done to the other side's."""
    if file.closed:
        return
    if now.closed:
        file.close()
    elif not file.readable():
        file.write(now.getvalue())
    else:
        changed = now.getvalue()
        if file.writable():
            file.seek(0)
            if file.read() != changed:
                file.seek(0)
                file.truncate()
                file.write(changed)
        file.seek(0)
        file.read(now.tell())


def in_memory(kind: type) -> Callable[[Parts], Any]:
    def make(parts: Parts) -> Any:
        content, place = parts
        if content is None:
            made = kind()
            made.close()
            return made
        made = kind(content, newline="") if kind is io.StringIO else kind(content)
        made.seek(operator.index(place))
        return made

    return make


# --- collections ----------------------------------------------------------------------------------------------


def default_of(parts: Parts) -> Any:
    factory, items = parts
    known = FACTORIES.get(factory) if isinstance(factory, str) else factory
    if not (known is None or callable(known)):
        raise ValueError("no factory")
    return collections.defaultdict(known, items)


def factory_parts(value: Any) -> Parts:
    factory = value.default_factory
    return [factory.__name__ if factory in FACTORIES.values() else factory, dict(value)]


def zoned(parts: Parts) -> datetime.datetime:
    moment, zone, fold = parts
    return datetime.datetime.fromisoformat(text(moment, 40)).replace(tzinfo=zone, fold=int(fold))


def moment_parts(value: datetime.datetime) -> Parts:
    return [value.replace(tzinfo=None, fold=0).isoformat(), value.tzinfo, value.fold]


def masked(parts: Parts) -> Any:
    data, mask, fill = parts
    return np.ma.MaskedArray(data, mask, fill_value=fill)


SPARSE = [
    f"{form}_{kind}" for form in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil") for kind in ("array", "matrix")
]


def sparse_parts(value: Any) -> Parts:
    found = value.tocoo()
    if len(found.shape) != 2:
        raise CannotCross
    return [type(value).__name__, list(found.shape), found.data, found.row, found.col]


def sparse(parts: Parts) -> Any:
    """Through the form whose places scipy looks through: those of another one may lie outside."""
    import scipy.sparse

    name, shape, data, rows, columns = parts
    if name not in SPARSE:
        raise ValueError(name)
    form, kind = name.split("_")
    return getattr(scipy.sparse, f"coo_{kind}")(
        (data, (rows, columns)), shape=tuple(map(operator.index, shape))
    ).asformat(form)


def random_here(parts: Parts) -> random.Random:
    made = random.Random()
    version, numbers, left = parts
    made.setstate((int(version), tuple(map(int, numbers)), left))
    return made


def random_state(parts: Parts) -> np.random.RandomState:
    made = np.random.RandomState(0)
    name, keys, place, has_gauss, gauss = parts
    made.set_state((str(name), np.asarray(keys, np.uint32), int(place), int(has_gauss), float(gauss)))
    return made


# --- pandas -----------------------------------------------------------------------------------------------------


def pandas() -> Any:
    import pandas

    return pandas


def column_parts(values: Any) -> Parts:
    """Of a Series, an Index or one of pandas' arrays: how its values are made again, and of what."""
    pd = pandas()
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        array = np.asarray(values)
        return ["objects", [one_of_pandas(one) for one in array]] if dtype == object else ["array", array]
    if isinstance(dtype, pd.CategoricalDtype):
        values = pd.Categorical(values)
        return ["category", np.asarray(values.codes), index_parts(values.categories), bool(values.ordered)]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["zoned", np.asarray(pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None)), dtype.tz]
    items = [None if gone else one for one, gone in zip(values, pd.isna(values), strict=True)]
    if isinstance(dtype, pd.StringDtype):
        return ["texts", dtype.storage, dtype.na_value is pd.NA, [one if one is None else str(one) for one in items]]
    if dtype.name in MASKED:
        return ["masked", dtype.name, [one if one is None else one.item() for one in map(np.asarray, items)]]
    raise CannotCross


def one_of_pandas(value: Any) -> Any:
    pd = pandas()
    if value is pd.NA or value is pd.NaT:
        return ["NA" if value is pd.NA else "NaT"]
    return [value, 0]


def column(parts: Parts) -> Any:
    pd = pandas()
    kind, *of = parts
    if kind == "array":
        return np.asarray(of[0])
    if kind == "objects":
        made = np.empty(len(of[0]), object)
        for place, one in enumerate(of[0]):
            made[place] = {"NA": pd.NA, "NaT": pd.NaT}[one[0]] if len(one) == 1 else one[0]
        return made
    if kind == "category":
        return pd.Categorical.from_codes(of[0], index(of[1]), ordered=bool(of[2]))
    if kind == "zoned":
        return pd.DatetimeIndex(of[0]).tz_localize("UTC").tz_convert(of[1]).array
    if kind == "texts":
        storage, masked, items = of
        dtype = pd.StringDtype(
            {"python": "python", "pyarrow": "pyarrow"}[storage], na_value=pd.NA if masked else np.nan
        )
        return pd.array(items, dtype=dtype)
    if kind == "masked" and of[0] in MASKED:
        return pd.array(of[1], dtype=of[0])
    raise ValueError(kind)


MASKED = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean")


def index_parts(value: Any) -> Parts:
    pd = pandas()
    if type(value) is pd.RangeIndex:
        return ["range", value.start, value.stop, value.step, value.name]
    if type(value) is pd.MultiIndex:
        codes = [np.asarray(one) for one in value.codes]
        return ["levels", [index_parts(one) for one in value.levels], codes, list(value.names)]
    if type(value) is pd.DatetimeIndex:
        return ["index", column_parts(value), value.name, value.freqstr]
    if type(value) is pd.TimedeltaIndex:
        return ["index", column_parts(value), value.name, value.freqstr]
    if type(value) in (pd.Index, pd.CategoricalIndex):
        return ["index", column_parts(value), value.name, None]
    raise CannotCross


def index(parts: Parts) -> Any:
    pd = pandas()
    kind, *of = parts
    if kind == "range":
        start, stop, step, name = of
        return pd.RangeIndex(operator.index(start), operator.index(stop), operator.index(step), name=name)
    if kind == "levels":
        levels, codes, names = of
        return pd.MultiIndex(levels=[index(one) for one in levels], codes=codes, names=names)
    values, name, freq = of
    made = pd.Index(column(values), name=name)
    if freq is not None:
        made.freq = text(freq, 20)
    return made


def frame_parts(value: Any) -> Parts:
    columns = [column_parts(value.iloc[:, place]) for place in range(value.shape[1])]
    return [index_parts(value.columns), index_parts(value.index), columns]


def frame(parts: Parts) -> Any:
    pd = pandas()
    names, rows, columns = parts
    rows = index(rows)
    made = pd.DataFrame({place: pd.Series(column(one), index=rows) for place, one in enumerate(columns)}, index=rows)
    made.columns = index(names)
    return made


def series_parts(value: Any) -> Parts:
    return [index_parts(value.index), column_parts(value), value.name]


def series(parts: Parts) -> Any:
    rows, values, name = parts
    return pandas().Series(column(values), index=index(rows), name=name)


def timestamp(parts: Parts) -> Any:
    moment, unit, zone = parts
    made = pandas().Timestamp(np.datetime64(int(moment), text(unit, 2)))
    return made.tz_localize("UTC").tz_convert(zone) if zone is not None else made


def timestamp_parts(value: Any) -> Parts:
    return [value.asm8.astype(np.int64).item(), value.unit, value.tzinfo]


# --- sympy ------------------------------------------------------------------------------------------------------


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
    "Pi": "pi", "Exp1": "E", "ImaginaryUnit": "I", "Infinity": "oo", "NegativeInfinity": "-oo", "ComplexInfinity": "zoo",
    "NaN": "nan", "BooleanTrue": "true", "BooleanFalse": "false", "EmptySet": "EmptySet", "Reals": "Reals",
    "Integers": "Integers", "Naturals": "Naturals", "Naturals0": "Naturals0", "Rationals": "Rationals",
    "Complexes": "Complexes", "GoldenRatio": "GoldenRatio", "EulerGamma": "EulerGamma", "UniversalSet": "UniversalSet",
    "Catalan": "Catalan", "TribonacciConstant": "TribonacciConstant",
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


# --- Pillow -----------------------------------------------------------------------------------------------------

MODES = {"1", "L", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I", "F"}


def image_parts(value: Any) -> Parts:
    if value.mode not in MODES:
        raise CannotCross
    return [value.mode, list(value.size), value.tobytes()]


def image(parts: Parts) -> Any:
    from PIL import Image

    mode, size, content = parts
    if mode not in MODES:
        raise ValueError(mode)
    return Image.frombytes(mode, tuple(map(operator.index, size)), content)


# --- the tables -------------------------------------------------------------------------------------------------

# module and name of a class → the kind that it is, and how it is taken apart
TAKEN_APART: dict[str, tuple[str, Callable[[Any], Parts]]] = {
    "pathlib.PosixPath": ("path", str),
    "collections.Counter": ("Counter", dict),
    "collections.OrderedDict": ("OrderedDict", lambda value: [list(pair) for pair in value.items()]),
    "collections.defaultdict": ("defaultdict", factory_parts),
    "collections.deque": ("deque", lambda value: [list(value), value.maxlen]),
    "datetime.timedelta": ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    "datetime.timezone": ("timezone", lambda value: value.utcoffset(None)),
    "zoneinfo.ZoneInfo": ("zone", lambda value: value.key),
    "builtins.slice": ("slice", lambda value: [value.start, value.stop, value.step]),
    "builtins.ellipsis": ("ellipsis", lambda value: None),
    "builtins.NotImplementedType": ("not implemented", lambda value: None),
    "builtins.bytearray": ("bytearray", bytes),
    "uuid.UUID": ("uuid", str),
    "array.array": ("array of one type", lambda value: [value.typecode, value.tolist()]),
    "numpy.ma.MaskedArray": ("masked", lambda value: [np.asarray(value.data), np.ma.getmaskarray(value), value.fill_value]),
    "re.Pattern": ("pattern", lambda value: [value.pattern, value.flags]),
    "types.SimpleNamespace": ("namespace", vars),
    "random.Random": ("random", lambda value: [part if part is None else list(part) if isinstance(part, tuple) else part
                                               for part in value.getstate()]),
    "numpy.random.mtrand.RandomState": ("random state", lambda value: list(value.get_state())),
    "_io.StringIO": ("StringIO", lambda value: [None, 0] if value.closed else [value.getvalue(), value.tell()]),
    "_io.BytesIO": ("BytesIO", lambda value: [None, 0] if value.closed else [value.getvalue(), value.tell()]),
    "_io.TextIOWrapper": ("file", file_parts),
    "_io.BufferedReader": ("file", file_parts),
    "_io.BufferedWriter": ("file", file_parts),
    "_io.BufferedRandom": ("file", file_parts),
    f"{__name__}.OpenedText": ("file", opened_parts),
    f"{__name__}.OpenedBytes": ("file", opened_parts),
    "pandas.DataFrame": ("DataFrame", frame_parts),
    "pandas.Series": ("Series", series_parts),
    "pandas.Index": ("Index", index_parts),
    "pandas.RangeIndex": ("Index", index_parts),
    "pandas.MultiIndex": ("Index", index_parts),
    "pandas.DatetimeIndex": ("Index", index_parts),
    "pandas.TimedeltaIndex": ("Index", index_parts),
    "pandas.CategoricalIndex": ("Index", index_parts),
    "pandas.Categorical": ("Categorical", column_parts),
    "pandas.Timestamp": ("Timestamp", timestamp_parts),
    "pandas.Timedelta": ("Timedelta", lambda value: [value.asm8.astype(np.int64).item(), value.unit]),
    "pandas.NA": ("NA", lambda value: None),
    "pandas.NaT": ("NaT", lambda value: None),
    "PIL.Image.Image": ("image", image_parts),
    "PIL.PngImagePlugin.PngImageFile": ("image", image_parts),
    "PIL.JpegImagePlugin.JpegImageFile": ("image", image_parts),
}  # fmt: skip
MADE: dict[str, Callable[[Parts], Any]] = {
    "path": lambda parts: Path(text(parts)),
    "Counter": collections.Counter,
    "OrderedDict": lambda parts: collections.OrderedDict((key, item) for key, item in parts),
    "defaultdict": default_of,
    "deque": lambda parts: collections.deque(parts[0], parts[1]),
    "timedelta": lambda parts: datetime.timedelta(*map(int, parts)),
    "timezone": datetime.timezone,
    "zone": lambda parts: zoneinfo.ZoneInfo(text(parts, 60)),
    "zoned": zoned,
    "slice": lambda parts: slice(*parts),
    "ellipsis": lambda parts: ...,
    "not implemented": lambda parts: NotImplemented,
    "bytearray": bytearray,
    "uuid": lambda parts: uuid.UUID(text(parts, 40)),
    "array of one type": lambda parts: array.array(text(parts[0], 1), parts[1]),
    "masked": masked,
    "sparse": sparse,
    "pattern": lambda parts: re.compile(parts[0][:LONGEST_PATTERN], int(parts[1])),
    "namespace": lambda parts: types.SimpleNamespace(**parts),
    "random": random_here,
    "random state": random_state,
    "StringIO": in_memory(io.StringIO),
    "BytesIO": in_memory(io.BytesIO),
    "file": opened,
    "DataFrame": frame,
    "Series": series,
    "Index": index,
    "Categorical": column,
    "Timestamp": timestamp,
    "Timedelta": lambda parts: pandas().Timedelta(np.timedelta64(int(parts[0]), text(parts[1], 2))),
    "NA": lambda parts: pandas().NA,
    "NaT": lambda parts: pandas().NaT,
    "expression": expression,
    "image": image,
}
# What has names of its own for classes that are elsewhere, or none that tell.
OTHER_NAMES = {
    "pandas._libs.tslibs.timestamps.Timestamp": "pandas.Timestamp",
    "pandas._libs.tslibs.timedeltas.Timedelta": "pandas.Timedelta",
    "pandas._libs.tslibs.nattype.NaTType": "pandas.NaT",
    "pandas.api.typing.NaTType": "pandas.NaT",
    "pandas._libs.missing.NAType": "pandas.NA",
    "pandas.api.typing.NAType": "pandas.NA",
}


def taken_apart(value: Any) -> tuple[str, Parts] | None:
    """The value's kind and parts; None where it crosses in another way, or not at all."""
    kind: Any = type(value)
    module = str(kind.__module__)
    if module.startswith("sympy.") or kind.__class__.__module__.startswith("sympy."):
        try:
            return "expression", expression_parts(value)
        except (CannotCross, AttributeError):
            return None
    name = f"{module}.{kind.__qualname__}"
    if module.startswith("pandas.") and name not in OTHER_NAMES:
        name = f"pandas.{kind.__qualname__}"
    if module.startswith("scipy.sparse") and kind.__name__ in SPARSE:
        known: Any = ("sparse", sparse_parts)
    elif name == "numpy.ma.core.MaskedArray":
        known = TAKEN_APART["numpy.ma.MaskedArray"]
    else:
        known = TAKEN_APART.get(OTHER_NAMES.get(name, name))
    if kind is datetime.datetime and isinstance(value.tzinfo, zoneinfo.ZoneInfo):
        return "zoned", moment_parts(value)
    if known is None:
        return None
    try:
        return known[0], known[1](value)
    except CannotCross:
        return None
