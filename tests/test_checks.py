"""dlcourse.checks: right answers pass in every style, wrong ones fail with the hint they deserve."""

import functools
import itertools
import re
import sys

import numpy as np
import pytest

from dlcourse import functions
from dlcourse.checks import EXERCISES, CheckError, Choice, Line, check, grade
from dlcourse.checks.chapter3 import chosen
from dlcourse.checks.compare import SINGLE, difference, show
from tests.helpers import ROOT

SEEDS = range(3)  # each judgement draws every input twice

VARIANTS = [(id, answer) for id, exercise in EXERCISES.items() for answer in exercise.variants]
PITFALLS = [(id, answer, hint) for id, exercise in EXERCISES.items() for answer, hint in exercise.pitfalls.items()]


def judge(exercise_id, answer, seed=0):
    exercise = EXERCISES[exercise_id]
    return exercise.judge(exercise.define(answer), np.random.default_rng(seed))


@pytest.mark.parametrize(("exercise_id", "answer"), VARIANTS)
def test_other_right_answers_are_accepted(exercise_id, answer):
    for seed in SEEDS:
        verdict = judge(exercise_id, answer, seed)
        assert verdict.passed, f"seed {seed}: {verdict.message}"


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), PITFALLS)
def test_listed_mistakes_are_rejected_with_their_own_hint(exercise_id, answer, hint):
    for seed in SEEDS:
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


def test_messages_point_to_a_heading_of_the_book():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "book").glob("*.md"))
    headings = set(re.findall(r"^#+ (.+)$", pages, re.MULTILINE))
    assert {exercise.section for exercise in EXERCISES.values()} <= headings


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


def test_a_name_that_is_not_defined_says_what_to_run():
    with pytest.raises(CheckError, match="total_input がまだ定義されていません"):
        check("K1-2", namespace={})


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


def test_errors_in_the_answer_are_explained_with_the_students_line(tmp_path):
    cell = tmp_path / "cell.py"
    cell.write_text("def total_input(x, W, b):\n    return np.dot(x, V) + b\n", encoding="utf-8")
    namespace = {"np": np}
    exec(compile(cell.read_text(encoding="utf-8"), str(cell), "exec"), namespace)
    with pytest.raises(CheckError) as failed:
        check("K1-2", namespace=namespace)
    assert "NameError" in str(failed.value)
    assert "2行目 return np.dot(x, V) + b" in str(failed.value)
    assert "V という名前が見つかりません" in str(failed.value)


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("T1-1", "rng.random(2, 3)", "形は (2, 3) のように1つにまとめて"),
        ("K1-2", "b[0] + x", "取り違えて"),
        ("K1-2", "max(0, x)", "np.maximum"),
        ("T1-4b", 'network["w1"]', "大文字と小文字"),
        ("T1-4", "[layer_sizes[i + 1] for i in range(len(layer_sizes))]", "長さを超えて"),
        ("T1-1", "if kind == 'random':\n    return rng.random(shape)", "return を書きましたか"),
        ("K1-2", "exit()", "値を返すのは return です"),
        ("K1-2", "total_input(x, W, b)", "自分自身を呼び続けて"),
        ("K1-2", "x.dott(W)", "dott という機能が見つかりません"),
        ("K1-2", "import no_such_module", "読み込もうとしたもの"),
        ("K1-2", "if x is None:\n    u = 0\nreturn u + b", "代入する前に"),
        ("K1-2", "1 / 0", "0 で割っている"),
        ("X2-1", "np.exp(1e4 * np.abs(u) + 1e4)", "溢れたか、0 で割って"),
        ("K1-2", "raise RuntimeError('x' * 5000)", "途中の値を print"),
    ],
)
def test_common_errors_get_advice_that_fits(exercise_id, answer, words):
    message = judge(exercise_id, answer).message
    assert words in message and len(message) < 1500 and "Traceback" not in message


@pytest.mark.parametrize(
    ("exercise_id", "answer", "unrelated"),
    [
        ("K0-3", '{"W1": (2, 2), "b1": (3,), "W2": (3, 3), "b2": (3,), "W3": (3, 1), "b3": (1,)}', "転置"),
        ("X1-1", '{"W": (4, 3), "b": (3,), "u": (20, 4), "z": (20, 4)}', "逆"),
        ("T1-1", "return -np.ones(shape) if kind == 'ones' else np.zeros(shape)", "kind の値によって"),
        ("T1-2", "-rng.uniform(low, high, size)", "固定"),
        ("T1-2", "rng.integers(low, high, size)", "rng"),
        ("X3-2", chosen(B=("softmax", "cross_entropy", 1)), "シグモイド関数なら"),
        ("X3-2", chosen(D=("identity", "cross_entropy", 3)), "ソフトマックス"),
        ("D3", "np.zeros(x.shape)[0]", "合計"),
        ("T4-2", "np.nan", "0 以下"),
    ],
)
def test_a_hint_is_not_given_for_another_mistake(exercise_id, answer, unrelated):
    for seed in SEEDS:
        verdict = judge(exercise_id, answer, seed)
        assert not verdict.passed and unrelated not in (verdict.hint or "")


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
def test_lazy_answers_are_found_out(exercise_id, answer):
    for seed in SEEDS:
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


def test_a_result_that_has_lost_its_digits_is_told_so():
    assert "float32 に丸められて" in judge("K1-2", "np.float32(x @ W + b)").message
    assert "わずかに" in judge("K1-2", "np.float64(np.float32(x @ W + b))").message


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


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("X2-3", "leaky_relu(negative_slope, u)", "自分自身を呼び続けて"),
        (
            "X2-3",
            "np.where(negative_slope > 0, negative_slope, u * negative_slope)",
            "u と negative_slope を取り違えて",
        ),
        ("K3-2b", "2 * s * (y - d) * 3", "正しい値の約 3 倍"),
        ("K3-2b", "(2 * s * (y - d))[::-1]", "順番が違います"),
        ("K3-2b", "2 * s * (y - d)[None]", "長さ 1 の軸"),
        ("X4-1", "return w + momentum * v - learning_rate * gradient", "w と v の2つ"),
        ("T4-3", "return x @ w", "ちょうど2個"),
        ("T5-1b", "return {'W1': network['W1']}", "W2、b2 がありません"),
        ("K1-2", "np.dot(x, W) + b + 1e-6", "値を丸めたり"),
        ("K1-2", "np.zeros(3)", "結果が前と同じ"),
        ("X5-3", "dout / (u > 0)", "inf があります"),
        ("K3-4c", "y[d * 1.0]", "番号にできるのは整数だけ"),
    ],
)
def test_mistakes_that_nobody_listed_get_advice_from_what_came_out(exercise_id, answer, words):
    assert words in judge(exercise_id, answer).message


def test_a_function_of_other_parameters_is_told_which_ones():
    namespace = {}
    exec("def total_input(x, W):\n    return x @ W", namespace)
    with pytest.raises(CheckError, match=r"total_input\(x, W, b\) と書きましょう"):
        check("K1-2", namespace=namespace)


def test_a_name_of_another_cell_says_which_cells_to_run():
    message = judge("H1d", "return layer_gradients(x, d, network['W1'])").message
    assert "layer_gradients という名前が見つかりません" in message and "そのセル(準備のセルも)を先に" in message


def test_an_error_in_a_function_of_another_cell_names_the_line_there(tmp_path):
    helper, cell = tmp_path / "helper.py", tmp_path / "cell.py"
    helper.write_text("def multiply(x, W):\n    return x @ W.no_such\n", encoding="utf-8")
    cell.write_text("def total_input(x, W, b):\n    return multiply(x, W) + b\n", encoding="utf-8")
    namespace = {}
    for file in (helper, cell):
        exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), namespace)
    with pytest.raises(CheckError, match="2行目 return x @ W.no_such"):
        check("K1-2", namespace=namespace)


def test_an_error_that_cannot_be_told_is_still_named():
    answer = "class Own(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Own"
    assert "エラーが起きました(Own)。" in judge("T3-1", answer).message


def test_the_students_line_is_never_one_of_numpys():
    message = judge("T1-1", "rng.random(2, 3)").message
    assert "2行目" in message and not re.search(r"\d{3}行目", message)


@pytest.mark.parametrize(
    ("exercise_id", "answer"),
    [
        (
            "T1-1",
            "own = np.random.default_rng(1)\nreturn {'zeros': np.zeros(shape), 'ones': np.ones(shape), "
            "'rand': own.random(shape), 'randint': own.integers(5, size=shape)}[kind]",
        ),
        ("T1-2", "np.random.seed(0)\nreturn np.random.uniform(low, high, size)"),
        (
            "T1-4",
            "return {name: np.random.default_rng(int(name[1])).random(shape) for name, shape in "
            "[(f'{k}{i}', (a, b) if k == 'W' else (b,)) for i, (a, b) in "
            "enumerate(zip(layer_sizes, layer_sizes[1:]), 1) for k in 'Wb']}",
        ),
    ],
)
def test_answers_that_leave_the_given_generator_alone_are_told_so(exercise_id, answer):
    for seed in SEEDS:
        assert "rng" in judge(exercise_id, answer, seed).hint


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"W": (4, 3), "b": 3, "u": (20, 3), "z": (20, 3)}', "コンマ"),
        ('{"W": "(4, 3)", "b": (3,), "u": (20, 3), "z": (20, 3)}', "引用符"),
        ('{"W": (4, 3), "b": (1, 3), "u": (20, 3), "z": (20, 3)}', "軸の数"),
        ('{"W": (4, 3), "b": (3,), "u": (20,), "z": (20, 3)}', "2つの数"),
        ('{"W": (4, 3), "b": (3,), "u": (20, 3)}', "W、b、u、z"),
        ("None", "辞書"),
    ],
)
def test_slips_with_tuples_are_explained(answer, words):
    assert words in judge("X1-1", answer).message


def test_a_mistake_in_other_numbers_than_the_listed_ones_is_named_too():
    transposed = (
        "network = {}\nfor i, (a, b) in enumerate(zip(layer_sizes, layer_sizes[1:]), 1):\n"
        "    network[f'W{i}'], network[f'b{i}'] = rng.standard_normal((b, a)), np.ones(b)\nreturn network"
    )
    assert "行と列が逆" in judge("T1-4", transposed).message


def test_only_the_part_that_differs_is_shown():
    answer = (
        "z1 = functions.relu(np.dot(x, network['W1']) + network['b1'])\n"
        "u2 = np.dot(z1, network['W2']) + network['b2']\nreturn z1, z1, u2, u2"
    )
    message = judge("T1-5", answer).message
    assert "1番目の値" in message or "4番目の値" in message
    assert len(re.findall("期待", message)) == 1 and len(message) < 1500


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


class Hostile:
    """Nothing that is done with it works."""

    def __repr__(self):
        raise RuntimeError

    __eq__ = __array__ = __bool__ = __len__ = __repr__
    __hash__ = None


ENDLESS = []
ENDLESS += [ENDLESS, ENDLESS]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        3,
        "text",
        [],
        {},
        object(),
        Hostile(),
        [Hostile()],
        {"A": Hostile()},
        np.array(3),
        10**400,
        float("nan"),
        lambda *a: ENDLESS,
        "\ud800",
        "def f(:",
        lambda *a: Hostile(),
        lambda *a: [10**400],
        lambda *a: 1j,
        lambda: 1,
        lambda *a: object(),
        lambda *a: [[1], [1, 2]],
        lambda *a: "1",
        lambda *a: a,
        lambda *a: {1, 2},
        lambda *a: np.array(["1"]),
        lambda *a: np.full(3, np.nan),
        np.zeros(3),
    ],
)
def test_any_answer_to_any_exercise_ends_in_one_kind_sentence(answer):
    for exercise in EXERCISES.values():
        verdict = exercise.judge(answer, np.random.default_rng(0))
        assert not verdict.passed and verdict.message.startswith(f"✗ {exercise.id} まだ正解ではありません。")


def test_overflow_is_seen_where_numpy_has_no_flags(monkeypatch):
    """As in a browser, where the same answers are judged."""
    exercise, rng = EXERCISES["X2-1"], np.random.default_rng(0)
    monkeypatch.setattr(type(exercise), "overflow", "ignore")
    assert not [variant for variant in exercise.variants if not exercise.judge(exercise.define(variant), rng).passed]
    for pitfall, hint in exercise.pitfalls.items():
        verdict = exercise.judge(exercise.define(pitfall), rng)
        assert not verdict.passed and verdict.hint == hint, pitfall


def test_difference_is_strict_about_shapes_and_lenient_about_containers():
    assert difference(np.ones(3), [1, 1.0, 1 + 1e-12]) is None
    assert difference(np.ones(3), np.ones((1, 3))) and difference(np.ones(3), np.ones((3, 1)))
    assert difference(1.0, np.ones(1)) and difference(np.zeros(0), None)
    assert difference(1.0, 1 + 1e-8) and difference(1.0, 1 + 1e-6, tolerance=SINGLE) is None
    assert difference({"a": 1}, {"b": 1}) and difference({"a": 1}, [1])
    assert difference((1, {"a": 2}), (1, {"a": 3})).sentence == "2番目の値: a: 値が違います。"
    assert difference((1, 2), 1) and difference((1, 2), [1, 2]) is None
    assert difference(True, 1) and difference("a", "b")
    assert difference(True, np.bool_(True)) is None and difference(True, np.array(False))
    assert difference(np.array([1.0, 0.0]), [True, False]) and difference(np.array([True, False]), [1, 0])
    assert difference((1, 2), np.array([1, 2])) is None and difference((1, 2), np.array(1))
    assert "わずかに" in difference(1.0, 1 + 1e-7).sentence
    assert difference((abs, 1), (abs, 1)) is None and difference((abs, 1), (abs, 2))


def test_functions_among_the_arguments_are_not_compared():
    assert difference((np.sin, np.ones(2)), (lambda x: x, np.ones(2))) is None
    assert difference((np.sin, np.ones(2)), (np.sin, np.zeros(2)))


def test_show_is_short():
    assert len(show(np.arange(10_000))) < 200 and len(show("x" * 10_000)) < 300
    assert "形(2, 2)" in show(np.eye(2))
    assert show(lambda x: x) == "(関数)"
    assert "f = |x - 3| + 5x, x = 3.0" in judge("D1", "(f(x + 1e-6) - f(x)) / 1e-6").message
