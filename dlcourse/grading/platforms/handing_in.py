"""When something was handed in, as platforms write it."""

import re
from datetime import UTC, datetime

from dlcourse.grading.desk import times

DASHED = re.compile(r"\d{4}(-\d\d){5}")  # Blackboard's
DIGITS = re.compile(r"(\d{14})(\d{3})?")  # Sakai's, in Greenwich


def time_in(text: str) -> datetime | None:
    """The time that a platform means by this text; None where it is none."""
    text = text.strip()
    try:
        if DASHED.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=times.course_zone())
        if found := DIGITS.fullmatch(text):
            return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return times.understood(text.replace("_", ":") if "_" in text else text)
    except ValueError:  # of which UnreadableTime is one
        return None
