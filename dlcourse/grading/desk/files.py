"""The files of a course, written so that a reader finds them whole or not at all, by one grader at a time."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

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
def exclusive_lock(course: Path) -> Iterator[None]:
    """Keeps a second grader of the same course out; the lock ends with this process, however it ends."""
    lock = FileLock(course / ".grading.lock", timeout=0)
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
    """As nbgrader's method of this name, of a folder that is not in its place yet."""
    for place, _, names in os.walk(folder):
        for name in names:
            os.chmod(os.path.join(place, name), permissions)
        if group_shared:
            os.chmod(place, (os.stat(place).st_mode | 0o2770) & 0o2777)


def flush_to_disk(files: Iterable[Path]) -> None:
    """Wait until these are written: else a power failure could leave the points and an empty notebook."""
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
