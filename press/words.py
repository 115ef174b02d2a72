"""What the site itself says, in the language of the edition that is built: the Japanese of the code, or a catalogue's.

    say("ヒント {number}", number=1)

The language is the one of `dlcourse.words`, so that figures and texts around them agree. The catalogue is
locale/LANGUAGE/LC_MESSAGES/press.po; `python -m press.catalogues` brings it up to date.
"""

from pathlib import Path
from typing import Any

from dlcourse import words

FOLDER = Path(__file__).with_name("locale")


def say(text: str, /, **values: Any) -> str:
    """The text in the language of this edition; with `values`, its {places} are filled as by str.format."""
    said = words.catalogue(words.language(), FOLDER, "press").gettext(text)
    return said.format(**values) if values else said
