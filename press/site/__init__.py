"""What belongs to the site as a whole, or to what others see of it; extra/ lies beside its index.html.

bibliography     the list of references follows what all pages cite, in the language of the edition
facts            what a page says to search engines; where corrections go
former_pages     pages that the book no longer has
moved            parts that are on another page now
not_found        404.html
other_languages  links to the same page in the other editions
"""

from typing import TYPE_CHECKING

from press.words import ORIGINAL

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata

EXTRA = "press/site/extra"


PARTS = ["bibliography", "facts", "former_pages", "moved", "not_found", "other_languages"]


def add_extra(app: "Sphinx", config: "Config") -> None:
    """Once for the whole site: the editions in other languages lie in the Japanese one."""
    if config.language == ORIGINAL:
        config.html_extra_path.append(EXTRA)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    app.connect("config-inited", add_extra)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
