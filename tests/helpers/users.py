"""Other users, by their numbers alone: nothing is changed on the machine for them."""

import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlcourse.grading.isolation.confine import MS_PRIVATE, MS_REC, NEWNS, libc
from tests.helpers.commands import Command

GROUP = 64_200
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
        reach(Path(sys.base_prefix).resolve())
        os.setgroups(self.groups)
        os.setgid(self.groups[0] if self.groups else self.uid)
        os.setuid(self.uid)
        os.umask(self.umask)
        os.environ |= {"HOME": str(self.folder), "USER": f"user{self.uid}"}

    def nbgrader(self, course, *arguments):
        """The command with this course, run by this user."""
        return Command(course, *arguments, prepare=self.become, log=self.folder / "nbgrader.log").wait()


def reach(python):
    """Make Python readable for this process and its children where it lies in a closed folder, root's home say."""
    closed = [place for place in python.parents if not place.stat().st_mode & 0o001]
    if not closed:
        return
    problem = libc.unshare(NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    place = os.open(python, os.O_PATH)
    problem = problem or libc.mount(b"tmpfs", os.fsencode(closed[-1]), b"tmpfs", 0, b"mode=755")
    if not problem:
        python.mkdir(parents=True)
        problem = libc.mount(os.fsencode(f"/proc/self/fd/{place}"), os.fsencode(python), None, MS_BIND, None)
    if problem:
        sys.exit(f"✗ no other user can read {python}, and it cannot be mounted for one")
    os.close(place)


@contextmanager
def folder_for_users():
    """A folder that every user may enter; pytest's own are for the user who runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        yield Path(folder)


def user(number, folder, **about):
    """The user of this number, who has a folder in the given one."""
    if os.getuid() != 0:
        pytest.fail("several users can be tried by root alone: run this file as root (in a container, say)")
    uid = 64_200 + number
    own = folder / f"home{number}"
    own.mkdir()
    os.chown(own, uid, about.get("groups", (uid,))[0])
    return User(uid, own, **about)
