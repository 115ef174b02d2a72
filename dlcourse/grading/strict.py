"""An error in a course's settings ends the command, in one line.

nbgrader prints a traceback and goes on with its own settings; these run students' programs as the teacher.
"""

import sys
import traceback
from pathlib import Path
from types import TracebackType

from traitlets.config import Application

from dlcourse.grading.desk import database
from dlcourse.grading.refusal import Halt

SETTINGS = "nbgrader_config.py"


def errors_end_the_command() -> None:
    """From the next file of settings on."""
    sys.excepthook = tell_in_one_line
    running = Application._instance
    while running is not None:
        running.raise_config_file_errors = True
        running = running.subapp


def tell_in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a command and is meant for the teacher takes one line."""
    line = str(error) if isinstance(error, Halt) else database.explained(error)
    places = [(place.filename, place.lineno) for place in traceback.extract_tb(trace)]
    if isinstance(error, SyntaxError):
        places.append((str(error.filename), error.lineno))
    slips = [(file, number) for file, number in places if Path(file).name == SETTINGS]
    if not line and slips:
        file, number = slips[-1]
        line = (
            f"{file}:{number}: 設定に誤りがあるので、何もせずに終わります"
            f"({kind.__name__}: {error})。 / an error in the settings; nothing was done"
        )
    if line:
        print(f"✗ {line}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
