"""Figures can be shown, named and heard; the settings of cells exist and can be read."""

import pkgutil
import re
from typing import TYPE_CHECKING

import yaml
from docutils import nodes

from press.rules.page import logger, own, warn
from press.rules.settings import line_of_error

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx

SHOWN_BY_BROWSERS = (".svg", ".webp", ".png", ".jpg", ".jpeg", ".gif", ".avif")
# MyST-NB passes over what it does not know.
CELL_KEYS = {
    "": {"tags", "mystnb"},
    "tags": {f"{verb}-{part}" for verb in ("hide", "remove", "scroll") for part in ("cell", "input", "output")}
    | {"remove-stdout", "remove-stderr", "differs-live", "not-live", "any-draw"},
    "mystnb": {"figure", "image", "code_prompt_show", "code_prompt_hide", "number_source_lines", "output_stderr"},
    "figure": {"name", "caption", "classes", "align", "caption_before"},
    "image": {"alt", "classes", "align", "width", "height", "scale"},
}
# The name of a file, or only 図, describes nothing.
DESCRIPTION = re.compile("[ぁ-んァ-ヶ一-龠]{2}|[A-Za-z]+ [A-Za-z]+ [A-Za-z]+")  # no name of a file
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*["']([^"']*)""", re.IGNORECASE)

CELL = re.compile(
    r"^(?P<fence>`{3,}\{code-cell\}[ \t]*(?P<language>.*?)[ \t]*\n)"
    r"(?:---[ \t]*\n(?P<block>(?:.*\n)*?)-{3,}[ \t]*\n|(?P<lines>(?::.*\n)+))?",
    re.MULTILINE,
)
DOCUMENTED = re.compile(r"^[ \t]*\.\. auto[a-z]+::[ \t]*(\S+).*", re.MULTILINE)
DESCRIBE = "何が見えるかを、図を見ない人が思い浮かべられる言葉で書いてください。"


def check_images(page: str, tree: nodes.document) -> None:
    for image in own(tree, nodes.image):
        uri = image["uri"].lower()
        if not uri.startswith("data:") and not uri.endswith(SHOWN_BY_BROWSERS):
            warn(page, image, f"ブラウザーで開けない形式の図です: {uri}。SVG、WebP、PNG、JPEG にしてください。")
        if not DESCRIPTION.search(image.get("alt", "")):
            warn(page, image, f"図に代替テキスト(alt)がありません。{DESCRIBE}")
    for raw in own(tree, nodes.raw):
        for tag in IMAGE_TAG.findall(raw.astext()):
            found = ALT.search(tag)
            if not (found and DESCRIPTION.search(found[1])):
                warn(page, raw, f"<img> に代替テキスト(alt)がありません。{DESCRIBE}")


def check_cells(page: str, tree: nodes.document) -> None:
    for cell in own(tree, nodes.container):
        options = cell.get("cell_metadata", {})
        mystnb = options.get("mystnb") or {}
        given = {"": options, "mystnb": mystnb, "tags": options.get("tags") or []}
        if mystnb.get("figure") and "name" not in mystnb["figure"]:
            warn(page, cell, "図に名前がありません。figure に「name: fig-名前」を書くと、本文から引けます。")
        for where, names in {**given, "figure": mystnb.get("figure") or {}, "image": mystnb.get("image") or {}}.items():
            for name in set(names) - CELL_KEYS[where]:
                known = "、".join(sorted(CELL_KEYS[where]))
                warn(page, cell, f"セルの {where or '設定'} に {name} はありません。使えるのは {known} です。")


def check_cell_heads(app: "Sphinx", page: str, source: list[str]) -> None:
    """Settings that can't be read would end the whole build; so the cell goes on without them."""

    def without_mistakes(cell: re.Match[str]) -> str:
        line = source[0].count("\n", 0, cell.start()) + 1
        if cell["language"] not in ("", "ipython3"):
            message = f"セルの言語は ipython3 と書きます(いまは「{cell['language']}」)。"
            logger.warning(message, location=(page, line))
        line, settings = line + 1, cell["lines"] or ""
        if cell["block"]:
            line, settings = line + 1, cell["block"]
        elif settings:
            settings = re.sub("^:", "", settings, flags=re.MULTILINE)
        problem = None
        try:
            given = yaml.safe_load(settings) or {}
            if not isinstance(given, dict):
                problem = "「名前: 値」の形ではありません"
            elif not isinstance(given.get("tags", []), list):
                problem = f"tags は [{given['tags']}] のように角括弧で囲みます"
        except yaml.MarkedYAMLError as error:
            line += line_of_error(error)
            problem = f"YAML として読めません: {error.problem}"
        if not problem:
            return cell[0]
        logger.warning(f"セルの設定を読めません({problem})。", location=(page, line))
        return cell["fence"] + "\n" * (cell[0].count("\n") - 1)

    source[0] = CELL.sub(without_mistakes, source[0])


def check_documented(app: "Sphinx", page: str, source: list[str]) -> None:
    """autodoc doesn't say where it was asked for what does not exist."""

    def without_mistakes(asked: re.Match[str]) -> str:
        try:
            pkgutil.resolve_name(asked[1])
        except (ImportError, AttributeError, ValueError) as error:
            line = source[0].count("\n", 0, asked.start()) + 1
            logger.warning(f"{asked[1]} がありません({error})。綴りを確かめてください。", location=(page, line))
            return ""
        return asked[0]

    source[0] = DOCUMENTED.sub(without_mistakes, source[0])
