"""Generate the notebooks from the exercise sources: `make exercises`.

    solutions/NAME/NAME.md → solutions/NAME/NAME.ipynb    nbgrader's source: answers, explanations, all tests
                           → exercises/NAME/NAME.ipynb    what students get, made by nbgrader itself

The same source always gives the same bytes: cell ids come from the exercise ids.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import v4

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


def released():
    """The notebooks that students get."""
    return sorted(ROOT.glob("exercises/*/*.ipynb"))


def graded(identifier, *, solution=False, points=None):
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


def source_notebook(assignment):
    cells = []

    def add(make, identifier, source, metadata=None):
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


def generate(destination):
    """Write solutions/*/*.ipynb and exercises/ below `destination`; yields the names as they are done."""
    for source in sources.files():
        name = source.stem
        folder = destination / "solutions" / name
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(source_notebook(sources.read(source)), folder / f"{name}.ipynb")
        with tempfile.TemporaryDirectory() as course:
            # A gradebook of its own: the teacher's one keeps what it knows of earlier releases.
            shutil.copytree(folder, Path(course, "solutions", name))
            made = subprocess.run(
                [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--create", "--course-dir", course],
                capture_output=True,
                text=True,
                cwd=ROOT,  # where nbgrader_config.py lies
            )
            released = Path(course, "exercises", name, f"{name}.ipynb")
            if made.returncode != 0 or not released.exists():
                raise RuntimeError(f"{name}: nbgrader generate_assignment が失敗しました。\n{made.stderr[-2000:]}")
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
