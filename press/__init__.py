"""The press: all that turns book/ and solutions/ into the site, its PDF and its zip.

_config.yml names it as the book's one extension of Sphinx. Its rooms, as a page passes through them:

execution    running the cells
exercises    the exercises' sources, and the notebooks that are made from them
directives   what an author may write: {exercise}, {quiz}, {progress}, …
rules        what an author gets wrong, told at the line
search       finding words, and what the book calls by name
japanese     Markdown and search in Japanese
look         styles, scripts, formulas, figures; what is undone of the theme
live         Python in the page, and JupyterLite
practice     reviewing after days, and papers of questions
site         what belongs to no single page: 404, sitemap, descriptions
commands     make book, live, pdf, bundle, …

made_from lists the inputs of the site; edition is its address, and the wheel of dlcourse that lies there; languages,
translation, catalogues, words and docstrings are for editions in further languages; pages and archive are small tools
of several rooms.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most commands, and make itself, do without Sphinx
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).resolve().parent.parent
# Those that take part in a build.
ROOMS = ["made_from", "execution", "directives", "rules", "search", "japanese", "look", "live", "practice", "site"]


def setup(app: "Sphinx") -> "ExtensionMetadata":
    for room in ROOMS:
        app.setup_extension(f"press.{room}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
