"""Japanese where other software writes English, or reads Japanese as if it were English.

interface   the words of the theme
markdown    emphasis and line breaks
search      finding words in a language without spaces; search.js is its other half, in the browser
"""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

PARTS = ["interface", "markdown", "search"]


def setup(app: Sphinx) -> ExtensionMetadata:
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
