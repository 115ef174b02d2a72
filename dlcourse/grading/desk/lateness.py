"""When something was handed in, and what lateness costs: always by the gradebook's dates as they are now."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from nbgrader.converters import BaseConverter
from nbgrader.preprocessors import AssignLatePenalties

from dlcourse.grading.desk import times
from dlcourse.words import say, together

PenaltyRule = Callable[[str, float, float], float | None]  # of student, points and seconds late: the points it costs


def penalty_rule(app: BaseConverter) -> PenaltyRule:
    """The course's LateSubmissionPlugin.late_submission_penalty, as its AssignLatePenalties.plugin_class says."""
    late = AssignLatePenalties(parent=app)
    late.init_plugin()
    rule: PenaltyRule = late.plugin_inst.late_submission_penalty
    return rule


def handed_in_at(folder: Path) -> datetime | None:
    """The time in timestamp.txt, as nbgrader's `collect` or the teacher writes it; None where there is none.

    Raises
    ------
    UnreadableTime
        When what stands there is no time.
    """
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):  # of another kind it may never end
        return None
    with path.open("rb") as file:
        raw = file.read(200)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:  # an editor on Japanese Windows
        text = raw.decode("cp932", "replace").strip()
    return times.parse_utc(text) if text else None


class Duration(float):
    """Seconds; as text, as people say it in the language in use, to the minute."""

    def __str__(self) -> str:
        minutes = int(self // 60)
        days, hours, rest = minutes // (24 * 60), minutes // 60 % 24, minutes % 60
        parts = [
            say("{count}日", count=days) if days else "",
            say("{count}時間", count=hours) if hours else "",
            say("{count}分", count=rest) if rest else "",
        ]
        return together(*parts) or say("1分未満")
