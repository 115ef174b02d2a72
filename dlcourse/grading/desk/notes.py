"""What the teacher should know about single submissions: autograde writes it down, pages and the report read it.

A log has it in Japanese, and in a few words of English; the student's page has it in the language of the notebook.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcourse import words
from dlcourse.grading.display.characters import printable

if TYPE_CHECKING:
    from dlcourse.grading.desk.submissions import Submission

FILE = "grading-notes.json"


class Note(NamedTuple):
    """One remark, and, in a few words, what it is about in English.

    values: what stands in its {places}; some of it comes from students, such as names of files.
    """

    text: str
    english: str = ""
    values: Mapping[str, object] = MappingProxyType({})

    def said(self, language: str) -> str:
        """The remark in this language."""
        with words.using(language):
            values = {
                name: value.said(language) if isinstance(value, Note) else value for name, value in self.values.items()
            }
            return printable(words.say(self.text, **values))

    @property
    def japanese(self) -> str:
        return self.said("ja")

    def __str__(self) -> str:
        return f"{self.japanese} / {self.english}" if self.english else self.japanese


@dataclass(frozen=True)
class Kept:
    """What the file says of a student's submission.

    translated: the notes in the language of the notebook, where that is not Japanese.
    """

    graded: bool
    notes: tuple[Note, ...]
    translated: tuple[str, ...] = ()

    @property
    def for_the_student(self) -> Sequence[str]:
        return self.translated or [note.japanese for note in self.notes]

    @property
    def for_the_teacher(self) -> list[str]:
        """In the language in use, as far as it was kept in another one than Japanese."""
        if words.language() == "ja":
            return [note.japanese for note in self.notes]
        return list(self.translated) or [note.english or note.japanese for note in self.notes]


class Listed(tuple[str, ...]):
    """Names in a row; as text the first of them, in the language in use."""

    def __str__(self) -> str:
        shown = words.listed(self[:3])
        more = len(self) - 3
        return words.say("{names} ほか{more}個", names=shown, more=more) if more > 0 else shown


def listed(names: Sequence[str | Path]) -> Listed:
    """These names, or those of these paths."""
    return Listed(name if isinstance(name, str) else name.name for name in names)


def kept(root: str | Path) -> dict[str, dict[str, Kept]]:
    """assignment → student → what was put down; nothing where there is no readable file."""
    return {
        assignment: {
            student: Kept(
                about.get("graded", True),
                tuple(map(note_in, about.get("notes", []))),
                tuple(about.get("translated", ())),
            )
            for student, about in students.items()
        }
        for assignment, students in in_file(root).items()
    }


def keep(root: str | Path, assignment: str, submissions: Iterable["Submission"]) -> None:
    """Put down what became of these submissions; what an earlier run said of those not reached in this one stays."""
    known = in_file(root)
    mine = known.setdefault(assignment, {})
    for submission in submissions:
        if not submission.is_decided_now:
            continue
        mine.pop(submission.student, None)
        if submission.notes:
            notes = [{"ja": note.japanese, "en": note.english} for note in submission.notes]
            mine[submission.student] = {"graded": submission.has_points, "notes": notes}
            if submission.language != "ja":
                said = [note.said(submission.language) for note in submission.notes]
                mine[submission.student]["translated"] = said
    new = Path(root, FILE + ".new")
    new.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, Path(root, FILE))


def in_file(root: str | Path) -> dict[str, dict[str, Any]]:
    try:
        known = json.loads(Path(root, FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def note_in(stored: str | Mapping[str, str]) -> Note:
    """A note in the file; files of earlier editions have both languages in one text."""
    return Note(stored) if isinstance(stored, str) else Note(stored["ja"], stored.get("en", ""))
