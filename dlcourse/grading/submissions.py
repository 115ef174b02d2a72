"""Finding and reading what students handed in, and telling the teacher about what was not in order."""

import atexit
import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import find_kernel_specs
from nbconvert.exporters import NotebookExporter
from nbformat.validator import normalize
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGrader

from dlcourse.grading.cells import originals_of, restore
from dlcourse.grading.execute import cells_of

IN_THE_BROWSER = "python"  # the kernel that JupyterLite writes into a notebook; nothing to tell the teacher


class UnreadableSubmission(Exception):
    """The file is not a notebook; the message says why, to the teacher."""


def read(path):
    """The notebook in this file, in today's format, and how its bytes had to be read."""
    raw = path.read_bytes()
    if not raw.strip():
        raise UnreadableSubmission("ファイルが空です。 / the file is empty")
    # detect_encoding knows a BOM and UTF-16; cp932 is what old Japanese Windows tools write.
    detected = json.detect_encoding(raw)
    for encoding, errors in ((detected, "strict"), ("cp932", "strict"), (detected, "replace")):
        try:
            text = raw.decode(encoding, errors)
            break
        except UnicodeDecodeError:
            continue
    try:
        notebook = nbformat.convert(nbformat.from_dict(json.loads(text)), to_version=4)
        notebook = nbformat.v4.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)
        return normalize(notebook)[1], "" if encoding == detected and errors == "strict" else encoding
    except json.JSONDecodeError as error:
        reason = f"ノートブックとして読めません({error.lineno}行目でJSONが壊れています)。 / invalid JSON"
    except Exception as error:
        # Any JSON may come here, and nbformat fails in many ways on what is not a notebook.
        reason = f"JSONですがノートブックではありません({type(error).__name__})。 / not a notebook"
    raise UnreadableSubmission(reason)


class SubmissionExporter(NotebookExporter):
    """The exporter of `nbgrader autograde`, which is where nbgrader opens the submitted files.

    It is made once per run, after nbgrader has listed the notebooks and before it grades them: here
    the list is completed with what nbgrader does not find by itself.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.files = {}  # the path under which nbgrader knows a notebook → the file that was handed in
        self.notes = {}  # student → what the teacher should know
        self.not_graded = set()
        converter = self.parent
        converter.log.addFilter(lambda record: UnreadableSubmission.__name__ not in record.getMessage())
        self.find_submissions(converter, converter.coursedir)
        self.upcoming = self.in_order()
        if isinstance(converter.parent, NbGrader):
            # nbgrader calls nothing of ours at the end of a run, and the end is where it is read.
            atexit.register(self.report)

    def find_submissions(self, converter, course):
        with Gradebook(course.db_url, course.course_id) as gradebook:
            try:
                notebooks = gradebook.find_assignment(course.assignment_id).notebooks
            except MissingEntry:
                return  # nbgrader says so itself
            cells = {
                notebook.name: {cell.name for cell in (*notebook.solution_cells, *notebook.grade_cells)}
                for notebook in notebooks
                if fnmatchcase(notebook.name, course.notebook_id)
            }
            students = {student.id for student in gradebook.students}
        handed_in = Path(course.root, course.submitted_directory)
        students |= {folder.name for folder in handed_in.iterdir() if folder.is_dir()}
        for student in sorted(students):
            if fnmatchcase(student, course.student_id):
                folder = converter._format_source(course.assignment_id, student)
                converter.assignments.pop(folder, None)
                if chosen := self.choose(student, Path(folder), cells):
                    converter.assignments[folder] = chosen

    def in_order(self):
        """The code of every notebook as it will be run, in nbgrader's order: what comes next can start already."""
        converter, course = self.parent, self.parent.coursedir
        # asked now: while nbgrader grades it answers for the folder it writes to
        made = {folder: converter._format_dest(course.assignment_id, self.student_of(folder))
                for folder in sorted(converter.assignments)}
        # what was graded before, nbgrader passes by
        folders = [folder for folder, target in made.items() if converter.force or not Path(target).exists()]
        return self.notebooks_of(folders, course)

    def notebooks_of(self, folders, course):
        for folder in folders:
            for filename in sorted(self.parent.assignments[folder]):
                try:
                    notebook, _ = read(self.files[filename])
                    restore(notebook, originals_of(course.db_url, Path(filename).stem, course.assignment_id))
                except (UnreadableSubmission, OSError):
                    continue  # told when its turn comes
                yield cells_of(notebook)

    def student_of(self, folder):
        return self.parent.init_single_notebook_resources(f"{folder}/_.ipynb")["nbgrader"]["student"]

    def choose(self, student, folder, cells):
        """The notebooks to grade, under the names that the gradebook knows."""
        links = [path for path in sorted(folder.rglob("*")) if path.is_symlink()]
        if links:
            # nbgrader would copy what they lead to, the gradebook say, to where the student sees it
            self.parent.coursedir.ignore.extend(path.name for path in links)
            names = "、".join(path.name for path in links)
            self.note(student, f"リンク({names})は、たどらずに採点しました。 / links were not followed")
        found = [
            path
            for path in sorted(folder.rglob("*.ipynb"))
            if ".ipynb_checkpoints" not in path.parts and path not in links and path.is_file()
        ]
        others = [path for path in found if path.parent != folder or path.stem not in cells]
        if not folder.is_dir():
            self.note(student, "提出がありません。 / nothing was handed in", graded=False)
        elif not found:
            names = "、".join(path.name for path in sorted(folder.iterdir())) or "空のフォルダー"
            self.note(student, f"ノートブックがありません(あるのは {names})。 / no notebook", graded=False)
        chosen = []
        for name, known in cells.items():
            path = right = folder / f"{name}.ipynb"
            if right not in found:
                if not others:
                    continue
                path = max(others, key=lambda other: (recognised(other, known), other.stat().st_mtime))
                others.remove(path)
            self.files[str(right)] = path
            chosen.append(str(right))
        if others and chosen:
            names = "、".join(str(path.relative_to(folder)) for path in others)
            self.note(student, f"余分なノートブックは採点していません({names})。 / extra notebooks ignored")
        return chosen

    def from_filename(self, filename, resources=None, **kwargs):
        if filename not in self.files:  # the second pass reads what the first one has written
            return super().from_filename(filename, resources, **kwargs)
        path, student = self.files[filename], resources["nbgrader"]["student"]
        try:
            notebook, wrong_encoding = read(path)
        except UnreadableSubmission as error:
            self.note(student, f"{path.name}: {error}", graded=False)
            raise
        if str(path) != filename:
            self.note(student, f"「{path.name}」を {Path(filename).name} として採点しました。 / file renamed or moved")
        if wrong_encoding:
            self.note(student, f"文字コード({wrong_encoding})を直して採点しました。 / wrong encoding")
        kernel = notebook.metadata.get("kernelspec", {}).get("name", "なし")
        if kernel not in {*find_kernel_specs(), IN_THE_BROWSER}:
            self.note(student, f"カーネルの指定({kernel})を課題のものに直して採点しました。 / unknown kernel")
        return self.from_notebook_node(notebook, resources=resources, **kwargs)

    def note(self, student, message, *, graded=True):
        self.log.info("%s: %s", student, message)
        self.notes.setdefault(student, []).append(message)
        if not graded:
            self.not_graded.add(student)

    def report(self):
        """One line for each student who was not graded, or not without help."""
        converter, assignment = self.parent, self.parent.coursedir.assignment_id
        for folder in converter.assignments:
            student = self.student_of(folder)
            if student not in self.not_graded and not Path(converter._format_dest(assignment, student)).exists():
                self.note(student, "採点の途中で失敗しました(理由は上の記録)。 / failed, see the log", graded=False)
        if self.notes:
            print("\n確認してください / submissions to look at:", file=sys.stderr)
        for student, messages in sorted(self.notes.items(), key=lambda note: (note[0] not in self.not_graded, note[0])):
            state = "未採点" if student in self.not_graded else "採点済"
            print(f"  [{state}] {student}: {' '.join(messages)}", file=sys.stderr)


def recognised(path, known):
    """How many of the assignment's cells are in this file."""
    try:
        notebook, _ = read(path)
    except UnreadableSubmission:
        return 0
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return len(known & (ids | {cell.id for cell in notebook.cells}))
