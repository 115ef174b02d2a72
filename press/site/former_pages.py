"""Remove the pages that the book no longer has: Sphinx leaves what it has once written."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata


def remove(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    # What lies elsewhere (the search, lite/, 404.html) belongs to no page and is made in every build.
    for page in (site / "book").rglob("*.html"):
        if page.relative_to(site).with_suffix("").as_posix() not in app.env.found_docs:
            page.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("build-finished", remove)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
