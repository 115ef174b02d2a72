"""The exercise sources and what is made from them: notebooks in step, nothing given away, nothing missing."""

import ast
import json
import re
import shutil

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from dlcourse import words
from dlcourse.checks import EXERCISES
from press import edition
from press.exercises import notebooks as exercises
from press.exercises import source as exercise_source
from press.languages import JAPANESE, languages, sources
from press.translation import QUOTED, first_difference
from rehearsal.course import ASSIGNMENT
from tests.helpers import ROOT

SOURCE = ROOT / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.md"
ASSIGNMENTS = [exercise_source.read(source) for source in exercise_source.files()]
ALL = [exercise for assignment in ASSIGNMENTS for exercise in assignment.exercises]

# The 43 questions of the course: confirmation tests K, things to try T, and those of the two books D and H.
COURSE = """
    K0-1 K0-2 K0-3 K1-1 K1-2 K1-3 K2-1 K2-2 K3-1 K3-2 K3-3 K3-4 K4-1 K4-2 K4-3 K5-1 K5-2 K5-3 K5-4
    T1-1 T1-2 T1-3 T1-4 T1-5 T1-6 T1-7 T2-1 T2-2 T3-1 T4-1 T4-2 T4-3 T5-1 T5-2 T5-3 T5-4
    D1 D2 D3 D4 D5 H1 H2
""".split()


def test_generated_notebooks_are_what_the_sources_say(tmp_path):
    list(exercises.generate(tmp_path))
    for folder in ("solutions", "exercises"):
        made = {path.relative_to(tmp_path) for path in (tmp_path / folder).rglob("*") if path.is_file()}
        there = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.ipynb")}
        assert made == there, "run `make exercises`"
        for path in made:
            same = (tmp_path / path).read_bytes() == (ROOT / path).read_bytes()
            assert same, f"{path} is stale: run `make exercises`"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What is made of one source."""
    return exercises.made(SOURCE, str(tmp_path_factory.mktemp("course")))


@pytest.fixture
def project(tmp_path, monkeypatch, made):
    """A folder with the notebooks of one of today's sources."""
    monkeypatch.setattr(exercise_source, "files", lambda language: [SOURCE] if language == "ja" else [])
    monkeypatch.setattr(exercises, "made", lambda source, course: made)
    for folder in ("solutions", "exercises"):
        shutil.copytree(ROOT / folder / ASSIGNMENT, tmp_path / folder / ASSIGNMENT)
    return tmp_path


@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_a_notebook_that_was_edited_is_not_made_again_unless_wanted(project, folder):
    """In JupyterLab's sidebar, points are what people change."""
    path = project / folder / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    made = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    test = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("points"))
    test.metadata.nbgrader.points += 1
    nbformat.write(notebook, path)
    edited = {file: file.read_bytes() for file in project.rglob("*.ipynb")}
    with pytest.raises(exercises.Edited, match=rf"{folder}/.*{ASSIGNMENT}.ipynb は.*\n.*OVERWRITE=yes") as refused:
        list(exercises.generate(project))
    assert str(refused.value).count(".ipynb") == 1 and edited == {file: file.read_bytes() for file in edited}
    list(exercises.generate(project, overwrite=True))
    assert path.read_bytes() == made


def test_a_notebook_that_was_run_or_is_of_an_older_source_is_made_again(project):
    paths = sorted(project.rglob("*.ipynb"))
    before = {path: path.read_bytes() for path in paths}
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        if path.parts[-3] == "solutions":  # as it was made of an older source
            notebook.cells[3].source += " "
            notebook.metadata.generated.cells = [exercises.digest(notebook)]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="1")], 1
                cell.metadata["execution"] = {"iopub.execute_input": "2026-11-11T00:00:00Z"}
        nbformat.write(notebook, path)
    list(exercises.generate(project))
    assert before == {path: path.read_bytes() for path in paths}


def test_only_the_solution_says_that_it_is_generated():
    for path in ROOT.glob("solutions/*/*.ipynb"):
        first = nbformat.read(path, as_version=4).cells[0].source
        assert f"`{path.stem}.md`" in first and "make exercises" in first
    for path in exercise_source.released():
        assert "make exercises" not in path.read_text("utf-8")


def test_every_question_of_the_course_stands_once():
    ids = [exercise.id for exercise in ALL]
    assert len(ids) == len(set(ids))
    assert set(COURSE) <= set(ids)


def test_every_answer_has_its_check_and_every_check_its_answer():
    assert sorted(answer.check for exercise in ALL for answer in exercise.answers) == sorted(EXERCISES)


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.id)
def test_an_exercise_is_complete(exercise):
    assert exercise.title and exercise.question and exercise.explanation
    assert exercise.difficulty in (1, 2, 3) and exercise.minutes > 0
    assert 1 <= len(exercise.hints) <= 3
    for answer in exercise.answers:
        assert answer.points > 0
        assert EXERCISES[answer.check].name in answer.starter, "the starter does not name what to define"


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.id)
def test_the_question_says_what_the_check_refuses(exercise):
    for answer in exercise.answers:
        for function in getattr(EXERCISES[answer.check], "instead_of", ()):
            names = {*function.__qualname__.split("."), function.__module__.split(".")[-1]}
            named = any(re.search(rf"`[^`]*\b{name}\b[^`]*`", exercise.question) for name in names)
            assert named and re.search("使わず|使いません", exercise.question), (answer.check, function)


def test_students_are_told_to_leave_the_arguments_as_they_are():
    for assignment in ASSIGNMENTS:
        assert re.search("渡された.*の中身は変えません", assignment.introduction), assignment.name


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.id)
def test_questions_are_plain_markdown(exercise):
    """Notebooks show neither MyST roles nor directives."""
    for text in (exercise.question, exercise.explanation, *exercise.hints):
        assert not re.search(r"\{[\w:-]+\}`|^:::|^```\{", text, re.MULTILINE)


def test_model_answers_pass_and_starters_do_not():
    namespace = {}
    for assignment in ASSIGNMENTS:
        exec(assignment.setup, namespace)
    for exercise in ALL:
        for answer in exercise.answers:
            before = dict(namespace)
            with pytest.raises((AssertionError, NotImplementedError)):
                exec(answer.starter, before)
                namespace["check"](answer.check, namespace=before)
            exec(answer.solution, namespace)
            namespace["check"](answer.check, namespace=namespace)
            namespace["grade"](answer.check, namespace=namespace)


def test_every_exercise_is_shown_in_the_book():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in sources("book/*.md"))
    assert sorted(re.findall(r"^```\{exercise\} (\S+)$", pages, re.MULTILINE)) == sorted(e.id for e in ALL)


@pytest.mark.parametrize("code", ["ja", *languages()])
@pytest.mark.parametrize("number", range(len(ASSIGNMENTS)), ids=[assignment.name for assignment in ASSIGNMENTS])
def test_student_notebooks_give_nothing_away(number, code):
    assignment = exercise_source.read(exercise_source.files(code)[number])
    text = exercise_source.released(code)[number].read_text(encoding="utf-8")
    cells = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    # A completion gives lines that another answer may need, such as the last one.
    given = {line for e in assignment.exercises for answer in e.answers for line in answer.starter.splitlines()}
    for exercise in assignment.exercises:
        assert exercise.explanation.splitlines()[0] not in cells
        for answer in exercise.answers:
            secret = set(answer.solution.splitlines()) - given
            assert secret and not any(line in cells.splitlines() for line in secret)
            assert f'check("{answer.check}")' in cells and f'grade("{answer.check}")' not in cells
    assert "SOLUTION" not in text and "HIDDEN" not in text
    assert not (ROOT / "exercises" / assignment.name / f"{assignment.name}.md").exists()


def test_the_page_shows_the_starter_that_students_get():
    """The stub stands in nbgrader's settings and, for the page, in the reader of the sources."""
    for code in ("ja", *languages()):
        for file, path in zip(exercise_source.files(code), exercise_source.released(code), strict=True):
            cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
            for exercise in exercise_source.read(file).exercises:
                for answer in exercise.answers:
                    with words.using(code):
                        assert cells[f"{answer.check}-answer"] == answer.starter


def in_both(code):
    """Each released notebook in this language, beside the one in Japanese."""
    for path in exercise_source.released(code):
        ours = ROOT / "exercises" / path.parent.name / path.name
        yield nbformat.read(path, as_version=4), nbformat.read(ours, as_version=4)


@pytest.mark.parametrize("code", languages())
def test_notebooks_in_another_language_are_the_same_assignments(code):
    """But for words: cells, ids, points and tests; a ✓ counts for both, and the grader takes one for the other."""
    pairs = list(in_both(code))
    assert len(pairs) == len(ASSIGNMENTS)
    for theirs, ours in pairs:
        assert theirs.metadata.dlcourse.language == code
        assert [cell.id for cell in theirs.cells] == [cell.id for cell in ours.cells]
        for one, other in zip(theirs.cells, ours.cells, strict=True):
            about = one.metadata, other.metadata
            assert is_intact(one)
            for metadata in about:
                metadata.get("nbgrader", {}).pop("checksum", None)
            assert about[0] == about[1] and one.cell_type == other.cell_type
            if one.cell_type == "code" and one.id != "setup":
                assert not first_difference(*(ast.parse(cell.source) for cell in (one, other))), one.id
            text = QUOTED.sub("", one.source)
            assert not JAPANESE.search(text), one.id


@pytest.mark.parametrize("code", languages())
def test_exercises_in_another_language_are_the_same_exercises(code):
    theirs = [one for file in exercise_source.files(code) for one in exercise_source.read(file).exercises]
    assert list(map(facts, theirs)) == list(map(facts, ALL))
    with words.using(code):
        assert not [one.id for one in theirs if JAPANESE.search(f"{one.summary}{[a.starter for a in one.answers]}")]


def facts(exercise):
    answers = [(answer.check, answer.points, answer.edition) for answer in exercise.answers]
    return exercise.id, exercise.difficulty, exercise.minutes, len(exercise.hints), bool(exercise.text), answers


@pytest.mark.parametrize("code", languages())
def test_a_notebook_in_another_language_leads_to_its_own_edition(code, monkeypatch):
    known = {"html": {"baseurl": "https://site.example/nn"}, "repository": {"url": "https://github.com/some/one"}}
    monkeypatch.setattr(edition, "settings", lambda: known)
    with words.using(code):
        links, install = exercises.ways("ch1")
    assert re.findall(r"\]\((.*?)\)", links) == [
        f"https://site.example/nn/{code}/book/ch1.html",
        f"https://site.example/nn/{code}/lite/notebooks/index.html?path=ch1.ipynb",
        f"https://colab.research.google.com/github/some/one/blob/main/exercises/{code}/ch1/ch1.ipynb",
    ]
    assert f"https://site.example/nn/{edition.WHEEL}" in install and not JAPANESE.search(links + install)


def is_intact(cell):
    return "nbgrader" not in cell.metadata or cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_cell_ids_are_stable_and_tell_what_a_cell_is():
    for assignment in ASSIGNMENTS:
        notebook = json.loads((ROOT / "exercises" / assignment.name / f"{assignment.name}.ipynb").read_text())
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                assert cell["id"] == cell["metadata"]["nbgrader"]["grade_id"]


SOUND = """\
# 章

+++ {"exercise": {"difficulty": 1, "id": "K1-1", "minutes": 5}}

## K1-1 題名

問題

+++ {"hint": "K1-1"}

ヒント

```{code-cell} ipython3
:answer: K1-1
:points: 2

### BEGIN SOLUTION
x = {1, 2}
### END SOLUTION
```

+++ {"explanation": "K1-1"}

解説
"""
QUESTION, HINT, CODE, EXPLANATION = '+++ {"exercise"', '+++ {"hint"', "```{code", '+++ {"explanation"'
# what the line begins with that is to be named, what a mistake replaces, the mistake, what the message says
BROKEN_SOURCES = [
    (QUESTION, '"difficulty": 1, ', "", "difficulty"),
    (QUESTION, '"difficulty": 1', '"difficulty": 9', "いまは 9 です"),
    (QUESTION, '"minutes": 5', '"minutes": "5分"', "5分"),
    (QUESTION, '"id": "K1-1"', '"id": "1-1"', "1-1 は問題の番号になりません"),
    (QUESTION, "## K1-1 題名", "## 番号のない題名", "「## K1-1 題名」"),
    (QUESTION, "問題\n", "![絵](picture.png)\n", "picture.png"),
    (QUESTION, EXPLANATION, HINT, "explanation のセルがありません"),
    (QUESTION, SOUND[SOUND.index(CODE) : SOUND.index(EXPLANATION)], "", "answer のセルがありません"),
    ("```python", "問題\n", "```python\nx = 1\n", "閉じていません"),
    ("```python", "解説\n", "解説\n\n```python\nx = 1\n", "閉じていません"),
    (CODE, "SOLUTION\n```", "SOLUTION", "閉じていません"),
    (HINT, '"hint": "K1-1"', '"hint": "K9-9"', "K9-9"),
    (HINT, '"hint": "K1-1"', '"hint": "K1-1', "設定を読めません"),
    ('+++ {"hnit"', '"hint"', '"hnit"', "いまは hnit"),
    ("+++ ★", "解説\n", "解説\n\n+++ ★\n\nただの文\n", "役割"),
    (CODE, ":answer: K1-1", ":answer: [K1-1", "設定を読めません"),
    (CODE, ":points: 2\n", "", "points がありません"),
    (CODE, ":points: 2", ":points: いち", "いち"),
    (CODE, ":points: 2", ":points: 0", "いまは 0 です"),
    (CODE, "### END SOLUTION\n", "", "END SOLUTION"),
    (CODE, "{1, 2}", "{1, 2", "x = {1, 2"),
]


@pytest.mark.parametrize(("place", "right", "wrong", "message"), BROKEN_SOURCES)
def test_a_broken_source_says_where_and_what(tmp_path, place, right, wrong, message):
    header = exercise_source.files()[0].read_text(encoding="utf-8").split("\n# ")[0] + "\n"
    source = tmp_path / "ch9.md"
    source.write_text(header + SOUND, encoding="utf-8")
    assert exercise_source.read(source).exercises[0].points == 2
    assert right in SOUND
    broken = header + SOUND.replace(right, wrong, 1)
    source.write_text(broken.replace("★", ""), encoding="utf-8")
    with pytest.raises(exercise_source.SourceError) as error:
        exercise_source.read(source)
    line = broken[: broken.index(place)].count("\n") + 1
    said = str(error.value)
    assert said.startswith(f"{source}:{line}: ") and message in said and "\n" not in said


def test_a_number_that_is_used_twice_is_named_at_both_places(tmp_path, monkeypatch):
    monkeypatch.setattr(exercise_source, "ROOT", tmp_path)
    for name in ("ch8", "ch9"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
        (tmp_path / "solutions" / name / f"{name}.md").write_text(SOUND, encoding="utf-8")
    problem = exercise_source.problem()
    assert problem.startswith("solutions/ch9/ch9.md:3: K1-1 は solutions/ch8/ch8.md:3 にもあります")


def test_nothing_is_left_to_be_written():
    """`make new-exercise` leaves the word in each place that an author has to fill in."""
    left = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in [*exercise_source.files(), *sorted((ROOT / "dlcourse" / "checks").rglob("*.py"))]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "TODO" in line
    ]
    assert not left, "\n" + "\n".join(left)
