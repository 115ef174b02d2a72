"""From the downloads of an assignment to submitted/STUDENT/ASSIGNMENT/, and what the teacher is told of the rest.

Collected again, what is new is added. What is replaced is kept in downloaded/ASSIGNMENT/earlier/; what a teacher has
changed by hand since stays, as long as the download still holds what it held.
"""

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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
THREADS = 4  # that unpack: zlib and the disk work without Python's lock
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


@dataclass
class Job:
    """A notebook on its way into a student's folder."""

    student: str
    one: HandedIn
    folder: Path
    digest: str = ""
    is_first: bool = False  # whether nothing was there before

    @property
    def entry(self) -> Entry:
        return self.one.owned.entry

    @cached_property
    def target(self) -> Path:
        return self.folder / f"{self.one.stem}.ipynb"

    @cached_property
    def waiting(self) -> Path:
        return self.folder / f".{self.one.stem}.collected"

    @property
    def name(self) -> str:
        """By which it is recorded."""
        return f"{self.student}/{self.target.name}"

    def unpack(self) -> str:
        """Lay it in its place, or beside what may be there; what is wrong with it, or ""."""
        try:
            self.is_first = made_now(self.folder)
            self.digest = write(self.entry, self.target if self.is_first else self.waiting)
        except UNREADABLE as error:
            with suppress(OSError):  # the first error is the one that is told
                (self.target if self.is_first else self.waiting).unlink(missing_ok=True)
            return str(error) or type(error).__name__
        return ""


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
            found = self.decided(owned, people)
            plan = [(student, one) for students, one in found for student in students]
            self.hand_over(sorted(plan, key=lambda each: (each[0], each[1].stem)), gradebook)
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
            first, aside = chosen(files, self.released) if len(files) > 1 else (files, [])
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

    def hand_over(self, plan: Sequence[tuple[str, HandedIn]], gradebook: Gradebook) -> None:
        """Put the notebooks where they are graded: unpacked by several threads, then each looked at in its turn."""
        jobs = [Job(student, one, self.folder_of(student)) for student, one in plan]
        with ThreadPoolExecutor(THREADS) as pool:
            for job, problem in zip(jobs, pool.map(Job.unpack, jobs), strict=True):
                if problem:
                    self.tell_left(job.entry.shown, f"取り出せません({problem})。 / unreadable")
                else:
                    self.settle(job)
                    self.note_time(job, gradebook)

    def folder_of(self, student: str) -> Path:
        return Path(self.course.format_path(self.course.submitted_directory, student, self.assignment))

    def settle(self, job: "Job") -> None:
        """Put what was unpacked in its place, unless what stands there stays."""
        if job.is_first:
            self.outcome.new.add(job.name)
        elif not job.target.exists():
            job.waiting.rename(job.target)
            self.outcome.new.add(job.name)
        elif self.stays(job):
            job.waiting.unlink()
            self.outcome.same.add(job.name)
        else:
            self.put_away(job.target, job.student)
            job.waiting.rename(job.target)
            self.outcome.replaced.add(job.name)
        self.record[job.name] = job.digest

    def stays(self, job: "Job") -> bool:
        """Whether what was collected before stays: nothing new has come, or what is older, or unanswered."""
        if digest_of(job.target) == job.digest:
            return True
        if self.record.get(job.name) == job.digest:  # the teacher has changed it since
            return not self.app.force
        before = time_of(job.folder)
        if before and job.one.time and job.one.time < before:
            words = f"前に集めたもの({shown_time(before)} に提出)より前のものなので、使いません。 / superseded"
            self.tell(job.entry.shown, words)
            return True
        cells = self.released.get(job.one.stem)
        if cells is None or match_quality(job.waiting, cells) >= match_quality(job.target, cells):
            return False
        words = f"前に集めたものには解答があり、これにはないので、{job.target.name} を替えません。 / a fresh copy"
        self.tell_left(job.entry.shown, words)
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

    def note_time(self, job: "Job", gradebook: Gradebook) -> None:
        """Write timestamp.txt, from which autograde learns how late a submission is."""
        time, before = job.one.time, None if job.is_first else time_of(job.folder)
        if time is None and job.one.is_late and before is None:
            time = self.late_at_least(job.student, gradebook)
        if time and (before is None or time > before or job.name in self.outcome.replaced):
            (job.folder / "timestamp.txt").write_text(shown_time(time), encoding="utf-8")

    def late_at_least(self, student: str, gradebook: Gradebook) -> datetime | None:
        try:
            due = gradebook.find_assignment(self.assignment).duedate
        except MissingEntry:  # an assignment that is not in the gradebook has no due date
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


def made_now(folder: Path) -> bool:
    """Make the folder, and those around it, where there is none."""
    with suppress(FileExistsError):  # another student's has made it
        folder.parent.mkdir(parents=True)
    try:
        folder.mkdir()
    except FileExistsError:  # which is the answer
        return False
    return True


def time_of(folder: Path) -> datetime | None:
    """When what lies there was handed in, if anybody has said so."""
    path = folder / "timestamp.txt"
    try:
        return times.understood(path.read_text(encoding="utf-8")) if path.exists() else None
    except (ValueError, OSError):  # autograde tells of it, and ends with 1
        return None


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
