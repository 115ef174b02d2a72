"""Write the page of the bibliography in every build: which entries it lists depends on what other pages cite.

In another language, a field such as `title_en` of an entry stands for `title`.
"""

from pybtex.database import BibliographyData, Person
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata
from sphinxcontrib.bibtex.domain import BibtexDomain

from dlcourse.words import language


def domain(env: BuildEnvironment) -> BibtexDomain:
    found = env.get_domain("cite")
    assert isinstance(found, BibtexDomain)
    return found


def pages_with_a_bibliography(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return sorted({key.docname for key in domain(env).bibliographies})


def translate(entries: BibliographyData, code: str) -> None:
    for entry in entries.entries.values():
        for name in [name for name in entry.fields if name.endswith(f"_{code}")]:
            original = name.removesuffix(f"_{code}")
            if original in entry.persons:
                entry.persons[original] = [Person(entry.fields[name])]
            else:
                entry.fields[original] = entry.fields[name]


def in_the_language(app: Sphinx) -> None:
    translate(domain(app.env).bibdata.data, language())


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("builder-inited", in_the_language, priority=600)  # when the entries have been read
    app.connect("env-updated", pages_with_a_bibliography)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
