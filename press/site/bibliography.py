"""Write the page of the bibliography in every build: which entries it lists depends on what other pages cite."""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata
from sphinxcontrib.bibtex.domain import BibtexDomain


def pages_with_a_bibliography(app: Sphinx, env: BuildEnvironment) -> list[str]:
    domain = env.get_domain("cite")
    assert isinstance(domain, BibtexDomain)
    return sorted({key.docname for key in domain.bibliographies})


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("env-updated", pages_with_a_bibliography)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
