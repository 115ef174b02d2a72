"""The catalogues of short texts in further languages: `python -m press.catalogues` brings them up to date.

A catalogue is keyed by the Japanese text, as it stands in the code. What is new there is added, empty; what is gone is
taken out; the .mo files hold what the .po files say. Pages and exercises are no short texts: press/translation.py.

    dlcourse/locale/    what dlcourse says: every Japanese text of its modules, and of the Python in pages; of the
                        grading's, what is handed to `say`, and notes on submissions
    press/locale/       what the site says: what directives, templates and scripts hand to `say`, and the settings;
                        and the docstrings that it shows

Another language is another folder there: python -m press.catalogues new fr
"""

import ast
import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from press import ROOT, docstrings
from press.languages import JAPANESE, SETTINGS
from press.words import literals

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # the files change only when their texts do
SPEAKERS = "say", "to_say", "note", "Note"  # the last two: what autograde has to tell of a submission


@dataclass(frozen=True)
class Domain:
    """A catalogue's name, the folder of its languages, and the files whose texts it holds.

    every_text: … and those of which it holds not only what `say` is called with: hints stand in tables.
    """

    name: str
    folder: Path
    patterns: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    every_text: tuple[str, ...] = ()

    def files(self) -> list[Path]:
        return sorted(found(*self.patterns, *self.every_text) - found(*self.left_out))

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Each text, with the file in which it stands."""
        whole = found(*self.every_text)
        for file in self.files():
            for text in japanese_texts(file) if file in whole else said_in(file):
                yield file, text

    def languages(self) -> list[str]:
        return sorted(folder.parent.name for folder in self.folder.glob("*/LC_MESSAGES"))

    def file(self, language: str, ending: str = ".po") -> Path:
        return self.folder / language / "LC_MESSAGES" / f"{self.name}{ending}"


class Docstrings(Domain):
    """Those that the list of functions shows."""

    def texts(self) -> Iterator[tuple[Path, str]]:
        yield from docstrings.texts()


def found(*patterns: str) -> set[Path]:
    return {file for pattern in patterns for file in ROOT.glob(pattern)}


DOMAINS = [
    Domain(
        "dlcourse",
        ROOT / "dlcourse" / "locale",
        ("nbgrader_config.py", "dlcourse/grading/**/*.py", "dlcourse/grading/*.j2"),
        every_text=(
            "dlcourse/*.py",
            "dlcourse/checks/**/*.py",
            "dlcourse/plotting/*.py",
            "press/live/browser_python/*.py",
        ),
    ),
    Domain(
        "press",
        ROOT / "press" / "locale",
        ("press/**/*.py", "press/**/*.js", "press/**/*.html", *SETTINGS),
        ("press/live/browser_python/*.py", "press/live/static/editor.js", "press/practice/static/scheduler.js"),
    ),
    Docstrings("docstrings", ROOT / "press" / "locale", ("dlcourse/*.py", "dlcourse/plotting/*.py")),
]


def said_in(file: Path) -> Iterator[str]:
    """What a file says in the language in use."""
    if file.suffix == ".py":
        yield from said_by_calls(ast.parse(file.read_text("utf-8")))
    elif file.name in SETTINGS:
        yield from worded(yaml.safe_load(file.read_text("utf-8")))
    else:
        yield from literals(file.read_text("utf-8"))


def worded(value: Any) -> Iterator[str]:
    """The words in a file of settings."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from worded(part)
    elif isinstance(value, str) and JAPANESE.search(value):
        yield value


def said_by_calls(tree: ast.Module) -> Iterator[str]:
    """The literal texts; what stands in a name, stands as a literal in another place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(text := node.args[0], ast.Constant):
            name = ast.unparse(node.func).rpartition(".")[2]
            in_question = name == "say" or (name in SPEAKERS and JAPANESE.search(str(text.value)))
            if in_question and isinstance(text.value, str):
                yield text.value


def japanese_texts(file: Path) -> Iterator[str]:
    """Every constant that holds Japanese, docstrings and the answers in tables of exercises aside."""
    tree = ast.parse(file.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    answers = {part for node in ast.walk(tree) for one in answers_in(node) for part in ast.walk(one)}
    pieces = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and JAPANESE.search(node.value.strip()):
            if node in pieces:
                place = f"{file.relative_to(ROOT)}:{node.lineno}"
                raise ValueError(f"{place}: an f-string has no translation; write say('…{{name}}…', name=name)")
            if node not in docstrings | answers:
                yield node.value


def answers_in(node: ast.AST) -> list[ast.expr]:
    """What stands in an exercise as source text that a student may write: `variants`, and the keys of `pitfalls`."""
    match node:
        case ast.keyword(arg="variants"):
            return [node.value]
        case ast.keyword(arg="pitfalls", value=ast.Dict(keys=keys)):
            return list(filter(None, keys))
    return []


def template(domain: Domain) -> Catalog:
    """All texts of a domain, with the files in which they stand."""
    places: dict[str, list[str]] = defaultdict(list)
    for file, text in domain.texts():
        places[text].append(file.relative_to(ROOT).as_posix())
    made = Catalog(project=domain.name, version="", creation_date=LONG_AGO, fuzzy=False)
    for text, files in places.items():
        made.add(text, locations=[(file, 0) for file in dict.fromkeys(files)])
    return made


def read(domain: Domain, language: str) -> Catalog:
    file = domain.file(language)
    with file.open("rb") as content:
        return read_po(content, locale=language, domain=domain.name)


def updated(domain: Domain, language: str) -> Catalog:
    """The catalogue of a language, with exactly the texts of today's code."""
    known = {
        message.id: message.string
        for message in (read(domain, language) if domain.file(language).exists() else [])
        if message.id
    }
    made = template(domain)
    now = Catalog(
        locale=language, domain=domain.name, project=domain.name, version="", fuzzy=False,
        creation_date=LONG_AGO, revision_date=LONG_AGO,
    )  # fmt: skip
    for message in made:
        if message.id:
            now.add(message.id, known.get(message.id, ""), locations=message.locations)
    return now


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """What the two files of a catalogue hold."""
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, catalogue, width=110, include_lineno=False)
    write_mo(compiled, catalogue)
    return text.getvalue(), compiled.getvalue()


def untranslated(domain: Domain, language: str) -> list[str]:
    return [str(message.id) for message in updated(domain, language) if message.id and not message.string]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["new", language]:
            for domain in DOMAINS:
                domain.file(language).parent.mkdir(parents=True, exist_ok=True)
        case []:
            pass
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for domain in DOMAINS:
        for language in domain.languages():
            text, compiled = written(updated(domain, language))
            domain.file(language).write_bytes(text)
            domain.file(language, ".mo").write_bytes(compiled)
            print(f"{domain.name} {language}: {len(untranslated(domain, language))} texts are not translated yet")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
