"""What lies in a folder of downloads: files, and the files in zip archives, without unpacking them.

Nothing is written here, so that no name in an archive leads anywhere; what is too much or cannot be read is told.
"""

import io
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from dlcourse.grading.desk.submissions import DEEPEST
from dlcourse.grading.display.characters import printable

LARGEST = 200 << 20  # bytes of one file
LARGEST_TOGETHER = 4 << 30  # … and of all in an archive
LONGEST_PATH = 1000  # characters: every system's pattern is tried on it
MOST_FILES = 200_000  # in an archive
IN_MEMORY = 8 << 20  # bytes of an archive in an archive, above which it lies on the disk
ARCHIVES = {".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".lzh"}
# notes of systems and tools, which nobody has handed in
NOT_HANDED_IN = set("__MACOSX .git .github .ipynb_checkpoints __pycache__ .DS_Store Thumbs.db desktop.ini".split())
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError, RuntimeError)
Tell = Callable[[str, str], None]  # of a place, and what is wrong there


@dataclass(frozen=True)
class Entry:
    """A file in a download.

    item: the archive (or folder) it is in, without ".zip"; "" for a file that lies beside the archives.
    path: where it lies in that one.
    modified: as the archive says; None where that says nothing.
    open: its content.
    """

    item: str
    path: str
    size: int
    modified: datetime | None
    open: Callable[[], IO[bytes] | io.FileIO]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def shown(self) -> str:
        return printable("/".join(filter(None, [self.item, self.path])))

    def read(self, most: int = -1) -> bytes:
        with self.open() as file:
            return file.read(most)


class Downloads:
    """The files below a folder. Archives stay open as long as it is used as a context."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self.folder, self.tell = folder, tell
        self.closing = ExitStack()

    def __enter__(self) -> "Downloads":
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.close()

    def entries(self) -> Iterator[Entry]:
        for path in sorted(self.folder.rglob("*")):
            relative = PurePosixPath(unicodedata.normalize("NFC", path.relative_to(self.folder).as_posix()))
            if path.is_dir() or is_nobodys(relative):
                continue
            inside = "/".join(relative.parts[1:])
            if path.is_symlink():
                self.tell(str(relative), "リンクなので、読みません。 / a link")
            elif path.suffix.lower() == ".zip":
                yield from self.unpacked(path, str(relative.with_suffix("")))
            elif path.suffix.lower() in ARCHIVES:
                self.tell(str(relative), "zip ではない書庫は開きません。 / not a zip file")
            else:
                about = path.stat()
                modified = datetime.fromtimestamp(about.st_mtime)
                item = relative.parts[0] if inside else ""
                yield Entry(item, inside or relative.name, about.st_size, modified, partial(io.FileIO, path))

    def unpacked(self, path: Path, item: str) -> Iterator[Entry]:
        try:
            archive = self.closing.enter_context(zipfile.ZipFile(path))
        except UNREADABLE as error:
            self.tell(path.name, f"zip として開けません({error})。 / not a zip file")
            return
        yield from self.members(archive, item, "", lambda member: lambda: archive.open(member))

    def members(
        self, archive: zipfile.ZipFile, item: str, above: str,
        opening: Callable[[zipfile.ZipInfo], Callable[[], IO[bytes]]],
    ) -> Iterator[Entry]:  # fmt: skip
        """above: where the archive itself lies in an archive; "" for one that lies in the folder."""
        left = LARGEST_TOGETHER
        for count, member in enumerate(archive.infolist()):
            name = name_of(member)
            path = "/".join(filter(None, [above, name]))
            if member.is_dir() or is_nobodys(PurePosixPath(name)):
                continue
            left -= member.file_size
            if problem := refusal(member, name, left, count):
                self.tell(f"{item}/{path}", problem)
            elif PurePosixPath(name).suffix.lower() not in ARCHIVES:
                yield Entry(item, path, member.file_size, modified(member), opening(member))
            elif above or not name.lower().endswith(".zip"):
                words = "書庫の中の書庫は、zip を1段だけ開きます。" if above else "zip ではない書庫は開きません。"
                self.tell(f"{item}/{path}", f"{words}ノートブックを出してもらいます。 / an archive in an archive")
            else:
                yield from self.handed_in(item, path, opening(member))

    def handed_in(self, item: str, path: str, opening: Callable[[], IO[bytes]]) -> Iterator[Entry]:
        """The files in an archive that a student has handed in; it is read again for each that is opened."""

        def inner(stack: ExitStack) -> zipfile.ZipFile:
            copy = stack.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
            with opening() as source:
                while block := source.read(1 << 20):
                    copy.write(block)
            return stack.enter_context(zipfile.ZipFile(copy))

        def open_member(member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
            def opened() -> IO[bytes]:
                with ExitStack() as stack:
                    return io.BytesIO(inner(stack).read(member))

            return opened

        try:
            with ExitStack() as stack:
                yield from self.members(inner(stack), item, path, open_member)
        except UNREADABLE as error:
            self.tell(
                f"{item}/{path}",
                f"zip として開けません({type(error).__name__})。 / an archive in an archive, unreadable",
            )


def is_nobodys(path: PurePosixPath) -> bool:
    return bool(NOT_HANDED_IN.intersection(path.parts)) or path.name.startswith("._")


def refusal(member: zipfile.ZipInfo, name: str, left: int, count: int) -> str | None:
    """Why this member is not read, or None."""
    parts = PurePosixPath(name).parts
    if len(name) > LONGEST_PATH:
        return "名前が長すぎます。 / name too long"
    if len(parts) > DEEPEST:
        return "フォルダーが深すぎます。 / too deep"
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return "フォルダーの外に書こうとする名前なので、取り出しません。 / leads out of the folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "リンクなので、取り出しません。 / a link"
    if member.flag_bits & 1:
        return "パスワードが付いています。 / encrypted"
    if member.file_size > LARGEST or left < 0:
        return "大きすぎます。 / too large"
    if count > MOST_FILES:
        return "ファイルが多すぎます。 / too many files"
    return None


def modified(member: zipfile.ZipInfo) -> datetime | None:
    try:
        time = datetime(*member.date_time)
    except ValueError:  # a tool that knows none writes zeros
        return None
    return time if time.year > 1980 else None


def name_of(member: zipfile.ZipInfo) -> str:
    """The member's name as its writer meant it: zip tools on Japanese Windows write cp932 and say nothing."""
    name = member.filename
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp932"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:  # then the next encoding
                continue
    return unicodedata.normalize("NFC", name.replace("\\", "/"))
