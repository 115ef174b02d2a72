"""Practice beyond the chapters: reviewing after days (復習), and papers of questions (試験に備える).

numbers   what is drawn for questions that are calculated by hand

static/ runs in the page: review.js shows the cards that are due, exam.js puts a paper together; scheduler.js is
ts-fsrs, which says when a card comes back (bundled by make editor). What an author writes for them is in directives/:
{recall}, {question}, {review}, {mock-exam}, {formulas}.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from press.words import copy_static

if TYPE_CHECKING:  # the numbers do without Sphinx
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

STATIC = Path(__file__).with_name("static")


def copy_files(app: "Sphinx") -> None:
    copy_static(app, STATIC)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    app.connect("builder-inited", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
