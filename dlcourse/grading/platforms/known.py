"""What is known of the students besides nbgrader's own columns, kept in the gradebook.

kind → values: "account" (a login), "github", "reading", "group", and the number that a platform gives a student in one
assignment ("participant" + its name).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from nbgrader.api import Gradebook, Student
from sqlalchemy import Column, MetaData, String, Table, delete, insert, inspect, select

from dlcourse.grading.platforms.people import People, Person

known_as = Table(
    "dlcourse_known_as", MetaData(),
    Column("student", String(128), primary_key=True),
    Column("kind", String(128), primary_key=True),
    Column("value", String(190), primary_key=True),
)  # fmt: skip
Known = dict[str, dict[str, set[str]]]  # student → kind → values


def participant(assignment: str) -> str:
    """The kind under which an assignment's participant numbers are kept."""
    return f"participant {assignment}"[:128]


def known(gradebook: Gradebook) -> Known:
    found: Known = defaultdict(lambda: defaultdict(set))
    if inspect(gradebook.engine).has_table(known_as.name):
        for student, kind, value in gradebook.db.execute(select(known_as)):
            found[student][kind].add(value)
    return found


def keep(gradebook: Gradebook, facts: Iterable[tuple[str, str, str]], *, alone: bool = False) -> None:
    """Keep (student, kind, value). alone: in place of what was known of this kind, of the student and of the value."""
    known_as.metadata.create_all(gradebook.engine)
    before = {tuple(row) for row in gradebook.db.execute(select(known_as))}
    new = {(student, kind, value[:190]) for student, kind, value in facts} - before
    if alone:
        students, values = {(kind, student) for student, kind, _ in new}, {(kind, value) for _, kind, value in new}
        old = [one for one in before if (one[1], one[0]) in students or (one[1], one[2]) in values]
        table = known_as.c
        for student, kind, value in old:
            same = (table.student == student) & (table.kind == kind) & (table.value == value)
            gradebook.db.execute(delete(known_as).where(same))
    if new:
        gradebook.db.execute(insert(known_as), [dict(zip(known_as.c.keys(), one, strict=True)) for one in sorted(new)])
    gradebook.db.commit()


def people(gradebook: Gradebook, assignment: str = "") -> People:
    """The students of this gradebook, and their numbers in this assignment."""
    facts = known(gradebook)
    columns = (Student.id, Student.last_name, Student.first_name, Student.email, Student.lms_user_id)
    students = [
        Person(name, last or "", first or "", mail or "", str(number or ""), facts.get(name, {}))
        for name, last, first, mail, number in gradebook.db.execute(select(*columns).order_by(Student.id))
    ]
    return People(students, participants(facts, assignment))


def participants(facts: Mapping[str, Mapping[str, set[str]]], assignment: str) -> dict[str, str]:
    """The numbers in this assignment → student."""
    kind = participant(assignment)
    return {value: student for student, kinds in facts.items() for value in kinds.get(kind, ())}
