"""What is said to learners, in their language: the Japanese that stands in the code, or what a catalogue has for it.

    say("{name} という名前が見つかりません。", name="relu")

A catalogue is locale/LANGUAGE/LC_MESSAGES/dlcourse.po, keyed by the Japanese text, and dlcourse.mo, made of it by
`python -m press.catalogues`. Where it has nothing, the Japanese is said.
"""

import contextlib
import functools
import gettext
import os
from collections.abc import Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

FOLDER = resources.files("dlcourse").joinpath("locale")  # may lie in a wheel
WITHOUT_SPACES = {"ja"}  # between sentences
_language: str | None = None  # of the whole process: a notebook is in one language


def language() -> str:
    """The language in use: what `use` was told, else the environment's DLCOURSE_LANGUAGE, else `ja`."""
    return _language or os.environ.get("DLCOURSE_LANGUAGE") or "ja"


def use(code: str | None) -> None:
    """Say everything in this language from now on.

    Parameters
    ----------
    code : str or None
        "ja", "en", …: the name of a folder of locale/. None for what the environment says.

    Raises
    ------
    ValueError
        When there is no catalogue of that language.
    """
    if code not in (None, *languages()):
        message = "{code} の文はありません。あるのは {known} です。"
        raise ValueError(say(message, code=code, known=listed(languages())))
    global _language
    _language = code


@contextlib.contextmanager
def using(code: str | None) -> Iterator[None]:
    """`use` for a while."""
    before = _language
    use(code)
    try:
        yield
    finally:
        use(before)


def languages() -> list[str]:
    """Those that can be used, Japanese first."""
    folders = FOLDER.iterdir() if FOLDER.is_dir() else ()
    return ["ja", *sorted(folder.name for folder in folders if folder.joinpath("LC_MESSAGES").is_dir())]


@functools.cache
def catalogue(code: str, folder: Traversable = FOLDER, domain: str = "dlcourse") -> gettext.NullTranslations:
    file = folder.joinpath(code, "LC_MESSAGES", f"{domain}.mo")
    if not file.is_file():
        return gettext.NullTranslations()
    with file.open("rb") as content:
        return gettext.GNUTranslations(content)


def say(text: str, /, **values: Any) -> str:
    """The text in the language in use; with `values`, its {places} are filled as by str.format."""
    said = catalogue(language()).gettext(text) if text else text
    return said.format(**values) if values else said


def to_say(text: str) -> str:
    """The text as it is: of a constant, which is said later, when the language is known."""
    return text


def listed(items: Iterable[object]) -> str:
    """Names and the like in a row."""
    return say("、").join(map(str, items))


def together(*sentences: str) -> str:
    """Sentences, or what stands for one, one after another; those that are empty left out."""
    return ("" if language() in WITHOUT_SPACES else " ").join(filter(None, sentences))


def in_every_language(text: str) -> list[str]:
    """How the text is said in each language: what comes from elsewhere may be in any."""
    return [catalogue(code).gettext(text) for code in languages()]
