"""From the downloads of an assignment to submitted/STUDENT/ASSIGNMENT/, and what the teacher is told of the rest.

Collected again, what is new is added. What is replaced is kept in downloaded/ASSIGNMENT/earlier/; what a teacher has
changed by hand since stays, as long as the download still holds what it held.
"""

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.zipcollectapp import ZipCollectApp

from dlcourse.grading.desk import times
from dlcourse.grading.desk.submissions import Cells, match_quality
from dlcourse.grading.display.characters import printable
from dlcourse.grading.platforms import known
from dlcourse.grading.platforms.archives import UNREADABLE, Downloads, Entry
from dlcourse.grading.platforms.owners import Owned, owners
from dlcourse.grading.platforms.people import People
from dlcourse.grading.platforms.which import HandedIn, chosen, handed_in, released_cells, shown_time

EARLIER = "earlier"  # beside archive/: what a later download has replaced
RECORD = "collected.json"  # … and of each collected file what it held
LATE_AT_LEAST = timedelta(seconds=1)  # behind the due date, where the platform says no more than "late"


@dataclass
class Outcome:
    """What became of the files, as the last line counts them: student/notebook of each kind."""

    new: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    same: set[str] = field(default_factory=set)
    left: int = 0

    @property
    def found(self) -> int:
        return len({name.partition("/")[0] for name in self.new | self.replaced | self.same})


class Collecting:
    """One run of `nbgrader zip_collect`."""

    def __init__(self, app: ZipCollectApp) -> None:
        self.app, self.course, self.log = app, app.coursedir, app.log
        self.assignment = self.course.assignment_id
        self.archive = Path(app._format_collect_path(app.archive_directory))
        self.beside = self.archive.parent
        self.outcome = Outcome()
        self.record: dict[str, str] = {}

    def run(self) -> int:
        """Collect; the exit code: 1 when anything was left for the teacher to decide, or nothing was there."""
        if not self.archive.is_dir():
            self.log.error(
                "%s がありません。ダウンロードしたものを、そこに置いてください。 / no such folder", self.archive
            )
            return 1
        self.read_record()
        with (
            Gradebook(self.course.db_url, self.course.course_id) as gradebook,
            Downloads(self.archive, self.tell_left) as downloads,
        ):
            people = known.people(gradebook, self.assignment)
            if not people.students:
                words = "名簿が空です。先に nbgrader db student import 名簿 で登録してください。"
                self.log.error("%s / no students in the gradebook", words)
                return 1
            owned = owners(list(downloads.entries()), people, self.tell_left)
            self.keep_participants(gradebook, owned)
            for students, one in sorted(self.decided(owned, people), key=lambda found: sorted(found[0])):
                for student in sorted(students):
                    self.hand_over(student, one, gradebook)
        self.write_record()
        return self.tell_outcome()

    # --- deciding --------------------------------------------------------------------------------------

    def decided(self, owned: Iterable[Owned], people: People) -> list[tuple[frozenset[str], HandedIn]]:
        """Whose which file is to be graded; tells of all others."""
        groups: dict[tuple[frozenset[str], str], list[HandedIn]] = defaultdict(list)
        has_notebook: set[str] = set()
        without: list[Owned] = []
        for one in owned:
            if not (notebook := self.notebook_in(one)):
                without.append(one)
            elif one.is_clear:
                groups[one.students, notebook.stem].append(notebook)
                has_notebook |= one.students
            else:
                self.tell_whose(one, people)
        for one in without:
            nothing_else = one.is_clear and not one.students & has_notebook
            words = "ノートブックではないので、集めません。 / not a notebook"
            (self.tell_left if nothing_else else self.tell)(one.entry.shown, words)
        result = []
        for (students, _), files in groups.items():
            first, aside = chosen(files, self.released)
            if len(first) > 1:
                names = "、".join(each.owned.entry.shown for each in first)
                self.tell_left(names, "どれがあとから出されたものか分かりません。 / cannot tell which is the later one")
                for each in first:
                    self.lay_out(each.owned.entry)
                continue
            result.append((students, first[0]))
            for each in aside:
                words = f"{first[0].owned.entry.shown} を使うので、使いません。 / superseded"
                self.tell(each.owned.entry.shown, words)
        return result

    def notebook_in(self, one: Owned) -> HandedIn | None:
        try:
            notebook = handed_in(one, self.notebooks)
        except UNREADABLE:  # told where it is to be collected
            return None
        if notebook and self.app.strict and notebook.stem not in self.notebooks:
            return None
        return notebook

    @cached_property
    def notebooks(self) -> set[str]:
        return {path.stem for path in self.released_folder.glob("*.ipynb")}

    @cached_property
    def released(self) -> dict[str, Cells]:
        return released_cells(self.released_folder)

    @property
    def released_folder(self) -> Path:
        return Path(self.course.format_path(self.course.release_directory, ".", self.assignment))

    # --- handing over ----------------------------------------------------------------------------------

    def hand_over(self, student: str, one: HandedIn, gradebook: Gradebook) -> None:
        """Put a notebook where it is graded, unless it is there already."""
        folder = Path(self.course.format_path(self.course.submitted_directory, student, self.assignment))
        target, entry = folder / f"{one.stem}.ipynb", one.owned.entry
        name = f"{student}/{target.name}"
        folder.mkdir(parents=True, exist_ok=True)
        waiting = folder / f".{target.name}.collected"
        try:
            digest = write(entry, waiting)
        except UNREADABLE as error:
            waiting.unlink(missing_ok=True)
            self.tell_left(entry.shown, f"取り出せません({error})。 / unreadable")
            return
        if target.exists() and self.stays(target, waiting, one, digest):
            waiting.unlink()
            self.outcome.same.add(name)
        else:
            if is_change := target.exists():
                self.put_away(target, student)
            waiting.rename(target)
            (self.outcome.replaced if is_change else self.outcome.new).add(name)
        self.record[name] = digest
        self.note_time(folder, student, one, gradebook)

    def stays(self, there: Path, new: Path, one: HandedIn, digest: str) -> bool:
        """Whether what was collected before stays: nothing new has come, or only a fresh copy beside an answer."""
        if digest_of(there) == digest:
            return True
        if self.record.get(f"{there.parent.parent.name}/{there.name}") == digest:  # the teacher has changed it since
            return not self.app.force
        cells = self.released.get(one.stem)
        if cells is None or match_quality(new, cells) >= match_quality(there, cells):
            return False
        words = f"前に集めたものには解答があり、これにはないので、{there.name} を替えません。 / a fresh copy"
        self.tell_left(one.owned.entry.shown, words)
        return True

    def put_away(self, target: Path, student: str) -> None:
        """Keep what is replaced."""
        stamp = datetime.fromtimestamp(target.stat().st_mtime).strftime("%Y-%m-%d-%H-%M-%S")
        kept = self.beside / EARLIER / student / stamp / target.name
        count = 1
        while kept.exists():
            count += 1
            kept = kept.with_name(f"{target.stem}-{count}{target.suffix}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, kept)
        where = kept.relative_to(self.course.root) if kept.is_relative_to(self.course.root) else kept
        words = f"新しいものに替えました。前のものは {where} にあります。 / replaced"
        self.tell(f"{student}/{target.name}", words)

    def note_time(self, folder: Path, student: str, one: HandedIn, gradebook: Gradebook) -> None:
        """Write timestamp.txt, from which autograde learns how late a submission is."""
        path, time = folder / "timestamp.txt", one.time
        if time is None and one.is_late and not path.exists():
            time = self.late_at_least(student, gradebook)
        if time is None:
            return
        try:
            before = times.understood(path.read_text(encoding="utf-8")) if path.exists() else None
        except (ValueError, OSError):
            before = None
        if before is None or time > before or f"{student}/{one.stem}.ipynb" in self.outcome.replaced:
            path.write_text(shown_time(time), encoding="utf-8")

    def late_at_least(self, student: str, gradebook: Gradebook) -> datetime | None:
        try:
            due = gradebook.find_assignment(self.assignment).duedate
        except MissingEntry:
            due = None
        if due is None:
            words = "遅れ(LATE)とだけ分かり、締め切りが成績簿にありません。timestamp.txt に時刻を書いてください。"
            self.tell(student, f"{words} / late")
            return None
        words = "遅れ(LATE)とだけ分かるので、締め切りの1秒あとに出したものとします。"
        self.tell(student, f"{words}時刻が分かれば timestamp.txt を直してください。 / late")
        return due.replace(tzinfo=UTC) + LATE_AT_LEAST

    def keep_participants(self, gradebook: Gradebook, owned: Iterable[Owned]) -> None:
        """Keep the numbers by which Moodle takes marks and feedback back."""
        kind = known.participant(self.assignment)
        facts = {
            (one.claim.said["participant"], next(iter(one.students)))
            for one in owned
            if one.claim and one.claim.said.get("participant") and one.is_clear and not one.together
        }
        if facts:
            known.keep(gradebook, ((student, kind, number) for number, student in facts), alone=True)

    # --- telling ---------------------------------------------------------------------------------------

    def tell(self, place: str, words: str) -> None:
        self.log.warning("%s: %s", printable(place), words)

    def tell_left(self, place: str, words: str) -> None:
        self.outcome.left += 1
        self.tell(place, words)

    def tell_whose(self, one: Owned, people: People) -> None:
        if one.students:
            asked = f"名簿の {people.candidates(one.students)} "
            words = f"{asked}のどれか分かりません。{one.reason or ' / more than one student'}"
        else:
            words = f"名簿にある学生のものか分かりません。{one.reason or ' / nobody in the roster'}"
        self.tell_left(one.entry.shown, words)
        self.lay_out(one.entry)

    def lay_out(self, entry: Entry) -> None:
        """Put a file that nobody got where the teacher can open it."""
        root = Path(self.app._format_collect_path(self.app.extracted_directory))
        place = root / entry.item / entry.path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write(entry, place)
        except UNREADABLE:  # a name too long for this disk, say: it is still in the archive
            return

    def tell_outcome(self) -> int:
        done = self.outcome
        parts = [("新しく", done.new), ("替えて", done.replaced), ("前と同じ", done.same)]
        counts = "、".join(f"{word} {len(names)}" for word, names in parts if names)
        print(f"{done.found} 名の提出を集めました({counts})。" if done.found else "集めたものはありません。")
        if done.left:
            place = f"submitted/学籍番号/{self.assignment}/"
            print(f"✗ 上の {done.left} 件は、集めていません。だれのものか分かったら {place} に置いてください。")
        return 1 if done.left or not done.found else 0

    # --- what was collected before ---------------------------------------------------------------------

    def read_record(self) -> None:
        try:
            found = json.loads((self.beside / RECORD).read_text(encoding="utf-8"))
            self.record = {str(name): str(digest) for name, digest in found.items()}
        except (
            OSError,
            ValueError,
            AttributeError,
        ):  # there is none, or none that is whole
            self.record = {}

    def write_record(self) -> None:
        (self.beside / RECORD).write_text(json.dumps(self.record, ensure_ascii=False, indent=0), encoding="utf-8")


def write(entry: Entry, target: Path) -> str:
    """Write the file; the digest of what is in it."""
    digest = hashlib.sha256()
    with entry.open() as source, target.open("wb") as file:
        while block := source.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
