"""A search that finds Japanese, in the browser and without a server.

Sphinx cuts Japanese into words when it builds the index, but the browser leaves the query in one piece, so that
誤差逆伝播法 is never found. Here both sides cut in the same simple way: a run of kana and kanji becomes its pairs
of neighbours (誤差, 差逆, 逆伝 …), anything else becomes words. The browser's side, and the order of the results,
is search.js, which is told what the index does not hold: the readings and other names that the glossary gives for its
terms, the keywords of pages, the entries of the bibliography, and which chapter, section, figure or formula has which
number.
"""

import functools
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import jaconv
from docutils import nodes
from pybtex.backends.plaintext import Backend
from pybtex.richtext import Text
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.search import SearchLanguage
from sphinx.util.typing import ExtensionMetadata
from sphinxcontrib.bibtex.domain import BibtexDomain

from press.pages import read

# search.js does the same, with the same patterns; a test compares what both sides make of every page.
JAPANESE = "々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-鿿豈-\ufaff"
RUN = re.compile(rf"[{JAPANESE}]+|[^\W_{JAPANESE}]+")
FINAL_BAR = re.compile("(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])")
# What TeX writes as a command is typed as a letter.
GREEK = {letter: unicodedata.name(letter).split()[-1].lower() for letter in "αβγδεζηθικλμνξοπρστυφχψω"}
LETTER = re.compile(f"[{''.join(GREEK)}∂]")
VARIANT = re.compile(r"\\var(?=[a-z])")
HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}

PLAIN = Backend()
OTHER_NAMES = re.compile(r"\((.+?)\) *")
READING = re.compile("[ぁ-ゖー]+")

Term = tuple[str, str | None, list[str], str]  # its page and section, its names, its definition
Numbered = dict[str, list[list[str | None]]]


def normalized(text: str) -> str:
    """One form for full and half width, for capitals, and for パラメーター and パラメータ."""
    return FINAL_BAR.sub("", unicodedata.normalize("NFKC", text).lower())


def runs(text: str) -> list[str]:
    """What stands without a gap. Katakana are read as hiragana, ε as epsilon."""
    text = VARIANT.sub(" ", normalized(text))
    text = LETTER.sub(lambda letter: f" {GREEK.get(letter[0], 'partial')} ", text)
    return RUN.findall(text.translate(HIRAGANA))


def split(text: str) -> list[str]:
    words = []
    for run in runs(text):
        if re.match(f"[{JAPANESE}]", run) and len(run) > 1:
            words += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            words.append(run)
    return words


class JapaneseSearch(SearchLanguage):
    lang = "ja"
    language_name = "Japanese"

    def split(self, input: str) -> list[str]:
        return split(input)

    def word_filter(self, word: str) -> bool:
        return True


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


def with_romaji(names: list[str]) -> list[str]:
    """What a reader without a Japanese keyboard types is a name, too: かっせいか, kasseika."""
    readings = (name.replace("ー", "") for name in names if READING.fullmatch(name))
    return [*names, *map(jaconv.kana2alphabet, readings)]


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
                with_romaji([term, *(names[1].split("、") if names else [])]),
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
            add("節" if anchor else "章", number, page, anchor)
    for page, kinds in env.toc_fignumbers.items():
        for kind, name in {"figure": "図", "table": "表", "displaymath": "式"}.items():
            for anchor, number in kinds.get(kind, {}).items():
                add(name, number, page, anchor)
    return found


def prepare_script(app: Sphinx, env: BuildEnvironment) -> list[str]:
    told = {
        "GREEK": {**GREEK, "∂": "partial"},
        "GLOSSARY_TERMS": list(glossary_terms(env)),
        "KEYWORDS": list(keywords(env)),
        "SOURCES": list(sources(env)),
        "NUMBERED": numbered(env),
    }
    constants = "".join(f"const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in told.items())
    JapaneseSearch.js_splitter_code = constants + (Path(__file__).parent / "search.js").read_text("utf-8")
    return []  # no page has to be written because of it


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_search_language(JapaneseSearch)
    app.connect("env-get-updated", prepare_script, priority=900)  # when everything has its number
    return {"parallel_read_safe": True, "parallel_write_safe": True}
