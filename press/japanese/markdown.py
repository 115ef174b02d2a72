"""Make Markdown fit Japanese: **「重要」**です is bold, and a line break between Japanese characters adds no space.

CommonMark decides emphasis by the spaces and punctuation around it, which Japanese does not write, and
a browser shows a line break as a space.
"""

from collections.abc import Sequence
from typing import Any

import myst_nb.sphinx_
import myst_parser.parsers.sphinx_
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly, is_cjk
from myst_parser.parsers.mdit import create_md_parser
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from dlcourse import foreign


def join_japanese_lines(state: StateCore) -> None:
    for block in state.tokens:
        inline = block.children or []
        block.children = [
            token
            for number, token in enumerate(inline)
            if not (token.type == "softbreak" and joins(inline[:number], inline[number + 1 :]))
        ]


def joins(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Whether the nearest characters on both sides of a line break are Japanese."""
    last = next((token.content[-1] for token in reversed(before) if token.content), "")
    first = next((token.content[0] for token in after if token.content), "")
    return is_cjk(last) and is_cjk(first)


def create_japanese_md_parser(*arguments: Any) -> MarkdownIt:
    parser = create_md_parser(*arguments).use(cjk_friendly)
    parser.core.ruler.push("join_japanese_lines", join_japanese_lines)
    return parser


def setup(app: Sphinx) -> ExtensionMetadata:
    # MyST has no setting for plug-ins of its parser. The first module reads pages with cells, the second the others.
    for module in (myst_nb.sphinx_, myst_parser.parsers.sphinx_):
        foreign.patch(module, "create_md_parser", create_japanese_md_parser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
