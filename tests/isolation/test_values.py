"""What counts as a value: the notebook's check and the grader's say the same of every answer, however it is dressed."""

import collections
import datetime
import json
import random
import re
import types

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlcourse import functions
from dlcourse.checks import EXERCISES, Function
from dlcourse.checks.compare import numbers
from dlcourse.checks.values import Elsewhere, NoValue, plain
from dlcourse.grading.isolation.encoding import Reader, Whole, Writer
from dlcourse.grading.isolation.notebook import Cell, run
from press.exercises import source as exercise_source

# Ways to give a value, as a student's cell defines them. `array`, `number`, `table`, `row`, `text` and `chosen` say
# how an array, a single number, a dictionary, a tuple or list, a text and a set are dressed; `whole` sees the result.
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
SETUP = "import numpy as np\nfrom dlcourse import functions\nfrom dlcourse.checks import check\n"
FUNCTION = "{name} = (lambda right: lambda *arguments: dressed(right(*arguments), {way}))({name})"
VALUE = "{name} = dressed({name}, {way})"


def in_the_way(exercise, answer, way):
    """The cell of a student who gives this answer in one of the ways."""
    template = FUNCTION if isinstance(exercise, Function) else VALUE
    return f"{exercise.source(answer)}\n{template.format(name=exercise.name, way=WAYS[way])}"


def alone(exercise, cell, names):
    """What the check says in the notebook."""
    names = dict(names)
    exec(cell, names)
    return exercise.judge_in(names, np.random.default_rng(0))


def across(check, cells, setup, sandbox):
    """What the grader's check says of each of the cells; None where the answer is right."""
    written = [Cell("setup", setup + PRELUDE)]
    for cell in cells:
        written += [Cell("answer", cell), Cell("test", f'check("{check}")')]
    outputs = run(written, sandbox, cell_seconds=60, notebook_seconds=600).outputs
    for cell, output in zip(written, outputs, strict=True):
        errors = [part for part in output if part["output_type"] == "error"]
        if cell.kind == "test":
            yield "\n".join(errors[0]["traceback"]) if errors else None
        else:
            assert not errors, (cell.source[-300:], errors)


def assignments():
    """Every exercise with the setup of its notebook."""
    for source in exercise_source.files():
        assignment = exercise_source.read(source)
        for exercise in assignment.exercises:
            for answer in exercise.answers:
                yield pytest.param(answer.check, assignment.setup, id=answer.check)


SAMPLE = 20261121


def sample(exercise, every):
    """Answers, and for each a way to give it: one right and one wrong answer in every way, or some of them in some."""
    print(f"seed of the sample: {SAMPLE}")  # a failing test shows it
    draw = random.Random(f"{SAMPLE} {exercise.id}")
    right, wrong = list(exercise.variants), list(exercise.pitfalls)
    if every:
        return [*((answer, way) for answer in (right[0], draw.choice(wrong)) for way in WAYS),
                *((answer, "as it is") for answer in [*right, *wrong])]  # fmt: skip
    return [(draw.choice(wrong), "as it is"), (draw.choice(right), draw.choice(list(RIGHT))),
            (draw.choice([*right, *wrong]), draw.choice(list(OTHER)))]  # fmt: skip


def told(message):
    """A message without what only one side can know: the student's line."""
    return re.sub(r"\n  エラーが起きた行: .*", "", message)


@pytest.mark.parametrize(("check", "setup"), list(assignments()))
def test_a_check_says_the_same_across(sandbox, check, setup, request):
    exercise = EXERCISES[check]
    answers = sample(exercise, request.config.getoption("--every-answer"))
    cells = [in_the_way(exercise, answer, way) for answer, way in answers]
    names = {}
    exec(setup + PRELUDE, names)
    for (answer, way), cell, graded in zip(answers, cells, across(check, cells, setup, sandbox), strict=True):
        verdict = alone(exercise, cell, names)
        assert told(verdict.message) == told(graded or ""), (way, answer)
        assert verdict.passed or way not in RIGHT or answer not in exercise.variants, (way, answer, verdict.message)


# --- values that nobody has thought of --------------------------------------------------------------------

KINDS = {}
exec(PRELUDE, KINDS)
ODD = [
    np.float32(1), np.longdouble(2), np.str_("a"), np.bytes_(b"a"), np.bool_(True), np.datetime64(0, "s"),
    np.void(b"12"), np.float64, np.dtype("f8"), range(3), range(10**9), len, int, np, print,
    datetime.date(2020, 1, 1), np.ma.masked_all(3), np.ones((1, 2)).view(np.matrix), iter([1]), KINDS["Broken"](),
    KINDS["Liar"](2.0), KINDS["Text"]("a"), np.ones(3).view(KINDS["Sly"]),
    KINDS["in_itself"](1), KINDS["deep"](1), [0] * 300_000, np.zeros((0, 10**8)),
    np.zeros(3, "f8,i4"), np.poly1d([1, 2]),
]  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**1500), 10**1500),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.fractions(),
    st.decimals(),
    st.datetimes(),
    st.timedeltas(),
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, object, "U3", "M8[s]"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    ),
    st.integers(0, len(ODD) - 1).map(lambda place: ODD[place]),  # some do not like to be shown
)
OF_A_LIST = [
    list, tuple, collections.deque, collections.UserList, KINDS["Sequence"], KINDS["named"], iter,
    lambda items: dict(enumerate(items)).values(), lambda items: KINDS["in_itself"](items)[:1],
]  # fmt: skip
OF_A_TABLE = [
    dict, collections.UserDict, collections.ChainMap, types.MappingProxyType, collections.OrderedDict, KINDS["Table"],
    KINDS["OwnDict"], lambda table: dict(table).items(),
]  # fmt: skip
# Not what NumPy would look into here: of a list in itself it makes more and more axes.
OF_ANYTHING = [KINDS["Floating"], KINDS["Indexed"]]
OF_NUMBERS = [
    KINDS["Tensor"],
    KINDS["Interface"],
    np.ma.array,
    KINDS["each"](KINDS["fractions"].Fraction),
    memoryview,
    lambda numbers: numbers.astype("f4").view(KINDS["Sly"]),
    lambda numbers: numbers.view(np.recarray),
]


REAL = {"allow_nan": False, "allow_infinity": False}


def values_of(inner):
    given = [
        (OF_A_LIST, st.lists(inner, max_size=4)), (OF_A_TABLE, st.dictionaries(st.text(max_size=3), inner, max_size=3)),
        (OF_ANYTHING, inner), (OF_NUMBERS, arrays.arrays(np.float64, st.integers(0, 3), elements=REAL)),
    ]  # fmt: skip
    return st.one_of(st.builds(lambda make, part: make(part), st.sampled_from(kinds), part) for kinds, part in given)


class There(Elsewhere):
    """What the grader has of an object that is no plain data."""

    def __init__(self, value):
        self.value = value

    def _plain(self):
        return crossed(plain(self.value))


def crossed(value):
    """The value as it arrives at the grader's."""
    kept = []

    def keep(value):
        kept.append(value)
        return {"mine": len(kept) - 1}

    writer = Writer(keep)
    tree = json.loads(json.dumps(writer.write(Whole(value))))
    return Reader([bytes(buffer) for buffer in writer.buffers], lambda _, place: There(kept[place])).read(tree)


def same(one, other):
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other or one != one and other != other


@settings(derandomize=True, deadline=None, max_examples=200, phases=[Phase.generate, Phase.shrink])
@given(st.recursive(LEAVES, values_of, max_leaves=6))
def test_what_a_value_is_does_not_change_on_the_way(value):
    here, there = plain(value), plain(crossed(value))
    assert same(here, there), (value, here, there)
    assert same(plain(here), here), "nothing is left to be made plain"


def test_a_value_is_what_it_was_when_it_was_given():
    """A function may give the same array, list or generator each time, and change it afterwards."""
    value = {"a": [np.zeros(2), np.random.default_rng(0)]}
    before = plain(value)
    value["a"][0] += 1
    value["a"][1].random()
    assert (before["a"][0] == 0).all() and before["a"][1].random() == np.random.default_rng(0).random()


@pytest.mark.parametrize("value", [
    "1", b"1", None, [None], ["1"], {1: 2}, {1.0}, [[1], [1, 2]], 1j, np.array(["1"]), len, np.array([1, None]),
    np.array([1, "1"], dtype=object), iter([1]), 10**400,
])  # fmt: skip
def test_what_is_no_number_is_made_none(value):
    """NumPy would make nan of None and 1 of "1"."""
    assert numbers(value) is None


def test_a_matrix_counts_where_fewer_axes_are_asked_for():
    matrix = np.ones((1, 3)).view(np.matrix)
    assert numbers(matrix, (3,)).shape == (3,) and numbers(matrix, (1, 3)).shape == numbers(matrix).shape == (1, 3)
    assert numbers(matrix, (4,)).shape == (1, 3) and numbers(np.ones((1, 3)), (3,)).shape == (1, 3)


def test_nothing_of_an_object_is_kept_but_how_it_shows():
    class Own:
        def __repr__(self):
            return "x" * 1000

    assert plain(Own()) == NoValue("Own", "x" * 300) and plain([print])[0].callable
    assert plain(Elsewhere()).kind == "Elsewhere"


# --- what a notebook sets, and what errors say --------------------------------------------------------------

STABLE = "e = np.exp(-np.abs(u))\n{}return np.where(u >= 0, 1, e) / (1 + e)"
SETTINGS = {
    "np.seterr at the top": ("X2-1", "np.seterr(all='raise')", STABLE.format("")),
    "warnings are errors": ("X2-1", "import warnings\nwarnings.simplefilter('error')",
                            STABLE.format("import warnings\nwarnings.warn('slow')\n")),
    "errstate that raises": ("X2-1", "",
                             'with np.errstate(over="raise"):\n    return 1 / (1 + np.exp(np.minimum(-u, 700)))'),
    "np.seterr that raises": ("X2-1", "", "np.seterr(over='raise', under='ignore')\n" + STABLE.format("")),
    "np.seterr and a value": ("K4-3", "np.seterr(all='raise')", "[0.8, 0.64, 0.512]"),
    "np.seterr and a part to be used": ("X2-2", "np.seterr(all='raise')", "y = np.exp(-np.abs(u) - 800)\n"
                                        "return 2 * functions.sigmoid(2 * u) - 1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SETTINGS)
def test_what_a_notebook_sets_costs_no_right_answer(kind, sandbox):
    check, before, answer = SETTINGS[kind]
    cell = f"{before}\n{EXERCISES[check].source(answer)}"
    with np.errstate(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.filters", [])
        assert alone(EXERCISES[check], cell, {"np": np, "functions": functions}).message == ""
    assert list(across(check, [cell], SETUP, sandbox)) == [None]


ERRORS = {
    "np.zeros(3, dtype=np.int)": ("use `int` by itself", "代わりに int と書きます"),
    "np.Inf * b": ("Use `np.inf` instead", "代わりに np.inf と書きます"),
    "np.float_(1)": ("Use `np.float64` instead", "代わりに np.float64 と書きます"),
    "np.product(x)": ("no attribute 'product'", "代わりに np.prod と書きます"),
    "np.lookfor(x)": ("documentation directly", "なくなりました。"),
    "np.zeross(3)": ("Did you mean: 'zeros'?", "zeros の書き間違い"),
    "x.shpae": ("Did you mean: 'shape'?", "shape の書き間違い"),
    "weights = x\nreturn wieghts": ("Did you mean: 'weights'?", "weights の書き間違い"),
    "{}['W1']": ("KeyError", "辞書にその名前がありません"),
    "import nunpy": ("No module named 'nunpy'", "読み込もうとしたもの"),
    "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})": ("(Mute)", "print"),
}


def test_what_an_error_advises_is_kept_on_both_sides(sandbox):
    exercise = EXERCISES["K1-2"]
    cells = [exercise.source(answer) for answer in ERRORS]
    for cell, words, graded in zip(cells, ERRORS.values(), across("K1-2", cells, SETUP, sandbox), strict=True):
        message = told(alone(exercise, cell, {"np": np, "functions": functions}).message)
        assert message == told(graded) and len(message) < 1500
        assert all(part in message for part in words), message


def test_arguments_that_an_answer_changes_are_told_on_both_sides(sandbox):
    exercise = EXERCISES["K1-2"]
    right = "u = np.dot(x, W) + b\n{}\nreturn u"
    cells = [
        exercise.source(right.format(change))
        for change in ("x.shape = (*x.shape, 1)", "W *= 2", "x.sort()", "W.T[:] = 0", "x.flags.writeable = False")
    ]
    graded = list(across("K1-2", cells, SETUP, sandbox))
    for cell, message in zip(cells, graded, strict=True):
        assert told(alone(exercise, cell, {"np": np, "functions": functions}).message) == told(message or "")
    assert ["書き換わって" in (message or "") for message in graded] == [True] * 4 + [False]


@pytest.mark.parametrize(
    "given",
    [
        "collections.deque(p)",
        "memoryview(p)",
        "p.tolist()",
        "Tensor(p)",
        "tuple(p)",
        "each(fractions.Fraction)(p)",
        "p.view(Sly)",
    ],
)
def test_a_function_of_the_check_takes_what_stands_for_a_value(given, sandbox):
    body = (
        f"h = 1e-4\ndef at(p):\n    return f({given})\nsteps = h * np.eye(x.size).reshape(-1, *x.shape)\n"
        "return np.array([(at(x + s) - at(x - s)) / (2 * h) for s in steps]).reshape(x.shape)"
    )
    cell = EXERCISES["D3"].source(body)
    names = {}
    exec(PRELUDE, names)
    graded = next(across("D3", [cell], SETUP, sandbox))
    assert told(alone(EXERCISES["D3"], cell, names).message) == told(graded or "")


def test_a_shape_may_be_an_array(sandbox):
    shapes = '{"W": np.array([4, 3]), "b": np.array([3]), "u": [20.0, 3], "z": np.array((20, 3), dtype=object)}'
    wrong = shapes.replace("[4, 3]", "[3, 4]")
    assert alone(EXERCISES["X1-1"], f"x1_1 = {shapes}", {"np": np}).passed
    cells = [f"x1_1 = {value}" for value in (shapes, wrong)]
    right, other = across("X1-1", cells, SETUP, sandbox)
    assert right is None and "W の形は (3, 4) ではありません" in other
