"""Times as people and platforms write them: understood, or refused; never taken for another time in silence.

A zone is an offset (+09:00), a name of the time-zone database (Asia/Tokyo) or JST, UTC, GMT; a time without one is in
the course's own zone, `c.NbGraderAPI.timezone` in nbgrader_config.py.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, overload
from zoneinfo import ZoneInfo

from dateutil import parser

from dlcourse.grading.desk.notes import Note
from dlcourse.grading.refusal import Halt

JAPAN = timezone(timedelta(hours=9), "JST")
ZONES = {"JST": JAPAN, "日本時間": JAPAN, "日本標準時": JAPAN, "UTC": UTC, "GMT": UTC, "Z": UTC}
settings: Any = None  # nbgrader's, once a course's nbgrader_config.py has been read

IN_DATABASE = re.compile(r"\b[A-Z][A-Za-z_]+(?:/[A-Za-z_+-]+)+\s*$")
REIWA = re.compile(r"令和\s*(元|\d+)\s*年")
HALF = re.compile(r"(午前|午後)\s*(\d+)")
WEEKDAY = re.compile(r"\(?[月火水木金土日]曜日?\)?|\([月火水木金土日]\)")
MARKS = str.maketrans({"年": "-", "月": "-", "日": " ", "時": ":", "分": ":", "秒": " "})
IN_JAPANESE = re.compile(r"[年月日時分秒]")
# 10/11/2026 is one day in London and another in New York
FROM_THE_YEAR = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|\d{8}(?!\d)|\d{4}-W\d")
NAMED_MONTH = re.compile(r"[A-Za-z]{3,}")
DEFAULTS = datetime(2001, 1, 1), datetime(2004, 2, 2)  # for what a text does not say of the date
# JavaScript's GMT+0900; dateutil would turn the sign around, as POSIX does
SIGNED_OFFSET = re.compile(r"\b(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d\d))?(?!\d)")
OFFSET = re.compile(r"\d\s*[+-]\d\d:?\d\d\b")
IN_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
UNKNOWN = Note(
    "時刻「{time}」が読めません。2026-11-11 23:59 や 2026-11-11T23:59+09:00 のように書いてください。", "not a time"
)


class UnreadableTime(Halt, ValueError):
    """The text is no time, or may be two."""

    def __init__(self, note: Note) -> None:
        self.note = note
        super().__init__(str(note))


def course_zone() -> tzinfo:
    """The zone of a time that names none."""
    named = settings.NbGraderAPI.get("timezone") if settings is not None else None  # asked by its name, it is made
    return zone(named) if isinstance(named, str) and named else UTC


def zone(name: str) -> tzinfo:
    try:
        return ZONES.get(name) or ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        note = Note(
            "時間帯「{name}」が分かりません。Asia/Tokyo のように書いてください(nbgrader_config.py の "
            "c.NbGraderAPI.timezone)。",
            "unknown time zone",
            {"name": name},
        )
        raise UnreadableTime(note) from None


@overload
def parse_utc(time: str | datetime) -> datetime: ...
@overload
def parse_utc(time: None) -> None: ...
def parse_utc(time: str | datetime | None) -> datetime | None:
    """The time as nbgrader keeps it: in UTC, without saying so. Takes the place of nbgrader.utils.parse_utc.

    Raises
    ------
    UnreadableTime
        When a text is no time.
    """
    if isinstance(time, str):
        time = understood(time)
    elif time is None or time.tzinfo is None:
        return time
    return time.astimezone(UTC).replace(tzinfo=None)


def understood(text: str) -> datetime:
    """The time that a text means, with its zone."""
    plain = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf").strip()
    place, named = course_zone(), IN_DATABASE.search(plain)
    try:
        place = zone(named[0].strip()) if named else place
        body = digits(plain[: named.start()] if named else plain)
        if not (FROM_THE_YEAR.match(body) or NAMED_MONTH.match(body) or NAMED_MONTH.search(body.partition(":")[0])):
            raise ValueError("no date")
        one, other = (parser.parse(body, default=day, tzinfos=offset) for day in DEFAULTS)
    except (ValueError, OverflowError):
        raise UnreadableTime(UNKNOWN._replace(values={"time": text.strip()[:60]})) from None
    if one != other:  # a part of the date was taken from the default
        raise UnreadableTime(UNKNOWN._replace(values={"time": text.strip()[:60]}))
    return one if one.tzinfo else one.replace(tzinfo=place)


def digits(text: str) -> str:
    """A Japanese date as one that dateutil reads."""
    for name, place in ZONES.items():
        if name.startswith("日本"):
            text = text.replace(name, str(place.tzname(None)))
    text = SIGNED_OFFSET.sub(lambda found: f"{found[1]}{int(found[2]):02}:{found[3] or '00'}", text)
    text = IN_BRACKETS.sub("" if OFFSET.search(text) else r"\1", text)
    text = REIWA.sub(lambda found: f"{2018 + (1 if found[1] == '元' else int(found[1]))}年", text)
    text = WEEKDAY.sub(" ", text)
    text = HALF.sub(lambda found: f" {int(found[2]) % 12 + 12 * (found[1] == '午後')}", text)
    if IN_JAPANESE.search(text):
        text = re.sub(r"時(?!\s*\d)", ":00", re.sub(r"分(?!\s*\d)", " ", text)).translate(MARKS)
    return " ".join(text.split())


def offset(name: str | None, seconds: int | None) -> tzinfo | None:
    """dateutil's `tzinfos`: what follows a time, where it is no offset in numbers."""
    if seconds is not None:
        return timezone(timedelta(seconds=seconds))
    if name is None:
        return None
    own = course_zone()
    if name in {datetime(2026, month, 1, tzinfo=own).tzname() for month in (1, 7)}:
        return own  # as nbgrader writes it in this course
    return zone(name)
