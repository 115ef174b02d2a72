"""What processes are started with, on each system."""

import subprocess
import sys
from typing import Any


def own_group() -> dict[str, Any]:
    """Options of Popen for a group of its own: Ctrl-C in a terminal is the grader's to handle, and would reach all."""
    windows = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", None)  # which it has there alone
    return {"process_group": 0} if windows is None else {"creationflags": windows}


def end_with_parent() -> None:
    """On Linux this process is killed when the one that has started it ends, however that ends.

    Elsewhere it ends when it next reads from that one.
    """
    if sys.platform == "linux":
        from dlcourse.grading.isolation import confine

        confine.end_with_parent()
