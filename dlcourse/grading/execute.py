"""The step of nbgrader's autograding that runs a notebook: isolated, and ahead of nbgrader where it can."""

import atexit
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat.v4 import new_output
from nbgrader.exchange.default import Exchange
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.engine import make_url
from traitlets import Bool, Float, Integer, Unicode

from dlcourse.grading.desk.restoring import defined, untouched
from dlcourse.grading.isolation.notebook import Around, Cell
from dlcourse.grading.refusal import NoSandbox

if TYPE_CHECKING:
    from dlcourse.grading.isolation.pool import Pool


ONLY_LINUX = (
    "この計算機({})では、学生のプログラムを隔離できません。採点をやめました。採点(autograde)だけは、"
    "Linux かコンテナの中で実行してください(「採点の安全性」のページに説明があります)。ほかの命令は、ここで使えます。"
    " / no sandbox on this system; grade on Linux or in a container"
)

OVERRAN = (
    "採点するプロセスが、ノートブックの制限時間を過ぎても終わらず、止めました。"
    "どのセルも、実行していないことになります。"
    " / the grader's own process did not end in time"
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
    without_sandbox = Bool(
        False, help="Grade although this system cannot keep students' code from the teacher's files."
    ).tag(config=True)

    pool: "Pool | None" = None  # one for the whole process: formgrader makes this object anew for every submission

    def preprocess(self, nb, resources):
        answers = resources.get("answers", ())
        run = self.running_pool().run(whose(resources), cells_of(nb, answers), resources.get("around") or Around())
        code = (cell for cell in nb.cells if cell.cell_type == "code")
        for number, (cell, outputs) in enumerate(zip(code, run["outputs"], strict=True), start=1):
            cell.outputs = [new_output(**numbered(output, number)) for output in outputs]
            cell.execution_count = number
        if run.get("overran"):
            self.parent.note(resources["nbgrader"]["student"], OVERRAN)
        for remark in remarks(run, self.cell_seconds, self.notebook_seconds):
            self.parent.note(resources["nbgrader"]["student"], remark)
        # what the teacher can look up later, beside the points
        about = nb.metadata.setdefault("grading", {})
        about.update(isolation=run["isolation"], seconds=round(run["seconds"], 2))
        return nb, resources

    def begin(self, nb, resources):
        """Have the notebook run already; preprocess waits for it."""
        self.running_pool().start(whose(resources), cells_of(nb, resources["answers"]), resources["around"])

    def running_pool(self):
        if RunIsolated.pool is None:
            if sys.platform != "linux":
                raise NoSandbox(ONLY_LINUX.format(sys.platform))
            from dlcourse.grading.isolation.pool import (
                Pool,  # imported when used: nbgrader's other commands run on any system
            )

            limits = self.cell_seconds, self.notebook_seconds
            # `--scheduler`, for which nbgrader's command line cannot be taught a long name: it warns, and hands it on
            scheduler = self.scheduler or str(self.config.get("scheduler", ""))
            hidden = of_the_course(self.parent.coursedir, self.config) if self.parent else ()
            apart = {"without_sandbox": self.without_sandbox, "hidden": hidden}
            pool = Pool(self.jobs, *limits, scheduler=scheduler, **apart)
            print(f"学生のプログラムの隔離 / isolation: {pool.strength}", file=sys.stderr)
            atexit.register(pool.close)
            RunIsolated.pool = pool
        return RunIsolated.pool


def of_the_course(coursedir, config):
    """The folders that hold what students must not read: the course's, its gradebook's, and nbgrader's exchange."""
    names = ("source", "release", "submitted", "autograded", "feedback", "solution")
    inside = [getattr(coursedir, f"{name}_directory") for name in names]
    exchange = Exchange(config=config)
    database = make_url(coursedir.db_url).database
    beside = [exchange.root, exchange.cache, *([str(Path(database).parent)] if database else [])]
    return tuple(str(Path(coursedir.root, folder)) for folder in ("", *inside, *beside))


def whose(resources):
    return resources["nbgrader"]["student"], resources["nbgrader"]["notebook"]


def remarks(run, cell_seconds, notebook_seconds):
    """Who runs out of time is told, and in what."""
    own = run["late"].count("own")
    if others := len(run["late"]) - own:
        yield f"時間切れになった解答か答え合わせが{others}個あります(1つのセルは{cell_seconds:g}秒まで)。 / out of time"
    if own:
        yield (
            f"時間切れになった、解答のほかのセルが{own}個あります(1つのセルは{cell_seconds:g}秒まで)。"
            " / other cells out of time"
        )
    if "own" in run["used_up"]:
        yield (
            f"解答のほかのセルが、そのための時間(全部で{notebook_seconds:g}秒)を使いきったので、残りは短く"
            "打ち切りました。解答と答え合わせの時間は、これとは別です。 / other cells have used up their time"
        )
    if "answer" in run["used_up"]:
        yield (
            f"解答と答え合わせにかけられる時間(全部で{notebook_seconds:g}秒)を使いきったので、残りは実行して"
            "いません。 / answers and tests have used up their time"
        )


def cells_of(notebook, answers=()):
    """The code cells as the runner sees them; which ones are the course's, the gradebook has said (RestoreCells).

    answers: names that the assignment's answers define; a cell of the student's own that defines one is an answer, too.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        Cell(
            "own"
            if kind(cell) == "own" and defined(cell.source).isdisjoint(answers)
            else "answer"
            if kind(cell) == "own"
            else kind(cell),
            cell.source,
            turn,
        )
        for cell, turn in zip(code, turns(code), strict=True)
    ]


def turns(code):
    """When each cell runs: in its place, but for answers that were left as they were.

    Then the answer may stand in any other cell. One further up is not to be undone by the empty one, which goes before
    it; and one further down is still to come, so the test waits for it (RestoreCells says which).
    """
    made = []
    free = {place: defined(cell.source) for place, cell in enumerate(code) if "nbgrader" not in cell.metadata}
    for place, cell in enumerate(code):
        turn = float(place)
        if cell.metadata.get("waits"):
            turn += len(code)
        elif free and kind(cell) == "answer" and untouched(cell):
            names = defined(cell.source)
            turn = next((above - 0.5 for above in free if above < place and free[above] & names), turn)
        made.append(turn)
    return made


def kind(cell):
    about = cell.metadata.get("nbgrader")
    if not about:
        return "own"
    if not about.get("locked"):
        return "answer"
    return "test" if about.get("grade") else "setup"


def numbered(output, number):
    return output | {"execution_count": number} if output["output_type"] == "execute_result" else output
