"""The folders of graders, in which students' processes work: each goes with its grader, or with the next one."""

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

FOLDER = "grader-"  # how the folders of graders are called
CLAIM = "claim"  # the file in it that its grader holds locked


def claim_folder() -> tuple[Path, FileLock]:
    """A folder that is ours as long as this lock is held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=FOLDER))
        claim = FileLock(folder / CLAIM)
        claim.acquire()
        if (folder / CLAIM).exists():  # else somebody has taken it for abandoned, just before it was locked
            folder.chmod(0o711)
            return folder, claim
        claim.release()


def release(folder: Path, claim: FileLock) -> None:
    """Give the folder up, and remove it."""
    claim.release()  # some systems remove no file that is open
    remove_tree(folder)


def remove_abandoned_folders() -> None:
    """Remove the folders of graders that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        if is_ours(folder) and (folder / CLAIM).is_file():
            with contextlib.suppress(Timeout):
                with FileLock(folder / CLAIM, timeout=0):
                    remove_tree(folder)
                remove_tree(folder)  # what was locked stays on some systems until it no longer is


def is_ours(folder: Path) -> bool:
    """Whether it is a folder, no link to one, and this user's."""
    try:
        about = folder.lstat()
    except OSError:
        return False  # just removed
    user = os.geteuid() if hasattr(os, "geteuid") else about.st_uid  # on Windows each has a place of their own for them
    return stat.S_ISDIR(about.st_mode) and about.st_uid == user


def remove_tree(folder: Path) -> None:
    """Whatever a student has made of it."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":  # folders without rights, or thousands of them in one another
        subprocess.run(["chmod", "-R", "u+rwx", str(folder)], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", str(folder)], stderr=subprocess.DEVNULL)
