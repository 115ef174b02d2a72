"""`nbgrader generate_assignment`: nbgrader's own, and behind it a run of the solution through the isolated grader."""

import sys

from nbgrader import converters

from dlcourse.grading.desk.assignment_state import AssignmentState
from dlcourse.grading.desk.course_material import CourseMaterial
from dlcourse.grading.desk.files import shared_with_group
from dlcourse.grading.desk.gradebook import Ledger
from dlcourse.grading.desk.solution_check import SolutionCheck
from dlcourse.grading.execute import RunIsolated
from dlcourse.grading.refusal import NoSandbox

PATIENCE = 60.0  # seconds, for a gradebook that others hold
NOT_CHECKED = (
    "この計算機では解答を隔離して動かせないので、模範解答が答え合わせを通るかは、最初の採点のときに確かめます。"
    " / the solution is checked by the first autograde"
)


class GenerateAssignment(converters.GenerateAssignment):
    """The class behind `nbgrader generate_assignment` and formgrader's button (see install.py)."""

    def start(self) -> None:
        super().start()
        if self.no_database:
            return  # without the tests in it nothing can be graded
        with Ledger(self.coursedir.db_url, self.coursedir.course_id, PATIENCE) as ledger:
            state = AssignmentState(self.coursedir, ledger, self.coursedir.assignment_id)
            check = SolutionCheck(state, CourseMaterial(self.coursedir, state.assignment, state.released))
        try:
            with shared_with_group(self.coursedir):
                check.run(RunIsolated(parent=self).run_solution)
        except NoSandbox:
            print(NOT_CHECKED, file=sys.stderr)
            return
        for line in check.lines():
            print(line, file=sys.stderr)
