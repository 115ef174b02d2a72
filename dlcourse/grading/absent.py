"""What stands for grading where its packages are not installed: in a student's environment, whose commands all work.

nbgrader's own grading must not take its place: that runs students' programs as whoever grades.
"""

from nbgrader.converters.base import BaseConverter

from dlcourse import edition
from dlcourse.grading.refusal import Halt


def without(missing: ModuleNotFoundError) -> type[BaseConverter]:
    """A converter that does nothing but say which package it needs.

    Raises
    ------
    ModuleNotFoundError
        The same one, when it is a module of ours: then dlcourse itself is not whole.
    """
    if not missing.name or missing.name.partition(".")[0] == "dlcourse":
        raise missing

    class Absent(BaseConverter):
        def start(self) -> None:
            raise Halt(
                f"採点と、返却する資料を作るには {missing.name} が要ります。何もせずに終わります。"
                f"pip install {edition.requirement('grading')} を実行してください。"
                " / the grading's packages are not installed"
            )

    return Absent
