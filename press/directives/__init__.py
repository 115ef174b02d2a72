"""What an author may write in a page, besides what Jupyter Book has; each file begins with how it is written.

Tested in tests/builds/ (test_quizzes_and_figures.py for what is shown, test_rules.py for mistakes) and tests/press/.

api           {api} functions            a module of dlcourse, from its docstrings
book_status   {book-status} pages        what the build itself has found
course_plan   {course-plan}              the classes of a course, with their homework
exercise      {exercise} K1-2            an exercise of solutions/
formulas      {formulas}                 equations of the chapters, by name
lite_link     {lite}`text <name>`        a link to a notebook in JupyterLite
notebook      {notebook} name, {install} how to open an exercise notebook, and to get dlcourse
notation      {notation}                 the chapters' tables of symbols as one
progress      {progress}                 every exercise, with what the reader has solved
question      {question}, {mock-exam}    a quiz as examinations ask it, and a paper of them; {drawn}`x` in it, a number
                                         that is drawn anew
quiz          {quiz}                     a question with choices and reasons
recall        {recall}                   what to call back to mind before a chapter
review        {review}                   cards that come back after days
software      {software}                 the packages that the course is made with
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

PARTS = [
    "api", "book_status", "course_plan", "exercise", "formulas", "lite_link", "notation", "notebook", "progress",
    "question", "quiz", "recall", "review", "software",
]  # fmt: skip


def setup(app: "Sphinx") -> "ExtensionMetadata":
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
