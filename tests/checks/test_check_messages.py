"""What dlcourse.checks says of a wrong answer: what happened, where, and what to look at."""

import re

import numpy as np
import pytest

from dlcourse.checks import EXERCISES, CheckError, check
from dlcourse.checks.chapter3.answers import answer_with
from dlcourse.checks.compare import SINGLE, difference, show
from press.languages import sources
from tests.helpers.judging import judge


def test_messages_point_to_a_heading_of_the_book():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in sources("book/*.md"))
    headings = set(re.findall(r"^#+ (.+)$", pages, re.MULTILINE))
    assert {exercise.section for exercise in EXERCISES.values()} <= headings


def test_a_name_that_is_not_defined_says_what_to_run():
    with pytest.raises(CheckError, match="total_input がまだ定義されていません"):
        check("K1-2", namespace={})


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
        ("X3-2", answer_with(B=("softmax", "cross_entropy", 1)), "シグモイド関数なら"),
        ("X3-2", answer_with(D=("identity", "cross_entropy", 3)), "ソフトマックス"),
        ("D3", "np.zeros(x.shape)[0]", "合計"),
        ("T4-2", "np.nan", "0 以下"),
    ],
)
def test_a_hint_is_not_given_for_another_mistake(exercise_id, answer, unrelated, seeds):
    for seed in seeds:
        verdict = judge(exercise_id, answer, seed)
        assert not verdict.passed and unrelated not in (verdict.hint or "")


def test_a_variable_that_is_used_too_early_is_taken_for_no_other():
    message = judge("K1-2", "u = u + b\nreturn u").message
    assert "行の順番" in message and "Did you mean" not in message


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("X2-7", "[1, 0.5, 2.5]", "3個の要素のうち、2個は合っています"),
        ("X4-8", "[0.141, 0.15]", "2個の要素のうち、1個は合っています"),
        ("X3-6", "[0.693, 1.386, 1.04]", "log 2 で割って"),
        ("X5-7", "dict(y=5, delta_k=2, dW2=[4, 6], delta_j=[4, 6], dW1=[[4, 6], [8, 12]])", "層の入力 z を掛けます"),
        ("X5-7", "dict(y=4, delta_k=1, dW2=[3, 0], delta_j=[2, 0], dW1=[[2, 0], [4, 0]])", "y: 値が違います"),
        ("X4-9", "[[[0, 0], [2, 0]], [[2, 0], [4, 2]], [[4, 2], [1, 2]]]", "矢印の始点で求め直しましょう"),
    ],
)
def test_what_was_calculated_by_hand_is_told_which_part_is_wrong(exercise_id, answer, words):
    assert words in judge(exercise_id, answer).message


def test_a_result_that_has_lost_its_digits_is_told_so():
    assert "float32 に丸められて" in judge("K1-2", "np.float32(x @ W + b)").message
    assert "わずかに" in judge("K1-2", "np.float64(np.float32(x @ W + b))").message


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
def test_answers_that_leave_the_given_generator_alone_are_told_so(exercise_id, answer, seeds):
    for seed in seeds:
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
        77,
        "text",
        [],
        {},
        object(),
        Hostile(),
        [Hostile()],
        {"A": Hostile()},
        np.array(77),
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


def test_of_an_answer_that_is_not_begun_nothing_more_is_tried():
    """A class hands in many of these."""
    calls = []

    def initialize_weights(kind, shape, rng):
        calls.append(kind)
        raise NotImplementedError

    with pytest.raises(CheckError, match="まだ書かれていないところがあります。(?s:.*)ヒント: raise "):
        check("T1-1", namespace={"initialize_weights": initialize_weights})
    assert calls == ["zeros"]


@pytest.mark.parametrize("kind", ["length-1", "0-dimensional"])
def test_the_hint_for_a_mistake_is_given_whichever_numpy_has_raised_the_error(kind):
    """The student's NumPy may be older than that of the tests, as in Pyodide."""

    def sigmoid(u):
        raise TypeError(f"only {kind} arrays can be converted to Python scalars")

    with pytest.raises(CheckError, match=r"math\.exp は1つの数しか計算できません"):
        check("T2-1b", namespace={"sigmoid": sigmoid})
