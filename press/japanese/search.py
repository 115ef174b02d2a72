"""Cutting Japanese into what can be found, where no spaces are written.

Sphinx cuts Japanese into words when it builds the index, but the browser leaves the query in one piece, so that
誤差逆伝播法 is never found. Here both sides cut in the same simple way: a run of kana and kanji becomes its pairs
of neighbours (誤差, 差逆, 逆伝 …), anything else becomes words. The browser's side is search.js; what both are for
is in press/search.
"""

import re
import unicodedata
from pathlib import Path

import jaconv
from sphinx.application import Sphinx
from sphinx.search import SearchLanguage
from sphinx.util.typing import ExtensionMetadata

from press.search.letters import spelled

# search.js does the same, with the same patterns; a test compares what both sides make of every page.
JAPANESE = "々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-鿿豈-\ufaff"
RUN = re.compile(rf"[{JAPANESE}]+|[^\W_{JAPANESE}]+")
FINAL_BAR = re.compile("(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])")
HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
READING = re.compile("[ぁ-ゖー]+")


def normalized(text: str) -> str:
    """One form for full and half width, for capitals, and for パラメーター and パラメータ."""
    return FINAL_BAR.sub("", unicodedata.normalize("NFKC", text).lower())


def runs(text: str) -> list[str]:
    """What stands without a gap. Katakana are read as hiragana, ε as epsilon."""
    return RUN.findall(spelled(normalized(text)).translate(HIRAGANA))


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
    cutting = Path(__file__).with_name("search.js")

    def split(self, input: str) -> list[str]:
        return split(input)

    def word_filter(self, word: str) -> bool:
        return True

    @staticmethod
    def with_further_names(names: list[str]) -> list[str]:
        """What a reader without a Japanese keyboard types is a name, too: かっせいか, kasseika."""
        readings = (name.replace("ー", "") for name in names if READING.fullmatch(name))
        return [*names, *map(jaconv.kana2alphabet, readings)]


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_search_language(JapaneseSearch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
