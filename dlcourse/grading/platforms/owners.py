"""Whose each file of a download is: by what the platform made, outermost first; a student's own name for it comes last.

1. A system's own name for it (systems.py), or a folder that names a student.
2. Where the platform says nothing at all: the file's name, and the archive's.

A folder inside what is a student's is the student's own, and no evidence.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from dlcourse.grading.platforms.archives import Entry
from dlcourse.grading.platforms.handing_in import time_in
from dlcourse.grading.platforms.lists import Lists, is_list, read_lists
from dlcourse.grading.platforms.people import NOBODY, People, Students, agreed
from dlcourse.grading.platforms.systems import Claim, claims, other_readings

FOLDER = "folder"  # the system of a claim that is only a folder's name


@dataclass(frozen=True)
class Owned:
    """A file, and whose it is.

    students: one, or several in doubt; all have handed it in together where `together`.
    by_name: whether a name is all that says so.
    claim: what the platform says of it; None where the file's own name is all there is.
    lists: those of its archive.
    """

    entry: Entry
    students: Students
    claim: Claim | None
    lists: Lists = field(compare=False)
    by_name: bool = False
    together: bool = False
    reason: str = ""

    @property
    def file(self) -> str:
        """The student's own name for it."""
        return (self.claim.file if self.claim else "") or self.entry.name

    @property
    def is_clear(self) -> bool:
        return not self.reason and (len(self.students) == 1 or (self.together and bool(self.students)))


def owners(entries: Sequence[Entry], people: People, tell: Callable[[str, str], None]) -> list[Owned]:
    """Whose each of the files is; those that are the platform's own, and lists, are not among them."""
    items: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        items[entry.item].append(entry)
    found = []
    loose, _ = read_lists(filter(is_list, items.get("", ())), tell)
    for item, files in items.items():
        found += in_one_archive(item, files, loose, people, tell)
    return found


def in_one_archive(
    item: str, files: Sequence[Entry], loose: Lists, people: People, tell: Callable[[str, str], None]
) -> list[Owned]:
    claimed = claims_of(files, people)
    outside = [entry for entry in files if is_list(entry) and not is_students(claimed[entry.path], entry)]
    lists, others = read_lists(outside, tell)
    for key, rows in loose.rows.items():  # that the teacher has put beside the archive
        lists.rows.setdefault(key, rows)
    lists.times = loose.times | lists.times
    read = {entry.path for entry in outside} - {entry.path for entry in others}
    found, unclaimed = [], []
    for entry in files:
        claim = claimed[entry.path]
        if entry.path in read or (claim and claim.is_own):
            if claim and claim.said.get("own") == "timestamp.txt":
                lists.add_time(claim.shown, time_in(entry.read(100).decode("utf-8", "replace")))
        elif claim:
            found.append(by_claim(Owned(entry, NOBODY, claim, lists), people))
        else:
            unclaimed.append(entry)
    found += by_own_names(item, unclaimed, lists, people)
    return two_of_one_name(of_known_numbers(found))


def is_students(claim: Claim | None, entry: Entry) -> bool:
    """Whether a student can have put this file there."""
    return claim is not None and not claim.is_own


def claims_of(files: Iterable[Entry], people: People) -> dict[str, Claim | None]:
    """path → what the platform says of it: the outermost claim, of the system that most of the files are named by.

    Of two that name as many, that which leaves more of the name to the student: what is in there may imitate the other.
    """
    possible = {entry.path: claims(entry.path) for entry in files}
    count = Counter(claim.system for found in possible.values() for _, claim in found)
    level = level_of_names(list(possible), possible, people)
    chosen: dict[str, Claim | None] = {}
    for path, found in possible.items():
        ranked = [((claim.depth, -count[claim.system], claim.begins, order), claim) for order, claim in found]
        best = min(ranked, key=lambda one: one[0])[1] if ranked else None
        parts = path.split("/")[:-1]
        if level is not None and level < len(parts) and (best is None or best.depth > level):
            best = Claim(
                FOLDER, level, {"person": parts[level], "file": "/".join(path.split("/")[level + 1 :])}, parts[level]
            )
        chosen[path] = best
    return chosen


def level_of_names(paths: Sequence[str], possible: dict[str, list[tuple[int, Claim]]], people: People) -> int | None:
    """The outermost depth at which folders name students; None where none do."""
    folders = [path.split("/")[:-1] for path in paths]
    deepest = max(map(len, folders), default=0)
    named = [
        {part: agreed(people.read(part)) for part in {parts[depth] for parts in folders if len(parts) > depth}}
        for depth in range(deepest)
    ]
    for depth, parts in enumerate(named):
        if not any(parts.values()):
            continue
        within = {claim.shown for found in possible.values() for _, claim in found if claim.depth > depth}
        further = max((len({who for who in inner.values() if who}) for inner in named[depth + 1 :]), default=0)
        # the teacher's own folder around all of them, called as one of the students is
        if len(parts) == 1 and len(folders) > 1 and max(len(within), further) > 1:
            continue
        return depth
    return None


def by_claim(owned: Owned, people: People) -> Owned:
    """Who is meant by what the platform says."""
    claim = owned.claim
    assert claim is not None
    found = who(claim, owned.lists, people)
    if claim.said.get("user") and not found[0]:
        for other in other_readings(claim):
            numbers, named = who(other, owned.lists, people)
            if numbers and named and numbers == named:
                claim, found = other, (numbers, named)
    if claim.said.get("nobody"):
        return replace(owned, reason="名前を伏せた提出です。 / anonymous")
    numbers, named = found
    box = claim.said.get("box", "")
    if members := owned.lists.members(box, people) if box else people.group(claim.said.get("person", "")):
        return replace(owned, claim=claim, students=members, together=True)
    return replace(owned, claim=claim, students=agreed([numbers, named]), by_name=not numbers)


def who(claim: Claim, lists: Lists, people: People) -> tuple[Students, Students]:
    """Whom the platform means: by its numbers, and by the name."""
    said = claim.said
    numbers = []
    if number := said.get("participant"):
        known = people.participants.get(number)
        numbers.append(frozenset({known}) if known in people.students else lists.who(number, people))
    if number := said.get("user"):
        numbers.append(people.user(number) or lists.who(number, people))
    for account in (said.get("account"), said.get("account2")):
        if account:
            numbers.append(people.account(account) or lists.who(account, people))
    if ending := said.get("ending"):
        words = ending.split("_")
        numbers.append(agreed(people.account("_".join(words[start:])) for start in range(len(words))))
    if box := said.get("box"):
        numbers.append(lists.who(box, people))
    in_text, named = people.read(said["person"]) if said.get("person") else (NOBODY, NOBODY)
    return agreed([*numbers, in_text]), named


def by_own_names(item: str, entries: Sequence[Entry], lists: Lists, people: People) -> list[Owned]:
    """Whose the files are of which the platform says nothing: by the archive's name, or by their own.

    Where all begin with a student's number, name or login, that was a platform, or the rule of the class: then the rest
    of the name is the student's.
    """
    whole = people.whole(item) if item else NOBODY
    folders: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        folders[entry.path.rpartition("/")[0]].append(entry)
    found = []
    for files in folders.values():
        begins = {entry.path: beginning(entry.name, people) for entry in files}
        is_rule = len(set(begins.values())) > 1 and all(begins.values())
        for entry in files:
            stem = entry.name.removesuffix(".ipynb")
            mentioned = agreed(students for _, students in people.mentioned(stem)) or people.whole(stem)
            students = begins[entry.path] if is_rule else mentioned
            found.append(Owned(entry, agreed([whole, students]), None, lists))
    return found


def beginning(name: str, people: People) -> Students:
    """Whose number, name or login the name of a file begins with."""
    stem = name.removesuffix(".ipynb")
    mentioned = people.mentioned(stem)
    if mentioned and mentioned[0][0] == 0:
        return agreed(students for place, students in mentioned if place == 0)
    first = min((stem.partition(sign)[0] for sign in "_- "), key=len)
    return people.account(first)


def of_known_numbers(found: list[Owned]) -> list[Owned]:
    """In doubt, where a name is known but its number is not, though the roster has the numbers of others.

    That may be somebody else of the name, who is not in the roster.
    """
    known = {one.claim.system for one in found if one.claim and one.is_clear and not one.by_name}
    words = "氏名は名簿にありますが、番号が違います。 / another number"
    return [
        replace(one, reason=words)
        if one.by_name and one.claim and one.claim.system in known and one.claim.number
        else one
        for one in found
    ]


def two_of_one_name(found: list[Owned]) -> list[Owned]:
    """In doubt, where the platform keeps two apart who are one in the roster: one of them may be somebody else."""
    called = defaultdict(set)
    for one in found:
        if one.claim and one.by_name and one.is_clear:
            called[one.students].add(one.claim.identity)
    words = "同じ氏名の人が、ほかにもいます。 / another one of the same name"
    return [
        replace(one, reason=words) if one.by_name and len(called.get(one.students, ())) > 1 else one for one in found
    ]
