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
from dlcourse.checks.values import MOST_AXES, MOST_BYTES, Elsewhere, NoValue, plain
from dlcourse.grading.isolation.encoding import Reader, Whole, Writer
from dlcourse.grading.isolation.notebook import Cell, run
from press.exercises import source as exercise_source
from tests.helpers.ways_to_write_values import OTHER, PRELUDE, RIGHT, WAYS

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
    answers = sample(exercise, request.config.getoption("--everything"))
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


def test_the_quick_way_for_arrays_keeps_the_bounds():
    """An array of numbers is read without a reader: what a reader would refuse stays refused, and nothing is shared."""
    own = np.arange(6.0).reshape(2, 3)
    read = plain(own)
    assert type(read) is np.ndarray and np.array_equal(read, own) and not np.shares_memory(read, own)
    assert isinstance(plain(np.zeros((MOST_BYTES // 8 + 1,))), NoValue)
    most = 64 if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else 32  # axes that NumPy has
    many = np.ones((1,) * most)
    assert isinstance(plain(many), NoValue) == (most > MOST_AXES)
