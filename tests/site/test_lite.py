"""The notebooks in the browser, from opening one to its grade: real Chromium, and no network but the site's own."""

import json

import nbformat
import pytest

from press.languages import JAPANESE
from rehearsal.course import Course
from rehearsal.sample_class import Assignment, Student, grade_id
from tests.helpers import ROOT
from tests.helpers.commands import nbgrader
from tests.helpers.parts import parts

NAMES = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))
QUICKEST = "ch1_input_to_hidden"
STARTING = 120_000  # ms: Python has to be loaded, on a machine that may be busy


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        chosen = parts(NAMES, [QUICKEST])
        metafunc.parametrize("name", chosen, scope="module")


def test_the_list_is_japanese_and_an_empty_one_says_why(chromium, address):
    context = chromium.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(f"{address}/lite/tree/index.html")
    page.get_by_text("アップロード", exact=True).wait_for(timeout=STARTING)
    page.get_by_text(f"{QUICKEST}.ipynb").wait_for(timeout=STARTING)
    shown = page.locator("body").inner_text()
    assert "ファイルを選ぶと" in shown and "新規" in shown and not {"Upload", "New", "Files"} & set(shown.split())
    context.close()
    context = chromium.new_context(locale="ja-JP", service_workers="block")
    page = context.new_page()
    page.route("**/api/contents/**", lambda route: route.abort())
    page.goto(f"{address}/lite/tree/index.html")
    said = "getComputedStyle(document.querySelector('.jp-DirListing-content'), '::after').content"
    page.wait_for_function(f"document.querySelector('.jp-DirListing-content') && {said} !== 'none'", timeout=STARTING)
    assert "ネットワークを確かめて" in page.evaluate(said)
    context.close()


def test_the_list_of_the_english_edition_is_english(chromium, address):
    page = chromium.new_page(locale="en-US")
    page.goto(f"{address}/en/lite/tree/index.html")
    page.get_by_text(f"{QUICKEST}.ipynb").wait_for(timeout=STARTING)
    shown = page.locator("body").inner_text()
    assert {"Upload", "New"} <= set(shown.split()) and not JAPANESE.search(shown)
    page.close()


class Notebook:
    """A notebook open in the browser. Everything goes through JupyterLab's own commands and models."""

    def __init__(self, page, url):
        self.page = page
        page.goto(url)
        self.wait_for_cells()

    def evaluate(self, script, argument=None):
        """What the script returns; Playwright itself would wait for ever for a promise that nobody keeps."""
        script = f"async (given) => {{ const panel = jupyterapp.shell.currentWidget; {script} }}"
        late = f"setTimeout(failed, {STARTING}, new Error('no answer from the notebook'))"
        race = f"(given) => Promise.race([({script})(given), new Promise((_, failed) => {late})])"
        return self.page.evaluate(race, argument)

    def wait_for_cells(self):
        self.page.wait_for_function(
            "globalThis.jupyterapp?.shell.currentWidget?.content?.model?.cells.length > 9", timeout=STARTING
        )

    def wait_for_python(self):
        self.evaluate("await panel.sessionContext.ready; await panel.sessionContext.session.kernel.info")

    def cells(self):
        return self.evaluate("return panel.model.toJSON().cells")

    def answer(self, answers):
        """Write into the cells with these ids."""
        self.evaluate(
            """for (const cell of panel.model.cells)
                 if (cell.id in given) cell.sharedModel.setSource(given[cell.id])""",
            answers,
        )

    def wait_until_saved(self):
        self.page.wait_for_function("!jupyterapp.shell.currentWidget.model.dirty", timeout=30_000)

    def run(self, code):
        """Run code in the notebook's Python: how it ended, and what it showed by kind."""
        return self.evaluate(
            """const shown = {};
               const asked = panel.sessionContext.session.kernel.requestExecute({ code: given });
               asked.onIOPub = ({ content, header: { msg_type: type } }) => {
                 const parts = { stream: { [content.name]: content.text }, error: { error: content.evalue } };
                 for (const [kind, text] of Object.entries(content.data ?? parts[type] ?? {}))
                   shown[kind] = (shown[kind] ?? "") + text;
               };
               return [(await asked.done).content.status, shown];""",
            code,
        )


@pytest.fixture(scope="module")
def problems():
    return []


@pytest.fixture(scope="module")
def open_notebook(chromium, address, problems):
    contexts = []

    def make(name, **settings):
        context = chromium.new_context(locale="ja-JP", **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        own = (address, "data:", "blob:")
        context.on("request", lambda asked: None if asked.url.startswith(own) else problems.append(asked.url))
        return Notebook(page, f"{address}/lite/notebooks/index.html?path={name}.ipynb")

    yield make
    for context in contexts:
        context.close()


class Solved:
    """A notebook that was answered, left, opened again, run and downloaded."""

    def __init__(self, notebook, name, folder):
        self.name = name
        self.paths = [ROOT / kind / name / f"{name}.ipynb" for kind in ("exercises", "solutions")]
        self.assignment = Assignment(*self.paths)
        answers = {f"{exercise}-answer": source for exercise, source in self.assignment.model.items()}
        notebook.answer(answers)
        notebook.wait_until_saved()
        notebook.page.reload()
        notebook.wait_for_cells()
        self.answers = answers
        self.kept = {cell["id"]: cell["source"] for cell in notebook.cells() if cell["id"] in answers}
        notebook.wait_for_python()
        notebook.evaluate("await jupyterapp.commands.execute('notebook:run-all-cells')")
        self.cells = notebook.cells()
        notebook.wait_until_saved()
        with notebook.page.expect_download() as download:
            notebook.page.get_by_role("button", name="ダウンロード").first.click()
        self.file_name = download.value.suggested_filename
        self.file = folder / self.file_name
        download.value.save_as(self.file)


@pytest.fixture(scope="module")
def notebook(open_notebook, name):
    return open_notebook(name)


@pytest.fixture(scope="module")
def solved(notebook, name, tmp_path_factory):
    return Solved(notebook, name, tmp_path_factory.mktemp("downloads"))


def test_answers_are_kept_over_a_reload(solved):
    assert solved.kept == solved.answers


def test_every_self_check_says_right(solved):
    said = {cell["id"]: json.dumps(cell["outputs"], ensure_ascii=False) for cell in solved.cells if "outputs" in cell}
    exercises = [exercise.id for exercise in solved.assignment.exercises]
    assert exercises
    assert not {name: said[name] for name in exercises if f"✓ {name}" not in said[name]}


def test_the_page_of_progress_reads_what_is_kept_here(solved, notebook, address):
    page = notebook.page.context.new_page()
    page.goto(f"{address}/book/progress.html")
    marks = page.locator(f"#progress-{solved.name} [data-answers]")
    assert set(marks.all_inner_texts()) == {"まだ"}
    page.get_by_role("button", name="ブラウザーのノートブックから読み込む").press("Enter")
    page.locator("[role=status]", has_text="問の解答を読み込みました").wait_for()
    assert set(marks.all_inner_texts()) == {"✓ 正解済み"}
    page.close()


def test_the_download_is_the_notebook_that_was_released(solved):
    downloaded, released = (nbformat.read(path, as_version=4) for path in (solved.file, solved.paths[0]))
    assert solved.file_name == f"{solved.name}.ipynb"
    assert [cell.id for cell in downloaded.cells] == [cell.id for cell in released.cells]
    marks, wanted = ([cell.metadata.get("nbgrader") for cell in book.cells] for book in (downloaded, released))
    assert marks == wanted
    assert any(grade_id(cell) for cell in downloaded.cells)


def test_the_download_gets_full_marks(solved, tmp_path):
    course = Course(tmp_path / "course", solved.name)
    student = Student("山田 花子", "ブラウザーで解いた", solved.file.read_bytes())
    student.hand_in(course.folder / "submitted", solved.name)
    nbgrader(course.folder, "generate_assignment", solved.name)
    graded = nbgrader(course.folder, "autograde", solved.name, "--create")
    assert graded.code == 0, graded.said[-2000:]
    scores = course.scores()[student.name]
    assert set(scores) == {exercise.id for exercise in solved.assignment.exercises}
    assert {name: score for name, score in scores.items() if score[0] != score[1]} == {}
    assert "to look at 0, not graded 0" in graded.said, "there is nothing to tell the teacher"


def test_every_notebook_is_there_and_prepared(solved, notebook):
    """Their first cells run, one after another, in this one Python."""
    read = "return (await jupyterapp.serviceManager.contents.get(given, { content: true })).content.cells"
    for name in NAMES:
        cells = notebook.evaluate(read, f"{name}.ipynb")
        released = nbformat.read(ROOT / "exercises" / name / f"{name}.ipynb", as_version=4).cells
        assert [cell["id"] for cell in cells] == [cell.id for cell in released]
        setup = next(cell for cell in cells if cell["id"] == "setup")
        assert notebook.run("".join(setup["source"])) == ["ok", {}], name


def test_a_copy_that_is_deleted_becomes_the_released_notebook_again(solved, notebook):
    other = next(name for name in NAMES if name != solved.name)
    released = nbformat.read(ROOT / "exercises" / other / f"{other}.ipynb", as_version=4).cells
    sources = notebook.evaluate(
        """const { contents } = jupyterapp.serviceManager, seen = [];
           const look = async () => {
             const file = await contents.get(given, { content: true });
             seen.push(file.content.cells.map(({ source }) => [source].flat().join("")));
             return file;
           };
           const file = await look();
           file.content.cells.at(-1).source = "mine = 1";
           await contents.save(given, file);
           await look();
           await contents.delete(given);
           await look();
           return seen;""",
        f"{other}.ipynb",
    )
    assert sources[0] == sources[2] == [cell.source for cell in released] and sources[1][-1] == "mine = 1"


def test_python_comes_from_the_site(solved, notebook, address):
    """Playwright does not see what a worker asks of a service worker; the worker itself knows."""
    seen = "import js\nfor asked in js.performance.getEntriesByType('resource'):\n    print(asked.name)"
    loaded = notebook.run(seen)[1]["stdout"].split()
    assert any("/dlcourse.zip" in url for url in loaded)
    assert [url for url in loaded if not url.startswith((f"{address}/_static/pyodide/", f"{address}/lite/"))] == []


def test_figures_are_drawn_in_japanese(solved, notebook):
    draw = """
import warnings, matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.set_title("誤差と学習率 −1")
with warnings.catch_warnings():
    warnings.simplefilter("error")  # what the font lacks is a warning
    figure.canvas.draw()
plt.show()
"""
    status, shown = notebook.run(draw)
    assert status == "ok" and len(shown["image/png"]) > 1000
    status, shown = notebook.run("from dlcourse import plotting; plotting.use_style()\n" + draw)
    assert status == "ok" and "<svg" in shown["image/svg+xml"]


def test_cells_run_on_when_the_network_is_cut(solved, notebook):
    notebook.page.context.set_offline(True)
    try:
        assert notebook.run("print(functions.sigmoid(np.array([0.0])))") == ["ok", {"stdout": "[0.5]\n"}]
        notebook.answer({next(iter(solved.answers)): "mine = 1"})
        notebook.wait_until_saved()
    finally:
        notebook.page.context.set_offline(False)


def test_what_needs_another_program_is_passed_by(solved, notebook):
    code = "%pip install tqdm\nfiles = !ls\n%matplotlib notebook\nprint(files, np.array([100_000]) ** 2)"
    status, shown = notebook.run(code)
    assert status == "ok"
    *sentences, last = shown["stdout"].splitlines()
    assert sentences == [f"ブラウザーのノートブックでは {what} を実行しません。" for what in ("%pip", "!ls")]
    assert last == "[] [10000000000]", "integers are as wide as elsewhere"
    status, shown = notebook.run("import pandas")
    assert status == "error" and shown["stdout"].startswith("pandas という名前のライブラリーは")


def test_a_wrong_answer_leads_to_its_section(solved, notebook, address):
    status, shown = notebook.run("check('K0-1', namespace={})")
    assert status == "error"
    link = shown["error"].rpartition("」")[2]
    assert link.startswith(f"{address}/book/ch1_input_to_hidden.html#")
    page = notebook.page.context.new_page()
    page.goto(link)
    assert page.locator(f"[id='{link.partition('#')[2]}']").count() == 1
    page.close()


def test_python_that_ends_says_so_and_starts_again(solved, notebook, problems):
    """exit() ends Pyodide as what it does not survive does: nobody would answer any more."""
    cell = notebook.page.locator(".jp-CodeCell", has_text="準備: 最初に")
    notebook.evaluate(
        """const number = panel.model.toJSON().cells.findIndex(({ id }) => id === "setup");
           panel.content.activeCellIndex = number;
           const { sharedModel } = panel.content.activeCell.model, setup = sharedModel.source;
           sharedModel.setSource(setup + "\\nexit()");
           void jupyterapp.commands.execute("notebook:run-cell");
           await new Promise((shown) => panel.sessionContext.iopubMessage.connect(
             (_, { header }) => header.msg_type === "stream" && shown()));
           sharedModel.setSource(setup);""",
    )
    cell.get_by_text("Python が止まりました。変数は消えました。").first.wait_for()
    notebook.wait_for_python()
    assert notebook.run("print('np' in globals())") == ["ok", {"stdout": "False\n"}]
    problems.remove("Program terminated with exit(0)")  # what the worker said when it ended


def test_there_is_no_stop_where_nothing_stops(solved, notebook):
    notebook.page.get_by_role("menuitem", name="カーネル").click()
    menu = notebook.page.locator(".lm-Menu-content")
    assert "再起動" in menu.inner_text() and "中断" not in menu.inner_text()
    notebook.page.keyboard.press("Escape")
    assert notebook.page.locator(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']").count() == 0


def test_an_endless_loop_ends_with_a_restart(solved, notebook):
    notebook.evaluate("panel.sessionContext.session.kernel.requestExecute({ code: 'for n in range(10**9): pass' })")
    notebook.page.wait_for_timeout(500)
    notebook.page.get_by_role("button", name="カーネルを再起動", exact=False).first.click()
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    notebook.page.wait_for_function("!document.querySelector('.jp-Dialog')")
    notebook.wait_for_python()
    assert notebook.run("print(1 + 1)") == ["ok", {"stdout": "2\n"}]
    assert any(cell["source"] == "mine = 1" for cell in notebook.cells()), "what was written stays"


def test_a_phone_shows_the_notebook(open_notebook):
    page = open_notebook(QUICKEST, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    page.locator(".jp-RenderedMarkdown p", has_text="本の第1章の確認テスト").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in (page.get_by_role("menuitem", name="カーネル"), page.get_by_role("button", name="ダウンロード").first):
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["height"] < 45
    assert page.locator(".jp-Notebook .jp-Cell").first.bounding_box()["width"] > 300


def test_nothing_went_wrong_and_nothing_was_asked_of_others(problems, solved):
    """The last test: what all the others have met."""
    assert problems == []
