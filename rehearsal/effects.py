"""What became of a probe: what its notebook says, shows, and would do in the browser of who opens it."""

import base64
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import Any

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from PIL import Image

from dlcourse.grading import report
from dlcourse.grading.desk import inert, markup
from dlcourse.grading.display import pictures
from rehearsal.hostile_class import HINT, REACHED, SECRETS


def said(notebook: NotebookNode) -> list[str]:
    """The secrets, and the word of success, in what was shown."""
    outputs = "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    hints = "\n".join(report.message_of(cell) or "" for cell in notebook.cells)
    return [word for word in (*SECRETS, REACHED) if word in outputs] + [word for word in [HINT] if word in hints]


REFUSAL = re.compile(r"WireError|KernelStopped|CellTimeoutError|TooMuchOutput|長すぎ|大きすぎ")


def is_refused(notebook: NotebookNode) -> bool:
    """Whether the guard has said no to something that the tests were sent."""
    return any(REFUSAL.search(str(output)) for cell in notebook.cells for output in cell.get("outputs", []))


def shown(notebook: NotebookNode, as_it_is: bool = False) -> str:
    """The page that a teacher opens; as_it_is: one in which even plain text is not escaped."""
    escaped: Callable[[str], str] = str if as_it_is else escape
    parts = []
    for cell in notebook.cells:
        attached = cell.get("attachments", {})
        if cell.cell_type == "code":
            parts.append(f"<pre>{escape(cell.source)}</pre>")
        else:
            parts.append(rendered(cell.source, attached) if cell.cell_type == "markdown" else cell.source)
        for output in cell.get("outputs", []):
            for kind, data in output.get("data", {}).items():
                parts.append(f"<object>{data} ATTACK</object>" if kind in RUNS else SHOWS.get(kind, escaped)(data))
            lines = [output.get("text", ""), output.get("ename", ""), output.get("evalue", ""),
                     *output.get("traceback", [])]  # fmt: skip
            parts += map(escaped, lines)
    return "\n".join(parts)


def rendered(text: str, attached: dict[str, Any] | None = None) -> str:
    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=attached or {})).render(text)


SHOWS: dict[str, Callable[[str], str]] = {"text/html": str, "text/markdown": rendered, "image/svg+xml": str}
RUNS = {"application/javascript", "application/vnd.jupyter.widget-view+json"}
HOSTILE = ["ATTACK", "attack.example", ".panel-heading {display"]
ACTIVE = {"script", "iframe", "object", "embed", "base", "form", "link", "style", "meta", "svg", "audio"}
BEYOND_FORMULA = re.compile(r"\\(?:href|style|raise|rule|newcommand)(?![A-Za-z])")


def active(page: str) -> list[str]:
    """What would run, fetch something or cover the points in the browser of whoever opens this page."""
    found = []
    soup = BeautifulSoup(page, "html.parser")
    for part in soup.find_all(True):
        if part.name in ACTIVE and any(word in str(part) for word in HOSTILE):
            found.append(f"<{part.name}>")
        for name, value in part.attrs.items():
            text = str(value).strip().lower()
            if (
                name.startswith("on")
                or re.match(r"(?:javascript|vbscript):", text)
                or (
                    name in ("src", "srcset", "srcdoc", "action", "background", "poster", "data")
                    and ("attack" in text or b"ATTACK" in drawn(str(value)))
                )
                or (name == "style" and "fixed" in text)
            ):
                found.append(f"{part.name} {name}")
    for part in soup.select("code, pre, math"):  # there they are the names of commands
        part.decompose()
    return found + BEYOND_FORMULA.findall(soup.get_text())


def acting(notebook: NotebookNode) -> list[str]:
    """Characters that act on a screen, or cannot be seen there, in what was shown."""
    texts = strings([cell.get("outputs", []) for cell in notebook.cells])
    characters = set().union(*map(unescape, texts)) - {"\n", "\t"}
    found = [one for one in characters if unicodedata.category(one) in ("Cc", "Cf")]
    return [f"U+{ord(character):04X}" for character in sorted(found)]


def strings(value: Any) -> Iterator[str]:
    """All texts in a value as JSON has it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def drawn(address: str) -> bytes:
    """The drawing that stands in a picture's address itself."""
    kind, _, text = address.partition(";base64,")
    try:
        return base64.b64decode(text) if kind == "data:image/svg+xml" else b""
    except ValueError:
        return b""


def too_much(notebook: NotebookNode) -> list[str]:
    """What it would take long to make a page of."""
    texts = [unescape(cell.source) for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("locked")]
    found = []
    if any(len(line) > inert.LONGEST_LINE + 1 for text in texts for line in text.split("\n")):
        found.append("長い行")
    if any(len(text) > inert.LONGEST_SHOWN + 2 * len(inert.CUT) for text in texts):
        found.append("長い文")
    if sum(map(len, texts)) > inert.MOST_SHOWN + 2 * len(inert.CUT) * len(texts):
        found.append("長い文の集まり")
    if any(cell.source.count("<") > markup.MOST_TAGS for cell in notebook.cells if cell.cell_type != "code"):
        found.append("多くのタグ")
    if any(depth(text) > markup.DEEPEST for text in strings([cell.get("outputs", []) for cell in notebook.cells])):
        found.append("深い入れ子")
    sizes = list(map(pixels, on_the_page(notebook)))
    if len(sizes) > pictures.MOST_PICTURES:
        found.append("多くの図")
    if max(sizes, default=0) > pictures.MOST_PIXELS or sum(sizes) > pictures.PIXELS_TOGETHER:
        found.append("大きな図")
    return found


def depth(text: str) -> int:
    """How many tags stand in one another."""
    tags = BeautifulSoup(text, "html.parser").find_all(True) if text.count("<") > markup.DEEPEST else []
    return max((len(list(tag.parents)) for tag in tags), default=0)


def on_the_page(notebook: NotebookNode) -> Iterator[str]:
    """The pictures on its page."""
    for cell in notebook.cells:
        files = [*cell.get("attachments", {}).values(), *(output.get("data", {}) for output in cell.get("outputs", []))]
        yield from (data for file in files for kind, data in file.items() if kind.startswith("image/"))


def pixels(picture: str) -> int:
    try:
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            return image.width * image.height
    except (ValueError, OSError):
        return 0  # it is none
