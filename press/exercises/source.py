"""Read an exercise source, solutions/chN_topic/chN_topic.md: the one place where an exercise is worded.

What chN_topic.en.md says in English is read in the same way; its exercises are those of chN_topic.md. The words that
are made here, such as the kind of an exercise, are in the language in use when they are asked for.

A source is a MyST text notebook. Its cells say what they are by one metadata key:

    setup: true              the first code cell, run before everything else
    exercise: {id, difficulty, minutes}   the question; its first line is the title
    hint: ID                 one hint, in the order they are to be opened
    answer: CHECK, points: N the model answer, between BEGIN SOLUTION and END SOLUTION
    text: ID                 a model answer in words, read by the teacher
    explanation: ID          why the answer is right; not given to students beforehand

CHECK is the id of an entry in dlcourse.checks: the exercise's id, with a letter for further parts.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat import NotebookNode

from press import ROOT, languages, translation
from press.rules.fences import advice, unclosed
from press.words import say

SOLUTION = re.compile(r"^([ ]*)### BEGIN SOLUTION\n(.*?)^[ ]*### END SOLUTION$", re.DOTALL | re.MULTILINE)
LETTERS = "KTDHX"
ID = re.compile(rf"[{LETTERS}]\d+(-\d+)?")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]*)")
MARK = re.compile(rf"{translation.FOLLOWS.pattern}\n*", re.MULTILINE)  # of a translation's block: no text of a cell

Refuse = Callable[[int | str, object], NoReturn]  # with a line, and the problem in it


class SourceError(ValueError):
    """A source that is not as described above; the message names the file and the line."""


def kinds() -> dict[str, str]:
    """What an exercise is, by the letter of its id."""
    return {
        "K": say("確認テスト"),
        "T": say("試してみよう"),
        "D": say("実装問題"),
        "H": say("実装問題"),
        "X": say("発展問題"),
    }


def stub() -> str:
    """What stands for an answer; nbgrader_config.py has the same for nbgrader."""
    return say("# ここにコードを書いてください") + "\nraise NotImplementedError()"


@dataclass
class Answer:
    """One part of an exercise: code that the student completes, and what it is worth.

    original: the code in Japanese, where this one is a translation.
    """

    check: str
    points: int
    code: str
    original: str = ""

    @property
    def starter(self) -> str:
        """What the student finds: the stub in place of the solution."""
        lines = stub().split("\n")
        return SOLUTION.sub(lambda match: "\n".join(match[1] + line for line in lines), self.code)

    @property
    def written(self) -> range:
        """The lines of `solution` that the student writes; the others are given."""
        found = SOLUTION.search(self.code)
        assert found  # `_answer` has looked for it
        first = self.code[: found.start()].count("\n") + 1
        return range(first, first + found[2].count("\n"))

    @property
    def edition(self) -> str:
        """Changes when what is asked does: a reader's ✓ is for one edition, in any language.

        Comments and layout make no new one.
        """
        return hashlib.sha256(re.sub(r"#.*|\s", "", self.original or self.code).encode()).hexdigest()[:8]

    @property
    def solution(self) -> str:
        return re.sub(r"^[ ]*### (BEGIN|END) SOLUTION\n?", "", self.code, flags=re.MULTILINE).rstrip()


@dataclass
class Exercise:
    id: str
    title: str
    difficulty: int
    minutes: int
    line: int
    question: str
    hints: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    text: str = ""
    explanation: str = ""

    @property
    def kind(self) -> str:
        return kinds()[self.id[0]]

    @property
    def summary(self) -> str:
        stars = "★" * self.difficulty + "☆" * (3 - self.difficulty)
        return say(
            "{kind}・{points}点・目安{minutes}分・難しさ {stars}",
            kind=self.kind, points=self.points, minutes=self.minutes, stars=stars,
        )  # fmt: skip

    @property
    def points(self) -> int:
        return sum(answer.points for answer in self.answers)


@dataclass
class Assignment:
    name: str
    introduction: str
    setup: str
    exercises: list[Exercise]


def files(language: str = "ja") -> list[Path]:
    """Every source of the course that is written in this language."""
    return languages.sources("solutions/*/*.md", language, ROOT)


def released(language: str = "ja") -> list[Path]:
    """The notebooks that students get in this language."""
    return sorted(ROOT.glob(f"{languages.release_folder(language)}/*/*.ipynb"))


def read(path: str | Path) -> Assignment:
    """The assignment that the source at `path` describes.

    Raises
    ------
    SourceError
        When a cell says nothing of itself, belongs to no exercise, or lacks a part.
    """
    path = Path(path)
    original = languages.original(path)
    return _read(path, path.read_text("utf-8"), "" if original == path else original.read_text("utf-8"))


@functools.cache  # a page reads every source for each of its exercises
def _read(path: Path, text: str, japanese: str) -> Assignment:
    """japanese: what the text is a translation of."""
    original = languages.original(path)
    assignment = Assignment(original.stem, "", "", [])

    def refuse(line: int | str, problem: object) -> NoReturn:
        where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        raise SourceError(f"{where}:{line}: {problem}") from None

    for line, cell in cells(text, refuse):
        try:
            _add(assignment, line, cell)
        except SourceError as error:
            refuse(line, error)
    for exercise in assignment.exercises:
        for part, there in {"answer": exercise.answers, "explanation": exercise.explanation}.items():
            if not there:
                refuse(exercise.line, f"{exercise.id} に {part} のセルがありません。answer と explanation が要ります。")
    if japanese:
        code = {one.check: one.code for part in _read(original, japanese, "").exercises for one in part.answers}
        for exercise in assignment.exercises:
            for answer in exercise.answers:
                if answer.check not in code:
                    refuse(exercise.line, f"{original.name} に {answer.check} がありません。")
                answer.original = code[answer.check]
    return assignment


def problem() -> str | None:
    """What is wrong in the sources of the course, in one line, or None."""
    known: dict[str, str] = {}
    try:
        for source in files():
            for exercise in read(source).exercises:
                place = f"{source.relative_to(ROOT)}:{exercise.line}"
                if exercise.id in known:
                    return f"{place}: {exercise.id} は {known[exercise.id]} にもあります。番号を変えてください。"
                known[exercise.id] = place
    except SourceError as error:
        return str(error)
    return None


def cells(text: str, refuse: Refuse) -> Iterator[tuple[int, NotebookNode]]:
    """Each cell with the line where it begins."""
    lines = text.splitlines()
    for line in unclosed(lines):
        refuse(line, advice(lines[line - 1]))
    try:
        notebook = myst_to_notebook(text, add_source_map=True)
    except MystMetadataParsingError as error:
        found = re.search(r" at line (\d+) ", str(error))
        refuse(found[1] if found else 1, "セルの設定を読めません。括弧、引用符、コロンを確かめてください。")
    for line, cell in zip(notebook.metadata["source_map"], notebook.cells, strict=True):
        if cell.cell_type == "markdown":
            marked, cell.source = cell.source, MARK.sub("", cell.source).rstrip("\n")
            if marked and not cell.source:
                continue
        yield line, cell


def _add(assignment: Assignment, line: int, cell: NotebookNode) -> None:
    metadata = cell.metadata
    if cell.cell_type == "markdown" and (image := IMAGE.search(cell.source)):
        raise SourceError(f"図 {image[1]} は、配るノートブックに入りません。図は本のページに置いてください。")
    if "exercise" in metadata:
        assignment.exercises.append(_exercise(line, cell))
    elif "setup" in metadata:
        assignment.setup = cell.source
        _compile(cell.source)
    elif not assignment.exercises and cell.cell_type == "markdown":
        assignment.introduction += cell.source
    else:
        _add_part(assignment.exercises[-1] if assignment.exercises else None, cell)


def _exercise(line: int, cell: NotebookNode) -> Exercise:
    known = cell.metadata["exercise"]
    if not isinstance(known, dict) or set(known) != {"id", "difficulty", "minutes"}:
        raise SourceError('exercise には id、difficulty、minutes の3つを書きます。例: {"id": "K1-9", …}')
    if not ID.fullmatch(str(known["id"])):
        raise SourceError(f"{known['id']} は問題の番号になりません。{'、'.join(LETTERS)} と数字で書きます(例: K1-9)。")
    if known["difficulty"] not in (1, 2, 3):
        raise SourceError(f"difficulty(難しさ)は 1、2、3 のどれかです。いまは {known['difficulty']!r} です。")
    if not _is_positive(known["minutes"]):
        raise SourceError(f"minutes(目安の分)は 1 以上の整数です。いまは {known['minutes']!r} です。")
    title, _, question = cell.source.partition("\n")
    heading = f"## {known['id']} "
    if not title.startswith(heading):
        raise SourceError(f"問題の最初の行は「{heading}題名」です。いまは「{title}」です。")
    title = title.removeprefix(heading)
    return Exercise(known["id"], title, known["difficulty"], known["minutes"], line, question.strip())


def _add_part(exercise: Exercise | None, cell: NotebookNode) -> None:
    metadata = cell.metadata
    part = next((name for name in ("hint", "answer", "text", "explanation") if name in metadata), None)
    if part is None:
        given = f"いまは {'、'.join(metadata)} です。" if metadata else ""
        raise SourceError(f"セルに役割(exercise、hint、answer、text、explanation)がありません。{given}")
    if exercise is None or str(metadata[part]).rstrip("bcdef") != exercise.id:
        before = f"直前の問題は {exercise.id} です" if exercise else "前に問題がありません"
        raise SourceError(f"{part} の番号 {metadata[part]} は、直前の問題のものではありません({before})。")
    if part == "hint":
        exercise.hints.append(cell.source)
    elif part == "answer":
        exercise.answers.append(_answer(cell))
    else:
        setattr(exercise, part, cell.source)


def _answer(cell: NotebookNode) -> Answer:
    check, points = cell.metadata["answer"], cell.metadata.get("points")
    if points is None:
        raise SourceError(f"{check} の answer に points がありません。「:points: 2」のように配点を書いてください。")
    if not _is_positive(points):
        raise SourceError(f"{check} の points(配点)は 1 以上の整数です。いまは {points!r} です。")
    if not SOLUTION.search(cell.source):
        raise SourceError(f"{check} の模範解答を ### BEGIN SOLUTION と ### END SOLUTION で囲んでください。")
    answer = Answer(check, points, cell.source)
    _compile(answer.code)
    return answer


def _is_positive(number: object) -> bool:
    return isinstance(number, int) and number > 0


def _compile(code: str) -> None:
    try:
        compile(code, "", "exec")
    except SyntaxError as error:
        wrong = f"「{error.text.strip()}」" if error.text else ""
        raise SourceError(f"コードが Python として読めません{wrong}({error.msg})。") from None
