"""The entries of the bibliography in the language of an edition."""

import pytest
from pybtex.database import parse_file

from press import languages
from press.languages import JAPANESE
from press.site import bibliography
from tests.helpers import ROOT


@pytest.mark.parametrize("code", languages.languages())
def test_every_entry_can_be_read_in_the_language(code):
    entries = parse_file(str(ROOT / "book" / "references.bib"))
    before = entries.entries["saito2016zero"]
    assert JAPANESE.search(before.fields["title"])
    bibliography.translate(entries, code)
    for key, entry in entries.entries.items():
        people = [str(person) for group in entry.persons.values() for person in group]
        assert not any(JAPANESE.search(text) for text in (*entry.fields.values(), *people)), key


def test_the_japanese_edition_has_the_entries_as_they_are():
    entries, same = (parse_file(str(ROOT / "book" / "references.bib")) for _ in range(2))
    bibliography.translate(entries, "ja")
    assert entries == same
