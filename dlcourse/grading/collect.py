"""From what a learning platform lets a teacher download to submitted/STUDENT/ASSIGNMENT/: `nbgrader zip_collect`.

The names in the download are looked up in the gradebook's roster: by the student's number there, the number on the
platform (lms_user_id), the name in either order, or the mail address. Whatever is not clear is told and left out.
"""

import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from nbgrader.api import Gradebook, Student
from nbgrader.plugins.zipcollect import ExtractorPlugin, FileNameCollectorPlugin

from dlcourse.grading.desk.submissions import DEEPEST
from dlcourse.grading.display.characters import printable

LARGEST = 200 << 20  # bytes of one file
LARGEST_TOGETHER = 4 << 30  # … and of an archive
ARCHIVES = {".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".lzh"}

# 山田 太郎_123456_assignsubmission_file_ (a folder), or with the file's name behind it; the number is no one's for long
MOODLE = re.compile(r"(?P<name>.+?)_\d+_assignsubmission_file(?:_(?P<file>.*))?$")
# yamadataro_LATE_1234_567890_ch1-1.ipynb: the student's number and the upload's
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<user>\d+)_(?P<upload>\d+)_(?P<file>.+)$")
# Google Classroom: 山田太郎 - ch1.ipynb
BESIDE = re.compile(r"(?P<one>.+?) [-–] (?P<other>.+)$")
COPY = re.compile(r"(?P<stem>.*?)(?:[ _]?\((?P<one>\d+)\)|-(?P<other>\d{1,2})| - コピー| - Copy|のコピー)$")


class Extractor(ExtractorPlugin):
    """Unpacks zip files with Japanese names, and nothing that would leave its folder."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        for path in sorted(Path(archive_path).rglob("*")):
            place = Path(extracted_path, path.relative_to(archive_path))
            if path.is_dir():
                continue
            if path.suffix.lower() == ".zip":
                self.unpack(path, place.with_suffix(""))
            elif path.suffix.lower() in ARCHIVES:
                self.log.warning("%s: zip ではない書庫は開きません。 / not a zip file", path.name)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)

    def unpack(self, path: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            self.log.warning("%s: zip として開けません(%s)。 / not a zip file", path.name, error)
            return
        left = LARGEST_TOGETHER
        with archive:
            for member in archive.infolist():
                name = name_of(member)
                if member.is_dir() or "__MACOSX" in PurePosixPath(name).parts:
                    continue
                left -= member.file_size
                if problem := self.refusal(member, name, left):
                    self.log.warning("%s の中の %s: %s", path.name, printable(name), problem)
                    continue
                place, made = target / name, False
                try:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(member) as source, place.open("xb") as file:
                        made = True
                        shutil.copyfileobj(source, file)
                except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError) as error:
                    if made:  # else it is another member's, of the same name
                        place.unlink()
                    shown = printable(name)
                    self.log.warning("%s の中の %s: 取り出せません(%s)。 / unreadable", path.name, shown, error)

    def refusal(self, member: zipfile.ZipInfo, name: str, left: int) -> str | None:
        """Why this member is not unpacked, or None."""
        parts = PurePosixPath(name).parts
        if len(parts) > DEEPEST:
            return "フォルダーが深すぎます。 / too deep"
        if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
            return "フォルダーの外に書こうとする名前なので、取り出しません。 / leads out of the folder"
        if stat.S_ISLNK(member.external_attr >> 16):
            return "リンクなので、取り出しません。 / a link"
        if PurePosixPath(name).suffix.lower() in ARCHIVES:
            return "書庫の中の書庫は開きません。ノートブックだけを出してもらいます。 / an archive in an archive"
        if member.flag_bits & 1:
            return "パスワードが付いています。 / encrypted"
        if member.file_size > LARGEST or left < 0:
            return "大きすぎます。 / too large"
        return None


def name_of(member: zipfile.ZipInfo) -> str:
    """The member's name as its writer meant it: zip tools on Japanese Windows write cp932 and say nothing."""
    name = member.filename
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp932"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


class Collector(FileNameCollectorPlugin):
    """Says of each unpacked file whose it is, and which notebook."""

    plan: dict[str, dict[str, str]] | None = None

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        if self.plan is None:
            app, course = self.parent, self.parent.coursedir
            root = Path(app._format_collect_path(app.extracted_directory))
            with Gradebook(course.db_url, course.course_id) as gradebook:
                roster = Roster(gradebook.students)
            released = course.format_path(course.release_directory, ".", course.assignment_id)
            notebooks = {path.stem for path in Path(released).glob("*.ipynb")}
            self.plan = self.planned(root, roster, notebooks)
        return self.plan.get(submitted_file)

    def planned(self, root: Path, roster: "Roster", notebooks: Collection[str]) -> dict[str, dict[str, str]]:
        """file → its student and its notebook; without the files that are not clear, of which it tells."""
        found: dict[tuple[str, str], list[tuple[int, int, float, Path]]] = defaultdict(list)
        for path in sorted(root.rglob("*")):
            shown = printable(str(path.relative_to(root)))
            if path.is_dir() or path.name.startswith("._"):
                continue
            if path.suffix.lower() != ".ipynb":
                self.log.warning("%s: ノートブックではないので、集めません。 / not a notebook", shown)
                continue
            students, file, upload = owner(path.relative_to(root), roster)
            if len(students) == 1:
                stem, number = without_copy(Path(file).stem, notebooks)
                found[students.pop(), stem].append((upload, number, path.stat().st_mtime, path))
            elif students:
                names = "、".join(sorted(students))
                self.log.warning("%s: 名簿の %s のどれか分かりません。 / more than one student", shown, names)
            else:
                self.log.warning("%s: 名簿にある学生のものか分かりません。 / nobody in the roster", shown)
        plan = {}
        for (student, stem), files in found.items():
            *older, (*_, newest) = sorted(files)
            plan[str(newest)] = {"student_id": student, "file_id": f"{stem}.ipynb"}
            for *_, path in older:
                shown = printable(str(path.relative_to(root)))
                self.log.warning("%s: より新しいもの(%s)があるので、使いません。 / superseded", shown, newest.name)
        return plan


class Roster:
    """The students by everything that a platform may call them."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.by_name: dict[str, set[str]] = defaultdict(set)
        self.by_number: dict[str, set[str]] = defaultdict(set)
        for student in students:
            last, first, mail = student.last_name or "", student.first_name or "", student.email or ""
            for name in (student.id, last + first, first + last, mail, mail.partition("@")[0]):
                self.by_name[comparable(name)].add(student.id)
            if student.lms_user_id:
                self.by_number[str(student.lms_user_id)].add(student.id)
        self.by_name.pop("", None)

    def named(self, text: str) -> set[str]:
        return set(self.by_name.get(comparable(text), ()))


def comparable(text: str) -> str:
    """Names without what platforms change in them: width, case, spaces and signs."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


def owner(path: Path, roster: Roster) -> tuple[set[str], str, int]:
    """The students whose file this may be, the file's own name, and the number of the upload (0 if unknown)."""
    for part in reversed(path.parts):
        if found := MOODLE.match(part):
            return roster.named(found["name"]), found["file"] or path.name, 0
    if found := CANVAS.match(path.name):
        students = roster.by_number.get(found["user"]) or roster.named(found["name"])
        return set(students), found["file"], int(found["upload"])
    if found := BESIDE.match(path.stem):
        for name, file in ((found["one"], found["other"]), (found["other"], found["one"])):
            if students := roster.named(name):
                return students, file + path.suffix, 0
    for part in reversed(path.parts[:-1]):
        if students := roster.named(part):
            return students, path.name, 0
    return roster.named(path.stem), path.name, 0


def without_copy(stem: str, notebooks: Collection[str]) -> tuple[str, int]:
    """The notebook that "ch1 (2)" or "ch1-2" is a copy of, and the copy's number."""
    stem = unicodedata.normalize("NFC", stem)
    if stem not in notebooks and (found := COPY.match(stem)) and found["stem"].strip() in notebooks:
        return found["stem"].strip(), int(found["one"] or found["other"] or 1)
    return stem, 0
