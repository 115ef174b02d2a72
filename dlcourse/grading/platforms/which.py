"""Which of several files is the one to grade: what has an answer, then what the platform calls the later one.

Never the order in the archive. Two between which nothing decides are a doubt.
"""

import hashlib
import json
import re
import tempfile
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from dlcourse.grading.desk import times
from dlcourse.grading.desk.reading import LARGEST_FILE
from dlcourse.grading.desk.submissions import Cells, is_notebook, match_quality
from dlcourse.grading.platforms.handing_in import time_in
from dlcourse.grading.platforms.owners import Owned

LONGEST_NAME = 200  # bytes
NEVER = datetime.min.replace(tzinfo=UTC)
# ch1.ipynb, and as systems call a copy: ch1.ipynb.txt, ch1.ipynb.json, "ch1.ipynb のコピー", "ch1.ipynb (1)"
NAMED = re.compile(r"(?P<stem>.+?)\.ipynb(?P<rest>(?:\.(?:txt|json|ipynb|download))*)(?P<copy>.*)", re.IGNORECASE)
LIKELY = {"", ".txt", ".json"}  # … without any .ipynb: by what is in them
MARK = (
    r"[ _]?\((?P<a>\d+)\)|[-+](?P<b>\d{1,2})|-Copy(?P<c>\d+)"
    r"|(?: - コピー| - Copy| ?のコピー| copy)(?: ?\(?(?P<d>\d+)\)?)?"
)
COPY = re.compile(rf"(?:Copy of |コピー ?[~〜～] ?)?(?P<stem>.*?)(?:{MARK})?$", re.IGNORECASE)


@dataclass(frozen=True)
class HandedIn:
    """One notebook that one student, or a group, has handed in.

    stem: the notebook it is called as, without the marks of a copy. number: the copy's.
    time: when it was handed in, as far as the platform says. is_late: what it says without a time.
    """

    owned: Owned
    stem: str
    number: int
    time: datetime | None
    is_late: bool

    @property
    def version(self) -> int:
        claim = self.owned.claim
        return int(claim.said.get("version", 0)) if claim else 0

    @property
    def order(self) -> tuple[datetime, int, datetime, int, bool]:
        """The later, the greater; of two at once the one that is called as it should be."""
        changed = self.owned.entry.modified
        dated = changed.replace(tzinfo=UTC) if changed else NEVER
        return self.time or NEVER, self.version, dated, self.number, self.owned.file == f"{self.stem}.ipynb"


def handed_in(owned: Owned, notebooks: Collection[str]) -> HandedIn | None:
    """The notebook that this file is; None where it is none."""
    name = unicodedata.normalize("NFC", owned.file)
    named, suffix = NAMED.fullmatch(name), Path(name).suffix
    if named and (not named["copy"] or re.fullmatch(MARK, named["copy"])):
        stem, is_sure = named["stem"] + named["copy"], not named["rest"] + named["copy"]
    elif suffix.lower() in LIKELY:
        stem, is_sure = name.removesuffix(suffix), False
    else:
        return None
    if not is_sure and not holds_notebook(owned):
        return None
    stem, number = without_copy(stem if owned.claim else without_person(stem, notebooks), notebooks)
    stem = for_disks(stem)
    claim = owned.claim
    keys = [claim.said.get(one, "") for one in ("box", "participant", "user", "account", "account2")] if claim else []
    time = time_in(claim.said.get("time", "")) if claim and claim.said.get("time") else None
    time = time or owned.lists.time([*filter(None, keys), *([claim.shown] if claim else [])])
    return HandedIn(owned, stem, number, time, bool(claim and claim.said.get("late")))


def for_disks(stem: str) -> str:
    """The name without what some disk does not take: certain signs, and more than 255 bytes."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", stem)
    return plain.encode()[:LONGEST_NAME].decode(errors="ignore") or "_"


def holds_notebook(owned: Owned) -> bool:
    if owned.entry.size > LARGEST_FILE:
        return False
    start = owned.entry.read(200).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t")
    if not start.startswith(b"{"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        return is_notebook(copied(owned, Path(folder)))


def copied(owned: Owned, folder: Path) -> Path:
    path = folder / "submission.ipynb"
    path.write_bytes(owned.entry.read())
    return path


def without_copy(stem: str, notebooks: Collection[str]) -> tuple[str, int]:
    """The notebook that "ch1 (2)" or "ch1-2" is a copy of, and the copy's number."""
    if stem not in notebooks and (found := COPY.match(stem)) and found["stem"].strip() in notebooks:
        numbers = [int(number) for number in found.group("a", "b", "c", "d") if number]
        return found["stem"].strip(), (numbers or [1])[0]
    return stem, 0


def without_person(stem: str, notebooks: Collection[str]) -> str:
    """The notebook that "24A001_ch1" or "山田太郎 - ch1" ends in."""
    ends = [name for name in notebooks if stem.endswith(name) and stem.removesuffix(name)[-1:] in set("_- ")]
    return max(ends, key=len, default=stem)


def chosen(files: Iterable[HandedIn], released: Mapping[str, Cells]) -> tuple[list[HandedIn], list[HandedIn]]:
    """The one to grade, and those that are set aside; two or more to grade are a doubt. Copies of one file are one.

    released: name of a notebook → its cells.
    """
    ordered = sorted(files, key=lambda one: one.order, reverse=True)
    different: dict[str, HandedIn] = {}
    for one in ordered:
        same = different.setdefault(digest(one), one)
        if same.time is None and one.time:
            different[digest(one)] = replace(same, time=one.time)
    rank = {key: (worth(one, released), one.order) for key, one in different.items()} if len(different) > 1 else {}
    first = [one for key, one in different.items() if rank.get(key) == max(rank.values(), default=None)]
    return first, [one for one in different.values() if one not in first]


def digest(one: HandedIn) -> str:
    with one.owned.entry.open() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # zipfile's are readable, too


def worth(one: HandedIn, released: Mapping[str, Cells]) -> tuple[bool, bool]:
    """Whether it is this assignment's notebook, and whether anything in it is answered."""
    if one.owned.entry.size > LARGEST_FILE:
        return False, False
    with tempfile.TemporaryDirectory() as folder:
        path = copied(one.owned, Path(folder))
        cells = [released[one.stem]] if one.stem in released else list(released.values())
        return max((match_quality(path, own) for own in cells), default=(False, False))


def released_cells(folder: Path) -> dict[str, Cells]:
    """The notebooks that students got: name → cells by their names in nbgrader."""
    found: dict[str, Cells] = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (ValueError, OSError, json.JSONDecodeError):  # nbgrader says so where it matters
            continue
        own = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        found[path.stem] = own
    return found


def shown_time(time: datetime) -> str:
    """As timestamp.txt has it: in the course's own zone, which it names."""
    return time.astimezone(times.course_zone()).isoformat(" ", "seconds")
