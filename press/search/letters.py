"""The letters of formulas as they are typed: what TeX writes as a command is a word."""

import re
import unicodedata

GREEK = {letter: unicodedata.name(letter).split()[-1].lower() for letter in "αβγδεζηθικλμνξοπρστυφχψω"}
LETTER = re.compile(f"[{''.join(GREEK)}∂]")
VARIANT = re.compile(r"\\var(?=[a-z])")


def spelled(text: str) -> str:
    """ε is epsilon."""
    return LETTER.sub(lambda letter: f" {GREEK.get(letter[0], 'partial')} ", VARIANT.sub(" ", text))
