"""What processes are started with, on each system."""

import os
import subprocess
import sys
from typing import Any


def own_group() -> dict[str, Any]:
    """Options of Popen for a group of its own: Ctrl-C in a terminal is the grader's to handle, and would reach all."""
    windows = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", None)  # which it has there alone
    return {"process_group": 0} if windows is None else {"creationflags": windows}


def without_files(command: list[str]) -> list[str]:
    """The command of a process that can write no file and leave no picture of its memory, where the system has limits.

    A shell sets them before it becomes the program: what a thread of Python's does between fork and exec may hang.
    """
    return (
        ["/bin/sh", "-c", 'ulimit -f 0 && ulimit -c 0 && exec "$0" "$@"', *command] if os.name == "posix" else command
    )


def end_with_parent() -> None:
    """On Linux this process is killed when the one that has started it ends, however that ends.

    Elsewhere it ends when it next reads from that one.
    """
    if sys.platform == "linux":
        from dlcourse.grading.isolation import confine

        confine.end_with_parent()
