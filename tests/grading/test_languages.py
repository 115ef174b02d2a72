"""In which language a notebook is, and the course's cells in that one."""

import nbformat
import nbformat.v4 as v4
import pytest
from nbgrader.coursedir import CourseDirectory

from dlcourse import words
from dlcourse.grading.desk.cell_facts import untouched
from dlcourse.grading.desk.languages import Version, in_words_of, language_of, versions
from tests.helpers.own_assignment import TEST, TEXT, managed

VISIBLE, HIDDEN = 'assert f(1) == 2, "違います"', "### BEGIN HIDDEN TESTS\nassert f(3) == 4\n### END HIDDEN TESTS"


def named(*cells):
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


ANSWER = managed("code", "A", "# ここに", solution=True)
OURS = named(
    ANSWER,
    managed("code", "B", f"# 答え合わせ\n{VISIBLE}\n{HIDDEN}", points=1, **TEST),
    managed("markdown", "C", "文", points=0, **TEXT),
)
THEIRS = [
    v4.new_markdown_cell("# Title"),
    managed("code", "A", "# here", solution=True),
    managed("code", "B", '# Self-check\nassert f(1) == 2, "wrong"', points=1, **TEST),
    managed("markdown", "C", "words", points=0, **TEXT),
]
KNOWN = {"ja": Version(OURS, [v4.new_markdown_cell("# 題"), *OURS.values()]), "en": Version({}, THEIRS)}


def test_cells_have_the_words_of_their_language_and_the_hidden_tests_of_the_course():
    made = in_words_of(OURS, THEIRS)
    assert [cell.source for cell in made.values()] == [
        "# here",
        f'# Self-check\nassert f(1) == 2, "wrong"\n{HIDDEN}',
        "words",
    ]
    assert all(map(untouched, made.values())), "whatever checksum stands in a file that was translated by hand"
    about = [{**cell.metadata.nbgrader, "checksum": ""} for side in (made, OURS) for cell in side.values()]
    assert about[:3] == about[3:] and ANSWER.source == "# ここに"


@pytest.mark.parametrize("further, own", [("", "ja"), ("en", "ja"), ("ja", "en"), ("xx", "ja")])
def test_what_lies_in_a_folder_of_the_release_is_the_same_in_another_language(tmp_path, further, own):
    course = CourseDirectory(root=str(tmp_path))
    folder = tmp_path / "release" / further / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=THEIRS), folder / "ps1.ipynb")
    known = versions(course, "ps1", "ps1", KNOWN["ja"])
    assert list(known) == [own] + [further] * (further in words.languages()) and known[own] is KNOWN["ja"]
    assert versions(course, "ps1", "other", KNOWN["ja"]) == {"ja": KNOWN["ja"]}


@pytest.mark.parametrize("other", ['assert f(1) == 3, "wrong"', "pass", "assert f(1) ==", '%time f(1)\n"wrong"'])
def test_a_test_that_does_something_else_is_no_translation(other):
    changed = [*THEIRS[:2], managed("code", "B", other, points=1, **TEST), THEIRS[3]]
    assert in_words_of(OURS, changed)["B"] == OURS["B"]


def test_a_cell_that_is_missing_or_of_another_kind_stays_as_it_is():
    assert in_words_of(OURS, [managed("code", "C", "words", points=0, **TEXT)]) == OURS


@pytest.mark.parametrize(
    "metadata, sources, language",
    [
        ({"dlcourse": {"language": "en"}}, ["# ここに"], "en"),
        ({"dlcourse": {"language": "xx"}}, ["# 題", "x = 1"], "ja"),
        ({}, ["# Title", "x = 1", "words"], "en"),
        ({}, ["# Title", "# 題", "文"], "ja"),
        ({}, ["x = 1"], "ja"),
        ({}, [], "ja"),
    ],
)
def test_the_language_is_that_which_the_notebook_names_or_else_that_of_its_cells(metadata, sources, language):
    cells = [v4.new_markdown_cell(source) for source in sources]
    assert language_of(v4.new_notebook(metadata=nbformat.from_dict(metadata), cells=cells), KNOWN) == language
    assert words.language() == "ja"
