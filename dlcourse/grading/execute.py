"""The step of nbgrader's autograding that runs a notebook: isolated, and ahead of nbgrader where it can."""

import atexit
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.engine import make_url
from traitlets import Bool, Enum, Float, Integer, Unicode
from traitlets.config import Config

from dlcourse.grading.desk.cell_facts import defined, untouched
from dlcourse.grading.desk.notes import Note
from dlcourse.grading.desk.solution_check import runs_with_student
from dlcourse.grading.isolation.engines import LINUX, PORTABLE
from dlcourse.grading.isolation.notebook import Cell, NotebookContext

if TYPE_CHECKING:
    from dlcourse.grading.isolation.pool import Pool


OVERRAN = Note(
    "採点するプロセスが、ノートブックの制限時間を過ぎても終わらず、止めました。"
    "どのセルも、実行していないことになります。",
    "the grader's own process did not end in time",
)


class RunIsolated(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: no kernel, the student's code apart from the tests and the course."""

    cell_seconds = Float(10, help="Seconds of a processor's work for one cell; a right answer takes milliseconds.").tag(
        config=True
    )
    notebook_seconds = Float(
        120, help="Seconds of a processor's work for a notebook's answers and tests; as many for all its other cells."
    ).tag(config=True)
    jobs = Integer(0, help="Notebooks that run at the same time; 0: one per processor.").tag(config=True)
    scheduler = Unicode(
        "", help="Address of a Dask scheduler, tcp://host:8786 say: notebooks run on its workers instead."
    ).tag(config=True)
    engine = Enum(
        ["", LINUX, PORTABLE], "", help="What runs students' code: the system's own means on Linux, or WebAssembly, on "
        "any system, which pip install 'dlcourse[portable]' brings; \"\": the strongest that there is.",
    ).tag(config=True)  # fmt: skip
    without_sandbox = Bool(
        False, help="Grade although this system cannot keep students' code from the teacher's files."
    ).tag(config=True)

    pool: "Pool | None" = None  # one for the whole process: formgrader makes this object anew for every submission

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        context = resources.get("context") or NotebookContext()
        run = self.running_pool().run(key_of(resources), cells_of(nb, resources.get("answers", ())), context)
        code = (cell for cell in nb.cells if cell.cell_type == "code")
        for number, (cell, outputs) in enumerate(zip(code, run["outputs"], strict=True), start=1):
            cell.outputs = [new_output(**numbered(output, number)) for output in outputs]
            cell.execution_count = number
            if verdict := run["verdicts"].get(number - 1):
                # nbformat leaves no room for it in an error's output; a student's metadata has been taken out before
                cell.metadata["verdict"] = verdict
        resources["submission"].notes += notes_on_time(run, self.cell_seconds, self.notebook_seconds)
        # what the teacher can look up later, beside the points
        about = nb.metadata.setdefault("grading", {})
        about.update(isolation=run["isolation"], seconds=round(run["seconds"], 2))
        return nb, resources

    def run_solution(self, name: str, nb: NotebookNode, context: NotebookContext) -> dict[str, Any]:
        """What became of the course's own solution."""
        return self.running_pool().run(("", name), cells_of(nb), context)

    def begin(self, nb: NotebookNode, resources: dict[str, Any]) -> None:
        """Have the notebook run already; preprocess waits for it."""
        self.running_pool().start(key_of(resources), cells_of(nb, resources["answers"]), resources["context"])

    def running_pool(self) -> "Pool":
        if RunIsolated.pool is None:
            from dlcourse.grading.isolation.pool import Pool  # imported when used: other commands do without

            limits = self.cell_seconds, self.notebook_seconds
            # `--scheduler`, for which nbgrader's command line cannot be taught a long name: it warns, and hands it on
            scheduler = self.scheduler or str(self.config.get("scheduler", ""))
            hidden = course_folders(self.parent.coursedir, self.config) if self.parent else ()
            pool = Pool(
                self.jobs, *limits, scheduler=scheduler, engine=self.engine, without_sandbox=self.without_sandbox,
                hidden=hidden,
            )  # fmt: skip
            print(f"学生のプログラムの隔離 / isolation: {pool.strength}", file=sys.stderr)
            atexit.register(pool.close)
            RunIsolated.pool = pool
        return RunIsolated.pool


def course_folders(coursedir: CourseDirectory, config: Config) -> tuple[str, ...]:
    """The folders that hold what students must not read: the course's, its gradebook's, and nbgrader's exchange."""
    names = ("source", "release", "submitted", "autograded", "feedback", "solution")
    inside = [getattr(coursedir, f"{name}_directory") for name in names]
    exchange = Exchange(config=config)
    database = make_url(coursedir.db_url).database
    beside = [exchange.root, exchange.cache, *([str(Path(database).parent)] if database else [])]
    return tuple(str(Path(coursedir.root, folder)) for folder in ("", *inside, *beside))


def key_of(resources: Mapping[str, Any]) -> tuple[str, str]:
    """By which the pool knows a notebook."""
    return resources["nbgrader"]["student"], resources["nbgrader"]["notebook"]


def notes_on_time(run: Mapping[str, Any], cell_seconds: float, notebook_seconds: float) -> Iterator[Note]:
    """Who runs out of time is told, and in what."""
    if run.get("overran"):
        yield OVERRAN
    own = run["late"].count("own")
    each, all_of_them = {"seconds": cell_seconds}, {"seconds": notebook_seconds}
    if others := len(run["late"]) - own:
        yield Note(
            "時間切れになった解答か答え合わせが{count}個あります(1つのセルは{seconds:g}秒まで)。",
            "out of time",
            each | {"count": others},
        )
    if own:
        yield Note(
            "時間切れになった、解答のほかのセルが{count}個あります(1つのセルは{seconds:g}秒まで)。",
            "other cells out of time",
            each | {"count": own},
        )
    if "own" in run["used_up"]:
        yield Note(
            "解答のほかのセルが、そのための時間(全部で{seconds:g}秒)を使いきったので、残りは短く"
            "打ち切りました。解答と答え合わせの時間は、これとは別です。",
            "other cells have used up their time",
            all_of_them,
        )
    if "answer" in run["used_up"]:
        yield Note(
            "解答と答え合わせにかけられる時間(全部で{seconds:g}秒)を使いきったので、残りは実行していません。",
            "answers and tests have used up their time",
            all_of_them,
        )


def cells_of(notebook: NotebookNode, answers: Collection[str] = ()) -> list[Cell]:
    """The code cells as the runner sees them; which ones are the course's, the gradebook has said (RestoreCells).

    answers: names that the assignment's answers define; a cell of the student's own that defines one is an answer, too.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        Cell(kind_of(cell, answers), cell.source, order, cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        for cell, order in zip(code, run_order(code), strict=True)
    ]


def run_order(code: Sequence[NotebookNode]) -> list[float]:
    """When each cell runs, as Cell.order: in its place, but for answers that were left as they were.

    Then the answer may stand in any other cell. One further up is not to be undone by the empty one, which goes before
    it; and one further down is still to come, so the test waits for it (RestoreCells says which).
    """
    made = []
    own = {place: defined(cell.source) for place, cell in enumerate(code) if "nbgrader" not in cell.metadata}
    for place, cell in enumerate(code):
        order = float(place)
        if cell.metadata.get("runs_last"):
            order += len(code)
        elif own and kind_of(cell) == "answer" and untouched(cell):
            names = defined(cell.source)
            order = next((above - 0.5 for above in own if above < place and own[above] & names), order)
        made.append(order)
    return made


def kind_of(cell: NotebookNode, answers: Collection[str] = ()) -> str:
    about = cell.metadata.get("nbgrader")
    if not about:
        return "own" if defined(cell.source).isdisjoint(answers) else "answer"
    if not about.get("locked"):
        return "answer"
    if not about.get("grade"):
        return "setup"
    return "test with student" if runs_with_student(cell.source) else "test"


def numbered(output: dict[str, Any], number: int) -> dict[str, Any]:
    return output | {"execution_count": number} if output["output_type"] == "execute_result" else output
