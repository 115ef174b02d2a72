"""nbgrader's steps on cells, under the names by which a course's nbgrader_config.py calls them."""

from dlcourse.grading.desk.hiding import HideTests
from dlcourse.grading.desk.inert import Inert
from dlcourse.grading.desk.restoring import RestoreCells

__all__ = ["HideTests", "Inert", "RestoreCells"]
