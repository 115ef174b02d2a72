"""The step of nbgrader's autograding that runs a notebook: isolated, and ahead of nbgrader where it can."""

import atexit
import sys

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Integer

from dlcourse.grading import confine
from dlcourse.grading.notebook import Cell
from dlcourse.grading.pool import Pool
from dlcourse.grading.sandbox import NoSandbox, holds, strength


class RunIsolated(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: no kernel, the student's code apart from the tests and the course."""

    cell_seconds = Float(10, help="Seconds for one cell; a right answer takes milliseconds.").tag(config=True)
    notebook_seconds = Float(120, help="Seconds for one notebook.").tag(config=True)
    jobs = Integer(0, help="Notebooks that run at the same time; 0: one per processor.").tag(config=True)
    without_sandbox = Bool(
        False, help="Grade although this system cannot keep students' code from the teacher's files."
    ).tag(config=True)

    pool: Pool | None = None  # one for the whole run: nbgrader makes this object anew for every notebook

    def preprocess(self, nb, resources):
        if RunIsolated.pool is None:
            RunIsolated.pool = self.start()
        run = self.pool.run(cells_of(nb), self.parent.upcoming)
        code = (cell for cell in nb.cells if cell.cell_type == "code")
        for number, (cell, outputs) in enumerate(zip(code, run["outputs"], strict=True), start=1):
            cell.outputs = [new_output(**numbered(output, number)) for output in outputs]
            cell.execution_count = number
        # what the teacher can look up later, beside the points
        nb.metadata["grading"] = {"isolation": self.pool.strength, "seconds": round(run["seconds"], 2)}
        return nb, resources

    def start(self):
        measures = confine.available()
        if not holds(measures) and not self.without_sandbox:
            raise NoSandbox(
                f"この計算機では、学生のプログラムを隔離できません(あるのは: {strength(measures)})。採点をやめました。"
                "隔離のできる Linux かコンテナで採点してください(「採点の安全性」のページに説明があります)。"
                " / no sandbox here; --RunIsolated.without_sandbox=True grades all the same"
            )
        print(f"学生のプログラムの隔離 / isolation: {strength(measures)}", file=sys.stderr)
        pool = Pool(self.jobs, self.cell_seconds, self.notebook_seconds, strength(measures))
        atexit.register(pool.close)
        return pool


def cells_of(notebook):
    """The code cells as the runner sees them; which ones are the course's, the gradebook has said (RestoreCells)."""
    return [Cell(kind(cell), cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def kind(cell):
    about = cell.metadata.get("nbgrader", {})
    if not about.get("locked"):
        return "answer"
    return "test" if about.get("grade") else "setup"


def numbered(output, number):
    return output | {"execution_count": number} if output["output_type"] == "execute_result" else output
