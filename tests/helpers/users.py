"""Other users, by their numbers alone: nothing is changed on the machine for them.

Where the tests are not root's, who runs them takes the part of every user, and a warning says so.
"""

import os
import pwd
import sys
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dlcourse.grading.isolation.confine import MS_PRIVATE, MS_REC, NEWNS, libc
from tests.helpers import ROOT
from tests.helpers.commands import Command

AS_ROOT = os.getuid() == 0
GROUP = 64_200 if AS_ROOT else os.getgid()
ALONE = "not root: one user takes the part of all; whether others may read and write is seen by the rights alone"
MS_BIND = 0x1000


@dataclass(frozen=True)
class User:
    """uid: of a user who need not be known here. folder: where its programs keep what they keep of a user."""

    uid: int
    folder: Path
    umask: int = 0o022
    groups: tuple[int, ...] = ()

    def become(self):
        """Turn this process, a child of the tests', into one of the user's."""
        if AS_ROOT:
            for folder in (sys.base_prefix, sys.prefix, ROOT):
                reach(Path(folder).resolve())
            os.setgroups(self.groups)
            os.setgid(self.groups[0] if self.groups else self.uid)
            os.setuid(self.uid)
        os.umask(self.umask)
        os.environ |= {"HOME": str(self.folder), "USER": f"user{self.uid}"}

    def nbgrader(self, course, *arguments, place=ROOT):
        """The command with this course, run by this user in a folder that has the settings."""

        def ready():
            self.become()
            os.chdir(place)

        return Command(course, *arguments, prepare=ready, log=self.folder / "nbgrader.log").wait()


def reach(folder):
    """Let others come to the folder, for this process and its children, where it lies in a closed one: root's home."""
    for place in reversed(folder.parents):
        if not place.stat().st_mode & 0o001:
            give_rights(place, "mode=755")


def give_rights(folder, rights):
    """Give the folder other rights, "mode=700,uid=…" say, for this process and its children alone."""
    problem = libc.unshare(NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    before = os.open(folder, os.O_PATH)
    entries = list(folder.iterdir())
    problem = problem or libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, rights.encode())
    for entry in entries if not problem else ():
        source = Path(f"/proc/self/fd/{before}", entry.name)
        if source.is_symlink():
            entry.symlink_to(source.readlink())
            continue
        entry.mkdir() if source.is_dir() else entry.touch()
        problem = problem or libc.mount(os.fsencode(source), os.fsencode(entry), None, MS_BIND | MS_REC, None)
    os.close(before)
    if problem:
        sys.exit(f"✗ {folder} cannot be given other rights here: mounting is not allowed")


@contextmanager
def folder_for_users():
    """A folder that every user may enter; pytest's own are for the user who runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        yield Path(folder)


def user(number, folder, **about):
    """The user of this number, who has a folder in the given one."""
    own = folder / f"home{number}"
    own.mkdir()
    if not AS_ROOT:
        warnings.warn(ALONE, stacklevel=2)
        return User(**about | {"uid": os.getuid(), "folder": own})
    about = {"uid": 64_200 + number} | about
    os.chown(own, about["uid"], about.get("groups", (about["uid"],))[0])
    return User(folder=own, **about)


def users_with_names(folder):
    """Users whom this machine knows by name, as every system has them for its programs."""
    named = [one for one in pwd.getpwall() if one.pw_uid not in (0, os.getuid())]
    for number, one in enumerate(sorted(named, key=lambda one: one.pw_uid)):
        yield user(number, folder, uid=one.pw_uid, groups=(one.pw_gid,))
