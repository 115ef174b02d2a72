"""Generate the notebooks from the exercise sources: `make exercises`.

    solutions/NAME/NAME.md → solutions/NAME/NAME.ipynb    nbgrader's source: answers, explanations, all tests
                           → exercises/NAME/NAME.ipynb    what students get, made by nbgrader itself
    solutions/NAME/NAME.en.md → exercises/en/NAME/NAME.ipynb    … in English: the same cells, points and tests

The same source always gives the same bytes: cell ids come from the exercise ids. A check's cell names the edition of
its exercise: for that alone a ✓ below it counts on the page 進み具合.

Each notebook keeps in its metadata what its cells were when it was made. One that was edited since, in JupyterLab say,
stays as it is, until OVERWRITE=yes says that the edit may go.
"""

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.apps import NbGraderApp
from traitlets.config import Application

from dlcourse import words
from press import ROOT, edition, languages
from press.exercises import source as sources
from press.exercises.first_cell import first_cell
from press.words import say

# As an explanation it stays out of what students get.
GENERATED = """\
**このノートブックは `{source}` から作ったものです。** ここで書き換えても、次に作るときに失われます。\
`{source}` を書き換えて、`make exercises` で作り直してください。

This notebook is made from `{source}`: edit that file, then run `make exercises`."""

EDITED = (
    "✗ {path} は、作ったあとで書き換えられたようです。残したい変更は {source} に移してください。"
    " / edited since it was made: move what is to stay"
)
NOTHING_WRITTEN = (
    "✗ 何も書いていません。移したあとか、変更を捨ててよいときは、make exercises OVERWRITE=yes を実行してください。"
    " / nothing was written; OVERWRITE=yes throws these edits away"
)


class Edited(Exception):
    """Notebooks that would lose what somebody has written into them."""


def check_cell(check: str) -> str:
    return "\n".join([
        say("# 答え合わせ: このセルは書き換えずに実行します"),
        f'assert "check" in globals(), "{say("先に準備のセルを実行してください / run the first cell")}"',
        f'check("{check}")',
        "### BEGIN HIDDEN TESTS",
        f'grade("{check}")',
        "### END HIDDEN TESTS",
    ])  # fmt: skip


def hint_cell(number: int, hint: str) -> str:
    title = say("ヒント {number}", number=number)
    return f"<details><summary>{title}</summary>\n\n{hint}\n\n</details>"


def own_words(text: str) -> str:
    asked = say("**自分の言葉で**も、2行以内で書いてみましょう(点数には入りません。先生が読みます)。")
    return f"{asked}\n\n### BEGIN SOLUTION\n{text}\n### END SOLUTION"


Metadata = dict[str, Any]
FOLDERS = "solutions", "exercises"
Make = Callable[..., NotebookNode]  # of a cell
FOLDED: Metadata = {"cellView": "form", "jupyter": {"source_hidden": True}}  # its code, in Colab and JupyterLab
EXPLANATION: Metadata = {"tags": ["explanation"]}  # which nbgrader_config.py takes out of what students get


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


def ways(name: str) -> list[str]:
    """Where else the notebook can be opened, and what it is about, as far as there are addresses."""
    site = edition.pages()
    links = [(say("本の章"), f"{site}book/{name}.html")] if site else []
    if site:
        links.append((say("ブラウザーで開く"), f"{site}lite/notebooks/index.html?path={name}.ipynb"))
    if address := edition.in_colab(name):
        links.append((say("Colab で開く"), address))
    told = [say("・").join(f"[{text}]({address})" for text, address in links)] if links else []
    if site:
        told.append(say(
            "準備のセルは、`dlcourse` がなければサイトから受け取ります。先に入れておくなら: "
            "`pip install {requirement}`",
            requirement=edition.requirement(),
        ))  # fmt: skip
    return told


def source_notebook(assignment: sources.Assignment) -> NotebookNode:
    """The notebook from which nbgrader makes the students' one; its own words are in the language in use."""
    cells = []

    def add(make: Make, identifier: str, source: str, metadata: Metadata | None = None) -> None:
        cells.append(make(source, id=identifier, metadata=metadata or {}))

    markdown, code = v4.new_markdown_cell, v4.new_code_cell
    add(markdown, "generated", GENERATED.format(source=f"{assignment.name}.md"), EXPLANATION)
    add(markdown, "introduction", "\n\n".join([assignment.introduction, *ways(assignment.name)]))
    add(code, "setup", first_cell(assignment.setup), graded("setup") | FOLDED)
    for exercise in assignment.exercises:
        question = f"## {exercise.id} {exercise.title}\n\n*{exercise.summary}*\n\n{exercise.question}"
        add(markdown, f"{exercise.id}-question", question)
        for number, hint in enumerate(exercise.hints, start=1):
            add(markdown, f"{exercise.id}-hint-{number}", hint_cell(number, hint))
        for answer in exercise.answers:
            add(code, f"{answer.check}-answer", answer.code, graded(f"{answer.check}-answer", solution=True))
            about = graded(answer.check, points=answer.points) | {"dlcourse": {"edition": answer.edition}}
            add(code, answer.check, check_cell(answer.check), about)
        if exercise.text:
            identifier = f"{exercise.id}-text"
            add(markdown, identifier, own_words(exercise.text), graded(identifier, solution=True, points=0))
        add(markdown, f"{exercise.id}-explanation", f"### 解説\n\n{exercise.explanation}", EXPLANATION)
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": python, "language_info": {"name": "python"}})
    if (language := words.language()) != "ja":
        notebook.metadata["dlcourse"] = {"language": language}  # by which the grader knows what to say to the student
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


def digest(notebook: NotebookNode) -> str:
    """By which the cells are known; what running them changes is no edit."""
    known = hashlib.sha256()
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {}), cell.metadata.get("tags", []), cell.get("attachments", {})
        known.update(json.dumps([cell.cell_type, cell.source, *about], sort_keys=True).encode())
    return known.hexdigest()[:16]


def made(source: Path, course: str) -> tuple[NotebookNode, NotebookNode]:
    """The two notebooks of a source, made in this course folder; nbgrader copies what the first one knows of both."""
    assignment = sources.read(source)
    name = assignment.name
    path, released = (Path(course, folder, name, f"{name}.ipynb") for folder in FOLDERS)
    path.parent.mkdir(parents=True)
    with words.using(languages.language(source)):
        solution = source_notebook(assignment)
        nbformat.write(solution, path)
        said = release(name, course)
    if not released.exists():
        raise RuntimeError(f"{name}: nbgrader generate_assignment が失敗しました。\n{said[-2000:]}")
    both = solution, nbformat.read(released, as_version=4)
    about = {"from": source.relative_to(ROOT).as_posix(), "cells": [digest(one) for one in both]}
    for one in both:
        one.metadata["generated"] = about
    return both


def kept(source: Path, notebooks: tuple[NotebookNode, NotebookNode]) -> Iterator[tuple[Path, NotebookNode]]:
    """Which of the two have a place in the project, and where: nbgrader has one source of an assignment."""
    code, name = languages.language(source), languages.original(source).stem
    for folder, notebook in zip(("solutions", languages.release_folder(code)), notebooks, strict=True):
        if code == "ja" or folder != "solutions":
            yield Path(folder, name, f"{name}.ipynb"), notebook


def is_edited(path: Path, new: NotebookNode) -> bool:
    """Whether this notebook holds what neither its own source nor today's has put there."""
    if not path.exists():
        return False
    try:
        notebook = nbformat.read(path, as_version=4)
        return digest(notebook) not in (digest(new), *notebook.metadata.get("generated", {}).get("cells", ()))
    except (AttributeError, TypeError, ValueError):  # of another program's making
        return True


def generate(destination: Path, *, overwrite: bool = False) -> Iterator[str]:
    """Write solutions/*/*.ipynb and exercises/ below `destination`; yields the names as they are done.

    Raises
    ------
    Edited
        When notebooks were edited since they were made; nothing is written then, unless with `overwrite`.
    """
    new: dict[Path, tuple[NotebookNode, NotebookNode]] = {}
    for code in ("ja", *languages.languages()):
        with tempfile.TemporaryDirectory() as course:
            # A gradebook of its own: the teacher's one keeps what it knows of earlier releases.
            new |= {source: made(source, course) for source in sources.files(code)}
    files = {
        destination / path: (source, notebook)
        for source, notebooks in new.items()
        for path, notebook in kept(source, notebooks)
    }
    edited = [
        EDITED.format(path=path.relative_to(destination), source=source.name)
        for path, (source, notebook) in files.items()
        if is_edited(path, notebook)
    ]
    if edited and not overwrite:
        raise Edited("\n".join([*edited, NOTHING_WRITTEN]))
    for path, (_, notebook) in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        yield str(path.relative_to(destination))


if __name__ == "__main__":
    try:
        for name in generate(ROOT, overwrite=os.environ.get("OVERWRITE") == "yes"):
            print(f"✓ {name}")
    except Edited as error:
        sys.exit(str(error))
    except (sources.SourceError, RuntimeError) as error:
        sys.exit(f"✗ {error}")
