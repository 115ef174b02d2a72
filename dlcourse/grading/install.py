"""What nbgrader has no setting for: names of its own that are ours from here on.

`into(c)` stands at the head of a course's nbgrader_config.py. The loop that grades refuses to do so under any settings
but the course's, and whatever is wrong with these ends the command (see strict.py).
"""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from nbgrader import converters
from nbgrader.apps.baseapp import NbGrader

from dlcourse import foreign
from dlcourse.grading import absent, strict
from dlcourse.grading.desk import database, times
from dlcourse.grading.desk.files import shared_with_group
from dlcourse.grading.refusal import Halt

try:
    from dlcourse.grading.autograde import Autograde
    from dlcourse.grading.generate_assignment import GenerateAssignment
    from dlcourse.grading.generate_feedback import GenerateFeedback
except ModuleNotFoundError as error:
    GenerateAssignment = converters.GenerateAssignment  # type: ignore[misc]
    Autograde, GenerateFeedback = absent.without(error), absent.without(error)  # type: ignore[misc]

REPLACED: dict[Any, list[str]] = {
    # The loop around nbgrader's steps opens the gradebook nine times for a student, and for ever passes by a student
    # with whom it was killed.
    Autograde: ["nbgrader.apps.autogradeapp.Autograde", "nbgrader.apps.api.Autograde"],
    # It does not know whether the solution passes the tests where these are run.
    GenerateAssignment: ["nbgrader.apps.generateassignmentapp.GenerateAssignment",
                         "nbgrader.apps.api.GenerateAssignment"],
    # It keeps a page although the points on it have changed, and takes a student's name for a pattern.
    GenerateFeedback: ["nbgrader.apps.generatefeedbackapp.GenerateFeedback", "nbgrader.apps.api.GenerateFeedback"],
    # It reads JST, and +0900 behind a blank, as other times than they are.
    times.parse_utc: ["nbgrader.utils.parse_utc", "nbgrader.coursedir.parse_utc", "nbgrader.apps.api.parse_utc",
                      "nbgrader.apps.zipcollectapp.parse_utc", "nbgrader.exchange.default.collect.parse_utc"],
    # It fails on an address with a % in it, as passwords have them.
    database.upgrade: ["nbgrader.dbutil.upgrade"],
}  # fmt: skip
nbgraders_start = NbGrader.start


def start(app: NbGrader) -> None:
    """As NbGrader.start, unless the gradebook's server cannot be reached: some commands say that in a hundred lines."""
    if app.subapp is None and (problem := database.problem(app.coursedir.db_url)):
        raise Halt(problem)
    with shared_with_group(app.coursedir):
        nbgraders_start(app)


def into(c: Any) -> None:
    """Make nbgrader ours. c: the settings that are being read, which times without a zone refer to.

    Raises
    ------
    dlcourse.foreign.Changed
        When nbgrader no longer has one of the names.
    """
    for ours, places in REPLACED.items():
        for place in places:
            module, _, name = place.rpartition(".")
            foreign.patch(importlib.import_module(module), name, ours)
    foreign.patch(NbGrader, "start", start)
    times.settings = c
    strict.errors_end_the_command()
    # nbgrader calls `alembic` by its bare name when it makes the gradebook. Without this, `.venv/bin/nbgrader` outside
    # an activated environment stops there and leaves half a gradebook.
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
