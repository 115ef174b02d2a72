"""A long page shows itself at once: the browser lays out the sections on the screen, and others when they come near.

A chapter has 17 000 elements, half of them in formulas, which is a second of work for a phone. Until a section comes
near, the page keeps a place for it, as high as the section is about: the scrollbar and the way back are wrong by as
much as the places are. They are rather too large than too small: what measures the page without looking at it, as
programs that test for accessibility do, would find a section's end below the next one's beginning.
"""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from dlcourse.words import language
from press.pages import Context
from press.words import ORIGINAL

LONG = 10_000  # tags
ROOM = 1.12
# Pixels on a phone and on a wide screen, as measured in Chromium; tests/site/test_speed.py compares.
WIDTH = (358, 688)
LETTER = (1.55, 0.9)  # a wide one, as Japanese has
NARROW = (0.5, 0.5)  # of it, the others
NARROW_ALONE = (0.55, 0.4)  # in a text that has no others, whose lines are closer, too
LINE_OF_CODE = (17, 17)
FOLDED = (75, 75)
# What each of these adds to its letters.
PARTS = {
    "h2, h3, .admonition, pre": (60, 60),
    "p:not(td p), li, figcaption": (8, 8),
    "tr": (50, 32),
    "div.math": (45, 45),
    "div.math mtr": (20, 20),
    ".cell:not(.tag_not-live), .answer": (45, 45),  # the buttons
    ".frames": (170, 170),  # the controls and a caption
}

SVG = re.compile(r"(?<=<svg)([^>]*>).*?(?=</svg>)", re.DOTALL)
DRAWN_FORMULA = re.compile(r"<mjx-math.*?</mjx-math>", re.DOTALL)  # its MathML stays
POINT = 4 / 3

# Safari does not keep what is read in its place when something above it gets its height.
STYLE = "@supports (overflow-anchor: auto) {{{rules} @media (min-width: 960px) {{{wide}}}}}"
RULE = "#{name} {{content-visibility: auto; contain-intrinsic-size: auto {height}px}}"


def pixels(length: str) -> float:
    return float(length.removesuffix("pt")) * (POINT if length.endswith("pt") else 1)


def pictures(section: Tag, width: float) -> float:
    found = section.select("img[height], .frames > svg")
    sizes = [(pixels(str(one["width"])), pixels(str(one["height"]))) for one in found]
    return sum(height * min(1, width / own) for own, height in sizes)


def heights(section: Tag) -> list[int]:
    """About how high a section of a page is, on a phone and on a wide screen, while what folds is folded."""
    folded = section.select("details:not(details *)")
    counted: list[tuple[float, Sequence[float]]] = [(len(folded), FOLDED)]
    for hidden in [*folded, *section.select(".frames-controls, .frames-captions")]:
        hidden.decompose()
    counted += [(len(section.select(selector)), height) for selector, height in PARTS.items()]
    counted.append((1, [pictures(section, width) for width in WIDTH]))
    counted.append((sum(code.get_text().count("\n") for code in section.select("pre")), LINE_OF_CODE))
    for drawn in section.select("pre, div.math"):
        drawn.decompose()
    text = " ".join(section.get_text().split())
    narrow = NARROW if language() == ORIGINAL else NARROW_ALONE
    letters = [sum(1 if east_asian_width(letter) in "WFA" else part for letter in text) for part in narrow]
    counted.append((1, [number * height for number, height in zip(letters, LETTER, strict=True)]))
    return [round(ROOM * sum(number * height[screen] for number, height in counted)) for screen in (0, 1)]


def keep_places(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if context.get("body", "").count("<") < LONG:
        return
    body = BeautifulSoup(DRAWN_FORMULA.sub("", SVG.sub(r"\1", context["body"])), "html.parser")
    sections = [(part["id"], heights(part)) for part in body.select("section:not(section *) > section")]
    if not sections:
        return
    phone, wide = (" ".join(RULE.format(name=name, height=both[i]) for name, both in sections) for i in range(2))
    context["place_style"] = STYLE.format(rules=phone, wide=wide)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("html-page-context", keep_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
