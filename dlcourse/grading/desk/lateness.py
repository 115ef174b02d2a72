"""When something was handed in, and what lateness costs: always by the gradebook's dates as they are now."""

import os
from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties

from dlcourse.grading.desk import times


def penalty(app):
    """The course's LateSubmissionPlugin.late_submission_penalty, as its AssignLatePenalties.plugin_class says."""
    late = AssignLatePenalties(parent=app)
    late.init_plugin()
    return late.plugin_inst.late_submission_penalty


def handed_in_at(folder):
    """The time in timestamp.txt, as nbgrader's `collect` or the teacher writes it; None where there is none.

    Raises
    ------
    UnreadableTime
        When what stands there is no time.
    """
    path = Path(folder, "timestamp.txt")
    if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):  # of another kind it may never end
        return None
    with path.open("rb") as file:
        raw = file.read(200)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:  # an editor on Japanese Windows
        text = raw.decode("cp932", "replace").strip()
    return times.parse_utc(text) if text else None
