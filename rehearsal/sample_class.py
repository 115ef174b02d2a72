"""A class of students for one assignment, made from its notebooks and from dlcourse.checks.

Every right and wrong answer comes from the project: the model answers from the solution notebook,
other right answers and wrong ones from the checks. Here stands only what students do to the file.
"""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from dlcourse.checks import EXERCISES


@dataclass(frozen=True)
class Student:
    """What someone hands in, and what grading has to make of it.

    story: what the student did, in a few words.
    content: the bytes of the file; None when nothing is handed in.
    file: its path below the assignment's folder; None for the name it was released with.
    lost: exercise → the sentence that the feedback has to show ("" where any will do).
    remark: part of the line that the teacher has to see ("" when there is nothing to see).
    """

    name: str
    story: str
    content: bytes | None
    file: str | None = None
    lost: dict[str, str] = field(default_factory=dict)
    graded: bool = True
    remark: str = ""

    def hand_in(self, submitted: Path, assignment: str) -> None:
        if self.content is not None:
            path = Path(submitted, self.name, assignment, self.file or f"{assignment}.ipynb")
            path.parent.mkdir(parents=True)
            path.write_bytes(self.content)


def encoded(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def without_markers(source: str) -> str:
    """An answer as a student writes it, without nbgrader's comments."""
    return "".join(line for line in source.splitlines(keepends=True) if not line.strip().endswith(" SOLUTION"))


class Assignment:
    """The released notebook, and how to write answers into it."""

    def __init__(self, released: Path, solution: Path) -> None:
        self.released = nbformat.read(released, as_version=4)
        cells = {grade_id(cell): without_markers(cell.source) for cell in nbformat.read(solution, as_version=4).cells}
        self.exercises = [EXERCISES[name] for name in cells if name in EXERCISES]
        self.model = {exercise.id: cells[f"{exercise.id}-answer"] for exercise in self.exercises}

    def notebook(self, answers: dict[str, str] | None = None) -> NotebookNode:
        """The released notebook with `answers` (exercise → source), else with the model answers."""
        return self.answered(self.model | (answers or {}))

    def answered(self, answers: dict[str, str]) -> NotebookNode:
        notebook = copy.deepcopy(self.released)
        for cell in notebook.cells:
            exercise = grade_id(cell).removesuffix("-answer")
            if grade_id(cell).endswith("-answer") and exercise in answers:
                cell.source = answers[exercise]
        return notebook


def right_in_other_styles(assignment: Assignment) -> Iterator[Student]:
    """Students who together use every variant of every exercise."""
    for number in range(max(len(exercise.variants) for exercise in assignment.exercises)):
        answers = {e.id: e.source(e.variants[number]) for e in assignment.exercises if number < len(e.variants)}
        yield Student(f"別解{number + 1:02}", "別の書き方で正解", encoded(assignment.notebook(answers)))


def wrong_answers(assignment: Assignment) -> Iterator[Student]:
    """Students who together make every listed mistake, among right answers to the other exercises.

    The right answers between the wrong ones show that a mistake costs its own points and no others.
    """
    size = max(len(exercise.pitfalls) for exercise in assignment.exercises) + 1
    mistakes: list[dict[str, tuple[str, str]]] = [{} for _ in range(size)]
    for index, exercise in enumerate(assignment.exercises):
        # Each exercise begins at another student, so that nobody is wrong everywhere.
        first = 5 * index % (size - len(exercise.pitfalls) + 1)
        for student, pitfall in zip(mistakes[first:], exercise.pitfalls.items(), strict=False):
            student[exercise.id] = pitfall
    for number, wrong in enumerate(mistakes, start=1):
        yield Student(
            f"誤答{number:02}",
            f"{len(wrong)}問をまちがえた",
            encoded(assignment.notebook({name: EXERCISES[name].source(text) for name, (text, _) in wrong.items()})),
            lost={name: hint for name, (_, hint) in wrong.items()},
        )


def unfinished(assignment: Assignment) -> Iterator[Student]:
    names = list(assignment.model)
    half = dict(list(assignment.model.items())[: len(names) // 2])
    yield Student("鈴木 蓮", "すべて正解", encoded(assignment.notebook()))
    yield Student("佐藤 葵", "白紙", encoded(assignment.released), lost=dict.fromkeys(names, ""))
    yield Student(
        "高橋 陽翔", "前半だけ解いた", encoded(assignment.answered(half)), lost=dict.fromkeys(names[len(half) :], "")
    )


def crashing(assignment: Assignment) -> Iterator[Student]:
    """One answer goes wrong while it runs; all others are right."""
    functions = [exercise for exercise in assignment.exercises if hasattr(exercise, "signature")]
    first, last = functions[0], functions[-1]
    stops = "import os\nos._exit(1)"
    loop = "import time\nend = time.process_time() + 60\nwhile time.process_time() < end:\n    pass"  # far too long
    for name, story, exercise, source, remark in (
        ("田中 凛", "文法の誤り", first, f"def {first.signature}\n    return 0", ""),
        ("渡辺 湊", "実行中の例外", first, first.source("1 / 0"), ""),
        ("伊藤 結菜", "セルがPythonを止める", first, stops, ""),
        ("山本 樹", "関数がPythonを止める", last, last.source(stops), ""),
        ("中村 紬", "終わらないくり返し", last, last.source(loop), "時間切れになった解答"),
        (
            "木村 律",
            "中断できないくり返し",
            first,
            f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{loop}",
            "時間切れになった解答",
        ),
    ):
        yield Student(
            name, story, encoded(assignment.notebook({exercise.id: source})), lost={exercise.id: ""}, remark=remark
        )
    warning = "    import sys\n    print('RuntimeWarning: overflow', file=sys.stderr)\n"
    signature, _, body = assignment.model[first.id].partition("\n")
    answer = f"{signature}\n{warning}{body}"
    yield Student("小林 朝陽", "正解だが警告が出る", encoded(assignment.notebook({first.id: answer})))


def damaged(assignment: Assignment) -> Iterator[Student]:
    """Right answers in a file that something has happened to."""
    right = assignment.notebook()
    content = encoded(right)
    tests = {exercise.id for exercise in assignment.exercises}
    last = assignment.exercises[-1]

    def changed(change: Callable[[NotebookNode], None]) -> bytes:
        notebook = copy.deepcopy(right)
        change(notebook)
        return json.dumps(notebook, ensure_ascii=False).encode()

    def copy_cells(notebook: NotebookNode) -> None:
        ids = [f"{assignment.exercises[0].id}-answer", assignment.exercises[0].id]
        extra = [copy.deepcopy(cell) for cell in notebook.cells if grade_id(cell) in ids]
        notebook.cells.extend(extra)

    def remove_tests(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in tests]

    def weaken_tests(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if grade_id(cell) in tests:
                cell.source, cell.metadata.nbgrader.points = "pass", 1000

    def extend_setup(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if grade_id(cell) == "setup":
                cell.source = f"import math\n{cell.source}"
            elif grade_id(cell) == f"{last.id}-answer":
                cell.source = f"{cell.source}\nmath.sqrt(1)"

    def strip_metadata(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata.clear()

    def rename_ids(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if grade_id(cell):
                cell.metadata.nbgrader.update(grade_id="my-" + grade_id(cell), grade=False, solution=True)

    def unknown_kernel(notebook: NotebookNode) -> None:
        notebook.metadata.kernelspec = {"name": "my-env", "display_name": "私の環境", "language": "python"}

    def no_kernel(notebook: NotebookNode) -> None:
        notebook.metadata.clear()

    old = nbformat.convert(copy.deepcopy(right), to_version=3)
    empty_tests = assignment.answered({})
    remove_tests(empty_tests)

    yield Student("吉田 蒼", "ファイル名が「… (1).ipynb」", content, "ch1 (1).ipynb", remark="ch1 (1).ipynb")
    yield Student(
        "山田 太郎",
        "名前を付けてフォルダーに入れた",
        content,
        "提出/演習1_山田太郎.ipynb",
        remark="演習1_山田太郎.ipynb",
    )
    yield Student("佐々木 陽葵", "知らないカーネル", changed(unknown_kernel), remark="my-env")
    yield Student("山口 新", "カーネルの指定がない", changed(no_kernel), remark="カーネルの指定")
    yield Student("松本 澪", "セルをコピーした", changed(copy_cells), remark="コピーのあるセル")
    yield Student("井上 暖", "答え合わせのセルを消した", changed(remove_tests), remark="消えていたセル")
    yield Student(
        "斎藤 芽生",
        "白紙で答え合わせも消した",
        encoded(empty_tests),
        lost=dict.fromkeys(tests, ""),
        remark="消えていたセル",
    )
    yield Student("林 颯真", "答え合わせを書き換えた", changed(weaken_tests), remark="書き換えられていた")
    yield Student("長谷川 湊", "準備のセルに書き足した", changed(extend_setup), remark="書き換えられていた")
    yield Student("清水 莉子", "セルの情報が消えた", changed(strip_metadata), remark="名前が消えたか変わったセル")
    yield Student("山崎 奏", "セルの番号を書き換えた", changed(rename_ids), remark="名前が消えたか変わったセル")
    yield Student("森 さくら", "BOM付き", b"\xef\xbb\xbf" + content, remark="文字コード(utf-8-sig)")
    # Not all of the notebook's characters exist in Shift_JIS; JSON can escape the others.
    shift_jis = "".join(
        character if character.encode("cp932", "ignore") else json.dumps(character)[1:-1]
        for character in content.decode()
    ).encode("cp932")
    yield Student("池田 悠真", "Shift_JIS", shift_jis, remark="文字コード(cp932)")
    yield Student("橋本 杏", "古い形式(nbformat 3)", json.dumps(old).encode(), remark="nbformat 3")
    yield Student("阿部 大和", "壊れたJSON", content[: len(content) // 2], graded=False, remark="JSONが壊れています")
    yield Student("石川 花", "0バイト", b"", graded=False, remark="ファイルが空です")
    yield Student("前田 旭", "JSONだがノートブックではない", b"[1, 2]", graded=False, remark="ではありません")
    yield Student("藤田 楓", ".py で出した", b"print('hello')", "answer.py", graded=False, remark="answer.py")
    yield Student("岡田 海斗", "未提出", None, graded=False, remark="提出がありません")


def honest_class(released: Path, solution: Path, number: int) -> list[Student]:
    """As many as asked for, with the same few notebooks in turn: right, half done, blank, one wrong answer."""
    assignment = Assignment(released, solution)
    answers = list(assignment.model.items())
    wrong = next(exercise for exercise in assignment.exercises if hasattr(exercise, "signature"))
    kinds = [
        ("すべて正解", encoded(assignment.notebook())),
        ("前半だけ解いた", encoded(assignment.answered(dict(answers[: len(answers) // 2])))),
        ("白紙", encoded(assignment.answered({}))),
        ("1問をまちがえた", encoded(assignment.notebook({wrong.id: wrong.source(next(iter(wrong.pitfalls)))}))),
    ]
    return [Student(f"student{place:04}", *kinds[place % len(kinds)]) for place in range(number)]


def sample_class(released: Path, solution: Path, every_wrong_answer: bool = True) -> list[Student]:
    """All of them; without `every_wrong_answer`, the wrong answers of two students only."""
    assignment = Assignment(released, solution)
    wrong = list(wrong_answers(assignment))
    return [
        *unfinished(assignment),
        *right_in_other_styles(assignment),
        *(wrong if every_wrong_answer else wrong[:2]),
        *crashing(assignment),
        *damaged(assignment),
    ]
