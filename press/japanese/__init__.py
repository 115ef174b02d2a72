"""Japanese where other software reads it as if it were English.

markdown    emphasis and line breaks
search      finding words in a language without spaces; search.js is its other half, in the browser

locale/ fills gaps in the catalogues of the theme and of Sphinx.
"""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

PARTS = ["markdown", "search"]


def setup(app: Sphinx) -> ExtensionMetadata:
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
