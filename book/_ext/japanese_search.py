"""A search that finds Japanese, in the browser and without a server.

Sphinx cuts Japanese into words when it builds the index, but the browser leaves the query in one piece, so that
誤差逆伝播法 is never found. Here both sides cut in the same simple way: a run of kana and kanji becomes its pairs
of neighbours (誤差, 差逆, 逆伝 …), anything else becomes words. The browser's side, and the order of the results,
is search.js, which is told the readings and English names that the glossary gives for its terms.
"""

import functools
import json
import re
import unicodedata
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.search import SearchLanguage

# search.js holds the same three patterns; a test compares what both sides make of every page.
JAPANESE = "々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-鿿豈-\ufaff"
RUN = re.compile(rf"[{JAPANESE}]+|[^\W_{JAPANESE}]+")
FINAL_BAR = re.compile("(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])")

OTHER_NAMES = re.compile(r"\((.+?)\) *")


def normalized(text):
    """One form for full and half width, for capitals, and for パラメーター and パラメータ."""
    return FINAL_BAR.sub("", unicodedata.normalize("NFKC", text).lower())


def split(text):
    words = []
    for run in RUN.findall(normalized(text)):
        if re.match(f"[{JAPANESE}]", run) and len(run) > 1:
            words += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            words.append(run)
    return words


class JapaneseSearch(SearchLanguage):
    lang = "ja"
    language_name = "Japanese"

    def split(self, input):
        return split(input)

    def word_filter(self, word):
        return True


def sections(env, docname):
    """Every id of a section of the page → the section's first id, which is the one that its element has."""
    return {
        anchor: section["ids"][0] if isinstance(section.parent, nodes.section) else None
        for section in env.get_doctree(docname).findall(nodes.section)
        for anchor in section["ids"]
    }


def glossary_terms(env):
    """For each term: where it is explained, its names, its definition."""
    labels = env.get_domain("std").labels
    # Reading a page back takes as long as its length; there are many more terms than pages.
    sections_of = functools.cache(functools.partial(sections, env))
    pages = {page for _, _, kind, page, _, _ in env.get_domain("std").get_objects() if kind == "term"}
    for page in sorted(pages):
        for item in env.get_doctree(page).findall(nodes.definition_list_item):
            term = item.next_node(nodes.term).astext()
            definition = item.next_node(nodes.definition)
            reference = definition.next_node(addnodes.pending_xref)
            if not reference:
                continue
            docname, anchor, _ = labels[reference["reftarget"]]
            # The reference itself is only a label, and the result is the link.
            reference.parent.remove(reference)
            text = definition.astext().strip()
            names = OTHER_NAMES.match(text)
            yield (
                docname,
                sections_of(docname).get(anchor, anchor),
                [term, *(names[1].split("、") if names else [])],
                text[names.end() if names else 0 :],
            )


def prepare_script(app, env):
    terms = json.dumps(list(glossary_terms(env)), ensure_ascii=False)
    script = (Path(__file__).parent / "search.js").read_text("utf-8")
    JapaneseSearch.js_splitter_code = f"const GLOSSARY_TERMS = {terms};\n{script}"


def setup(app):
    app.add_search_language(JapaneseSearch)
    app.connect("env-updated", prepare_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
