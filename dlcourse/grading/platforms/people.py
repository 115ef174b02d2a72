"""The students of a course by all that a learning platform may call them.

Every question is answered with a set of students: one is an answer, several are a doubt, none is nobody.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dlcourse.grading.platforms.names import comparable, in_latin, variant

Students = frozenset[str]
NOBODY: Students = frozenset()

MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
RUN = re.compile(r"[0-9a-z]+")
BRACKETS = re.compile(r"[(\[{〔【<]([^()\[\]{}〔〕【】<>]*)[)\]}〕】>]")
BETWEEN_WORDS = re.compile(r"[\s_\-–,.、。・()\[\]{}+~&]+")
MOST_WORDS = 4  # of a name


@dataclass(frozen=True)
class Person:
    """A student of the roster.

    others: what else is known of the student, kind → values ("account", "github", "reading", "group"; see known.py).
    """

    id: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    others: dict[str, set[str]] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name]))

    def __str__(self) -> str:
        return f"{self.id}({self.name})" if self.name else self.id


def agreed(answers: Iterable[Students]) -> Students:
    """What several pieces of evidence say together: who is in all of them, or else all, which is a doubt."""
    known = [one for one in answers if one]
    if not known:
        return NOBODY
    return frozenset.intersection(*known) or frozenset.union(*known)


class People:
    """Looks people up. Names are found as names.variant makes them one: so a variant never chooses between two."""

    def __init__(self, students: Iterable[Person], participants: dict[str, str] | None = None) -> None:
        """participants: a number that the platform gives for one assignment → the student."""
        self.students = {student.id: student for student in students}
        self.participants = participants or {}
        self.read_before: dict[str, tuple[Students, Students]] = {}
        self.mentioned_before: dict[str, list[tuple[int, Students]]] = {}
        index: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for one in self.students.values():
            for kind, key in keys_of(one):
                index[kind][key].add(one.id)
        self.index = {
            kind: {key: frozenset(found) for key, found in keys.items() if key} for kind, keys in index.items()
        }

    def find(self, kind: str, key: str) -> Students:
        return self.index.get(kind, {}).get(key, NOBODY)

    def account(self, text: str) -> Students:
        """Whose number, login or mail address this text is, as a whole."""
        found = (
            self.find("id", comparable(text)) | self.find("account", comparable(text)) | self.find("mail", plain(text))
        )
        return found or self.find("local", plain(text))

    def user(self, number: str) -> Students:
        """Whose number on the platform (lms_user_id) this is."""
        return self.find("lms", comparable(number))

    def group(self, text: str) -> Students:
        return self.find("group", comparable(text))

    def named(self, text: str) -> Students:
        """Whose name the whole text is, in either order and any spelling."""
        found = self.find("name", variant(text))
        if text.isascii() and "latin" in self.index:
            found |= self.find("latin", in_latin(text))
        return found

    def whole(self, text: str) -> Students:
        return agreed([self.account(text), self.named(text)])

    def read(self, text: str) -> tuple[Students, Students]:
        """Who is meant by what a platform has written: by numbers and mail addresses in it, and by the name."""
        if text not in self.read_before:
            self.read_before[text] = self._read(text)
        return self.read_before[text]

    def _read(self, text: str) -> tuple[Students, Students]:
        text = unicodedata.normalize("NFKC", text).strip()
        marks = list(self.marks_in(text))
        without = text
        for start, end, _ in reversed(marks):
            without = f"{without[:start]} {without[end:]}"
        # 山田 太郎(ヤマダ タロウ)
        readings = [text, without, BRACKETS.sub(" ", without), *BRACKETS.findall(without)]
        found = agreed(found for *_, found in marks)
        return found or self.account(text), agreed(map(self.named, dict.fromkeys(readings)))

    def marks_in(self, text: str) -> Iterator[tuple[int, int, Students]]:
        """The mail addresses and the numbers of students that stand in the text as whole words: from, to, whose."""
        taken: list[tuple[int, int]] = []
        for mail in MAIL.finditer(text):
            if found := self.find("mail", plain(mail[0])):
                taken.append(mail.span())
                yield *mail.span(), found
        runs = [run for run in RUN.finditer(text.casefold())] if len(text) == len(text.casefold()) else []
        for first in range(len(runs)):
            for last in range(first, min(first + self.longest_number, len(runs))):
                start, end = runs[first].start(), runs[last].end()
                if any(start < to and end > begin for begin, to in taken):
                    continue
                if last > first and runs[last].start() - runs[last - 1].end() != 1:
                    break
                key = (last - first + 1, comparable(text[start:end]))
                if found := self.numbers.get(key, NOBODY):
                    taken.append((start, end))
                    yield start, end, found

    @cached_property
    def numbers(self) -> dict[tuple[int, str], Students]:
        """Numbers that are known for a student's wherever they stand, with how many parts they have (24-A001: 2)."""
        found: dict[tuple[int, str], set[str]] = defaultdict(set)
        for name in self.students:
            key = comparable(name)
            # 12, 2026 and abc stand in many names that mean nobody
            if key.isascii() and any(map(str.isdigit, key)) and len(key) >= (5 if key.isdigit() else 4):
                found[len(RUN.findall(unicodedata.normalize("NFKC", name).casefold())), key].add(name)
        return {key: frozenset(names) for key, names in found.items()}

    @cached_property
    def longest_number(self) -> int:
        return max((parts for parts, _ in self.numbers), default=0)

    def mentioned(self, stem: str) -> list[tuple[int, Students]]:
        """Whom the name of a file mentions, by number, mail address or name, in the order in which they stand there."""
        if stem not in self.mentioned_before:
            self.mentioned_before[stem] = self._mentioned(stem)
        return self.mentioned_before[stem]

    def _mentioned(self, stem: str) -> list[tuple[int, Students]]:
        text = unicodedata.normalize("NFKC", stem)
        found = [(start, who) for start, _, who in self.marks_in(text)]
        edges = [0, *(edge for gap in BETWEEN_WORDS.finditer(text) for edge in gap.span()), len(text)]
        words = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
        for first, (start, _) in enumerate(words):
            for _, end in words[first : first + MOST_WORDS]:
                if who := self.named(text[start:end]):
                    found.append((start, who))
        return sorted(found, key=lambda one: one[0])

    def candidates(self, students: Iterable[str]) -> str:
        return "、".join(str(self.students[one]) for one in sorted(students))


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def keys_of(student: Person) -> Iterator[tuple[str, str]]:
    """(kind of question, key) under which this student is found."""
    last, first, mail = student.last_name, student.first_name, plain(student.email)
    others = student.others
    yield "id", comparable(student.id)
    yield "mail", mail
    yield "local", mail.partition("@")[0]
    for account in {student.lms_user_id, *others.get("account", ()), *others.get("github", ())}:
        yield "account", comparable(account)
        if "@" in account:
            yield "mail", plain(account)
    yield "lms", comparable(student.lms_user_id)
    for name in (last + first, first + last, *others.get("name", ())):
        yield "name", variant(name)
    for reading in others.get("reading", ()):
        words = reading.split()
        for name in (reading, "".join(reversed(words))):
            yield "name", variant(name)
            yield "latin", in_latin(name)
    for group in others.get("group", ()):
        yield "group", comparable(group)
