"""dlcourse.checks: right answers pass in every style, wrong ones fail with the hint they deserve."""

import functools
import itertools
import re
import sys

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.checks import EXERCISES, CheckError, Choice, Line, check, grade
from tests.helpers.judging import judge

VARIANTS = [(id, answer) for id, exercise in EXERCISES.items() for answer in exercise.variants]
PITFALLS = [(id, answer, hint) for id, exercise in EXERCISES.items() for answer, hint in exercise.pitfalls.items()]


@pytest.mark.parametrize(("exercise_id", "answer"), VARIANTS)
def test_other_right_answers_are_accepted(exercise_id, answer, seeds):
    for seed in seeds:
        verdict = judge(exercise_id, answer, seed)
        assert verdict.passed, f"seed {seed}: {verdict.message}"


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), PITFALLS)
def test_listed_mistakes_are_rejected_with_their_own_hint(exercise_id, answer, hint, seeds):
    for seed in seeds:
        verdict = judge(exercise_id, answer, seed)
        assert not verdict.passed, f"seed {seed}: accepted {answer}"
        assert verdict.hint == hint, f"seed {seed}: {verdict.message}"
        assert hint in verdict.message and len(verdict.message) < 1500


def test_every_exercise_lists_mistakes_and_other_right_answers():
    for exercise in EXERCISES.values():
        if isinstance(exercise, Choice | Line):
            # A number or a copied line is no code: each wrong choice, and each other line that one may
            # take for the right one, has its reason; a right one can hardly be written otherwise.
            mistakes, styles = 5, 2
        else:
            mistakes, styles = 8, 4
        assert len(exercise.pitfalls) >= mistakes, exercise.id
        assert len(set(exercise.variants)) >= styles, exercise.id


@pytest.mark.parametrize("exercise", [e for e in EXERCISES.values() if isinstance(e, Choice)], ids=lambda e: e.id)
def test_every_set_of_numbers_but_the_right_one_is_rejected_with_a_reason(exercise):
    options = sorted(exercise.correct | set(exercise.reasons))
    assert options == list(range(1, len(options) + 1))
    for size in range(1, len(options) + 1):
        for numbers in itertools.combinations(options, size):
            verdict = exercise.judge(set(numbers), np.random.default_rng(0))
            assert verdict.passed == (set(numbers) == exercise.correct)
            assert verdict.passed or verdict.hint in {*exercise.reasons.values(), exercise.missing}


def test_the_reference_in_place_of_an_own_answer_earns_nothing():
    from dlcourse.functions import affine

    for borrowed in (affine, lambda x, W, b: functions.affine(x, W, b), lambda *arguments: [affine(*arguments)][0]):
        with pytest.raises(CheckError, match="dlcourse の affine を呼び出しています"):
            check("K1-2", namespace={"total_input": borrowed})


@pytest.mark.parametrize(
    ("exercise_id", "answer", "borrowed"),
    [
        (
            "T1-4",
            "from dlcourse.network import init_network as init\nreturn init(layer_sizes, rng=rng)",
            "init_network",
        ),
        (
            "T1-7",
            "from dlcourse import network as n\ny = n.forward(network, x, output=functions.sigmoid)['y']\n"
            "return y, functions.cross_entropy_error(d, y)",
            "forward",
        ),
        ("T2-1", "functions.d_relu(u)", "d_relu"),
        ("T2-1b", "functions.d_softplus(u)", "d_softplus"),
        ("T2-1e", "np.exp(functions.log_softmax(u))", "log_softmax"),
        (
            "T2-2",
            "from dlcourse.network import forward\ny = forward(network, x)['y']\nreturn y, functions.sigmoid(y)",
            "forward",
        ),
        ("X2-1", "(1 + functions.tanh(u / 2)) / 2", "tanh"),
        ("K3-3d", "np.exp(functions.log_softmax(u))", "log_softmax"),
        ("K3-4c", "functions.cross_entropy_error(d, y) if np.ndim(y) == 2 else 0.0", "cross_entropy_error"),
        ("T3-1", "functions.mean_squared_error(d, y) * len(y)", "mean_squared_error"),
        ("T3-1c", "functions.softmax_with_loss(d, np.log(y))", "softmax_with_loss"),
        (
            "X3-1",
            "d = d if np.ndim(d) == 2 else np.eye(u.shape[1])[d]\n"
            "return -np.sum(d * functions.log_softmax(u)) / len(u)",
            "log_softmax",
        ),
        ("X3-4c", "return functions.sigmoid_with_loss(d, u), (functions.sigmoid(u) - d) / len(u)", "sigmoid_with_loss"),
        ("D1", "from dlcourse.gradient import numerical_diff\nreturn numerical_diff(f, x)", "numerical_diff"),
        ("D2", "from dlcourse import gradient\nreturn gradient.numerical_gradient(f, x)[i]", "numerical_gradient"),
        (
            "D3",
            "from dlcourse.gradient import numerical_gradient\nreturn numerical_gradient(f, x)",
            "numerical_gradient",
        ),
        (
            "D4",
            "from dlcourse.optimizers import SGD\np = {'w': np.array(w, dtype=float)}\nfor _ in range(steps):\n"
            "    SGD(learning_rate).update(p, {'w': gradient(p['w'])})\nreturn p['w']",
            "SGD",
        ),
        (
            "X4-2",
            "from dlcourse.optimizers import Adam\np, o = {'w': w.copy()}, Adam(learning_rate, beta1, beta2)\n"
            "for g in gradients:\n    o.update(p, {'w': g})\nreturn p['w']",
            "Adam",
        ),
        ("X5-2", "functions.d_softmax_with_loss(d, functions.softmax(u))", "d_softmax_with_loss"),
        (
            "X5-3",
            "from dlcourse.layers import Relu\nlayer = Relu()\nlayer.forward(u)\nreturn layer.backward(dout)",
            "Relu",
        ),
        (
            "T5-1b",
            "from dlcourse.optimizers import SGD\nnew = {k: v.copy() for k, v in network.items()}\n"
            "SGD(learning_rate).update(new, gradients)\nreturn new",
            "SGD",
        ),
        (
            "T5-4",
            "from dlcourse.network import init_network\n"
            "return init_network([inputs, units], weights=kind, rng=rng)['W1']",
            "init_network",
        ),
        (
            "D4",
            "from dlcourse.optimizers import Momentum\np = {'w': np.array(w, dtype=float)}\n"
            "o = Momentum(learning_rate, 0.0)\nfor _ in range(steps):\n    o.update(p, {'w': gradient(p['w'])})\n"
            "return p['w']",
            "Momentum",
        ),
        ("K1-2", "getattr(functions, 'aff' + 'ine')(x, W, b)", "affine"),
        ("T2-1c", "np.vectorize(functions.relu)(u)", "relu"),
        (
            "X5-4",
            "from dlcourse import gradient as g\nreturn g.check_gradient(f, x, gradient).passed",
            "check_gradient",
        ),
    ],
)
def test_what_is_to_be_written_may_not_be_called_instead(exercise_id, answer, borrowed):
    assert f"dlcourse の {borrowed} を呼び出しています。" in judge(exercise_id, answer).message


def test_a_part_that_the_question_asks_to_use_has_to_be_used():
    assert "functions.sigmoid を使っていません" in judge("X2-2", "np.tanh(u)").message


def test_check_finds_the_answer_where_it_is_called(capsys):
    exec('check("K1-2")', {"check": check, "total_input": lambda x, W, b: x @ W + b})
    assert capsys.readouterr().out == "✓ K1-2 正解です。\n"


def test_an_unknown_id_lists_the_known_ones():
    with pytest.raises(ValueError, match="K9-9.*K1-2"):
        check("K9-9", namespace={})


def test_the_self_check_repeats_its_inputs_and_grading_draws_new_ones():
    def inputs_of(examine):
        seen = []
        examine("K1-2", namespace={"total_input": lambda x, W, b: (seen.append(np.copy(x)), x @ W + b)[1]})
        return seen

    first, second = inputs_of(check), inputs_of(check)
    assert all(map(np.array_equal, first, second))
    graded, again = inputs_of(grade), inputs_of(grade)
    assert len(graded) > len(first)
    assert not any(np.array_equal(a, b) for a, b in zip(graded, again, strict=True))


def test_an_answer_that_only_knows_the_visible_inputs_fails_in_grading():
    known = []

    def copied(x, W, b):
        known.append((np.copy(x), x @ W + b))
        return known[-1][1]

    check("K1-2", namespace={"total_input": copied})

    def hard_coded(x, W, b):
        return next((u for seen, u in known if np.array_equal(seen, x)), 0.0)

    check("K1-2", namespace={"total_input": hard_coded})
    with pytest.raises(CheckError, match=r'check\("K1-2", seed=\d+\)'):
        grade("K1-2", namespace={"total_input": hard_coded})


def test_a_grading_failure_can_be_reproduced_with_its_seed():
    namespace = {"total_input": lambda x, W, b: x @ W + b * (np.abs(x).max() < 1.5)}
    with pytest.raises(CheckError) as failed:
        for _ in range(50):
            grade("K1-2", namespace=namespace)
    seed = int(re.search(r"seed=(\d+)", str(failed.value))[1])
    with pytest.raises(CheckError) as again:
        check("K1-2", seed=seed, namespace=namespace)
    assert str(again.value) == str(failed.value)


@pytest.mark.parametrize(
    ("exercise_id", "answer"),
    [
        (
            "T1-1",
            "if kind == 'rand':\n    return np.tile(rng.random(shape[-1]), shape).reshape(-1, *shape)[0]\n"
            "return {'zeros': np.zeros(shape), 'ones': np.ones(shape)}.get(kind, rng.integers(5, size=shape))",
        ),
        (
            "T1-1",
            "rng.random()\nown = np.random.default_rng(1)\nreturn {'zeros': np.zeros(shape), 'ones': np.ones(shape), "
            "'rand': own.random(shape), 'randint': own.integers(5, size=shape)}[kind]",
        ),
        (
            "T1-4",
            "return {f'{k}{i}': rng.random(b) + np.zeros((a, b) if k == 'W' else b) for i, (a, b) in "
            "enumerate(zip(layer_sizes, layer_sizes[1:]), 1) for k in 'Wb'}",
        ),
        (
            "X2-1",
            "def quiet(v):\n    with np.errstate(all='ignore'):\n        return 1 / (1 + np.exp(-v))\nreturn quiet(u)",
        ),
        ("X2-4", "(X[:2] @ W + b <= 0).all(axis=0)"),
        ("X2-4", "(functions.relu(X @ W + b) < 1e-20).all(axis=0)"),
        ("X5-3", "dout * (u > 1e-12)"),
        ("T2-1b", "1 / (1 + np.exp(-np.clip(u, -36, 36)))"),
        ("T2-1b", "1 / (1 + np.exp(np.minimum(-u, 60)))"),
        ("X2-1", "1 / (1 + np.exp(-np.clip(u, -300, 300)))"),
        ("X2-1", "(1 / (1 + np.exp(-u.astype(np.longdouble)))).astype(float)"),
        (
            "K3-3d",
            "e = np.exp(np.maximum(u - np.max(u, axis=-1, keepdims=True), -40))\n"
            "return e / np.sum(e, axis=-1, keepdims=True)",
        ),
        (
            "X5-1b",
            "total = apple * apples + orange * oranges\nlayer = [1]\n"
            "return total * tax, (apples * tax, apple * tax, oranges * tax, orange * tax, total)",
        ),
    ],
)
def test_lazy_answers_are_found_out(exercise_id, answer, seeds):
    for seed in seeds:
        assert not judge(exercise_id, answer, seed).passed


ELSEWHERE = {
    "thread": "t = threading.Thread(target=lambda: out.append(naive()))\nt.start()\nt.join()\nreturn out[0]",
    "pool": "with ThreadPoolExecutor() as pool:\n    return pool.submit(naive).result()",
    "context": "return contextvars.Context().run(naive)",
    "silenced in a thread": "def quiet():\n    with np.errstate(all='ignore'):\n        return naive()\n"
    "with ThreadPoolExecutor() as pool:\n    return pool.submit(quiet).result()",
    "without warnings": "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
    "    return contextvars.Context().run(naive)",
}
NAIVE = (
    "import contextvars, threading, warnings\nfrom concurrent.futures import ThreadPoolExecutor\nout = []\n"
    "v = np.array(u)\ndef naive():\n    return %s\n"
)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize(
    "naive",
    [
        "1 / (1 + np.exp(-u))",
        "1 / (1 + np.exp(-v))",
        "np.nan_to_num(np.exp(v) / (np.exp(v) + 1), nan=1.0)",
        "np.where(v >= 0, 1 / (1 + np.exp(-v)), np.exp(v) / (1 + np.exp(v)))",
        "1 / (1 + np.e ** -v)",
    ],
)
def test_overflow_is_seen_wherever_it_happens(where, naive):
    assert not judge("X2-1", NAIVE % naive + ELSEWHERE[where]).passed


@pytest.mark.parametrize("where", ["thread", "pool", "context"])
def test_what_does_not_overflow_may_be_calculated_anywhere(where):
    stable = "np.where(v >= 0, 1, np.exp(-np.abs(v))) / (1 + np.exp(-np.abs(v)))"
    assert judge("X2-1", NAIVE % stable + ELSEWHERE[where]).passed


@pytest.mark.parametrize(
    "line",
    [
        "z1 = functions.functions.relu(u1)",
        "z1 = functions.relu(functions.u1)",
        "functions.z1 = functions.relu(u1)",
        "z1 = functions.relu.relu(u1)",
        "z1 = relu.functions(u1)",
    ],
)
def test_only_a_function_of_the_course_may_stand_without_its_module(line):
    assert not EXERCISES["K1-3"].judge(line, np.random.default_rng(0)).passed
    assert EXERCISES["K1-3"].judge("z1 = relu(u1)", np.random.default_rng(0)).passed


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda f: functools.partial(f),
        lambda f: functools.wraps(f)(lambda *a: f(*a)),
        lambda f: Calling(f).call,
        lambda f: Calling(f),
        lambda f: counted(f),
        lambda f: lambda *a: np.longdouble(f(*a)),
        lambda f: lambda *a: (f(*a), np.seterr(all="raise"))[0],
        lambda f: lambda *a: np.asarray(f(*a)).tolist(),
    ],
    ids=["partial", "decorated", "method", "object", "with an attribute", "longdouble", "np.seterr", "lists"],
)
@pytest.mark.parametrize("exercise_id", ["K1-2", "K3-3d"])
def test_it_does_not_matter_in_what_a_right_answer_is_wrapped(exercise_id, wrapped):
    exercise = EXERCISES[exercise_id]
    verdict = exercise.judge(wrapped(exercise.define(exercise.variants[0])), np.random.default_rng(0))
    assert verdict.passed, verdict.message


def counted(function):
    """A right answer that counts its calls, in an attribute that something else may be called by."""

    def answer(*arguments):
        answer.calls += 1
        return function(*arguments)

    answer.calls = answer.name = 0
    return answer


class Calling:
    """A right answer as an object."""

    def __init__(self, function):
        self.function = function

    def call(self, *arguments):
        return self.function(*arguments)

    __call__ = call


def test_the_arrays_that_an_answer_prints_do_not_count_as_silencing():
    """NumPy enters np.errstate itself when it prints."""
    answer = "e = np.exp(-np.abs(u))\nprint(u, e)\nreturn np.where(u >= 0, 1, e) / (1 + e)"
    assert judge("X2-1", answer).passed


@pytest.mark.parametrize("exercise_id", ["K1-2", "T2-1e", "K3-4c", "D4", "H1d", "X5-2"])
def test_answers_that_remember_are_found_out(exercise_id):
    exercise = EXERCISES[exercise_id]
    right = exercise.define(exercise.variants[0])

    def by_shape(*arguments):
        return kept.setdefault(str([np.shape(a) for a in arguments if not isinstance(a, dict)]), right(*arguments))

    def late(*arguments):
        results.append(right(*arguments))
        return results[-2]

    for answer, words in ((by_shape, ""), (late, "結果が毎回変わります")):
        kept, results = {}, [right(*next(iter(exercise.inputs.values()))(np.random.default_rng(1)))]
        verdict = exercise.judge(answer, np.random.default_rng(0))
        assert not verdict.passed and words in verdict.message


def test_prints_and_warnings_of_an_answer_cost_nothing(capsys, recwarn):
    def noisy(x, W, b):
        print("途中の値", x)
        print("警告", file=sys.stderr)
        np.log(np.zeros(1))
        return x @ W + b

    check("K1-2", namespace={"total_input": noisy})
    grade("K1-2", namespace={"total_input": noisy})
    written = capsys.readouterr()
    assert written.out == "✓ K1-2 正解です。\n" and written.err == ""
    assert not recwarn.list


def test_overflow_is_seen_where_numpy_has_no_flags(monkeypatch):
    """As in a browser, where the same answers are judged."""
    exercise, rng = EXERCISES["X2-1"], np.random.default_rng(0)
    monkeypatch.setattr(type(exercise), "overflow", "ignore")
    assert not [variant for variant in exercise.variants if not exercise.judge(exercise.define(variant), rng).passed]
    for pitfall, hint in exercise.pitfalls.items():
        verdict = exercise.judge(exercise.define(pitfall), rng)
        assert not verdict.passed and verdict.hint == hint, pitfall
