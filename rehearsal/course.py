"""A course folder of its own, and the nbgrader commands run in it."""

import csv
import html
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from rehearsal.sample_class import Student

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "ch1_input_to_hidden"

Reader = Callable[[str], object]  # of a line that a command writes
Done = subprocess.CompletedProcess[str]


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process and those it has started, which else would keep its output open."""
    with suppress(psutil.NoSuchProcess):  # it has just ended by itself
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()


class Course:
    """A course folder of its own, and the nbgrader commands run in it.

    config: the folder whose nbgrader_config.py holds.
    """

    def __init__(self, folder: Path, assignment: str = ASSIGNMENT, config: Path = ROOT) -> None:
        self.folder = folder
        self.config = config
        self.assignment = assignment
        self.log = folder / "grade-demo.log"
        shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
        self.released = folder / "exercises" / assignment / f"{assignment}.ipynb"
        self.solution = folder / "solutions" / assignment / f"{assignment}.ipynb"

    def nbgrader(self, *arguments: str, on_line: Reader = lambda line: None, seconds: float | None = None) -> Done:
        """Run one command, for so many seconds at most; its output goes to the log."""
        # `nbgrader export` does not know --course-dir, the short name of the same setting.
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={self.folder}"]
        lines = []
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(
                command,
                cwd=self.config,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            limit = threading.Timer(seconds or threading.TIMEOUT_MAX, end, [process])
            limit.daemon = True
            limit.start()
            log.write(f"$ nbgrader {shlex.join(arguments)}\n")
            for line in process.stdout or ():
                log.write(line)
                lines.append(line)
                on_line(line)
            limit.cancel()
        return subprocess.CompletedProcess(command, process.returncode, "".join(lines))

    def write_roster(self, students: "Iterable[Student]") -> Path:
        roster = self.folder / "roster.csv"
        with roster.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["id"], *([student.name] for student in students)])
        return roster

    def scores(self) -> dict[str, dict[str, tuple[float, float]]]:
        """student → exercise → (points, of how many), as the gradebook has them."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            return {
                submission.student_id: {
                    grade.name: (grade.score, grade.max_score)
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                    if grade.max_score
                }
                for submission in gradebook.assignment_submissions(self.assignment)
            }

    def feedback(self, student: "Student") -> Path | None:
        path = self.folder / "feedback" / student.name / self.assignment / f"{self.assignment}.html"
        return path if path.exists() else None


def text_of(page: Path) -> str:
    """The words of an HTML page."""
    return html.unescape(re.sub(r"(?s)<style.*?</style>|<[^>]*>", "", page.read_text(encoding="utf-8")))


def report_of(run: Done) -> list[str]:
    """The lines that autograde ends with, one for each submission to look at."""
    return [line.strip() for line in run.stdout.splitlines() if line.strip().startswith(("[未採点]", "[採点済]"))]
