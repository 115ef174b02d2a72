"""What nbgrader has no setting for: names of its own that are ours from here on.

`into(c)` stands at the head of a course's nbgrader_config.py. nbgrader goes on with its own settings when that file has
an error in it, and would then run students' programs as the teacher; so the loop that grades is replaced first, refuses
to grade under any settings but the course's, and every other command ends with the error, too.
"""

import importlib
import os
import sys
import traceback
from pathlib import Path

from traitlets.config import Application

from dlcourse.grading import times
from dlcourse.grading.autograde import Autograde
from dlcourse.grading.generate_feedback import GenerateFeedback
from dlcourse.grading.refusal import Halt

SETTINGS = "nbgrader_config.py"
REPLACED = {
    # The loop around nbgrader's steps opens the gradebook nine times for a student, and for ever passes by a student
    # with whom it was killed.
    Autograde: ["nbgrader.apps.autogradeapp.Autograde", "nbgrader.apps.api.Autograde"],
    # It keeps a page although the points on it have changed, and takes a student's name for a pattern.
    GenerateFeedback: ["nbgrader.apps.generatefeedbackapp.GenerateFeedback", "nbgrader.apps.api.GenerateFeedback"],
    # It reads JST, and +0900 behind a blank, as other times than they are.
    times.parse_utc: ["nbgrader.utils.parse_utc", "nbgrader.coursedir.parse_utc", "nbgrader.apps.api.parse_utc",
                      "nbgrader.apps.zipcollectapp.parse_utc", "nbgrader.exchange.default.collect.parse_utc"],
}  # fmt: skip


def into(c):
    """Make nbgrader ours. c: the settings that are being read, which times without a zone refer to."""
    for ours, places in REPLACED.items():
        for place in places:
            module, _, name = place.rpartition(".")
            module = importlib.import_module(module)
            if not callable(getattr(module, name, None)):
                raise ImportError(f"nbgrader has no {place} any more")
            setattr(module, name, ours)
    times.settings = c
    sys.excepthook = told
    Application.raise_config_file_errors = True  # in what is read from now on
    running = Application._instance
    while running is not None:
        running.raise_config_file_errors = True
        running = running.subapp
    # nbgrader calls `alembic` by its bare name when it makes the gradebook. Without this, `.venv/bin/nbgrader` outside
    # an activated environment stops there and leaves half a gradebook.
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])


def told(kind, error, trace):
    """What ends a command and is meant for the teacher takes one line; so does a slip in the settings."""
    slips = [place for place in traceback.extract_tb(trace) if Path(place.filename).name == SETTINGS]
    if isinstance(error, SyntaxError) and Path(str(error.filename)).name == SETTINGS:
        slips = [error]
    if isinstance(error, Halt):
        print(f"✗ {error}", file=sys.stderr)
    elif slips:
        print(f"✗ {slips[-1].filename}:{slips[-1].lineno}: 設定に誤りがあるので、何もせずに終わります"
              f"({kind.__name__}: {error})。 / an error in the settings; nothing was done", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
