"""Drawings (SVG), rebuilt from shapes alone: no scripts, no pages, nothing that moves or takes long to draw."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from dlcourse.grading.display.pictures import (
    EMBEDDED,
    NO_PICTURE,
    SVG,
    TOO_MUCH,
    NotShown,
    Picture,
    decoded,
    photograph,
)

MOST_SHAPES = 50_000  # of one drawing
WIDEST = 1000  # pixels at which a drawing is shown
# What drawings of libraries consist of; neither scripts nor pages, and nothing that moves or takes long to draw.
SHAPES = set(
    """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image
    clipPath linearGradient radialGradient stop marker pattern title desc style""".split()
)
REPEATED = {"clipPath", "marker", "pattern", "symbol"}
LINK = {"href", "{http://www.w3.org/1999/xlink}href"}
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def drawing(content: bytes) -> Picture:
    """An SVG, rebuilt from shapes alone."""
    try:
        text = content.decode("utf-8-sig")
        if "<!ENTITY" in text:
            raise NotShown(NO_PICTURE)
        root = ElementTree.fromstring(text[text.index("<svg") if "<?xml" not in text else 0 :].strip())
        if local_name(root) != "svg":
            raise NotShown(NO_PICTURE)
        keep_shapes(root)
        made = ElementTree.tostring(root, encoding="utf-8")
    except (UnicodeDecodeError, ElementTree.ParseError, RecursionError, ValueError):
        raise NotShown(NO_PICTURE) from None
    return Picture(SVG, made, width_of(root))


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def keep_shapes(root: Element) -> None:
    """Take everything else out, in place; a shape is drawn again wherever it is used, and counts as often."""
    count = 0
    for parent in root.iter():
        for child in list(parent):
            if local_name(child) not in SHAPES:
                parent.remove(child)
    for element in root.iter():
        count += 1
        for name, value in list(element.attrib.items()):
            runs = name.lower().startswith("on")
            leads_out = name in LINK and not value.startswith("#") and not is_embedded_picture(value)
            if runs or leads_out:
                del element.attrib[name]
        if local_name(element) == "style" and re.search(r"url\(|@|animation", element.text or ""):
            element.text = ""
    for repeated in root.iter():
        if local_name(repeated) in REPEATED:
            for element in repeated.iter():
                for name in [name for name, value in element.attrib.items() if "url(" in value]:
                    del element.attrib[name]
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    sizes: dict[str, int] = {}
    for use in root.iter():
        if local_name(use) == "use":
            target = next((link for name in LINK if (link := use.get(name))), "")[1:]
            if target not in sizes and target in named:
                parts = list(named[target].iter())
                if any(local_name(part) == "use" for part in parts):
                    raise NotShown(NO_PICTURE)
                sizes[target] = len(parts)
            count += sizes.get(target, 0)
    if count > MOST_SHAPES:
        raise NotShown(TOO_MUCH)


def is_embedded_picture(address: str) -> bool:
    """Whether this is a picture in the drawing itself, of a size that a drawing may have."""
    found = EMBEDDED.fullmatch(re.sub(r"\s", "", address))
    if not found:
        return False
    try:
        photograph(decoded(found[1]))
    except NotShown:
        return False
    return True


UNITS = {"pt": 4 / 3, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}


def width_of(root: Element) -> int:
    """Pixels at which the drawing is shown."""
    found = re.match(r"\s*([\d.]{1,20})\s*([a-z]*)\s*$", root.get("width", "")) or re.match(
        r"\s*\S+[\s,]+\S+[\s,]+([\d.]{1,20})()", root.get("viewBox", "")
    )
    if not found:
        return WIDEST // 2
    try:
        return max(1, min(WIDEST, round(float(found[1]) * UNITS.get(found[2], 1))))
    except (ValueError, OverflowError):
        return WIDEST // 2
