"""The step of nbgrader's feedback that leaves out what students are not to read."""

from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests
from traitlets import List


class HideTests(ClearHiddenTests):
    """Leaves the hidden tests out of the feedback; what students wrote into their own cells stays."""

    # nbgrader's base class has made a plain attribute of nbconvert's option, which the exporter then warns about
    display_data_priority: Any = List().tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if not utils.is_grade(cell):
            return cell, resources
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.ename != "CheckError":
                # A check explains itself; the stack of any other error, a time-out say, quotes the test.
                output.traceback = output.traceback[-1:]
        return super().preprocess_cell(cell, resources, index)
