"""Read an exercise source, solutions/chN_topic/chN_topic.md: the one place where an exercise is worded.

A source is a MyST text notebook. Its cells say what they are by one metadata key:

    setup: true              the first code cell, run before everything else
    exercise: {id, difficulty, minutes}   the question; its first line is the title
    hint: ID                 one hint, in the order they are to be opened
    answer: CHECK, points: N the model answer, between BEGIN SOLUTION and END SOLUTION
    text: ID                 a model answer in words, read by the teacher
    explanation: ID          why the answer is right; not given to students beforehand

CHECK is the id of an entry in dlcourse.checks: the exercise's id, with a letter for further parts.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

STUB = "# ここにコードを書いてください\nraise NotImplementedError()"
SOLUTION = re.compile(r"^([ ]*)### BEGIN SOLUTION\n(.*?)^[ ]*### END SOLUTION$", re.DOTALL | re.MULTILINE)
KINDS = {"K": "確認テスト", "T": "試してみよう", "D": "実装問題", "H": "実装問題", "X": "発展問題"}


class SourceError(ValueError):
    """A source that is not as described above; the message names the file and the cell."""


@dataclass
class Answer:
    """One part of an exercise: code that the student completes, and what it is worth."""

    check: str
    points: int
    code: str

    @property
    def starter(self):
        """What the student finds: the stub in place of the solution."""
        return SOLUTION.sub(lambda match: "\n".join(match[1] + line for line in STUB.split("\n")), self.code)

    @property
    def written(self):
        """The lines of `solution` that the student writes; the others are given."""
        found = SOLUTION.search(self.code)
        first = self.code[: found.start()].count("\n") + 1
        return range(first, first + found[2].count("\n"))

    @property
    def edition(self):
        """Changes when what is asked does: a reader's ✓ is for one edition. Comments and layout make no new one."""
        return hashlib.sha256(re.sub(r"#.*|\s", "", self.code).encode()).hexdigest()[:8]

    @property
    def solution(self):
        return re.sub(r"^[ ]*### (BEGIN|END) SOLUTION\n?", "", self.code, flags=re.MULTILINE).rstrip()


@dataclass
class Exercise:
    id: str
    title: str
    difficulty: int
    minutes: int
    question: str
    hints: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    text: str = ""
    explanation: str = ""

    @property
    def kind(self):
        return KINDS[self.id[0]]

    @property
    def summary(self):
        stars = "★" * self.difficulty + "☆" * (3 - self.difficulty)
        return f"{self.kind}・{self.points}点・目安{self.minutes}分・難しさ {stars}"

    @property
    def points(self):
        return sum(answer.points for answer in self.answers)


@dataclass
class Assignment:
    name: str
    introduction: str
    setup: str
    exercises: list[Exercise]


def read(path):
    """The assignment that the source at `path` describes.

    Raises
    ------
    SourceError
        When a cell says nothing of itself, belongs to no exercise, or lacks a part.
    """
    path = Path(path)
    assignment = Assignment(path.stem, "", "", [])
    for number, cell in enumerate(jupytext.read(path).cells, start=1):
        try:
            _add(assignment, cell)
        except (KeyError, SourceError) as error:
            raise SourceError(f"{path}: {number}番目のセル: {error}\n{cell.source[:80]}") from None
    for exercise in assignment.exercises:
        if not exercise.answers or not exercise.explanation:
            raise SourceError(f"{path}: {exercise.id} には answer と explanation のセルが要ります。")
    return assignment


def _add(assignment, cell):
    metadata = cell.metadata
    if "exercise" in metadata:
        title, _, question = cell.source.partition("\n")
        known = metadata["exercise"]
        heading = f"## {known['id']} "
        if not title.startswith(heading):
            raise SourceError(f"最初の行は「{heading}題名」です。")
        title = title.removeprefix(heading)
        assignment.exercises.append(
            Exercise(known["id"], title, known["difficulty"], known["minutes"], question.strip())
        )
    elif "setup" in metadata:
        assignment.setup = cell.source
    elif not assignment.exercises and cell.cell_type == "markdown":
        assignment.introduction += cell.source
    else:
        _add_part(assignment.exercises[-1] if assignment.exercises else None, cell)


def _add_part(exercise, cell):
    metadata = cell.metadata
    part = next((name for name in ("hint", "answer", "text", "explanation") if name in metadata), None)
    if part is None:
        raise SourceError("役割(exercise、hint、answer、text、explanation)がありません。")
    if exercise is None or metadata[part].rstrip("bcdef") != exercise.id:
        raise SourceError(f"{metadata[part]} は、直前の問題のものではありません。")
    if part == "hint":
        exercise.hints.append(cell.source)
    elif part == "answer":
        if not SOLUTION.search(cell.source):
            raise SourceError("### BEGIN SOLUTION と ### END SOLUTION がありません。")
        exercise.answers.append(Answer(metadata["answer"], metadata["points"], cell.source))
    else:
        setattr(exercise, part, cell.source)
