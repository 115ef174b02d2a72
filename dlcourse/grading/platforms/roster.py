"""The roster: lists from Excel and from the platforms, merged into the gradebook by the students' numbers.

`nbgrader db student import FILE …` says whom it has found new, who has changed, and who is in the gradebook but in none
of the lists. Nobody is removed, and an empty cell takes nothing away.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.dbapp import DbStudentImportApp

from dlcourse.grading.platforms import known
from dlcourse.grading.platforms.names import comparable
from dlcourse.grading.platforms.people import NOBODY, People, Students, agreed
from dlcourse.grading.platforms.tables import Row, read_table
from dlcourse.grading.refusal import Halt

COLUMNS = {"last_name": "姓", "first_name": "名", "email": "メール", "lms_user_id": "lms_user_id"}  # nbgrader's own
KEPT = {"account": "ログイン名", "github": "GitHub", "reading": "読み", "group": "グループ"}  # … and ours
NOT_IN_A_NAME = re.compile(r'[/\\:*?"<>|\0]')  # of a folder, on some system
SHOWN = 20  # names in a line


@dataclass
class Merged:
    """What has become of the lists."""

    seen: set[str] = field(default_factory=set)
    new: dict[str, str] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def import_files(app: DbStudentImportApp, files: Sequence[str]) -> int:
    """Merge these lists into the gradebook; the exit code: 1 when a line could not be used.

    Raises
    ------
    Halt
        When a file is none of the kind.
    """
    tables = [(path, read(path)) for path in map(Path, files)]
    merged = Merged()
    with Gradebook(app.coursedir.db_url, app.course_id, app.authenticator) as gradebook:
        for path, rows in tables:
            merge(gradebook, path.name, rows, merged)
        gone = [student for student in known.people(gradebook).students.values() if student.id not in merged.seen]
    for line in told(merged, [str(student) for student in gone]):
        print(line)
    for problem in merged.problems:
        print(f"✗ {problem}", file=sys.stderr)
    return 1 if merged.problems else 0


def read(path: Path) -> list[Row]:
    """The people in a list.

    Raises
    ------
    Halt
        When it cannot be read, or has no headings.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Halt(f"{path} を開けません({error.strerror})。 / cannot be opened") from None
    table = read_table(path.name, content)
    if table is None:
        raise Halt(
            f"{path}: 名簿の見出し(学籍番号、氏名、姓、名、メールアドレスなど、または id,last_name,first_name,email)の"
            "行が見つかりません。1行目に見出しを書いてください。 / no headings of a roster"
        )
    return list(table.rows())


def merge(gradebook: Gradebook, file: str, rows: Iterable[Row], merged: Merged) -> None:
    """Put the lines of one list into the gradebook."""
    people = known.people(gradebook)
    count = Counter(comparable(row.get("id")) for row in rows if row.get("id"))
    facts: list[tuple[str, str, str]] = []
    for row in rows:
        place = f"{file} の {row.number} 行目"
        name, problem = student_of(row, people)
        if count[comparable(row.get("id"))] > 1 and row.get("id"):
            problem = f"学籍番号 {row.get('id')} が {count[comparable(row.get('id'))]} 行にあります"
        if problem:
            merged.problems.append(f"{place}: {problem}。この行は使いません。 / not used")
            if name:
                merged.seen.add(name)
            continue
        values, others = values_of(row), dict(others_of(row))
        before = people.students.get(name)
        merged.seen.add(name)
        changes = [
            f"{label} {old or '(なし)'} → {values[kind]}"
            for kind, label in COLUMNS.items()
            if values.get(kind) and (old := getattr(before, kind, "")) != values[kind]
        ]
        changes += [
            f"{KEPT[kind]} {value}"
            for kind, value in others.items()
            if before is None or value not in before.others.get(kind, ())
        ]
        facts += [(name, kind, value) for kind, value in others.items()]
        if before is None:
            merged.new[name] = " ".join(filter(None, [values.get("last_name"), values.get("first_name")]))
        elif changes and name not in merged.new:
            merged.changed.setdefault(name, []).extend(changes)
        if before is None or any(values.values()):
            gradebook.update_or_create_student(name, **{kind: value for kind, value in values.items() if value})
    for kind in KEPT:
        known.keep(gradebook, (fact for fact in facts if fact[1] == kind), alone=kind == "github")


def student_of(row: Row, people: People) -> tuple[str, str]:
    """(the student's number in the gradebook, what is wrong with this line)."""
    written = unicodedata.normalize("NFKC", row.get("id")).strip()
    if written:
        return in_gradebook(written, people)
    found: Students = agreed(people.account(row.get(kind)) for kind in ("email", "account", "lms_user_id", "github"))
    if not found:
        found = agreed([people.named(row.get("name")), people.named(row.get("last_name") + row.get("first_name"))])
    if len(found) == 1:
        return next(iter(found)), ""
    if found:
        return "", f"名簿の {people.candidates(found)} のどれか分かりません"
    login = unicodedata.normalize("NFKC", row.get("account")).strip()
    if login and not NOT_IN_A_NAME.search(login):
        return login, ""
    return "", "学籍番号がなく、名簿のだれのことか分かりません"


def in_gradebook(written: str, people: People) -> tuple[str, str]:
    """The number as the gradebook has it: the same in other letters, or with zeros before it that Excel has taken."""
    if NOT_IN_A_NAME.search(written) or written in {".", ".."} or len(written) > 100:
        return "", f"学籍番号 {written[:40]} は、フォルダーの名前にできません"
    same: Students = people.find("id", comparable(written))
    if not same and written.isdigit():
        same = frozenset(
            name for name in people.students if name.isdigit() and name.lstrip("0") == written.lstrip("0")
        ) or NOBODY  # fmt: skip
    if len(same) > 1:
        return "", f"学籍番号 {written} は、名簿の {people.candidates(same)} のどれか分かりません"
    return (next(iter(same)), "") if same else (written, "")


def values_of(row: Row) -> dict[str, str]:
    """nbgrader's own columns."""
    last, first = row.get("last_name"), row.get("first_name")
    if not (last or first) and (name := " ".join(row.get("name").replace("\u3000", " ").split())):
        comma, space = name.partition(","), name.partition(" ")
        last, first = (comma[0].strip(), comma[2].strip()) if comma[2] else (space[0], space[2].strip())
    return {
        "last_name": last, "first_name": first, "email": row.get("email"), "lms_user_id": row.get("lms_user_id"),
    }  # fmt: skip


def others_of(row: Row) -> Iterator[tuple[str, str]]:
    for kind in KEPT:
        if row.get(kind):
            yield kind, row.get(kind)
    reading = " ".join(filter(None, [row.get("last_reading"), row.get("first_reading")]))
    if reading and not row.get("reading"):
        yield "reading", reading


def told(merged: Merged, gone: Sequence[str]) -> Iterator[str]:
    def some(names: Sequence[str]) -> str:
        rest = f" ほか {len(names) - SHOWN} 名" if len(names) > SHOWN else ""
        return "、".join(names[:SHOWN]) + rest

    same = len(merged.seen) - len(merged.new) - len(merged.changed)
    yield (f"名簿を読みました: 新しく {len(merged.new)} 名、変わった {len(merged.changed)} 名、前と同じ {same} 名。")
    if merged.new:
        yield "  新しく: " + some([f"{name}({who})" if who else name for name, who in merged.new.items()])
    for name, changes in merged.changed.items():
        yield f"  変わった: {name}: {'、'.join(changes)}"
    if gone:
        yield (
            f"  この名簿にない {len(gone)} 名: {some(gone)}。消していません"
            "(消すときは nbgrader db student remove 学籍番号)。"
        )
