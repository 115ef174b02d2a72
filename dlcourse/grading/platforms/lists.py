"""What platforms put beside the submissions: lists that say whose a number, a login or a folder is, and when it came.

A list counts where no student can have put it: not below what is a student's by the platform's own names.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from dlcourse.grading.platforms.archives import Entry
from dlcourse.grading.platforms.handing_in import time_in
from dlcourse.grading.platforms.names import comparable
from dlcourse.grading.platforms.people import NOBODY, People, Students, agreed
from dlcourse.grading.platforms.tables import Row, read_table
from dlcourse.grading.refusal import Halt

LARGEST_LIST = 20 << 20  # bytes
METADATA = "submission_metadata.yml"  # Gradescope's
LABEL = re.compile(r"STUDENT - (?P<name>.+)\.txt")  # CoCalc's, in the folder of a student


@dataclass
class Lists:
    """What the lists of one archive say: the number, login or folder → rows; folder → time."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    times: dict[str, datetime] = field(default_factory=dict)
    groups: dict[str, list[Row]] = field(default_factory=dict)

    def who(self, key: str, people: People) -> Students:
        """Whose number, login or folder this is."""
        found = [owner(row, people) for row in self.rows.get(comparable(key), [])]
        return agreed(found) if all(found) else NOBODY

    def members(self, key: str, people: People) -> Students:
        """All who have handed in the one submission in this folder."""
        rows = self.groups.get(comparable(key), [])
        return frozenset().union(*(owner(row, people) for row in rows))

    def add_time(self, key: str, time: datetime | None) -> None:
        if time:
            self.times[comparable(key)] = time

    def time(self, keys: Iterable[str]) -> datetime | None:
        return next((self.times[key] for one in keys if (key := comparable(one)) in self.times), None)


def owner(row: Row, people: People) -> Students:
    """The student whom a row of a list means."""
    numbers = agreed(people.account(row.get(kind)) for kind in ("id", "email", "account") if row.get(kind))
    named = [people.named(name) for name in (row.get("name"), row.get("last_name") + row.get("first_name")) if name]
    return agreed([numbers, *named])


def is_list(entry: Entry) -> bool:
    return entry.name == METADATA or bool(LABEL.fullmatch(entry.name)) or (
        PurePosixPath(entry.name).suffix.lower() in {".csv", ".xlsx"} and entry.size <= LARGEST_LIST
    )  # fmt: skip


def read_lists(entries: Iterable[Entry], tell: Callable[[str, str], None]) -> tuple[Lists, list[Entry]]:
    """What these files say, and which of them say nothing."""
    lists, others = Lists(), []
    for entry in entries:
        try:
            if entry.name == METADATA:
                gradescope(lists, entry.read())
            elif label := LABEL.fullmatch(entry.name):
                folder = entry.path.split("/")[-2] if "/" in entry.path else ""
                lists.rows[comparable(folder)].append(Row(1, {"name": label["name"]}))
            elif table := read_table(entry.name, entry.read()):
                for row in table.rows():
                    add(lists, row)
            else:
                others.append(entry)
        except (Halt, OSError) as error:
            tell(entry.shown, str(error))
    return lists, others


def add(lists: Lists, row: Row) -> None:
    keys = [row.get(kind) for kind in ("participant", "id", "account", "email") if row.get(kind)]
    for key in keys:
        lists.rows[comparable(key)].append(row)
        lists.add_time(key, time_in(row.get("time")))


def gradescope(lists: Lists, content: bytes) -> None:
    """submission_1: {:submitters: [{:name:, :sid:, :email:}], :created_at:}, as Ruby writes it."""
    import yaml

    class Plain(yaml.SafeLoader):
        """Ruby's own kinds of mappings are mappings."""

    Plain.add_multi_constructor("!ruby/", lambda loader, suffix, node: loader.construct_mapping(node, deep=True))
    try:
        found = yaml.load(content, Plain)
    except (yaml.YAMLError, ValueError, UnicodeDecodeError) as error:
        raise Halt(f"読めません({type(error).__name__})。 / unreadable") from None
    if not isinstance(found, dict):
        return
    for folder, facts in found.items():
        said = {str(key).strip(":"): value for key, value in facts.items()} if isinstance(facts, dict) else {}
        people = [submitter(one) for one in said.get("submitters") or [] if isinstance(one, dict)]
        lists.groups[comparable(str(folder))] = people
        created = said.get("created_at")
        if isinstance(created, datetime):
            lists.add_time(str(folder), created if created.tzinfo else created.replace(tzinfo=UTC))


def submitter(facts: dict[Any, Any]) -> Row:
    said = {str(key).strip(":"): str(value) for key, value in facts.items() if value is not None}
    known = {"id": said.get("sid", ""), "email": said.get("email", ""), "name": said.get("name", "")}
    return Row(1, {kind: value for kind, value in known.items() if value})
