"""The files of a course, written so that a reader finds them whole or not at all, by one grader at a time."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url

from dlcourse.grading.refusal import GO_ON, Halt

CANNOT_WRITE = {
    errno.ENOSPC: "ディスクがいっぱいです / the disk is full",
    errno.EDQUOT: "使えるディスクの量を超えました / the disk quota is used up",
    errno.EFBIG: "ファイルがここに許された大きさを超えました / the file is larger than allowed here",
    errno.EROFS: "書き込めないディスクです / the disk is read-only",
    errno.EACCES: "書き込みが許されていません / writing is not allowed",
    errno.EPERM: "書き込みが許されていません / writing is not allowed",
    errno.EIO: "ディスクがこわれているようです / the disk seems to be broken",
}


def cannot_write(error: OSError) -> str:
    """One line for the teacher."""
    reason = CANNOT_WRITE.get(error.errno or 0, error.strerror)
    return f"{error.filename or 'ファイル'} に書けません: {reason}。{GO_ON}"


@contextmanager
def shared_with_group(course: CourseDirectory) -> Iterator[None]:
    """What is made meanwhile, by nbgrader and us, every teacher of the group may write, where the course is shared so.

    nbgrader itself opens notebooks and their folders (CourseDirectory.groupshared), but neither the folders around them
    nor the gradebook, which SQLite makes for its owner alone, whatever the umask.
    """
    if not course.groupshared:
        yield
        return
    before = os.umask(0)
    os.umask(before & ~0o070)
    try:
        yield
    finally:
        os.umask(before)
        url = make_url(course.db_url)
        if url.get_backend_name() == "sqlite" and url.database:
            with suppress(OSError):  # there is none yet, or it is another teacher's, who has opened it
                os.chmod(url.database, os.stat(url.database).st_mode | 0o060)


@contextmanager
def exclusive_lock(course: Path) -> Iterator[None]:
    """Keeps a second grader of the same course out; the lock ends with this process, however it ends."""
    from filelock import FileLock, Timeout  # which a student's environment need not have

    path = course / ".grading.lock"
    with suppress(OSError):  # with the rights that any new file gets: FileLock's own are not for a group
        path.touch()
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Halt(
            "このコースは、いま別の採点が動いています。終わってから、もう一度実行してください。"
            " / another grader is running"
        ) from None
    except OSError as error:
        raise Halt(cannot_write(error)) from error
    try:
        yield
    finally:
        lock.release()


def copy_files(files: Iterable[Path], source: Path, target: Path) -> None:
    """Copy these files of one folder to another one."""
    for path in files:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.unlink(missing_ok=True)
        shutil.copy(path, copied)


def put_in_place(written: Path, final: Path) -> None:
    """Move a folder that is complete to where it is looked for; what stood there goes with the staging folder."""
    if final.is_dir():
        final.rename(written.with_name(f"{written.name}.before"))
    final.parent.mkdir(parents=True, exist_ok=True)
    written.rename(final)
    shutil.rmtree(written.parent)


def set_permissions(folder: Path, permissions: int, *, group_shared: bool) -> None:
    """As nbgrader's method of this name, but for files of another teacher: that one has set them."""
    for place, _, names in os.walk(folder):
        with suppress(PermissionError):
            if group_shared:
                os.chmod(place, (os.stat(place).st_mode | 0o2770) & 0o2777)
        for name in names:
            with suppress(PermissionError):
                os.chmod(os.path.join(place, name), permissions)


def flush_to_disk(files: Iterable[Path]) -> None:
    """Wait until these are written: else a power failure could leave the points and an empty notebook."""
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
