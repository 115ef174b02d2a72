"""The part of dlcourse that students' code may read, copied where it runs: the same for every engine."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from dlcourse.words import to_say

PACKAGE = Path(__file__).resolve().parents[2]
FOR_THE_GRADER = {"checks", "grading"}
# What students' notebooks may import of dlcourse: every other module and package, and the data that they read.
FOR_STUDENTS = ["data", "locale"] + sorted(
    path.name
    for path in PACKAGE.iterdir()
    if path.suffix == ".py" or path.joinpath("__init__.py").is_file() and path.name not in FOR_THE_GRADER
)
FOR_THE_PROCESS = [
    "changes.py", "encoding.py", "further_values.py", "line.py", "objects_of_tests.py", "pandas_values.py", "parts.py",
    "shell.py", "special_methods.py", "student.py", "student_objects.py", "student_surroundings.py", "sympy_values.py",
    "wire.py",
]  # fmt: skip
OF_THE_CHECKS = ["overflow.py", "spelling.py", "values.py", "watch.py"]  # the student's process; they know no exercise
LATER = to_say("{id} は、採点のときに確かめます。")
CHECKS_FOR_STUDENTS = f'''"""採点のときは、答え合わせは先生の側で行います。"""

from dlcourse.words import say


def check(exercise_id, **options):
    print(say({LATER!r}, id=exercise_id))


grade = check
'''


def copy_library(target: Path, of_the_engine: Sequence[str]) -> None:
    """The part of dlcourse that students' code may read.

    of_the_engine: files of this folder with which their process begins.
    """
    package = target / "dlcourse"
    isolation = package / "grading" / "isolation"
    isolation.mkdir(parents=True)
    (package / "checks").mkdir()
    for name in FOR_STUDENTS:
        for file in (PACKAGE / name, *(PACKAGE / name).rglob("*")):
            if file.is_file() and file.suffix not in {".pyc", ".po"}:  # one by one: copytree hides why it fails
                copy = package / file.relative_to(PACKAGE)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
    for name in (*FOR_THE_PROCESS, *of_the_engine):
        (isolation / name).parent.mkdir(exist_ok=True)
        shutil.copy(PACKAGE / "grading" / "isolation" / name, isolation / name)
    for folder in (isolation, isolation.parent):
        (folder / "__init__.py").touch()
    for name in OF_THE_CHECKS:
        shutil.copy(PACKAGE / "checks" / name, package / "checks" / name)
    (package / "checks" / "__init__.py").write_text(CHECKS_FOR_STUDENTS, encoding="utf-8")
    for folder in (target, *target.rglob("*")):
        folder.chmod(0o755 if folder.is_dir() else 0o644)
