"""nbgrader as it comes, beside which the course's own grading is measured."""

import os
import subprocess
import sys
from pathlib import Path

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "dlcourse"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.timeout = 10
"""


def autograde(folder: str | Path, assignment: str) -> subprocess.CompletedProcess[str]:
    """Grade the assignment in a course folder that has its gradebook, with nbgrader's own settings."""
    Path(folder, "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", assignment],
        cwd=folder, capture_output=True, text=True, env=os.environ | {"PATH": path},
    )  # fmt: skip
