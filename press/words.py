"""What the site itself says, in the language of the edition that is built: the Japanese of the code, or a catalogue's.

    say("ヒント {number}", number=1)

The language is the one of `dlcourse.words`, so that figures and texts around them agree. The catalogue is
locale/LANGUAGE/LC_MESSAGES/press.po; `python -m press.catalogues` brings it up to date.

Scripts and templates call `say` with a literal. What a script says is put into it when it is copied into the site, so
that a page of any edition holds its own language only; static/words.js fills the {places}.
"""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcourse import words

if TYPE_CHECKING:  # catalogues do without Sphinx
    from sphinx.application import Sphinx

FOLDER = Path(__file__).with_name("locale")
ORIGINAL = "ja"
LITERAL = re.compile(r"""\bsay\(\s*((["'])(?:\\.|(?!\2).)+\2)""")


def say(text: str, /, **values: Any) -> str:
    """The text in the language of this edition; with `values`, its {places} are filled as by str.format."""
    said = words.catalogue(words.language(), FOLDER, "press").gettext(text)
    return said.format(**values) if values else said


def literals(code: str) -> Iterator[str]:
    """What a script or template says. (Their strings are written as Python's are.)"""
    for found in LITERAL.finditer(code):
        yield ast.literal_eval(found[1])


def script(code: str) -> str:
    """The script in the language of this edition."""
    if words.language() == ORIGINAL:
        return code
    return LITERAL.sub(lambda found: f"say({json.dumps(say(ast.literal_eval(found[1])), ensure_ascii=False)}", code)


def copy_static(app: "Sphinx", folder: Path, place: str = "") -> None:
    """Copy files that the site serves, its scripts in the language of this edition."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / place
    shutil.copytree(folder, target, dirs_exist_ok=True)
    if words.language() != ORIGINAL:
        for file in folder.glob("*.js"):
            (target / file.name).write_text(script(file.read_text("utf-8")), "utf-8")
