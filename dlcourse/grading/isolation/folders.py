"""The folders of graders, in which students' processes work: each goes with its grader, or with the next one."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER = "grading-"  # how the folders of graders are called


def claim_folder() -> tuple[Path, int]:
    """A folder that is ours as long as this descriptor is open: it gets its name when it is locked."""
    folder = Path(tempfile.mkdtemp(prefix=f".{FOLDER}"))
    claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(claim, fcntl.LOCK_EX)
    folder.chmod(0o711)
    return folder.rename(folder.with_name(folder.name[1:])), claim


def remove_abandoned_folders() -> None:
    """Remove the folders of graders that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        try:
            claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # another user's, or just removed
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(claim).st_uid == os.geteuid():
                remove_tree(folder)
        os.close(claim)


def remove_tree(folder: Path) -> None:
    """Whatever a student has made of it."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # folders without rights, or thousands of them in one another
        subprocess.run(["chmod", "-R", "u+rwx", str(folder)], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", str(folder)], stderr=subprocess.DEVNULL)
