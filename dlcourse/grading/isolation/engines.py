"""The engines that keep students' code apart, and which of them grades on this machine.

The Linux engine stands on the system itself (Landlock, seccomp, namespaces): it starts students' processes in
milliseconds. The portable one runs on any system, where `pip install` has brought it.
"""

import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from dlcourse.edition import requirement
from dlcourse.grading.isolation.student_process import StudentProcess
from dlcourse.grading.refusal import NoSandbox

LINUX, PORTABLE = "linux", "portable"


class Engine(Protocol):
    """What runs students' code in a process of the grader's.

    hidden: folders of the course, which are closed to students' code wherever they lie.
    work: a folder for what this process writes, gone with the engine.
    """

    hidden: tuple[str, ...]
    work: Path

    @property
    def strength(self) -> str:
        """What keeps students' code apart, in one line for the teacher."""

    @property
    def lives(self) -> bool:
        """Whether it can still start processes."""

    def student(self, processor_seconds: float = 600, libraries: Sequence[str] = ()) -> StudentProcess:
        """A fresh process for one notebook."""

    def confine_the_tests(self) -> None:
        """Let this process, in which tests run, see no more of the machine than it needs."""

    def close(self) -> None:
        """End every process and remove every file of the students'."""


def linux_measures() -> list[str]:
    """What this system has for the Linux engine."""
    if sys.platform != "linux":
        return []
    from dlcourse.grading.isolation import confine

    return confine.available()


def has_portable() -> bool:
    """Whether the portable engine is installed."""
    from dlcourse.grading.isolation.portable import prepare

    return prepare.deno() is not None


def chosen(name: str = "", without_sandbox: bool = False) -> str:
    """The engine of this name, or else the strongest that there is.

    Raises
    ------
    NoSandbox
        When there is none, and that was not asked for.
    """
    measures = linux_measures()
    holds = any(measure.startswith("landlock") for measure in measures) and "seccomp" in measures
    if name != PORTABLE and holds:
        return LINUX
    if name != LINUX and has_portable():
        return PORTABLE
    if name != PORTABLE and without_sandbox and sys.platform == "linux":
        return LINUX
    raise NoSandbox(
        f"この計算機({socket.gethostname()})では、学生のプログラムを隔離できません"
        f"({'Linux のエンジンに要るもののうち、あるのは: ' + ('、'.join(measures) or 'なし')})。採点をやめました。"
        f"どの計算機でも動くエンジンを入れてください: pip install {requirement('portable')}"
        " / no sandbox here: install the portable engine as above"
    )


def strength(engine: str) -> str:
    """What keeps students' code apart here, in one line; the engine is made ready if it was not."""
    if engine == PORTABLE:
        from dlcourse.grading.isolation.portable import prepare

        prepare.prepared()
        return prepare.STRENGTH
    from dlcourse.grading.isolation.sandbox import describe, with_rights

    return describe(with_rights(linux_measures(), Path(tempfile.gettempdir())))


def started(engine: str, hidden: tuple[str, ...] = ()) -> Engine:
    """The engine, in this process."""
    if engine == PORTABLE:
        from dlcourse.grading.isolation.portable.sandbox import PortableSandbox

        return PortableSandbox(hidden)
    from dlcourse.grading.isolation.sandbox import Sandbox

    return Sandbox(hidden)
