"""Values of the standard library, pandas, sympy and Pillow that cross as data, and are made anew on the other side.

Each kind has a name, a way to take a value apart into plainer ones (`TAKEN_APART`, by the name of its class) and a way
to make it of them again (`MADE`). Making one runs the library's own code on data; never does it load, import or
evaluate what the other side has sent. pandas and sympy have files of their own.
"""

import array
import collections
import datetime
import functools
import io
import math
import operator
import random
import re
import types
import uuid
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.grading.isolation import pandas_values
from dlcourse.grading.isolation.parts import CannotCross, Parts, text
from dlcourse.grading.isolation.sympy_values import expression, expression_parts

LONGEST_TEXT = 1 << 20  # characters of a file that a test has opened
LONGEST_PATTERN = 1000
MOST_ROWS = 10_000_000  # of a sparse matrix: some forms have room for each
FACTORIES = {kind.__name__: kind for kind in (int, float, str, bool, list, dict, set, tuple)}


# --- files --------------------------------------------------------------------------------------------------


class OpenedText(io.StringIO):
    """The other side's open file: its content, its place in it, its name and mode."""

    def __init__(self, content: str, name: str, mode: str) -> None:
        super().__init__(content, newline="")
        self.name, self.mode = name, mode  # type: ignore[misc]  # an open file has both; to mypy they can't be set


class OpenedBytes(io.BytesIO):
    def __init__(self, content: bytes, name: str, mode: str) -> None:
        super().__init__(content)
        self.name, self.mode = name, mode  # type: ignore[misc]  # an open file has both; to mypy they can't be set


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
    kind: Any = OpenedBytes if isinstance(content, bytes) else OpenedText
    made = kind("" if content is None else content, text(name), text(mode))
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
    if not isinstance(value.tzinfo, zoneinfo.ZoneInfo):
        raise CannotCross  # its own text says it all
    return [value.replace(tzinfo=None, fold=0).isoformat(), value.tzinfo, value.fold]


def whole(parts: Parts, kind: type) -> Any:
    if type(parts) is not kind:
        raise ValueError("another kind")
    return parts


def masked_parts(value: Any) -> Parts:
    return [np.asarray(value.data), np.ma.getmaskarray(value), value.fill_value]


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
    if name not in SPARSE or max(shape) > (MOST_ROWS if name[:3] in ("coo", "csr", "csc", "bsr") else MOST_ROWS // 100):
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


# --- Pillow -----------------------------------------------------------------------------------------------------

MODES = {"1", "L", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I", "F"}


def image_parts(value: Any) -> Parts:
    if value.mode not in MODES:
        raise CannotCross
    return [value.mode, list(value.size), value.tobytes()]


def image(parts: Parts) -> Any:
    from PIL import Image

    mode, size, content = parts
    if mode not in MODES or math.prod(map(operator.index, size)) > 8 * len(content):
        raise ValueError(mode)
    width, height = map(operator.index, size)
    return Image.frombytes(mode, (width, height), content)


# --- the tables -------------------------------------------------------------------------------------------------

KINDS_OF_MASKED = ("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")  # by NumPy's version
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
    KINDS_OF_MASKED[0]: ("masked", masked_parts),
    "re.Pattern": ("pattern", lambda value: [value.pattern, value.flags]),
    "types.SimpleNamespace": ("namespace", vars),
    "random.Random": ("random", lambda value: list(value.getstate())),
    "numpy.random.mtrand.RandomState": ("random state", lambda value: list(value.get_state())),
    "_io.StringIO": ("StringIO", lambda value: [None, 0] if value.closed else [value.getvalue(), value.tell()]),
    "_io.BytesIO": ("BytesIO", lambda value: [None, 0] if value.closed else [value.getvalue(), value.tell()]),
    "_io.TextIOWrapper": ("file", file_parts),
    "_io.BufferedReader": ("file", file_parts),
    "_io.BufferedWriter": ("file", file_parts),
    "_io.BufferedRandom": ("file", file_parts),
    f"{__name__}.OpenedText": ("file", opened_parts),
    f"{__name__}.OpenedBytes": ("file", opened_parts),
    "PIL.Image.Image": ("image", image_parts),
    "PIL.PngImagePlugin.PngImageFile": ("image", image_parts),
    "PIL.JpegImagePlugin.JpegImageFile": ("image", image_parts),
}  # fmt: skip
MADE: dict[str, Callable[[Parts], Any]] = {
    "path": lambda parts: Path(text(parts)),
    "Counter": lambda parts: collections.Counter(whole(parts, dict)),
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
    "bytearray": lambda parts: bytearray(whole(parts, bytes)),
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
    "expression": expression,
    "image": image,
}
TAKEN_APART |= pandas_values.TAKEN_APART
MADE |= pandas_values.MADE


def taken_apart(value: Any) -> tuple[str, Parts] | None:
    """The value's kind and parts; None where it crosses in another way, or not at all."""
    kind_of_value: Any = type(value)
    known = way_of(kind_of_value)
    if known is None:
        return None
    try:
        kind, take = known
        return kind, take(value)
    except (CannotCross, AttributeError):
        return None


@functools.lru_cache(1000)
def way_of(kind: Any) -> tuple[str, Callable[[Any], Parts]] | None:
    """How values of this class are taken apart."""
    module = str(kind.__module__)
    if module.startswith("sympy.") or str(kind.__class__.__module__).startswith("sympy."):
        return "expression", expression_parts
    if module.startswith("scipy.sparse") and kind.__name__ in SPARSE:
        return "sparse", sparse_parts
    if kind is datetime.datetime:
        return "zoned", moment_parts
    # pandas' own modules differ from version to version
    name = f"{'pandas' if module.startswith('pandas.') else module}.{kind.__qualname__}"
    return TAKEN_APART.get(KINDS_OF_MASKED[0] if name in KINDS_OF_MASKED else name)
