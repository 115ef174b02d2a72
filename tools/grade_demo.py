"""Grade a sample class from the first step to the last: `python tools/grade_demo.py`.

Everything happens in _build/grade-demo/, with the course's own nbgrader_config.py.
"""

import csv
import html
import re
import shlex
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from sample_class import sample_class

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "_build" / "grade-demo"
COURSE_DIR = f"--CourseDirectory.root={DEMO.relative_to(ROOT)}"
ASSIGNMENT = "ch1_input_to_hidden"


def end(process):
    """Kill a process and those it has started, which else would keep its output open."""
    with suppress(psutil.NoSuchProcess):  # it has just ended by itself
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()


class Course:
    """A course folder of its own, and the nbgrader commands run in it.

    config: the folder whose nbgrader_config.py holds.
    """

    def __init__(self, folder, assignment=ASSIGNMENT, config=ROOT):
        self.folder = folder
        self.config = config
        self.assignment = assignment
        self.log = folder / "grade-demo.log"
        shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
        self.released = folder / "exercises" / assignment / f"{assignment}.ipynb"
        self.solution = folder / "solutions" / assignment / f"{assignment}.ipynb"

    def nbgrader(self, *arguments, on_line=lambda line: None, seconds=None):
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
            for line in process.stdout:
                log.write(line)
                lines.append(line)
                on_line(line)
            limit.cancel()
        return subprocess.CompletedProcess(command, process.returncode, "".join(lines))

    def write_roster(self, students):
        roster = self.folder / "roster.csv"
        with roster.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["id"], *([student.name] for student in students)])
        return roster

    def scores(self):
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

    def feedback(self, student):
        path = self.folder / "feedback" / student.name / self.assignment / f"{self.assignment}.html"
        return path if path.exists() else None


def text_of(page):
    """The words of an HTML page."""
    return html.unescape(re.sub(r"(?s)<style.*?</style>|<[^>]*>", "", page.read_text(encoding="utf-8")))


def report_of(run):
    """The lines that autograde ends with, one for each submission to look at."""
    return [line.strip() for line in run.stdout.splitlines() if line.strip().startswith(("[未採点]", "[採点済]"))]


def width(text):
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def print_scores(course, students):
    scores = course.scores()
    names = list(next(iter(scores.values())))
    print("\n  ○ 満点  × 0点  ・ 採点なし    問題: " + " ".join(names))
    for student in students:
        grades = scores.get(student.name, {}) if student.graded else {}
        marks = "".join("・" if not grades else "○" if grades[name][0] == grades[name][1] else "×" for name in names)
        total = f"{sum(p for p, _ in grades.values()):g}/{sum(m for _, m in grades.values()):g}" if grades else "—"
        padded = student.name + " " * (12 - width(student.name))
        story = student.story + " " * (34 - width(student.story))
        print(f"  {padded}{story}{total:>6}  {marks}")


def progress():
    """Say how far a command is."""
    reached = []

    def on_line(line):
        student = re.search(r"Converting notebook .*/(?:submitted|autograded)/([^/]+)/", line)
        if student and student[1] not in reached:
            reached.append(student[1])
            print(f"    {len(reached):3}  {student[1]}", flush=True)
        if line.startswith("採点 / grading "):
            print(f"    {line.strip()}", flush=True)

    return on_line


def main():
    shutil.rmtree(DEMO, ignore_errors=True)
    course = Course(DEMO)

    def step(what, *arguments, may_fail=False):
        print(f"▶ {what}\n    nbgrader {shlex.join(arguments)} {COURSE_DIR}", flush=True)
        run = course.nbgrader(*arguments, on_line=progress())
        if run.returncode != 0 and not may_fail:
            sys.exit(f"✗ 失敗しました。記録の最後を見てください: {course.log}\n{run.stdout[-1500:]} / this step failed")
        return run

    print(f"見本のクラスを採点します / grading a sample class in {DEMO.relative_to(ROOT)}/\n")
    step("問題を作ります / make the release", "generate_assignment", ASSIGNMENT)
    students = sample_class(course.released, course.solution, every_wrong_answer=False)
    step(
        f"{len(students)}名を名簿に加えます / enrol the class",
        "db",
        "student",
        "import",
        str(course.write_roster(students).relative_to(ROOT)),
    )
    for student in students:
        student.hand_in(DEMO / "submitted", ASSIGNMENT)
    # Some submissions cannot be read, so nbgrader ends with exit code 1; the others are graded.
    autograde = step("採点します / grade", "autograde", ASSIGNMENT, may_fail=True)
    step("返却する資料を作ります / make the feedback", "generate_feedback", ASSIGNMENT)
    # The exports name those who could not be graded, and end with exit code 1, too.
    step(
        "成績表を書き出します / export the scores",
        "export",
        "--to",
        str((DEMO / "grades.csv").relative_to(ROOT)),
        may_fail=True,
    )
    step(
        "クラスの報告を作ります / make the class report",
        "export",
        "--exporter=dlcourse.grading.report.ClassReport",
        "--to",
        str((DEMO / "report.html").relative_to(ROOT)),
        may_fail=True,
    )

    print("\n確認してください / submissions to look at:")
    for line in report_of(autograde):
        print(f"  {line}")
    wrong = next(student for student in students if any(student.lost.values()))
    exercise, hint = next((exercise, hint) for exercise, hint in wrong.lost.items() if hint)
    page = course.feedback(wrong)
    print(f"\n{wrong.name} さんの {exercise} に返すことば / what the feedback says:")
    print("  " + next(line.strip() for line in text_of(page).splitlines() if hint in line))
    print(f"\n返却する資料 / feedback: {DEMO.relative_to(ROOT)}/feedback/  (例: {page.relative_to(ROOT)})")
    print(f"成績表 / scores: {DEMO.relative_to(ROOT)}/grades.csv")
    print(f"すべての記録 / full log: {course.log.relative_to(ROOT)}")
    print_scores(course, students)
    print(f"\nクラスの報告 / class report: {DEMO.relative_to(ROOT)}/report.html")


if __name__ == "__main__":
    main()
