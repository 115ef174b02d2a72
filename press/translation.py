"""The book in further languages: `X.en.md` beside `X.md` says in English what X.md says in Japanese.

Both have the same blocks in the same order: headings, paragraphs, lists, equations, directives, cells. What is not
language is the same in both: equations, labels, ids, targets of references, code but for its strings and comments.
Each block follows a state of the Japanese one, named by a line above it, a short hash per paragraph:

    % ja 3fa2c1 9b2d10

    python -m press.translation                      what is missing, out of step or different, in all pages
    python -m press.translation FILE …               … in these
    python -m press.translation follow FILE[:LINE]   the block at this line (or all) now says what the Japanese says

Another language is a further ending, X.fr.md.
"""

import ast
import functools
import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from press import ROOT
from press.languages import JAPANESE, language, original

FOLLOWS = re.compile(r"^% ja((?: [0-9a-f]{6})+)$")
# Data may be Japanese in any language (a heading of a roster); a name says that it is.
QUOTED = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|<span lang=\"ja\">.*?</span>", re.DOTALL)
ROLE = re.compile(r"(?<!`)\{([\w:-]+)\}`([^`]*)`")
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$[^$]+\$", re.DOTALL)
CODE = re.compile(r"(?<![`}])`([^`]+)`(?!`)")
SPAN = re.compile(f"{ROLE.pattern}|{CODE.pattern}")  # whichever begins first: `{a}`, `{b}` is code twice, and no role
LINK = re.compile(r"\]\(([^)\s]+)")
DEED = re.compile(r"(/deed)\.[a-z]{2}$")  # Creative Commons explains a licence in each language
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\w)")
ITEM = re.compile(r"^ *(?:[-*]|\d+\.) ", re.MULTILINE)
FENCE = re.compile(r"^(`{3,}|:{3,})(?:\{([\w-]+)\})? *(.*)$")
OPTION = re.compile(r"^:([\w-]+): ?(.*)$")
WORDS = re.compile(r"\\text(?:rm|bf)?\{[^{}]*\}")  # in an equation
REFERENCE = "the reference "
SORTED = ":sorted:"  # the Japanese glossary is sorted by readings, which Sphinx does not know; others by their letters
WORDED = {"caption", "alt", "keywords", "description"}  # keys of a cell's or page's header whose values are language


@dataclass(frozen=True)
class Block:
    """A part of a page on its outermost level."""

    line: int  # from 1
    kind: str
    text: str
    top: int  # where its labels begin, which stand between the mark and the block
    follows: tuple[str, ...] = ()
    marked: int = 0  # the line of the mark above it, 0 without one


@dataclass(frozen=True)
class Problem:
    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        place = self.file.relative_to(ROOT) if self.file.is_relative_to(ROOT) else self.file
        return f"{place}:{self.line}: {self.text}"


@functools.cache
def parser() -> MarkdownIt:
    return create_md_parser(
        MdParserConfig(enable_extensions={"amsmath", "dollarmath", "colon_fence", "deflist"}), RendererHTML
    )


def blocks(text: str) -> list[Block]:
    lines = text.split("\n")
    found: list[Block] = []
    follows: tuple[str, ...] = ()
    marked = top = 0
    for token in parser().parse(text):
        if token.level or token.nesting < 0 or token.map is None:
            continue
        first, end = token.map
        if token.type == "myst_line_comment":
            for number in range(first, end):
                if match := FOLLOWS.match(lines[number]):
                    follows, marked = tuple(match[1].split()), number + 1
            continue
        text_of = "\n".join(lines[first:end]).rstrip()
        if token.type == "myst_target":
            found.append(Block(first + 1, token.type, text_of, first + 1))
            top = top or first + 1
            continue
        found.append(Block(first + 1, token.type, text_of, top or first + 1, follows, marked))
        follows, marked, top = (), 0, 0
    return found


def name_of(block: Block) -> str:
    """The kind of a block, and a directive's name: what has to be the same on both sides."""
    first = FENCE.match(block.text.partition("\n")[0])
    return f"{block.kind} {first[2]}" if first and first[2] else block.kind


def is_cell(block: Block) -> bool:
    return "code-cell" in name_of(block)


def paragraphs(block: Block) -> list[tuple[int, str]]:
    """The parts of a block that stand apart, with their lines: a cell is one, else blank lines divide."""
    if is_cell(block) or block.kind == "front_matter":
        return [(block.line, block.text)]
    found: list[tuple[int, list[str]]] = []
    apart = True
    for number, line in enumerate(block.text.split("\n"), block.line):
        if not line.strip():
            apart = True
        elif apart:
            found.append((number, [line]))
            apart = False
        else:
            found[-1][1].append(line)
    return [(number, "\n".join(lines)) for number, lines in found]


def fingerprint(paragraph: str) -> str:
    """A short name for what a paragraph says, whatever its line breaks."""
    return hashlib.sha256(" ".join(paragraph.split()).encode()).hexdigest()[:6]


def fingerprints(block: Block) -> tuple[str, ...]:
    """Those of the paragraphs that hold language; a block without any is the same in all languages."""
    if block.kind == "front_matter":  # its words are what readers of one language search for
        return ()
    return tuple(fingerprint(text) for _, text in paragraphs(block) if JAPANESE.search(text))


def compare(page: Path) -> Iterator[Problem]:
    """What is out of step in a translated page."""
    ours, theirs = (blocks(file.read_text("utf-8")) for file in (page, original(page)))
    for here, there in zip(ours, theirs, strict=False):
        if name_of(here) != name_of(there):
            yield Problem(page, here.line, f"'{name_of(here)}' where line {there.line} has '{name_of(there)}'")
            return  # from here on, every block would be another
        yield from (Problem(page, line, text) for line, text in compare_blocks(here, there))
    if len(ours) != len(theirs):
        more = "more" if len(ours) > len(theirs) else "fewer"
        yield Problem(page, ours[-1].line if ours else 1, f"{more} blocks ({len(ours)}) than {len(theirs)}")


def compare_blocks(here: Block, there: Block) -> Iterator[tuple[int, str]]:
    now, mine, other = fingerprints(there), paragraphs(here), paragraphs(there)
    if len(mine) != len(other):
        yield here.line, f"{len(mine)} paragraphs where line {there.line} has {len(other)}"
        return
    if now and not here.follows:
        yield here.line, f"follows no state of line {there.line}: python -m press.translation follow, once it does"
    stale = iter(zip(here.follows, now, strict=False)) if len(here.follows) == len(now) else None
    if here.follows and stale is None:
        yield here.line, f"stale: line {there.line} has other paragraphs now"
    for (line, text), (source, worded) in zip(mine, other, strict=True):
        if JAPANESE.search(worded) and stale is not None:
            before, after = next(stale, ("", ""))
            if before != after:
                yield line, f"stale: line {source} says something else now"
        if is_cell(here):
            yield from ((line + below, problem) for below, problem in compare_cells(text, worded))
        else:
            yield from ((line, problem) for problem in compare_texts(here, text, worded))


def compare_texts(block: Block, here: str, there: str) -> Iterator[str]:
    if block.kind == "front_matter":
        if without_words(yaml.safe_load(here.strip("-\n"))) != without_words(yaml.safe_load(there.strip("-\n"))):
            yield "another header"
        return
    if not JAPANESE.search(there):
        if here != there:
            yield f"differs from what holds no language: {there.splitlines()[0]}"
        return
    if JAPANESE.search(QUOTED.sub("", here)):
        yield "holds Japanese"
    for name, pattern in (("items", ITEM), ("rows", re.compile(r"^\|", re.MULTILINE))):
        if len(pattern.findall(here)) != len(pattern.findall(there)):
            yield f"has other {name}: {len(pattern.findall(here))}, not {len(pattern.findall(there))}"
    if heading(here) != heading(there):
        yield "is a heading of another level"
    yield from compare_lines(here, there)
    mine, other = invariants(here), invariants(there)
    for lost in sorted(other - mine):
        yield f"lacks {lost}"
    # Code that stands for words may be words in English, and a symbol may be named once more.
    for added in sorted(part for part in mine - other if part.startswith(REFERENCE)):
        yield f"adds {added}"


def heading(text: str) -> int:
    return len(text) - len(text.lstrip("#"))


def compare_lines(here: str, there: str) -> Iterator[str]:
    """Fences and options of directives."""
    mine, other = (
        [found.groups() for line in lines if line != SORTED and (found := FENCE.match(line) or OPTION.match(line))]
        for lines in (here.split("\n"), there.split("\n"))
    )
    if len(mine) != len(other):
        yield "has other fences or options"
        return
    for ours, theirs in zip(mine, other, strict=True):
        if ours[:-1] != theirs[:-1] or (ours[-1] != theirs[-1] and not JAPANESE.search(theirs[-1] or "")):
            yield f"has {' '.join(filter(None, ours))} in place of {' '.join(filter(None, theirs))}"


def invariants(text: str) -> set[str]:
    """What a paragraph says in any language: references, equations, code, addresses, decimal numbers."""
    if (first := FENCE.match(text.partition("\n")[0])) and not first[2]:  # commands, in which $ is a prompt
        return set()
    spans = SPAN.findall(text)
    found = {f"{REFERENCE}{{{role}}} {target(role, content)}" for role, content, _ in spans if role not in ("", "term")}
    found |= {f"`{code}`" for role, _, code in spans if not role and not JAPANESE.search(code)}
    rest = SPAN.sub("", text)
    found |= {" ".join(WORDS.sub("", span).split()) for span in MATH.findall(rest)}
    rest = MATH.sub("", rest)
    found |= {REFERENCE + DEED.sub(r"\1", place) for pattern in (LINK, NUMBER) for place in pattern.findall(rest)}
    return found


def target(role: str, content: str) -> str:
    """What a role points to; the words that it shows are language."""
    pointed = re.search(r"<([^>]*)>$", content)
    if pointed:
        return pointed[1]
    return "" if JAPANESE.search(content) or role in {"lite", "download"} else content


def split_cell(text: str) -> tuple[dict[str, Any], str, int]:
    """A cell's header and code, and how many lines stand before the code."""
    lines = text.split("\n")[1:-1]
    if lines[:1] == ["---"]:
        end = lines.index("---", 1) + 1
        return yaml.safe_load("\n".join(lines[1 : end - 1])) or {}, "\n".join(lines[end:]), end + 1
    options = [found for line in lines if (found := OPTION.match(line))]
    return {found[1]: found[2] for found in options}, "\n".join(lines[len(options) :]), len(options) + 1


def without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: key if key in WORDED else without_words(part) for key, part in value.items()}
    return value


def compare_cells(here: str, there: str) -> Iterator[tuple[int, str]]:
    """What differs, and how many lines below the first one of the cell."""
    (mine, code, above), (other, source, _) = split_cell(here), split_cell(there)
    if without_words(mine) != without_words(other):
        yield 0, "the cell has another header"
    if found := JAPANESE.search(here):
        yield here[: found.start()].count("\n"), "holds Japanese"
    marks = [re.findall(r"^ *###.*$", text, re.MULTILINE) for text in (code, source)]
    if marks[0] != marks[1]:
        yield 0, "the cell has other marks of its solution"
    try:
        trees = [ast.parse(re.sub(r"^( *)[%!].*$", r"\1pass", text, flags=re.MULTILINE)) for text in (code, source)]
    except SyntaxError as error:
        yield above - 1 + (error.lineno or 1), f"the cell is no Python: {error.msg}"
        return
    if difference := first_difference(trees[0], trees[1]):
        yield above - 1 + difference, "the cell's code differs"


def first_difference(here: Any, there: Any) -> int:
    """The line (of `here`) where two trees part, 0 if nowhere. Strings that hold Japanese may be any string."""
    if isinstance(there, ast.Constant) and isinstance(there.value, str) and JAPANESE.search(there.value):
        return 0 if isinstance(here, ast.Constant) and isinstance(here.value, str) else line_of(here)
    if isinstance(there, ast.JoinedStr) and JAPANESE.search(ast.unparse(there)):  # the order of words may be another
        same = isinstance(here, ast.JoinedStr) and asked(here) == asked(there)
        return 0 if same else line_of(here)
    if type(here) is not type(there):
        return line_of(here)
    if isinstance(here, list):
        if len(here) != len(there):
            return max([line_of(part) for part in here] or [1])
        return next((found for pair in zip(here, there, strict=True) if (found := first_difference(*pair))), 0)
    if isinstance(here, ast.AST):
        fields = ((getattr(here, name, None), getattr(there, name, None)) for name in here._fields)
        return next(
            (found if found > 1 else max(line_of(here), 1) for a, b in fields if (found := first_difference(a, b))), 0
        )
    return 0 if here == there else 1


def asked(text: ast.JoinedStr) -> list[str]:
    """The values that an f-string shows, whatever words stand in them."""
    values = [part for part in text.values if isinstance(part, ast.FormattedValue)]
    return sorted(re.sub(r"Constant\(value=(['\"]).*?\1\)", "Constant()", ast.dump(part)) for part in values)


def line_of(node: Any) -> int:
    return getattr(node, "lineno", 1)


def follow(page: Path, only: int | None = None) -> int:
    """Write the fingerprints of the Japanese blocks above those of `page` (the one at line `only`); how many."""
    lines = page.read_text("utf-8").split("\n")
    ours, theirs = blocks("\n".join(lines)), blocks(original(page).read_text("utf-8"))
    kinds = [[name_of(block) for block in side] for side in (ours, theirs)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"{page.name} has other blocks than {original(page).name}: python -m press.translation {page}")
    changed = 0
    for here, there in reversed(list(zip(ours, theirs, strict=True))):
        end = here.line + here.text.count("\n")
        if only is not None and not (here.marked or here.top) <= only <= end:
            continue
        now = fingerprints(there)
        if now == here.follows:
            continue
        mark = [f"% ja {' '.join(now)}"] if now else []
        if here.marked:
            lines[here.marked - 1 : here.marked] = mark
        else:
            lines[here.top - 1 : here.top - 1] = mark
        changed += 1
    page.write_text("\n".join(lines), "utf-8")
    return changed


def translated() -> list[Path]:
    return sorted(
        page for pattern in ("book/*.md", "solutions/*/*.md") for page in ROOT.glob(pattern) if language(page) != "ja"
    )


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["follow"]:
        for argument in arguments[1:]:
            name, _, line = argument.partition(":")
            print(f"{name}: {follow(Path(name).resolve(), int(line) if line else None)} blocks follow")
        return 0
    pages = [Path(argument).resolve() for argument in arguments] or translated()
    problems = [problem for page in pages for problem in compare(page)]
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(pages)} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
