"""What the teacher should know about single submissions: autograde writes it down, pages and the report read it."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dlcourse.grading.desk.submissions import Submission

FILE = "grading-notes.json"


class Note(NamedTuple):
    """One remark, in Japanese and, in a few words, in English."""

    japanese: str
    english: str = ""

    def __str__(self) -> str:
        return f"{self.japanese} / {self.english}" if self.english else self.japanese


@dataclass(frozen=True)
class Kept:
    """What the file says of a student's submission."""

    graded: bool
    notes: tuple[Note, ...]


def listed(names: Sequence[str | Path]) -> str:
    """The first of these names, or of these paths."""
    shown = "、".join(name if isinstance(name, str) else name.name for name in names[:3])
    return f"{shown} ほか{len(names) - 3}個" if len(names) > 3 else shown


def kept(root: str | Path) -> dict[str, dict[str, Kept]]:
    """assignment → student → what was put down; nothing where there is no readable file."""
    return {
        assignment: {
            student: Kept(about.get("graded", True), tuple(map(note_in, about.get("notes", []))))
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
