"""Names of people as different systems write them, made comparable.

`comparable` takes away what systems change without meaning anything by it: width, case, spaces, signs and the dashes
that stand for the long sound in katakana. `variant` also takes one form of a character for another: 髙橋 and 高橋,
さいとう and サイトウ. Two people may differ in nothing else: a variant may find one, and never chooses between two.
"""

import importlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

import jaconv

jntajis: Any
try:
    jntajis = importlib.import_module("jntajis")
except ImportError:  # no wheel for this Python: 髙 and 高 are two, and who is written so is asked about
    jntajis = None

# Shapes of one character, and which of them is the usual one, by the map of 文字情報技術促進協議会 (MJ縮退マップ):
# what the standards JIS X 0213 and ISO/IEC 10646 unify, what 法務省告示582号 and the notices on 戸籍法 replace. Not its
# inference by readings and shapes alone.
SCHEMES = jntajis and (
    jntajis.MJShrinkSchemeCombo.JIS_INCORPORATION_UCS_UNIFICATION_RULE
    | jntajis.MJShrinkSchemeCombo.MOJ_NOTICE_582
    | jntajis.MJShrinkSchemeCombo.MOJ_FAMILY_REGISTER_ACT_RELATED_NOTICE
)
DASHES = re.compile(r"(?<=[\u30a1-\u30fa])[-‐‑‒–—―−─]")  # behind katakana it is the mark of a long sound
SIGNS = re.compile(r"[\W_]+")
SMALL = str.maketrans("ヶヵ", "ケカ")
REPEATED = re.compile(r"(.)々")


@lru_cache(maxsize=100_000)
def comparable(text: str) -> str:
    """A name without what systems change in it: width, case, spaces and signs."""
    text = DASHES.sub("ー", unicodedata.normalize("NFKC", text))
    return SIGNS.sub("", text.casefold())


@lru_cache(maxsize=100_000)
def variant(text: str) -> str:
    """The same for all spellings that are one to a reader: 渡邉 and 渡辺, 佐佐木 and 佐々木, ヨーコ and よーこ."""
    plain = jaconv.kata2hira(REPEATED.sub(r"\1\1", comparable(text)).translate(SMALL))
    return "".join(map(usual, plain))


@lru_cache(maxsize=20_000)
def usual(character: str) -> str:
    """The usual one of a character's shapes: the one that all others lead to."""
    if not "\u3400" <= character:
        return character
    forms = leads_to(character)
    return min(forms, key=lambda one: (len(leads_to(one)), one))


@lru_cache(maxsize=20_000)
def leads_to(character: str) -> frozenset[str]:
    """The character and all that the map replaces it with, in any number of steps."""
    found, waiting = {character}, [character] if jntajis else []
    while waiting:
        for form in jntajis.mj_shrink_candidates(waiting.pop(), SCHEMES):
            form = unicodedata.normalize("NFKC", form)
            if form not in found:
                found.add(form)
                waiting.append(form)
    return frozenset(found)


def in_latin(reading: str) -> str:
    """A reading in kana as systems write it in Latin letters, long vowels as one: タロウ and Tarō are both taro."""
    latin = jaconv.kana2alphabet(jaconv.kata2hira(unicodedata.normalize("NFKC", reading)))
    letters = [one for one in unicodedata.normalize("NFKD", latin) if one.isascii() and one.isalpha()]
    return re.sub(r"oh(?![aiueoy])|ou|oo", "o", "".join(letters).lower().replace("uu", "u"))
