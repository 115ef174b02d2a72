"""Running a notebook to its end, whatever one of its cells does."""

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute

STOPPED = "このセルの実行中に Python が止まったため、このセルを飛ばして採点しました。"


class ExecuteAll(Execute):
    """When a cell ends the kernel, runs the notebook again without it: the others keep their points."""

    def preprocess(self, nb, resources):
        self.deadly = set()
        while True:
            self.running = None
            try:
                return super().preprocess(nb, resources)
            except (DeadKernelError, CellTimeoutError):
                if self.running is None:
                    raise
                self.deadly.add(self.running)
                nb.cells[self.running].outputs = [
                    new_output("error", ename="KernelStopped", evalue="", traceback=[STOPPED])
                ]

    def preprocess_cell(self, cell, resources, index):
        if index in self.deadly:
            return cell, resources
        self.running = index
        cell, resources = super().preprocess_cell(cell, resources, index)
        if any(output.get("ename") == "CellTimeoutError" for output in cell.get("outputs", [])):
            # The interrupt was ours: its traceback tells of the test and not of the student's loop.
            cell.outputs = [output for output in cell.outputs if output.get("ename") != "KeyboardInterrupt"]
        return cell, resources
