"""In the student's process: IPython and Matplotlib as a notebook has them, and the outputs of the running cell."""

import base64
import contextlib
import io
import logging
import os
import re
import shutil
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from dlcourse import foreign
from dlcourse.magics import WithoutPrograms
from dlcourse.words import say, to_say

MOST_OUTPUT = 100_000  # characters of a cell's output that are kept, pictures aside …
LONGEST_ERROR = 20_000  # … those of its errors
MOST_OUTPUTS = 5_000
CUT = to_say("… 出力が長いため、ここで打ち切りました …")
EMBEDDED_PICTURE = re.compile(r"(data:image/[a-z0-9.+-]{1,20};base64,)([A-Za-z0-9+/=]+)", re.IGNORECASE)


class Shell(WithoutPrograms, InteractiveShell):
    """IPython as notebooks expect it, where there is no screen, no other program and no kernel."""

    place = to_say("採点")

    def ask_exit(self) -> None:
        pass


def made_ready() -> Shell:
    """Everything that a notebook needs, imported once for all students' processes: each is a copy of this one."""
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.pyplot
    import numpy.testing  # noqa: F401 - imported for the students

    from dlcourse import datasets, gradient_check, layers, training  # noqa: F401 - as above; they import the others

    shell = make_shell()
    make_ready_to_draw()
    return shell


def make_shell() -> Shell:
    """IPython without a terminal, a history or threads, so that the process can be forked."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.db = {}  # else a file in a home that nobody has here
    # Who owns a copy, and who may read it, is not the student's to set: copying a file goes without.
    shutil.copymode = shutil.copystat = lambda source, target, **options: None
    with contextlib.redirect_stdout(io.StringIO()):
        # what IPython loads for its first traceback takes a tenth of a second; every student's process is a copy
        shell.run_cell("1 / 0", store_history=False)
    return shell


def make_ready_to_draw() -> None:
    """Matplotlib as a notebook has it, with a font for Japanese, and everything loaded that a first figure needs."""
    from importlib.util import find_spec

    from matplotlib import _mathtext, font_manager, pyplot

    fonts = font_manager.fontManager
    package = find_spec("matplotlib_fontja")
    assert package and package.origin
    japanese = os.path.join(os.path.dirname(package.origin), "fonts", "ipaexg.ttf")
    fonts.addfont(japanese)
    fonts.defaultFamily["ttf"] = "IPAexGothic"  # students ask for fonts of their own machines …
    find = fonts._find_fonts_by_props
    # Behind the fonts that a figure asks for stands this one, whatever style it has: for the letters that these lack.
    foreign.patch(fonts, "_find_fonts_by_props", lambda *about, **options: [*find(*about, **options), japanese])
    glyph = _mathtext.UnicodeFonts._get_glyph

    def glyph_in_formula(formula: Any, name: str, kind: str, letter: str) -> Any:
        if len(letter) == 1 and letter >= "\u3000" and not formula._get_font("default").get_char_index(ord(letter)):
            return font_manager.get_font(japanese), ord(letter), False
        return glyph(formula, name, kind, letter)

    foreign.patch(_mathtext.UnicodeFonts, "_get_glyph", glyph_in_formula)
    # … and need not read here that these are not on this one
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    pyplot.switch_backend("module://matplotlib_inline.backend_inline")
    pyplot.uninstall_repl_displayhook()  # it draws every open figure once more, for a window
    pyplot.figure().text(0, 0, "字 1")
    pyplot.gcf().savefig(io.BytesIO(), bbox_inches="tight")
    pyplot.close()


class Stream(io.TextIOBase):
    """What is printed becomes an output of the cell."""

    encoding = "utf-8"

    def __init__(self, cell: "Outputs", name: str) -> None:
        self.cell, self.stream = cell, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.cell.write(self.stream, str(text))
        return len(text)


class Outputs:
    """The outputs of the cell that is running: text, and pictures, which the grader asks for by number."""

    def __init__(self) -> None:
        self.clear()

    def clear(self, wait: bool = False) -> None:
        if wait:
            self.to_clear = True
            return
        self.list: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []
        self.by_name: dict[str | None, list[dict[str, Any]]] = {}  # those that a later one may change
        self.to_clear = False
        self.left, self.left_for_errors, self.is_cut = MOST_OUTPUT, LONGEST_ERROR, False

    def add(self, output: dict[str, Any]) -> None:
        if self.to_clear:
            self.clear()
        if len(self.list) < MOST_OUTPUTS:
            self.list.append(output)

    def write(self, name: str, text: str) -> None:
        if self.to_clear:
            self.clear()
        if not (text := self.fitting(text)):
            return
        last = self.list[-1] if self.list else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text})

    def show(
        self, kind: str, data: dict[str, Any], metadata: dict[str, Any] | None, name: str | None = None,
        update: bool = False,
    ) -> None:  # fmt: skip
        """Pictures stay whatever their number, and take no text's room; the grader says how many it wants."""
        if self.to_clear:
            self.clear()
        parts: dict[str, Any] = {}
        for mime, part in sorted(data.items(), key=lambda item: item[0] == "text/plain"):
            if is_picture(mime):
                parts[mime] = self.add_picture(picture_bytes(mime, part))
            elif mime in ("text/html", "text/markdown"):
                text = EMBEDDED_PICTURE.sub(self.number_picture, str(part))
                if len(text) <= self.left:
                    parts[mime] = self.fitting(text)
                else:
                    self.cut()
            else:
                parts[mime] = self.fitting(str(part))
        output = {"output_type": kind, "data": parts, "metadata": sizes(metadata or {})}
        if update:
            for shown in self.by_name.get(name, []):
                shown |= {"data": parts, "metadata": output["metadata"]}
            return
        self.by_name.setdefault(name, []).append(output)
        self.add(output)

    def fail(self, kind: str, text: str, lines: list[str]) -> None:
        """The end of a traceback says most."""
        kept: list[str] = []
        for line in reversed(lines):
            self.left_for_errors -= len(line)
            if self.left_for_errors < 0 and kept:
                break
            kept.insert(0, line[:LONGEST_ERROR])
        self.add({"output_type": "error", "ename": kind, "evalue": text[:LONGEST_ERROR], "traceback": kept})

    def add_picture(self, content: bytes) -> int:
        self.pictures.append(content)
        return len(self.pictures) - 1

    def number_picture(self, found: re.Match[str]) -> str:
        """In place of a picture in a text."""
        return f"{found[1]}%%{self.add_picture(picture_bytes('', found[2]))}%%"

    def fitting(self, text: str) -> str:
        """As much of the text as there is room for."""
        kept = text[: self.left]
        self.left -= len(kept)
        if len(kept) < len(text):
            kept += self.cut()
        return kept

    def cut(self) -> str:
        """What stands where the text ends, once in a cell."""
        if self.is_cut:
            return ""
        self.is_cut = True
        return f"\n{say(CUT)}\n"


def is_picture(mime: str) -> bool:
    return mime.startswith("image/") or mime == "application/pdf"


def picture_bytes(mime: str, part: Any) -> bytes:
    """A picture's bytes, which IPython hands over as they are, or as text."""
    if isinstance(part, bytes):
        return part
    text = str(part)
    try:
        return text.encode("utf-8", "replace") if mime == "image/svg+xml" else base64.b64decode(text)
    except ValueError:
        return b""


def sizes(metadata: dict[str, Any]) -> dict[str, dict[str, int]]:
    """At which size a picture is to be shown, for displays with twice the points say."""
    about = {
        mime: {
            name: round(value)
            for name, value in part.items()
            if name in ("width", "height") and isinstance(value, int | float)
        }
        for mime, part in metadata.items()
        if is_picture(mime) and isinstance(part, dict)
    }
    return {mime: part for mime, part in about.items() if part}
