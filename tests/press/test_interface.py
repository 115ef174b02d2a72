"""Our catalogue of interface words: it fills gaps and overrules nobody."""

import gettext
from importlib.resources import files

from babel.messages.pofile import read_po

from press import ROOT


def test_no_word_of_ours_has_a_translation_already():
    with (ROOT / "press" / "japanese" / "locale" / "ja" / "LC_MESSAGES" / "sphinx.po").open("rb") as file:
        ours = {message.id: message.string for message in read_po(file) if message.id}
    assert ours and all(ours.values())
    for package in ("sphinx", "pydata_sphinx_theme"):
        with (files(package) / "locale" / "ja" / "LC_MESSAGES" / "sphinx.mo").open("rb") as file:
            theirs = gettext.GNUTranslations(file)
        assert theirs.gettext("Search") != "Search", "this is where the words are"
        assert not {word: theirs.gettext(word) for word in ours if theirs.gettext(word) != word}
