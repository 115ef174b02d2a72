"""Generate the notebooks from the exercise sources: `make exercises`.

    solutions/NAME/NAME.md → solutions/NAME/NAME.ipynb    nbgrader's source: answers, explanations, all tests
                           → exercises/NAME/NAME.ipynb    what students get, made by nbgrader itself

The same source always gives the same bytes: cell ids come from the exercise ids.
"""

import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.apps import NbGraderApp
from traitlets.config import Application

from press import ROOT
from press.exercises import source as sources

CHECK = """\
# 答え合わせ: このセルは書き換えずに実行します(NameError なら、準備のセルを先に)
check("{check}")
### BEGIN HIDDEN TESTS
grade("{check}")
### END HIDDEN TESTS"""

HINT = """\
<details><summary>ヒント {number}</summary>

{hint}

</details>"""

OWN_WORDS = """\
**自分の言葉で**も、2行以内で書いてみましょう(点数には入りません。先生が読みます)。

### BEGIN SOLUTION
{text}
### END SOLUTION"""

Metadata = dict[str, Any]
Make = Callable[..., NotebookNode]  # of a cell


def graded(identifier: str, *, solution: bool = False, points: int | None = None) -> Metadata:
    """Metadata by which nbgrader knows a cell; with points it is graded, without solution it is locked."""
    metadata = {
        "grade": points is not None,
        "grade_id": identifier,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": metadata if points is None else metadata | {"points": points}}


def source_notebook(assignment: sources.Assignment) -> NotebookNode:
    cells = []

    def add(make: Make, identifier: str, source: str, metadata: Metadata | None = None) -> None:
        cells.append(make(source, id=identifier, metadata=metadata or {}))

    markdown, code = v4.new_markdown_cell, v4.new_code_cell
    add(markdown, "introduction", assignment.introduction)
    add(code, "setup", assignment.setup, graded("setup"))
    for exercise in assignment.exercises:
        question = f"## {exercise.id} {exercise.title}\n\n*{exercise.summary}*\n\n{exercise.question}"
        add(markdown, f"{exercise.id}-question", question)
        for number, hint in enumerate(exercise.hints, start=1):
            add(markdown, f"{exercise.id}-hint-{number}", HINT.format(number=number, hint=hint))
        for answer in exercise.answers:
            add(code, f"{answer.check}-answer", answer.code, graded(f"{answer.check}-answer", solution=True))
            add(code, answer.check, CHECK.format(check=answer.check), graded(answer.check, points=answer.points))
        if exercise.text:
            identifier = f"{exercise.id}-text"
            add(markdown, identifier, OWN_WORDS.format(text=exercise.text), graded(identifier, solution=True, points=0))
        add(markdown, f"{exercise.id}-explanation", f"### 解説\n\n{exercise.explanation}", {"tags": ["explanation"]})
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": python, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return notebook


def release(name: str, course: str) -> str:
    """Make the students' notebook in a course folder, as `nbgrader generate_assignment` does; what it logs.

    In this process: starting nbgrader takes longer than its work.
    """
    said = io.StringIO()
    command = ["generate_assignment", name, "--create", f"--CourseDirectory.root={course}"]
    with contextlib.chdir(ROOT), contextlib.redirect_stderr(said):  # where nbgrader_config.py lies
        try:
            NbGraderApp.launch_instance(command)
        except SystemExit as end:
            print(end.code or "", file=sys.stderr)
        finally:
            if Application._instance:
                Application._instance.clear_instance()
    return said.getvalue()


def generate(destination: Path) -> Iterator[str]:
    """Write solutions/*/*.ipynb and exercises/ below `destination`; yields the names as they are done."""
    with tempfile.TemporaryDirectory() as course:
        # A gradebook of its own: the teacher's one keeps what it knows of earlier releases.
        for source in sources.files():
            name = source.stem
            folder = destination / "solutions" / name
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(source_notebook(sources.read(source)), folder / f"{name}.ipynb")
            shutil.copytree(folder, Path(course, "solutions", name))
            said = release(name, course)
            released = Path(course, "exercises", name, f"{name}.ipynb")
            if not released.exists():
                raise RuntimeError(f"{name}: nbgrader generate_assignment が失敗しました。\n{said[-2000:]}")
            target = destination / "exercises" / name / f"{name}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(released, target)
            yield name


if __name__ == "__main__":
    try:
        for name in generate(ROOT):
            print(f"✓ solutions/{name}/{name}.ipynb, exercises/{name}/{name}.ipynb")
    except (sources.SourceError, RuntimeError) as error:
        sys.exit(f"✗ {error}")
