"""What the notebooks of an assignment need of the course: its cells, its files, and the names that tests rely on."""

import ast
import contextlib
import os
import re
import symtable
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory

from dlcourse.grading.desk.cell_facts import defined
from dlcourse.grading.desk.languages import Version, versions
from dlcourse.grading.desk.reading import cells_in
from dlcourse.grading.desk.submissions import Submission, files_below
from dlcourse.grading.isolation.course_cells import as_python
from dlcourse.grading.isolation.exposure import is_public_library
from dlcourse.grading.isolation.notebook import Needs, NotebookContext

MOST_CONTEXT_BYTES = 15 << 20  # of the files that cells find beside their notebook: one message's room
IMPORT = re.compile(r"^(?:import .+|from \S+ import (?!\*).+)$", re.MULTILINE)


class CourseMaterial:
    """The source of one assignment.

    released: name of a notebook → its cells, as the gradebook has them.
    not_overwritten: names of files that students may change.

    cells: name of a notebook → the cells of its source, or else of what was released, the text around the answers among
        them; none where neither is here.
    versions: name → its cells in each language in which they were handed out.
    answers: name → the names that its answers define, in the source or in what students got.
    """

    def __init__(
        self, course: CourseDirectory, assignment: str, released: Mapping[str, Mapping[str, NotebookNode]],
        not_overwritten: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.folder = Path(course.format_path(course.source_directory, ".", assignment))
        self.ignored: list[str] = course.ignore
        kept = {self.folder / name for name in not_overwritten}
        self.files = [path for path in files_below(self.folder, [*self.ignored, "*.ipynb"]) if path not in kept]
        handed_out = Path(course.format_path(course.release_directory, ".", assignment))
        self.cells = {
            name: cells_in(self.folder / f"{name}.ipynb") or cells_in(handed_out / f"{name}.ipynb") for name in released
        }
        self.versions = {
            name: versions(course, assignment, name, Version(cells, self.cells[name]))
            for name, cells in released.items()
        }
        self.answers = {
            name: defined_by_answers([*code_in(self.cells[name]), *cells.values()]) for name, cells in released.items()
        }
        self.imports = {name: imports_in(cells) for name, cells in self.cells.items()}
        self.assigned = {name: assigned_in(cells) for name, cells in self.cells.items()}
        self.shared = {name: shared_in(cells) for name, cells in self.cells.items()}
        self.libraries = {name: libraries_in(cells) for name, cells in self.cells.items()}

    def context_of_solution(self, name: str) -> NotebookContext:
        """What the cells of the course's own notebook find beside it."""
        own = read_files(self.files, self.folder, MOST_CONTEXT_BYTES)
        return NotebookContext(
            self.imports[name], self.assigned[name], student_files=own, course_files=own, shared=self.shared[name],
            needs=None, libraries=self.libraries[name],
        )  # fmt: skip

    def version(self, name: str, language: str) -> Version:
        """The notebook in this language, or in the course's own."""
        known = self.versions[name]
        return known.get(language) or next(iter(known.values()))

    def context(self, submission: Submission, name: str, needs: Needs) -> NotebookContext:
        """What the cells of this submission's notebook find beside it. needs: what the solution's run has said."""
        own = read_files(self.files, self.folder, MOST_CONTEXT_BYTES)
        left = MOST_CONTEXT_BYTES - sum(map(len, own.values()))
        theirs = read_files(self.extra_files(submission), submission.folder, left)
        return NotebookContext(
            self.imports[name], self.assigned[name], student_files=theirs | own, course_files=own,
            shared=self.shared[name], libraries=self.libraries[name], needs=needs, language=submission.language,
        )  # fmt: skip

    def extra_files(self, submission: Submission) -> list[Path]:
        """The student's files that go with the notebooks, where nothing of the course's needs their place."""
        ours = {path.relative_to(self.folder) for path in self.files}
        ours |= {Path(f"{name}.ipynb") for name in self.cells}
        folders = {folder for path in ours for folder in path.parents}

        def in_the_way(path: Path) -> bool:
            own = path.relative_to(submission.folder)
            return own in folders or not ours.isdisjoint(own.parents)

        return [
            path
            for path in submission.extra_files
            if not any(fnmatchcase(path.name, ignored) for ignored in self.ignored) and not in_the_way(path)
        ]


def code_in(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


def defined_by_answers(cells: Iterable[NotebookNode]) -> set[str]:
    return set[str]().union(*(defined(cell.source) for cell in cells if utils.is_solution(cell)))


def imports_in(cells: Iterable[NotebookNode]) -> str:
    """What the source notebook's ordinary cells import, which students may change, and tests rely on."""
    ordinary = (cell for cell in code_in(cells) if not utils.is_locked(cell) and not utils.is_solution(cell))
    return "\n".join(line for cell in ordinary for line in IMPORT.findall(cell.source))


def assigned_in(cells: Iterable[NotebookNode]) -> list[str]:
    """The names that the answers and the ordinary cells define in any way, those of functions' own variables too."""
    names: set[str] = set()
    for cell in code_in(cells):
        if utils.is_locked(cell):
            continue
        names |= defined(cell.source)
        try:
            nodes = [node for node in ast.walk(ast.parse(as_python(cell.source))) if isinstance(node, ast.Name)]
        except SyntaxError:
            continue
        names |= {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return sorted(names)


def shared_in(cells: Iterable[NotebookNode]) -> list[str]:
    """The names that the answers and the ordinary cells define for all, and those that they use and do not define."""
    names: set[str] = set()
    for cell in code_in(cells):
        if not utils.is_locked(cell):
            with contextlib.suppress(SyntaxError):  # no Python: nothing is looked up in it
                names |= global_names(symtable.symtable(as_python(cell.source), "<cell>", "exec"))
    return sorted(names)


def libraries_in(cells: Iterable[NotebookNode]) -> list[str]:
    """The modules of libraries that the notebook imports."""
    found = set[str]()
    for cell in code_in(cells):
        with contextlib.suppress(SyntaxError):  # no Python: nothing is looked up in it
            for node in ast.walk(ast.parse(as_python(cell.source))):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
    return sorted(name for name in found if is_public_library(name))


def global_names(table: symtable.SymbolTable) -> set[str]:
    """The names of the notebook that this code, and the functions in it, set or look up."""
    outermost = table.get_type() == "module"
    names = {one.get_name() for one in table.get_symbols() if outermost or one.is_global()}
    return names.union(*map(global_names, table.get_children()))


def read_files(files: Sequence[Path], folder: Path, most: int) -> dict[str, bytes]:
    """name → contents of these files, as long as they are no more than so many bytes together."""
    found = {}
    for path in sorted(files, key=os.path.getsize):
        most -= os.path.getsize(path)
        if most < 0:
            break
        found[str(path.relative_to(folder))] = path.read_bytes()
    return found
