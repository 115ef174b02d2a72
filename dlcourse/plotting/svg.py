"""図を、本のページの中に置く SVG の文字列にします。"""

import hashlib
import html
import io
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

SVG = "http://www.w3.org/2000/svg"
LONG_NUMBER = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")  # 位置は 0.01 ポイントまで。字の縮尺は変えない


def svg_of(figure: Figure, box: Bbox | str) -> str:
    file = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "dlcourse"}):  # どの場面でも、同じ部品は同じ名前に
        figure.savefig(file, format="svg", bbox_inches=box, metadata={"Date": None})
    drawing = re.sub(r"<metadata>.*?</metadata>", "", file.getvalue(), flags=re.DOTALL)
    return LONG_NUMBER.sub(_rounded, drawing[drawing.index("<svg") :])


def _rounded(number: re.Match[str]) -> str:
    return number[0] if number[0].startswith("scale") else f"{float(number[0]):.2f}"


def for_page(drawing: str, alt: str) -> str:
    """ページの中に置く SVG。図がいくつあっても、部品の名前は重ならない。"""
    own = "g" + hashlib.sha256((drawing + alt).encode()).hexdigest()[:6] + "-"
    drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}", drawing)
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)


def merge_drawings(drawings: Sequence[ElementTree.Element], shown: int) -> str:
    """いくつもの図を、同じところは1つにまとめて、1つの SVG にします。"""
    definitions: dict[str, ElementTree.Element] = {}
    for drawing in drawings:
        for parent in list(drawing.iter()):
            for child in list(parent):
                if child.tag == f"{{{SVG}}}defs":
                    parent.remove(child)
                    definitions.update((ElementTree.tostring(one, "unicode").strip(), one) for one in child)
                elif child.tag == f"{{{SVG}}}g":
                    child.attrib.pop("id", None)  # 描いた順の番号で、どこからも引かれない
    (merged,) = _merge_alike(drawings, shown)
    defs = ElementTree.Element(f"{{{SVG}}}defs")
    defs.extend(definitions.values())
    merged.insert(0, defs)
    for element in merged.iter():
        element.tail = None  # 字下げ
        styles = {child.get("style") for child in element if child.tag == f"{{{SVG}}}use"}
        if len(styles) == 1 and "style" not in element.attrib and all(child.get("style") for child in element):
            element.set("style", styles.pop() or "")  # 同じ印がいくつも並ぶ
            for child in element:
                del child.attrib["style"]
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ElementTree.tostring(merged, "unicode")


def _merge_alike(versions: Sequence[ElementTree.Element], shown: int) -> list[ElementTree.Element]:
    """図ごとの同じ場所の部品を、違うところだけ図の番号を付けて並べます。"""
    first = versions[0]
    different: dict[str, list[int]] = {}
    for number, version in enumerate(versions):
        different.setdefault(ElementTree.tostring(version, "unicode").strip(), []).append(number)
    if len(different) == 1:
        return [first]
    if all((one.tag, one.attrib, len(one)) == (first.tag, first.attrib, len(first)) for one in versions) and len(first):
        merged = ElementTree.Element(first.tag, first.attrib)
        for children in zip(*versions, strict=True):
            merged.extend(_merge_alike(children, shown))
        return [merged]
    kept = []
    for numbers in different.values():
        element = versions[numbers[0]]
        element.set("data-frames", " ".join(map(str, numbers)))
        element.set("display", "inline" if shown in numbers else "none")
        kept.append(element)
    return kept
