"""The course's settings for nbgrader; every `nbgrader` command started in this folder reads them."""

import sys
from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader defines it)

try:
    from dlcourse.grading import install
    from dlcourse.words import say

    install.isolated_grading(c)
except Exception as error:  # whatever it is: nbgrader would go on without us, and run students' programs as you
    sys.exit(
        f"✗ この nbgrader({sys.executable})では、この教材の設定を使えません({type(error).__name__}: {error})。"
        "何もせずに終わります。dlcourse を入れた環境の nbgrader を使ってください(source .venv/bin/activate)。"
        " / dlcourse is not usable in this nbgrader's environment; nothing was done"
    )

# --- where things lie ----------------------------------------------------------------------------

c.CourseDirectory.course_id = "dlcourse"
# This folder, from wherever the command is started; --course-dir names another one.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# The names that authors and students see; submitted/, autograded/ and feedback/ keep nbgrader's names.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# The text from which a notebook is made holds the answers and stays with the author.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.md"]

# The course's own time zone: of due dates and timestamps that name none, and of the times that formgrader shows.
c.NbGraderAPI.timezone = "Asia/Tokyo"

# --- what students get ---------------------------------------------------------------------------

# An error, not `pass`: an unanswered exercise says so, instead of looking like a wrong answer.
c.ClearSolutions.code_stub = {"python": say("# ここにコードを書いてください") + "\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = say("ここに答えを書いてください")

# The released notebooks lie in this folder from the beginning; without this nbgrader would pass by them, and by what
# it has to tell the gradebook.
c.GenerateAssignment.force = True

# Explanations belong to the solution notebook alone.
c.GenerateAssignment.preprocessors.insert(0, "nbconvert.preprocessors.TagRemovePreprocessor")
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = ["explanation"]

# --- collecting from learning platforms ----------------------------------------------------------

# Downloads in downloaded/ASSIGNMENT/archive/, by the roster; which platforms: dlcourse/grading/platforms/systems.py.
c.ZipCollectApp.collector_plugin = "dlcourse.grading.collect.Collector"

# --- feedback ------------------------------------------------------------------------------------

# One file that asks nobody for anything: formulas as MathML, no script.
c.GenerateFeedback.exporter_class = "dlcourse.grading.feedback.Feedback"
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    # The hidden call repeats the visible one with other numbers: nothing to learn from reading it.
    "dlcourse.grading.cells.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# --- export --------------------------------------------------------------------------------------

# What `nbgrader export` writes; `nbgrader export NAME` for platforms: dlcourse/grading/exports.py.
c.ExportApp.plugin_class = "dlcourse.grading.exports.Csv"
