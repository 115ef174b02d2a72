"""Practice beyond the chapters: reviewing after days (復習), and papers of questions (試験に備える).

numbers   what is drawn for questions that are calculated by hand

static/ runs in the page: review.js shows the cards that are due, exam.js puts a paper together; scheduler.js is
ts-fsrs, which says when a card comes back (bundled by make editor). What an author writes for them is in directives/:
{recall}, {question}, {review}, {mock-exam}, {formulas}.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the numbers do without Sphinx
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata

STATIC = "press/practice/static"


def find_files(app: "Sphinx", config: "Config") -> None:
    config.html_static_path.append(STATIC)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    app.connect("config-inited", find_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
