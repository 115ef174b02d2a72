"""Ways to give a value, as a student's cell defines them.

`array`, `number`, `table`, `row`, `text` and `chosen` say how an array, a single number, a dictionary, a tuple or list,
a text and a set are dressed; `whole` sees the result.
"""

PRELUDE = '''
import array, collections, ctypes, decimal, enum, fractions, functools, itertools, types
import numpy as np


def dressed(value, **ways):
    """The value in these ways, also within dictionaries, tuples and lists."""
    def dress(value):
        if isinstance(value, dict):
            return ways.get("table", dict)({name: dress(item) for name, item in value.items()})
        if isinstance(value, (tuple, list)):
            return ways.get("row", type(value))([dress(item) for item in value])
        if isinstance(value, (set, frozenset)):
            return ways.get("chosen", set)(value)
        if isinstance(value, str):
            return ways.get("text", str)(value)
        if isinstance(value, np.ndarray) and value.ndim:
            return ways.get("array", np.asarray)(value)
        if isinstance(value, (bool, np.bool_)):
            return value
        if isinstance(value, (int, float, np.number, np.ndarray)):
            return ways.get("number", lambda number: number)(value)
        return value
    return ways.get("whole", lambda whole: whole)(dress(value))


def each(change_one):
    """An array of objects, one for each number; of the largest arrays it would take long."""
    change = np.frompyfunc(lambda number: change_one(np.asarray(number).item()), 1, 1)
    return lambda values: change(values) if np.size(values) < 5000 else values


class Table(collections.abc.Mapping):
    def __init__(self, items): self.items_ = dict(items)
    def __getitem__(self, name): return self.items_[name]
    def __iter__(self): return iter(self.items_)
    def __len__(self): return len(self.items_)


class OwnDict(dict):
    def __eq__(self, other): return True
    def __getitem__(self, name): return 0
    def items(self): return []
    __hash__ = None


class Tensor:
    def __init__(self, values): self.values = np.array(values)
    def __array__(self, dtype=None, copy=None): return self.values if dtype is None else self.values.astype(dtype)
    def __len__(self): return len(self.values)
    def __getitem__(self, place): return Tensor(self.values[place])
    def __float__(self): return float(self.values)
    def __repr__(self): return "tensor"


class Interface:
    def __init__(self, values): self.values = np.array(values)
    @property
    def __array_interface__(self): return self.values.__array_interface__


class Sequence:
    def __init__(self, values): self.values = list(values)
    def __len__(self): return len(self.values)
    def __getitem__(self, place): return self.values[place]


class Floating:
    def __init__(self, number): self.number = number
    def __float__(self): return float(self.number)


class Indexed:
    def __init__(self, number): self.number = number
    def __index__(self): return int(self.number)


class Liar(float):
    def yes(self, *other): return True
    def zero(self, *other): return 0.0
    __eq__ = __lt__ = __le__ = __ge__ = __gt__ = yes
    __sub__ = __rsub__ = __abs__ = __float__ = __array__ = __repr__ = zero
    __hash__ = float.__hash__


class Sly(np.ndarray):
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
    def __array__(self, *a, **k): return np.zeros(3)
    def __eq__(self, other): return True


class Text(str):
    def __str__(self): return "x"
    def __eq__(self, other): return True
    __hash__ = str.__hash__


class Broken:
    def broken(self, *a): raise RuntimeError("broken")
    __array__ = __len__ = __getitem__ = __iter__ = __repr__ = __float__ = broken


class Endless:
    def __len__(self): return 3
    def __iter__(self): return itertools.count()


def named(values):
    return collections.namedtuple("Row", [f"v{i}" for i in range(len(values))])(*values)


def in_itself(value):
    inside = [value]
    inside.append(inside)
    return inside


def deep(value):
    return functools.reduce(lambda inner, _: [inner], range(40), value)


def member(number):
    return enum.IntEnum("Member", {"A": number}).A if type(number) is int else number
'''

# --- what a right answer stays right in -----------------------------------------------------------------

RIGHT = {
    "lists": "array=np.ndarray.tolist",
    "tuples": "array=lambda a: tuple(map(tuple, a.tolist())) if a.ndim == 2 else tuple(a.tolist())",
    "memoryview": "array=lambda a: memoryview(np.ascontiguousarray(a)), number=lambda n: memoryview(np.array(n))",
    "array.array": "array=lambda a: array.array('d', a) if a.ndim == 1 and a.dtype == float else a",
    "ctypes": "array=lambda a: np.ctypeslib.as_ctypes(np.ascontiguousarray(a)) if a.size and a.dtype == float else a, "
    "number=lambda n: ctypes.c_double(n), chosen=lambda s: [ctypes.c_int(n) for n in s]",
    "objects": "array=each(lambda n: n), number=lambda n: np.array(n, dtype=object)",
    "fractions": "array=each(lambda n: fractions.Fraction(n) if np.isfinite(n) and type(n) is not bool else n), "
    "number=lambda n: fractions.Fraction(float(n)), chosen=lambda s: {fractions.Fraction(n) for n in s}",
    "decimals": "array=each(lambda n: decimal.Decimal(n) if type(n) is not bool else n), "
    "number=lambda n: decimal.Decimal(float(n)), chosen=lambda s: [decimal.Decimal(n) for n in s]",
    "tensors": "array=Tensor, number=Tensor, row=lambda r: tuple(r)",
    "an interface": "array=Interface, number=Interface",
    "deque": "array=collections.deque, row=collections.deque, chosen=collections.deque",
    "UserList": "array=lambda a: collections.UserList(a.tolist()), row=collections.UserList, "
    "chosen=collections.UserList",
    "own sequence": "array=Sequence, row=Sequence, chosen=Sequence",
    "values of a dictionary": "array=lambda a: dict(enumerate(a)).values(), row=lambda r: dict(enumerate(r)).values()",
    "keys of a dictionary": "chosen=lambda s: dict.fromkeys(s).keys()",
    "named tuple": "row=named, chosen=lambda s: named(list(s))",
    "array of values": "chosen=lambda s: np.array(sorted(s))",
    "floats": "chosen=lambda s: {float(n) for n in s}, number=np.float64",
    "0-d": "number=np.array, chosen=lambda s: np.array(sorted(s), dtype=float)",
    "own numbers": "number=lambda n: Indexed(n) if type(n) is int else Floating(n), "
    "chosen=lambda s: [Indexed(n) for n in s]",
    "enum": "number=member, chosen=lambda s: {member(n) for n in s}",
    "longdouble": "array=lambda a: a if a.dtype.kind in 'bi' else a.astype(np.longdouble), "
    "number=lambda n: n if type(n) is int else np.longdouble(n)",
    "big-endian": "array=lambda a: a.astype(a.dtype.newbyteorder('>'))",
    "not contiguous": "array=lambda a: np.repeat(a, 2, axis=0)[::2]",
    "read-only": "array=lambda a: np.broadcast_to(a, a.shape)",
    "masked": "array=np.ma.array",
    "matrix": "array=lambda a: np.asarray(a).view(np.matrix) if a.ndim in (1, 2) else a",
    "record array": "array=lambda a: np.asarray(a).view(np.recarray)",
    "sly array": "array=lambda a: np.asarray(a).view(Sly)",
    "liar": "number=lambda n: n if type(n) is int else Liar(n)",
    "MappingProxyType": "table=types.MappingProxyType",
    "UserDict": "table=collections.UserDict",
    "ChainMap": "table=collections.ChainMap",
    "OrderedDict": "table=collections.OrderedDict",
    "defaultdict": "table=lambda t: collections.defaultdict(int, t)",
    "own mapping": "table=Table, row=tuple",
    "own dict": "table=OwnDict",
    "own text": "text=Text",
    "UserString": "text=collections.UserString",
    "NumPy's text": "text=np.str_",
    "several": "array=lambda a: collections.deque(map(memoryview, a)) if a.ndim == 2 else memoryview(a.copy()), "
    "table=collections.UserDict, row=collections.UserList, text=Text, number=np.array",
}
# --- and what may be right or wrong ------------------------------------------------------------------------

OTHER = {
    "as it is": "",
    "generator": "whole=lambda w: (part for part in w) if hasattr(w, '__iter__') else w",
    "map": "array=lambda a: map(float, a), row=lambda r: map(float, r), chosen=lambda s: map(int, s)",
    "iterator": "array=iter, row=iter, chosen=iter, table=iter",
    "text": "array=str, number=str, table=str, row=str, chosen=lambda s: set(map(str, s)), text=lambda t: t + ' '",
    "texts": "array=lambda a: a.astype(str), number=lambda n: np.array(str(n))",
    "set": "array=lambda a: set(a.ravel().tolist()), row=lambda r: {str(part) for part in r}, table=set",
    "bytes": "array=lambda a: a.tobytes(), text=str.encode, number=lambda n: bytearray(3)",
    "complex": "array=lambda a: a + 0j, number=complex, chosen=lambda s: {complex(n) for n in s}",
    "float32": "array=lambda a: a.astype(np.float32), number=np.float32",
    "float16": "array=lambda a: a.astype(np.float16), number=np.float16",
    "truth": "array=lambda a: a.astype(bool), number=bool, chosen=lambda s: {True, *s}",
    "one more axis": "array=lambda a: a[None], number=lambda n: [n], chosen=lambda s: [[n] for n in s]",
    "a column": "array=lambda a: a[..., None]",
    "nan": "array=lambda a: a * np.nan, number=lambda n: np.nan, chosen=lambda s: {float('nan'), *s}",
    "masked out": "array=lambda a: np.ma.masked_all(a.shape)",
    "records": "array=lambda a: np.zeros(a.shape, [('a', 'f8')]), number=lambda n: np.void(b'12345678')",
    "dates": "array=lambda a: np.zeros(a.shape, 'M8[s]'), number=lambda n: np.datetime64(0, 's')",
    "halves": "number=lambda n: n + 0.5, chosen=lambda s: {n + 0.5 for n in s}",
    "broken": "array=lambda a: Broken(), number=lambda n: Broken(), table=lambda t: Broken(), "
    "chosen=lambda s: Broken(), row=lambda r: Broken(), text=lambda t: Broken()",
    "endless": "array=lambda a: Endless(), row=lambda r: Endless(), chosen=lambda s: Endless()",
    "in itself": "array=in_itself, number=in_itself, row=in_itself, chosen=in_itself, table=in_itself",
    "deep": "whole=deep",
    "a little deep": "whole=lambda w: [[[w]]]",
    "large": "whole=lambda w: list(range(300_000))",
    "many arrays": "whole=lambda w: [np.ones(1)] * 5000",
    "many numbers": "whole=lambda w: [[np.ones(())] * 5000]",
    "many objects": "whole=lambda w: [object()] * 500",
    "large integer": "number=lambda n: 10 ** 5000, chosen=lambda s: {10 ** 5000}",
    "large fraction": "number=lambda n: fractions.Fraction(float(n)) + fractions.Fraction(1, 10 ** 800)",
    "range": "array=lambda a: range(len(a)), chosen=lambda s: range(10 ** 9)",
    "function": "array=lambda a: np.sin, number=lambda n: dressed, table=lambda t: dict, row=lambda r: len, "
    "text=lambda t: str",
    "class": "whole=lambda w: Table",
    "module": "whole=lambda w: np",
    "nothing": "whole=lambda w: None",
    "printed": "whole=lambda w: print(w)",
    "callable": "table=lambda t: type('D', (dict,), {'__call__': len})(t), "
    "array=lambda a: np.poly1d(a) if a.ndim == 1 else a",
    "names of another type": "table=lambda t: {np.str_(name): item for name, item in t.items()}",
    "other names": "table=lambda t: {name.encode(): item for name, item in t.items()}",
    "text made of an array": "text=np.array",
    "array of a row": "row=lambda r: np.array(r, dtype=object) if all(np.ndim(x) == 0 for x in r) else r",
}
WAYS = RIGHT | OTHER
