"""What is wrong in _config.yml, _toc.yml or the bibliography, in one line: Jupyter Book needs many, or says nothing."""

import difflib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError
from pybtex.scanner import PybtexSyntaxError
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

from press import ROOT

ADDRESSES = [("html", "baseurl"), ("repository", "url")]
ENTRY = re.compile(r"^@\w+\s*[{(]\s*([^,\s]+)\s*,", re.MULTILINE)
Settings = dict[str, Any]
FREE = {"sphinx"}  # what stands in it belongs to many others


def read(name: str) -> tuple[Any, str | None]:
    """The settings in a file, and what hinders reading them."""
    try:
        return yaml.safe_load((ROOT / name).read_text("utf-8")), None
    except FileNotFoundError:
        return None, f"{name} がありません。この名前で、いちばん上のフォルダーに置いてください。"
    except UnicodeDecodeError:
        return None, f"{name} の文字コードが UTF-8 ではありません。UTF-8 で保存してください。"
    except yaml.MarkedYAMLError as error:
        line = line_of_error(error) + 1
        hint = "字下げ(タブは使えません)と括弧を確かめてください。"
        return None, f"{name}:{line}: YAML として読めません({error.problem})。{hint}"


def line_of_error(error: yaml.MarkedYAMLError) -> int:
    """The line of a mistake in YAML, counted from 0; what is not closed is named where it opens."""
    opened = error.context_mark and "block" not in error.context
    mark = error.context_mark if opened else error.problem_mark
    return mark.line if mark else 0


def line_of(name: str, text: str) -> str:
    """`name:line`, where the text stands first."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return f"{name}:{next((number for number, line in enumerate(lines, start=1) if text in line), 1)}"


def known_keys() -> Settings:
    package = find_spec("jupyter_book")
    assert package and package.origin
    keys: Settings = yaml.safe_load((Path(package.origin).parent / "default_config.yml").read_text("utf-8"))
    return keys


def mistyped(settings: Settings, known: Settings) -> Iterator[tuple[str, str]]:
    """A key that Jupyter Book does not know and that is nearly one that it does."""
    for key, value in settings.items():
        if key not in known:
            if meant := difflib.get_close_matches(key, known, n=1, cutoff=0.75):
                yield key, meant[0]
        elif isinstance(value, dict) and isinstance(known[key], dict) and key not in FREE:
            yield from mistyped(value, known[key])


def problem_of_config() -> str | None:
    settings, problem = read("_config.yml")
    if problem:
        return problem
    if not isinstance(settings, dict):
        return "_config.yml:1: 「名前: 値」の形で設定を書いてください。"
    for key, meant in mistyped(settings, known_keys()):
        return f"{line_of('_config.yml', f'{key}:')}: {key} という設定はありません。{meant} ではありませんか。"
    for part, key in ADDRESSES:
        address = (settings.get(part) or {}).get(key) or ""
        if address and not str(address).startswith(("https://", "http://")):
            where = line_of("_config.yml", f" {key}:")
            return f"{where}: {part} の {key} は https:// で始めてください(いまは「{address}」)。"
    return None


def problem_of_toc() -> str | None:
    _, problem = read("_toc.yml")
    if problem:
        return problem
    try:
        pages = list(parse_toc_yaml(ROOT / "_toc.yml"))
    except MalformedError as error:
        return f"_toc.yml: 目次として読めません: {' '.join(str(error).split())}"
    for page in pages:
        if not any((ROOT / f"{page}{ending}").exists() for ending in ("", ".md", ".ipynb", ".rst")):
            return f"{line_of('_toc.yml', page)}: {page}.md がありません。名前を確かめるか、行を消してください。"
    return None


def problem_of_bibliography() -> str | None:
    settings, _ = read("_config.yml")
    for name in settings.get("bibtex_bibfiles") or []:
        if not (ROOT / name).exists():
            return f"{line_of('_config.yml', name)}: {name} がありません。名前を確かめてください。"
        text = (ROOT / name).read_text("utf-8")
        try:
            Parser().parse_string(text)
        except PybtexSyntaxError as error:
            return f"{name}:{error.lineno}: 文献として読めません({error.args[0]})。括弧とコンマを確かめてください。"
        except PybtexError:
            known: dict[str, int] = {}
            for entry in ENTRY.finditer(text):
                line = text.count("\n", 0, entry.start()) + 1
                if (first := known.setdefault(entry[1].lower(), line)) != line:
                    return f"{name}:{line}: {entry[1]} は {first} 行目にもあります。どちらかの名前を変えてください。"
    return None


def problem() -> str | None:
    return problem_of_config() or problem_of_toc() or problem_of_bibliography()
