"""What the teacher should know about single submissions: autograde writes it down, the class report reads it."""

import json
import os
from pathlib import Path

FILE = "grading-notes.json"


def kept(root):
    """assignment → student → {"graded": whether, "notes": sentences}; nothing where there is no readable file."""
    try:
        known = json.loads(Path(root, FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def keep(root, assignment, students, notes, not_graded):
    """Put down the notes of this run; `students` are those it has looked at, of the others the old ones stay."""
    known = kept(root)
    mine = known.setdefault(assignment, {})
    for student in students:
        mine.pop(student, None)
    for student, sentences in notes.items():
        if student in students or student not in mine:
            mine[student] = {"graded": student not in not_graded, "notes": sentences}
    new = Path(root, FILE + ".new")
    new.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, Path(root, FILE))
