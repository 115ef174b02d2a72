"""The grader as a Gradescope autograder: `python -m dlcourse.grading.gradescope ASSIGNMENT` makes the zip to upload.

Gradescope (its "Autograder Specifications") unpacks the zip to /autograder/source, runs setup.sh once and
run_autograder for each submission, which lies in /autograder/submission, and reads /autograder/results/results.json.
Students' programs run apart from the tests there as they do here; where the container forbids that, nothing is graded.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from packaging.requirements import Requirement

import dlcourse
from dlcourse import words
from dlcourse.grading.desk import notes
from dlcourse.grading.desk.languages import language_in
from dlcourse.grading.report import UNANSWERED, message_of
from dlcourse.words import say

PLACE = Path("/autograder")
STUDENT = "student"  # each submission is graded in a course of its own
COURSE = "course"
PYTHONS = "python3.13 python3.12 python3.11"
SETUP = f"""#!/usr/bin/env bash
# Once, when the autograder is built: a Python that is new enough, and what the grading needs.
set -eu
cd /autograder/source
for python in {PYTHONS} ""; do command -v "$python" >/dev/null && break; done
if [ -z "$python" ]; then
    apt-get update && apt-get install -y python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv /autograder/venv
/autograder/venv/bin/pip install -r requirements.txt
export PYTHONPATH=/autograder/source
cd {COURSE} && /autograder/venv/bin/python -m nbgrader generate_assignment "$(cat ../assignment)"
"""
RUN = """#!/usr/bin/env bash
# For each submission.
export PYTHONPATH=/autograder/source OPENBLAS_NUM_THREADS=1
exec /autograder/venv/bin/python -m dlcourse.grading.gradescope --run
"""
TELL_TEACHER = (
    "採点できませんでした。先生に知らせてください。 / The submission could not be graded; please tell your teacher."
)


def build(course: Path, assignment: str, target: Path) -> None:
    """Pack the autograder for one assignment of this course.

    Raises
    ------
    FileNotFoundError
        When the course has no settings, or no such assignment.
    """
    ours = (course / "solutions" / assignment).is_dir()
    source = course / ("solutions" if ours else "source") / assignment
    translated = sorted((course / ("exercises" if ours else "release")).glob(f"*/{assignment}"))
    for path in (course / "nbgrader_config.py", source):
        if not path.exists():
            raise FileNotFoundError(f"{path} がありません")
    package = Path(dlcourse.__file__).parent
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", SETUP), ("run_autograder", RUN)):
            about = zipfile.ZipInfo(name, time.localtime()[:6])
            about.external_attr = 0o755 << 16
            archive.writestr(about, text)
        archive.writestr("assignment", assignment)
        archive.writestr("requirements.txt", "\n".join(requirements()) + "\n")
        archive.write(course / "nbgrader_config.py", f"{COURSE}/nbgrader_config.py")
        folders = {package: "dlcourse"} | {one: f"{COURSE}/{one.relative_to(course)}" for one in (source, *translated)}
        for folder, below in folders.items():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
                    archive.write(path, f"{below}/{path.relative_to(folder)}")


def requirements() -> Iterator[str]:
    """What the grading needs, in the versions that are installed here."""
    for line in importlib.metadata.requires("dlcourse") or ():
        one = Requirement(line)
        extras = ("grading", "plot", "progress")
        if one.name != "dlcourse" and (not one.marker or any(one.marker.evaluate({"extra": name}) for name in extras)):
            yield f"{one.name}=={importlib.metadata.version(one.name)}"


def run(place: Path = PLACE) -> int:
    """Grade what lies in submission/ and write results/results.json; the exit code, 1 where nothing could be graded.

    Without results.json Gradescope says that the autograder has failed, and gives no points: never 0 points for what is
    no fault of the student's.
    """
    begin = time.monotonic()
    assignment = (place / "source" / "assignment").read_text(encoding="utf-8").strip()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, COURSE)
        shutil.copytree(place / "source" / COURSE, course)
        submitted = course / "submitted" / STUDENT / assignment
        shutil.copytree(place / "submission", submitted, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        command = [sys.executable, "-m", "nbgrader", "autograde", assignment, "--create"]
        done = subprocess.run(
            command, cwd=course, capture_output=True, text=True, errors="replace", env=os.environ | {"PYTHONUTF8": "1"}
        )
        print(done.stdout + done.stderr)  # for the teacher alone: stdout_visibility
        results = results_of(course, assignment)
    if results is None:
        print(TELL_TEACHER)
        return 1
    results["execution_time"] = round(time.monotonic() - begin)
    (place / "results").mkdir(exist_ok=True)
    (place / "results" / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def results_of(course: Path, assignment: str) -> dict[str, Any] | None:
    """results.json: a test for each question, with what the check says; None where the grader itself has failed."""
    said = notes.kept(course).get(assignment, {}).get(STUDENT)
    remarks = said.for_the_student if said else []
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        try:
            submission = gradebook.find_submission(assignment, STUDENT)
            tests = [test for notebook in submission.notebooks for test in tests_of(course, assignment, notebook)]
        except MissingEntry:  # nothing of it was graded
            if said is None or said.graded:
                return None
            tests = [
                {"name": cell.name, "score": 0, "max_score": cell.max_score, "visibility": "visible"}
                for notebook in gradebook.find_assignment(assignment).notebooks
                for cell in notebook.grade_cells
                if cell.max_score
            ]
    return {
        "output": "\n".join(remarks), "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
        "tests": tests,
    }  # fmt: skip


def tests_of(course: Path, assignment: str, notebook: Any) -> list[dict[str, Any]]:
    """What is told of each question, in the language of the notebook."""
    path = course / "autograded" / STUDENT / assignment / f"{notebook.name}.ipynb"
    graded = nbformat.read(path, as_version=4) if path.exists() else nbformat.v4.new_notebook()
    with words.using(language_in(graded)):
        return list(described(notebook, graded))


def described(notebook: Any, graded: NotebookNode) -> Iterator[dict[str, Any]]:
    said = {
        cell.metadata["nbgrader"].get("grade_id"): message_of(cell)
        for cell in graded.cells
        if "nbgrader" in cell.metadata
    }
    for grade in notebook.grades:
        if not grade.max_score:
            continue
        message = said.get(grade.name) or ""
        if message is UNANSWERED:
            message = say("答えがありません。")
        yield {
            "name": grade.name,
            "score": grade.score or 0,
            "max_score": grade.max_score,
            "output": say("手で採点します。") if grade.needs_manual_grade else message,
            "visibility": "visible",
        }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m dlcourse.grading.gradescope", description="Gradescope の採点器を作る"
    )
    parser.add_argument("assignment", nargs="?", help="課題の名前")
    parser.add_argument("--to", type=Path, help="作る zip(なければ gradescope-課題.zip)")
    parser.add_argument("--run", action="store_true", help="採点する(Gradescope の中で)")
    given = parser.parse_args(arguments)
    if given.run:
        return run()
    if not given.assignment:
        parser.error("課題の名前を書いてください")
    target = given.to or Path(f"gradescope-{given.assignment}.zip")
    try:
        build(Path.cwd(), given.assignment, target)
    except FileNotFoundError as error:
        print(f"✗ {error}。コースのフォルダーで実行してください。 / not found", file=sys.stderr)
        return 1
    print(f"{target} を作りました。Gradescope の Configure Autograder にアップロードしてください。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
