"""The conventions for pages that CONTRIBUTING.md lays down, where a machine can check them."""

import re
import unicodedata

import jupytext
import pytest

from press.directives import notation
from press.languages import sources
from tests.helpers import ROOT

PAGES = sources("book/*.md")
WIDEST = 74

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def code_cells(page):
    return [cell for cell in jupytext.read(page).cells if cell.cell_type == "code"]


def width(line):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pages
def test_code_fits_the_width_of_the_text(page):
    for cell in code_cells(page):
        for line in cell.source.splitlines():
            assert width(line) <= WIDEST, f"{width(line)} columns: {line}"


@pages
def test_figures_have_a_name_a_caption_and_an_alternative_text(page):
    for cell in code_cells(page):
        if "plotting." in cell.source and "use_style" not in cell.source:
            shown = cell.metadata.get("mystnb", {})
            assert shown.get("figure", {}).get("name", "").startswith("fig-"), cell.source
            assert shown["figure"].get("caption"), cell.source
            # a figure with controls carries its text itself
            own = "plotting.steps(" in cell.source or "plotting.explorer(" in cell.source
            assert own or len(shown.get("image", {}).get("alt", "")) >= 40, cell.source


@pages
def test_full_width_punctuation_and_half_width_letters(page):
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"[,.!?，．][ぁ-んァ-ン一-龥]", re.sub(r"`[^`]*`|\$[^$]*\$", "", text))
    assert not re.findall(r"[Ａ-Ｚａ-ｚ０-９（）]", text)


@pages
def test_one_paragraph_per_line(page):
    """A line break between two Japanese characters would show as a space outside this site."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert not re.findall(r"[ぁ-んァ-ン一-龥、]\n[ぁ-んァ-ン一-龥]", text)


GLOSSARY = ROOT / "book" / "glossary.md"
# small letters and voiced sounds are sorted as the plain ones
PLAIN = str.maketrans("ぁぃぅぇぉゃゅょっ", "あいうえおやゆよつ", "ー")


def entries():
    """term → (reading, definition)"""
    found = re.findall(r"^(\S.*)\n  \(([ぁ-んー]+)、.+?\) (.+)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return {term: (reading, definition) for term, reading, definition in found}


def test_terms_are_in_the_glossary_once_and_sorted_by_reading():
    readings = [reading for reading, _ in entries().values()]

    def place(reading):
        plain = "".join(c for c in unicodedata.normalize("NFD", reading) if not unicodedata.combining(c))
        return plain.translate(PLAIN), reading

    assert readings == sorted(readings, key=place)
    listed = re.findall(r"^(?! |#|`|本文)(\S.*)$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(entries()), "an entry is not `term`, `  (reading、English) definition`"


def test_a_symbol_with_a_second_meaning_says_so():
    """The tables of the chapters are shown as one, where the reader meets both meanings."""
    seen = set()
    for page in PAGES:
        for symbols, meaning, _, _ in notation.rows(page.read_text(encoding="utf-8")):
            again = seen & set(symbols.split("、"))
            assert not again or "とは別" in meaning, f"{page.name}: {again} is in the table of an earlier chapter"
            seen |= set(symbols.split("、"))
    assert seen
