"""`{course-plan}` is the table of a course's classes: what each goes through, and what it leaves for home.

Each line of it is one class, from a place in the book up to the next line's:

    sec-forward | what is done in class

The exercises of a class are those that stand in the pages between, so that none is set before its matter, and none
twice; their minutes are those of their sources.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press import ROOT, languages
from press.exercises import source as sources
from press.words import say

PLACE = re.compile(r"^\(([\w-]+)\)=$|^```\{exercise\} (\S+)$", re.MULTILINE)
OPTIONAL = "X"  # how the ids of exercises that go further begin


@dataclass
class Class:
    label: str
    activity: str
    exercises: list[sources.Exercise] = field(default_factory=list)


def pages() -> list[Path]:
    """Those that a course goes through, in their order."""
    return [ROOT / "book" / "introduction.md", *languages.sources("book/ch*.md")]


def classes(lines: Sequence[str], texts: Sequence[str], exercises: dict[str, sources.Exercise]) -> list[Class]:
    """The classes of these lines, with their exercises. texts: of the pages.

    Raises
    ------
    ValueError
        When a line has no activity, a label is unknown or stands before an earlier one's, or an exercise before all.
    """
    plan: list[Class] = []
    for line in filter(str.strip, lines):
        label, bar, activity = (part.strip() for part in line.partition("|"))
        if not (label and bar and activity):
            raise ValueError(f"「場所 | 授業ですること」と書いてください: {line}")
        plan.append(Class(label, activity))
    found = [(match[1], match[2]) for text in texts for match in PLACE.finditer(text)]
    labels = [label for label, _ in found if label]
    order = [labels.index(one.label) if one.label in labels else -1 for one in plan]
    if -1 in order:
        raise ValueError(f"{plan[order.index(-1)].label} という場所は、はじめにと章のページにありません。")
    if order != sorted(set(order)):
        raise ValueError("授業は、本の順に並べてください。")
    by_label = {one.label: one for one in plan}
    current: Class | None = None
    for label, exercise in found:
        current = by_label.get(label, current)
        if exercise and exercise in exercises:  # the page that has another one says so itself
            if current is None:
                raise ValueError(f"{exercise} が、はじめの授業より前にあります。")
            current.exercises.append(exercises[exercise])
    return plan


def homework(exercises: Sequence[sources.Exercise]) -> str:
    if not exercises:
        return ""
    links = say("、").join(f"[{one.id}](#exercise-{one.id.lower()})" for one in exercises)
    return say("{exercises}({minutes}分)", exercises=links, minutes=sum(one.minutes for one in exercises))


def table(plan: Sequence[Class]) -> list[str]:
    lines = [say("| 回 | ここから | 授業で | 家で | さらに |"), "|---|---|---|---|---|"]
    for number, one in enumerate(plan, start=1):
        usual = homework([own for own in one.exercises if not own.id.startswith(OPTIONAL)])
        further = homework([own for own in one.exercises if own.id.startswith(OPTIONAL)])
        lines.append(f"| {number} | {{ref}}`{one.label}` | {one.activity} | {usual} | {further} |")
    return lines


class CoursePlan(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        own = {one.id: one for path in sources.files() for one in sources.read(path).exercises}
        for path in (*pages(), *sources.files()):
            self.env.note_dependency(str(path))
        try:
            plan = classes(list(self.content), [page.read_text("utf-8") for page in pages()], own)
        except ValueError as problem:
            raise self.error(str(problem)) from None
        box = nodes.Element()
        self.state.nested_parse(StringList(table(plan), source="course-plan"), 0, box)
        return box.children


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("course-plan", CoursePlan)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
