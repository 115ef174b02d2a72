"""Grade a sample class from the first step to the last: `make grade-demo`.

Everything happens in _build/grade-demo/, with the course's own nbgrader_config.py.
"""

import re
import shlex
import shutil
import sys

from rehearsal.course import ASSIGNMENT, ROOT, Course, Done, Reader, report_of, text_of
from rehearsal.sample_class import Student, sample_class

DEMO = ROOT / "_build" / "grade-demo"
COURSE_DIR = f"--CourseDirectory.root={DEMO.relative_to(ROOT)}"


def width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def print_scores(course: Course, students: list[Student]) -> None:
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


def progress() -> Reader:
    """Say how far a command is."""
    reached: list[str] = []

    def on_line(line: str) -> None:
        student = re.search(r"Converting notebook .*/(?:submitted|autograded)/([^/]+)/", line)
        if student and student[1] not in reached:
            reached.append(student[1])
            print(f"    {len(reached):3}  {student[1]}", flush=True)
        if line.startswith("採点 / grading "):
            print(f"    {line.strip()}", flush=True)

    return on_line


def main() -> None:
    shutil.rmtree(DEMO, ignore_errors=True)
    course = Course(DEMO)

    def step(what: str, *arguments: str, may_fail: bool = False) -> Done:
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
        "report",
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
    assert page
    print(f"\n{wrong.name} さんの {exercise} に返すことば / what the feedback says:")
    print("  " + next(line.strip() for line in text_of(page).splitlines() if hint in line))
    print(f"\n返却する資料 / feedback: {DEMO.relative_to(ROOT)}/feedback/  (例: {page.relative_to(ROOT)})")
    print(f"成績表 / scores: {DEMO.relative_to(ROOT)}/grades.csv")
    print(f"すべての記録 / full log: {course.log.relative_to(ROOT)}")
    print_scores(course, students)
    print(f"\nクラスの報告 / class report: {DEMO.relative_to(ROOT)}/report.html")


if __name__ == "__main__":
    main()
