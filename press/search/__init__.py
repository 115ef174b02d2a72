"""A search in the browser, without a server, that knows what the book calls by name.

Sphinx makes the index of words, in its own way for each language, and leaves the results in an order that says little.
Here a result is a place: search.js, which is told what the index does not hold, puts in front what has the name that
was looked for. Names are the titles, the other names that the glossary gives for its terms, the keywords of pages, the
entries of the bibliography, and the numbers of chapters, sections, figures and formulas.

How a text is cut into words belongs to its language: spaced.js does it for those that write spaces, as Sphinx's index
does; japanese/search.py and japanese/search.js for Japanese.
"""

import functools
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

from docutils import nodes
from pybtex.backends.plaintext import Backend
from pybtex.richtext import Text
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.search import SearchLanguage, languages
from sphinx.search.en import SearchEnglish
from sphinx.util.typing import ExtensionMetadata
from sphinxcontrib.bibtex.domain import BibtexDomain

from press.pages import Context, read
from press.search.letters import GREEK
from press.words import say, script

HERE = Path(__file__).parent
PLAIN = Backend()
OTHER_NAMES = re.compile(r"\((.+?)\) *")

Term = tuple[str, str | None, list[str], str]  # its page and section, its names, its definition
Numbered = dict[str, list[list[str | None]]]


def standard(env: BuildEnvironment) -> StandardDomain:
    """What Sphinx itself knows by name: labels, terms."""
    domain = env.get_domain("std")
    assert isinstance(domain, StandardDomain)
    return domain


def sections(env: BuildEnvironment, docname: str) -> dict[str, str | None]:
    """Every id of a section of the page → the section's first id, which is the one that its element has."""
    return {
        anchor: section["ids"][0] if isinstance(section.parent, nodes.section) else None
        for section in read(env, docname).findall(nodes.section)
        for anchor in section["ids"]
    }


def glossary_terms(env: BuildEnvironment) -> Iterator[Term]:
    """For each term: where it is explained, its names, its definition."""
    domain = standard(env)
    labels = domain.labels
    # Reading a page back takes as long as its length; there are many more terms than pages.
    sections_of = functools.cache(functools.partial(sections, env))
    pages = {page for _, _, kind, page, _, _ in domain.get_objects() if kind == "term"}
    for page in sorted(pages):
        for item in read(env, page).findall(nodes.definition_list_item):
            term = item.next_node(nodes.term).astext()
            definition = item.next_node(nodes.definition).deepcopy()
            reference = definition.next_node(addnodes.pending_xref)
            if not reference or reference["reftarget"] not in labels:
                continue  # Sphinx says so itself, when it comes to the reference
            docname, anchor, _ = labels[reference["reftarget"]]
            # The reference itself is only a label, and the result is the link.
            reference.parent.remove(reference)
            text = definition.astext().strip()
            names = OTHER_NAMES.match(text)
            yield (
                docname,
                sections_of(docname).get(anchor, anchor),
                [term, *(names[1].split(say("、")) if names else [])],
                text[names.end() if names else 0 :],
            )


def keywords(env: BuildEnvironment) -> Iterator[tuple[str, list[str]]]:
    """Each page with words that readers may look for it by: `html_meta: keywords:` at its top."""
    for page in sorted(env.found_docs):
        for meta in read(env, page).findall(nodes.meta):
            if meta.get("name") == "keywords":
                yield page, [word.strip() for word in meta["content"].split(",")]


def sources(env: BuildEnvironment) -> Iterator[tuple[str, str, str, str]]:
    """Each entry of the bibliography: where it stands, its authors and title."""
    domain = env.get_domain("cite")
    assert isinstance(domain, BibtexDomain)
    for citation in domain.citations:
        title = Text.from_latex(citation.entry.fields["title"]).render(PLAIN)
        whole = citation.formatted_entry.text.render(PLAIN)
        yield citation.bibliography_key.docname, citation.citation_id, title, whole


def numbered(env: BuildEnvironment) -> Numbered:
    """What readers call by its number: `{"3.1": [[kind, page, anchor, what it is], …]}`."""
    titles = {(page, anchor): title for page, anchor, title in standard(env).labels.values()}
    found: Numbered = {}

    def add(kind: str, number: tuple[int, ...], page: str, anchor: str) -> None:
        text = ".".join(map(str, number))
        found.setdefault(text, []).append([kind, page, anchor.lstrip("#") or None, titles.get((page, anchor), "")])

    for page, sections_of in env.toc_secnumbers.items():
        for anchor, number in sections_of.items():
            add("section" if anchor else "chapter", number, page, anchor)
    for page, kinds in env.toc_fignumbers.items():
        for kind, name in {"figure": "figure", "table": "table", "displaymath": "formula"}.items():
            for anchor, number in kinds.get(kind, {}).items():
                add(name, number, page, anchor)
    return found


def language_of(app: Sphinx) -> type[SearchLanguage]:
    """What Sphinx cuts the words of this edition with."""
    found = languages.get(app.config.html_search_language or app.config.language, SearchEnglish)
    if isinstance(found, str):
        module, name = found.rsplit(".", 1)
        found = getattr(import_module(module), name)
    return cast(type[SearchLanguage], found)


def prepare_script(app: Sphinx, env: BuildEnvironment) -> list[str]:
    language = language_of(app)
    further_names = getattr(language, "with_further_names", list)
    terms = list(glossary_terms(env))
    told = {
        "GREEK": {**GREEK, "∂": "partial"},
        "GLOSSARY_TERMS": [(page, place, further_names(names), text) for page, place, names, text in terms],
        "KEYWORDS": list(keywords(env)),
        "SOURCES": list(sources(env)),
        "NUMBERED": numbered(env),
    }
    constants = "".join(f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in told.items())
    halves = [getattr(language, "cutting", HERE / "spaced.js"), HERE / "search.js"]
    language.js_splitter_code = constants + "".join(script(half.read_text("utf-8")) for half in halves)
    return []  # no page has to be written because of it


def add_words(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if page == "search":
        app.add_js_file("words.js")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("env-get-updated", prepare_script, priority=900)  # when everything has its number
    app.connect("html-page-context", add_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
