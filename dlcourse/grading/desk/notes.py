"""What the teacher should know about single submissions: autograde writes it down, the class report reads it."""

import json
import os
from pathlib import Path

from dlcourse.grading.desk.submissions import BEFORE, NOT

FILE = "grading-notes.json"


def kept(root):
    """assignment → student → {"graded": whether, "notes": sentences}; nothing where there is no readable file."""
    try:
        known = json.loads(Path(root, FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def keep(root, assignment, submissions):
    """Put down what became of these submissions; what an earlier run said of those not reached in this one stays."""
    known = kept(root)
    mine = known.setdefault(assignment, {})
    for submission in submissions:
        if submission.state in (None, BEFORE):
            continue
        mine.pop(submission.student, None)
        if submission.remarks:
            mine[submission.student] = {"graded": submission.state != NOT, "notes": submission.remarks}
    new = Path(root, FILE + ".new")
    new.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, Path(root, FILE))
