"""The page 進み具合: what is solved moves between the page and the notebooks, and no answer is lost on the way."""

import copy
import functools
import json

import nbformat
import pytest

from dlcourse.grading import execute
from dlcourse.grading.isolation.notebook import run
from dlcourse.grading.isolation.sandbox import Sandbox
from press.exercises import source as sources
from rehearsal.sample_class import Assignment
from tests.helpers.editors import EDITORS, NAMES, code_cells, handed_in, released, solution, solved, windows

KEPT = "dlcourse / "
EXERCISES = {name: sources.read(source).exercises for name, source in zip(NAMES, sources.files(), strict=True)}
ANSWERS = {a.check: a for exercises in EXERCISES.values() for exercise in exercises for a in exercise.answers}
IN = {name: [a.check for exercise in exercises for a in exercise.answers] for name, exercises in EXERCISES.items()}
FIRST = NAMES[0]
# A browser that has no more room for the course.
FULL = """const set = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, text) {
  if (key.startsWith("dlcourse")) throw new Error("full");
  set.call(this, key, text);
}"""


@pytest.fixture
def open_page(chromium, address):
    contexts, problems = [], []

    def make(url=f"{address}/book/progress.html", script=""):
        contexts.append(chromium.new_context(locale="ja-JP", viewport={"width": 390, "height": 844}))
        contexts[-1].add_init_script(script)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.asked, page.says_yes = [], True  # the questions that were asked, and what is answered
        page.on("dialog", lambda dialog: (page.asked.append(dialog.message), answer(dialog, page.says_yes)))
        page.goto(url)
        return page

    yield make
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        context.close()
    assert not problems


def answer(dialog, yes):
    dialog.accept() if yes else dialog.dismiss()


@pytest.fixture
def page(open_page):
    return open_page()


def records(page):
    everything = page.evaluate("() => ({...localStorage})")
    return {key.removeprefix(KEPT): json.loads(text) for key, text in everything.items() if key.startswith(KEPT)}


def codes(page):
    return {check: kept["code"] for check, kept in records(page).items()}


def keep(page, **codes):
    kept = {check: {"code": code, "passed": False, "edition": ANSWERS[check].edition} for check, code in codes.items()}
    page.evaluate(
        "(kept) => Object.entries(kept).forEach(([key, text]) => localStorage.setItem(key, text))",
        {KEPT + check: json.dumps(one) for check, one in kept.items()},
    )


def forget(page):
    page.evaluate("localStorage.clear()")


def said(page):
    page.locator("[role=status]:not(:empty)").wait_for()
    return page.locator("[role=status]:not(:empty)").inner_text()


def press(page, name):
    page.evaluate("tell('')")  # what is said next is the answer to this
    page.get_by_role("button", name=name, exact=True).press("Enter")


def choose(page, name, *files):
    """What is said when these (name, text) are chosen."""
    with page.expect_file_chooser() as chooser:
        press(page, name)
    chooser.value.set_files([{"name": name, "mimeType": "", "buffer": text.encode()} for name, text in files])
    return said(page)


def load(page, *texts):
    """Read notebooks, which have the names of their chapters."""
    return choose(page, "ノートブックを読み込む", *zip((f"{name}.ipynb" for name in NAMES), texts, strict=False))


def put(page, text):
    """Write into a notebook that lies under a name of its own."""
    return choose(page, "手もとのノートブックに書き込む", ("もらった課題 (1).ipynb", text))


def written(page, act):
    """The name and the content of the file that comes of it."""
    with page.expect_download() as download:
        act()
    text = download.value.path().read_text("utf-8")
    return download.value.suggested_filename, text


def chapter(page, name):
    """The button at the chapter; two pages of one notebook have one each."""
    return page.get_by_role("button", name=f"ノートブックに書き込む({name}.ipynb)", exact=True).last


def make(page, name):
    """A new notebook with the page's answers."""
    return written(page, lambda: chapter(page, name).press("Enter"))


def checked(name):
    """The solved notebook as JupyterLab keeps it, each check of which has said ✓."""
    notebook = copy.deepcopy(solved(name))
    for cell in code_cells(notebook):
        text = [f"✓ {cell['id']} 正解です。\n"] if cell["id"] in ANSWERS else []
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": text}] * bool(text)
    return notebook


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def text_of(cell):
    return "".join(cell["source"])


def model(name):
    return {check: text_of(cell_of(solved(name), f"{check}-answer")) for check in IN[name]}


def nbstripout(notebook):
    """Numbers in place of ids; nbgrader's metadata stays."""
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = str(number)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook)


def nb_clean(notebook):
    """The ids stay, and nothing else of what a program adds. Here a cell of the student's stands before each check."""
    mine = {"cell_type": "code", "metadata": {}, "source": "mine = 1", "outputs": []}
    cells = [[mine | {"id": f"mine-{cell['id']}"}] * (cell["id"] in ANSWERS) + [cell] for cell in notebook["cells"]]
    notebook["cells"] = sum(cells, [])
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook)


def nameless(notebook):
    """Neither ids nor metadata: an answer is what stands before its check."""
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    return json.dumps(notebook)


# --- there and back ---------------------------------------------------------------------------------------


def test_every_answer_comes_back_as_it_was(page):
    own = {
        check: f'\n{answer.solution}\n\ttext = """\\n 「😀」\u2028 {{" "}} # $&\n"""\n'
        for check, answer in ANSWERS.items()
    }
    keep(page, **own)
    made = dict(make(page, name) for name in NAMES)
    assert list(made) == [f"{name}.ipynb" for name in NAMES] and not page.asked
    for name, text in zip(NAMES, made.values(), strict=True):
        before, after = json.loads(released(name).read_text("utf-8")), json.loads(text)
        nbformat.validate(after)
        for check in IN[name]:
            cell = cell_of(after, f"{check}-answer")
            assert text_of(cell) == own[check]
            cell["source"] = cell_of(before, f"{check}-answer")["source"]
        assert after == before, "nothing else has changed"
    forget(page)
    assert f"{sum(map(len, EXERCISES.values()))} 問の解答を読み込みました" in load(page, *made.values())
    assert codes(page) == own and not any(kept["passed"] for kept in records(page).values())
    assert "もうこのページにあります" in load(page, *made.values()) and codes(page) == own


def test_what_notebooks_have_solved_is_shown_and_goes_back(page):
    notebooks = [checked(name) for name in NAMES]
    assert "読み込みました" in load(page, *map(json.dumps, notebooks)) and not page.asked
    assert set(page.locator("[data-answers]").all_inner_texts()) == {"✓ 正解済み"}
    assert codes(page) == {check: code for name in NAMES for check, code in model(name).items()}
    for name, notebook in zip(NAMES, notebooks, strict=True):
        assert "もうノートブックにあります" in put(page, json.dumps(notebook))
        for check in IN[name]:
            cell_of(notebook, f"{check}-answer")["source"] = ANSWERS[check].starter
        made, text = written(page, functools.partial(put, page, json.dumps(notebook)))
        assert made == f"{name}.ipynb" and not page.asked
        after = json.loads(text)
        assert {check: text_of(cell_of(after, f"{check}-answer")) for check in IN[name]} == model(name)
        assert [cell.get("outputs") for cell in after["cells"]] == [cell.get("outputs") for cell in notebook["cells"]]


@pytest.mark.parametrize("program", [*EDITORS, windows, nbstripout, nb_clean, nameless], ids=lambda one: one.__name__)
def test_a_notebook_is_read_as_any_program_saves_it(page, program):
    text = program(checked(FIRST))
    load(page, text)
    read = {check: code.strip().replace("  \n", "\n") for check, code in codes(page).items()}
    assert read == {check: code.strip() for check, code in model(FIRST).items()}
    knows_the_edition = program not in (nbstripout, nb_clean, nameless)
    assert {kept["passed"] for kept in records(page).values()} == {knows_the_edition}
    keep(page, **{"K1-2": "total_input = 1"})
    _, text = written(page, lambda: put(page, text))
    assert "1 問(K1-2)" in page.asked[-1]
    notebook = json.loads(text)
    has_ids = {"id" in cell for cell in notebook["cells"]}
    assert has_ids == {notebook["nbformat_minor"] >= 5}, "as the format of this file has it"


# --- what counts as solved --------------------------------------------------------------------------------


def test_a_check_counts_for_its_own_edition_and_a_real_answer_alone(page):
    notebook = checked(FIRST)
    cell_of(notebook, "K0-1-answer")["source"] = ANSWERS["K0-1"].starter.replace("\n", " \r\n")
    cell_of(notebook, "K0-2")["metadata"]["dlcourse"]["edition"] = "before"
    del cell_of(notebook, "K1-1")["metadata"]["dlcourse"]
    cell_of(notebook, "K1-2")["outputs"] = []
    copied = copy.deepcopy(cell_of(notebook, "K1-3-answer"))  # the last one with something in it is graded
    cell_of(notebook, "K1-3-answer")["source"] = "first = 1"
    notebook["cells"] += [copied | {"id": "copy", "source": ["last = 1"]}, copied | {"id": "c", "source": ""}]
    load(page, json.dumps(notebook))
    kept = records(page)
    assert "K0-1" not in kept and kept["K1-3"]["code"] == "last = 1" and kept["K1-3"]["passed"]
    assert kept["K0-2"]["edition"] == "before", "with which the page says that the exercise is new"
    assert [kept[check]["passed"] for check in ("K1-1", "K1-2", "T1-1")] == [False, False, True]
    marks = page.locator(f"#progress-{FIRST} [data-answers]").all_inner_texts()
    assert marks.count("✓ 正解済み") == len(marks) - 4 and marks.count("… 途中") == 3

    load(page, json.dumps(checked(FIRST)).replace("total_input", "total_in"))
    assert all(kept["passed"] for kept in records(page).values()), "a ✓ is added to the same answer"
    page.reload()
    load(page, nb_clean(checked(FIRST)))
    assert all(kept["passed"] for kept in records(page).values()), "and stays, as when one goes on writing"


def test_an_answer_that_was_written_over_keeps_no_mark_of_the_other(page):
    keep(page, **{"K1-2": "total_input = max"})
    _, text = written(page, lambda: put(page, json.dumps(checked(FIRST))))
    forget(page)
    load(page, text)
    assert records(page)["K1-2"]["code"] == "total_input = max"
    assert [check for check, kept in records(page).items() if not kept["passed"]] == ["K1-2"]


# --- two answers to one exercise --------------------------------------------------------------------------


def test_the_page_loses_no_answer_to_a_notebook(page):
    old = {"K0-3": "k0_3 = 0", "K0-3b": "k0_3b = 0", "K1-2": "x = 1"}
    keep(page, **old, **{"K1-1": ANSWERS["K1-1"].starter, "K2-1": "y = 1"})
    before = records(page)
    page.says_yes = False
    assert load(page, json.dumps(checked(FIRST))) == "何も変えていません。"
    assert records(page) == before and "2 問(K1-2、K0-3)" in page.asked[0]
    page.says_yes = True
    with page.expect_download() as download:
        load(page, json.dumps(checked(FIRST)))
    assert codes(page) == model(FIRST) | {"K2-1": "y = 1"}
    saved = download.value.path().read_text("utf-8")
    choose(page, "記録を読み込む", ("dlcourse-progress.json", saved))
    assert {check: code for check, code in codes(page).items() if check in old} == old


def test_two_files_that_differ_are_not_mixed(page):
    other = json.dumps(checked(FIRST)).replace("total_input", "total_in")
    assert "の解答が、選んだファイルの間で違います" in load(page, json.dumps(checked(FIRST)), other)
    assert records(page) == {}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_the_notebook_loses_no_answer_to_the_page_and_gets_its_marks(page, sandbox, tmp_path):
    keep(page, **model(FIRST))
    notebook = checked(FIRST)
    wrong = {"K1-2": "total_input = max\n%%time\n### END SOLUTION", "K0-3": "k0_3 = {}", "K0-3b": 'k0_3b = """\n1"""'}
    for check, code in wrong.items():
        cell_of(notebook, f"{check}-answer")["source"] = code
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": "mine = 1", "execution_count": 9, "outputs": []}
    notebook["cells"].insert(5, own)
    notebook["cells"][-1]["source"] = "わたしの文"
    mine = json.dumps(notebook)
    page.says_yes = False
    assert put(page, mine) == "何も変えていません。"
    assert "2 問(K1-2、K0-3)" in page.asked[0]
    page.says_yes = True
    name, text = written(page, lambda: put(page, mine))
    assert name == f"{FIRST}.ipynb"
    after = json.loads(text)
    nbformat.validate(after)
    for check, code in wrong.items():
        answer = cell_of(after, f"{check}-answer")
        place = after["cells"].index(answer)
        assert text_of(answer) == model(FIRST)[check] and after["cells"][place + 1]["id"] == check
        first, *kept = text_of(after["cells"].pop(place + 2)).split("\n")
        assert first.startswith("# 前の解答") and "\n".join(kept) == "# " + code.replace("\n", "\n# ")
        answer |= {key: cell_of(notebook, f"{check}-answer")[key] for key in ("source", "execution_count")}
    assert after == notebook, "all else is as it was"

    cells = execute.cells_of(handed_in(FIRST, text, tmp_path)[0])
    result = run(cells, sandbox)
    tests = [outputs for cell, outputs in zip(cells, result.outputs, strict=True) if cell.kind == "test"]
    assert len(tests) == len(Assignment(released(FIRST), solution(FIRST)).exercises)
    assert all([one["output_type"] for one in outputs] == ["stream"] for outputs in tests)
    errors = [one for outputs in result.outputs for one in outputs if one["output_type"] == "error"]
    assert not errors, "the answers that were kept do not run"


def test_an_answer_without_its_cell_is_named(page):
    keep(page, **{"K0-1": "k0_1 = {2}", "K1-2": "x = 1"})
    notebook = json.loads(released(FIRST).read_text("utf-8"))
    place = notebook["cells"].index(cell_of(notebook, "K1-2-answer"))
    del notebook["cells"][place : place + 2]
    texts = []
    written(page, lambda: texts.append(put(page, json.dumps(notebook))))
    assert "1 問の解答を書き込んで" in texts[0] and "1 問(K1-2)は、解答のセルがノートブックにないので" in texts[0]


# --- what is no notebook, and where there is no network ---------------------------------------------------


WRONG = {
    "": "ノートブックとして読めません",
    '{"cells": [': "ノートブックとして読めません",
    "[]": "ノートブックとして読めません",
    '{"cells": [null, 5]}': "ノートブックとして読めません",
    '{"worksheets": [], "nbformat": 3}': "ノートブックとして読めません",
    '{"format": "dlcourse-progress-1", "records": {}}': "「記録を読み込む」から",
    '{"cells": [{"cell_type": "code", "source": 5}, {}], "nbformat": 4}': "この本の問題がありません",
}


def test_another_file_changes_nothing_and_says_what_to_do(page):
    keep(page, **{"K1-2": "x = 1"})
    before = records(page)
    empty = {released(name).read_text("utf-8"): "まだ解答が書かれていません" for name in NAMES}
    for text, words in (WRONG | empty).items():
        told = choose(page, "ノートブックを読み込む", ("メモ.ipynb", text))
        assert told.startswith("メモ.ipynb") and words in told and "\n" not in told
        assert told.endswith(("選んでください。", "読み込んでください。"))
        if text in WRONG:
            assert choose(page, "手もとのノートブックに書き込む", ("メモ.ipynb", text)) == told
    assert records(page) == before and not page.asked


def test_each_of_several_files_is_told_and_the_good_one_is_read(page):
    files = [("a.ipynb", "{"), ("b.ipynb", json.dumps(checked(FIRST))), ("c.ipynb", '{"cells": []}')]
    read, *wrong = choose(page, "ノートブックを読み込む", *files).split("\n")
    assert f"{len(EXERCISES[FIRST])} 問の解答を読み込みました" in read and [line[:7] for line in wrong] == [
        "a.ipynb",
        "c.ipynb",
    ]
    assert codes(page) == model(FIRST)


def test_nothing_to_write_no_network_and_a_browser_that_keeps_nothing(page, open_page):
    chapter(page, FIRST).press("Enter")
    assert "書き込む解答が、まだこのブラウザーにありません" in said(page)
    keep(page, **{"K1-2": "x = 1"})
    for answering in (lambda route: route.abort(), lambda route: route.fulfill(status=404)):
        page.evaluate("tell('')")
        page.route("**/notebooks/*", answering)
        chapter(page, FIRST).press("Enter")
        assert "サイトのノートブックを受け取れませんでした" in said(page)
    full = open_page(script=FULL)
    assert "ブラウザーが記録を受け付けませんでした" in load(full, json.dumps(checked(FIRST)))


def test_without_jupyterlite_s_notebooks_it_says_so_and_leaves_none(page):
    press(page, "ブラウザーのノートブックから読み込む")
    assert "「ブラウザーで開く」で書いたノートブックがありません" in said(page)
    assert page.evaluate("indexedDB.databases()") == []


def test_a_page_that_was_opened_as_a_file_does_the_same(open_page, built_site, address):
    page = open_page((built_site / "book" / "progress.html").as_uri())
    load(page, json.dumps(checked(FIRST)))
    assert page.locator("[data-answers]").all_inner_texts().count("✓ 正解済み") == len(EXERCISES[FIRST])
    with page.expect_file_chooser() as chooser:
        chapter(page, FIRST).press("Enter")
    assert f"notebooks にある次のファイルか、手もとの続きを選んでください: {FIRST}.ipynb" in said(page)
    name, text = written(page, lambda: chooser.value.set_files(built_site / "notebooks" / f"{FIRST}.ipynb"))
    assert name == f"{FIRST}.ipynb"
    assert text_of(cell_of(json.loads(text), "K1-2-answer")) == model(FIRST)["K1-2"]
