"""The files beside the notebook, of which either side has a copy: what the student's code writes, a test can read.

The tests' folder is this process's current one. Before the student's code runs, what a test has written there is put
into the student's folder; behind it, what the student's code has written is fetched, as data: plain files with names
below the folder, no links, a limited number of bytes. Modules are imported from another folder, which holds the
course's files alone; a file of the course's that lies there is never replaced by one of the student's.
"""

import contextlib
import os
import re
import shutil
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from dlcourse.grading.isolation.encoding import LARGEST_MESSAGE, WireError
from dlcourse.grading.isolation.wire import Peer, RemoteError

# By their words, cells that may have to do with files; most have nothing, and nothing need be looked at for them.
FILES = re.compile(
    r"open|[Pp]ath|\bos\b|glob|file|read|load|exists|listdir|getsize|shutil|csv|json|pickle|zip|\.\w{2,4}['\"]"
)
MOST_FILES = 1000
LARGEST_FILE = LARGEST_MESSAGE // 2 - 1  # bytes
MOST_BYTES = 64 << 20  # of all files that are fetched for a notebook
LONGEST_NAME, DEEPEST = 200, 8
# What leads elsewhere on one system or another: drives, streams, short names, devices.
ELSEWHERE = re.compile(r'[\x00-\x1f\\<>:"|?*]|~\d')
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\..*)?$")
# A file that can't be had is not there for the test, which says so.
NOT_SENT = (RemoteError, WireError, OSError, ValueError, TypeError, AttributeError)
State = tuple[int, int]  # size and time; -1 and 0 of a folder


class SharedFiles:
    """folder: the tests' current one. given: the names of the course's files in it."""

    def __init__(self, folder: str, given: Collection[str]) -> None:
        self.folder, self.given = Path(folder), set(given)
        self.here: dict[str, State] = self.look_here()
        self.there: dict[str, State] | None = None  # as they were when they were last the same
        self.left = MOST_BYTES
        self.in_use = False

    def begin(self, source: str) -> None:
        """Before a cell of the course's."""
        self.in_use = self.in_use or bool(FILES.search(source))

    def forget_process(self) -> None:
        """Another process of the student's has run the cells again, and has what they have written."""
        self.there = None

    def leave_to_student(self, names: Collection[str]) -> None:
        """Fetch these of the course's files, too: the answers are to change them."""
        left = {same(name) for name in names}
        self.given = {name for name in self.given if same(name) not in left}

    def changed_by_answers(self, peer: Peer) -> list[str]:
        """The names of the course's files that are no longer what they were."""
        changed = []
        for name in sorted(self.given) if self.in_use else ():
            with contextlib.suppress(*NOT_SENT):
                if peer.call("file", name).tobytes() != (self.folder / name).read_bytes():
                    changed.append(name)
        return changed

    def look_here(self) -> dict[str, State]:
        found = {}
        for folder, folders, files in os.walk(self.folder):
            for name in (*folders, *files):
                path = Path(folder, name)
                about = path.lstat()
                is_folder = path.is_dir()
                found[path.relative_to(self.folder).as_posix()] = (
                    (-1, 0) if is_folder else (about.st_size, about.st_mtime_ns)
                )
        return found

    def push(self, peer: Peer) -> None:
        """What a test has written and removed."""
        if not self.in_use:
            return
        now = self.look_here()
        for name, state in now.items():
            if self.here.get(name) != state:
                with contextlib.suppress(*NOT_SENT):
                    if state[0] < 0:
                        peer.call("make folder", name)
                    else:
                        peer.call("put", name, np.frombuffer((self.folder / name).read_bytes(), np.uint8))
        for name in sorted(self.here.keys() - now.keys(), reverse=True):  # what lies in a folder before it
            with contextlib.suppress(*NOT_SENT):
                peer.call("remove", name)
        if now != self.here:
            self.here = now
            self.there = self.look_there(peer)

    def look_there(self, peer: Peer) -> dict[str, State]:
        found: dict[str, State] = {}
        with contextlib.suppress(*NOT_SENT):
            told: Any = peer.call("files")
            for name, size, time in told[:MOST_FILES]:
                if is_plain(name) and isinstance(size, int) and isinstance(time, int):
                    found[name] = size, time
        return found

    def pull(self, peer: Peer) -> None:
        """What the student's code has written and removed."""
        if not self.in_use:
            return
        now = self.look_there(peer)
        before = self.there if self.there is not None else {}
        if now == before:
            return
        for name, state in now.items():
            if before.get(name) != state and not self.is_given(name):
                with contextlib.suppress(*NOT_SENT):
                    self.fetch(peer, name, *state)
        for name in sorted(before.keys() - now.keys(), reverse=True):
            if not self.is_given(name):
                with contextlib.suppress(*NOT_SENT):
                    remove(self.below(name))
        self.here, self.there = self.look_here(), now

    def is_given(self, name: str) -> bool:
        """Whether it is a file of the course's, or a folder with one, whatever the system takes for one name."""
        name = same(name)
        return any(one == name or one.startswith(f"{name}/") for one in map(same, self.given))

    def below(self, name: str) -> Path:
        """The place of a plain name; ValueError when a link of a test's leads out of the folder there."""
        place = self.folder / name
        if not place.resolve().is_relative_to(self.folder.resolve()):
            raise ValueError(f"{name} lies elsewhere")
        return place

    def fetch(self, peer: Peer, name: str, size: int, time: int) -> None:
        target = self.below(name)
        if size < 0:
            target.mkdir(parents=True, exist_ok=True)
            return
        if not size <= min(LARGEST_FILE, self.left):
            return
        content = peer.call("file", name).tobytes()
        if len(content) > LARGEST_FILE:
            return
        self.left -= len(content)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            remove(target)
        target.write_bytes(content)


def is_plain(name: Any) -> bool:
    """Whether it names a file below the folder, on every system."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or ELSEWHERE.search(name):
        return False
    parts = PurePosixPath(name).parts
    if str(PurePosixPath(*parts)) != name or parts[0] == "/" or ".." in parts or len(parts) > DEEPEST:
        return False
    return not any(part[-1] in ". " or DEVICE.match(part) for part in parts)


def same(name: str) -> str:
    """One form for the names that one file may have, where capital letters or composed characters make no other."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
