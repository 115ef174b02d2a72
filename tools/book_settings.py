"""What is wrong in _config.yml or _toc.yml, in one line: Jupyter Book says it in many, or passes over it."""

import difflib
from importlib.util import find_spec
from pathlib import Path

import yaml
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

ROOT = Path(__file__).resolve().parent.parent
FREE = {"sphinx"}  # what stands in it belongs to many others


def read(name):
    """The settings in a file, and what hinders reading them."""
    try:
        return yaml.safe_load((ROOT / name).read_text("utf-8")), None
    except FileNotFoundError:
        return None, f"{name} がありません。この名前で、いちばん上のフォルダーに置いてください。"
    except UnicodeDecodeError:
        return None, f"{name} の文字コードが UTF-8 ではありません。UTF-8 で保存してください。"
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        hint = "字下げ(タブは使えません)と括弧を確かめてください。"
        return None, f"{name}:{line}: YAML として読めません({error.problem})。{hint}"


def line_of(name, text):
    """`name:line`, where the text stands first."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return f"{name}:{next((number for number, line in enumerate(lines, start=1) if text in line), 1)}"


def known_keys():
    folder = Path(find_spec("jupyter_book").origin).parent
    return yaml.safe_load((folder / "default_config.yml").read_text("utf-8"))


def mistyped(settings, known):
    """A key that Jupyter Book does not know and that is nearly one that it does."""
    for key, value in settings.items():
        if key not in known:
            if meant := difflib.get_close_matches(key, known, n=1, cutoff=0.75):
                yield key, meant[0]
        elif isinstance(value, dict) and isinstance(known[key], dict) and key not in FREE:
            yield from mistyped(value, known[key])


def problem_of_config():
    settings, problem = read("_config.yml")
    if problem:
        return problem
    if not isinstance(settings, dict):
        return "_config.yml:1: 「名前: 値」の形で設定を書いてください。"
    for key, meant in mistyped(settings, known_keys()):
        return f"{line_of('_config.yml', f'{key}:')}: {key} という設定はありません。{meant} ではありませんか。"
    return None


def problem_of_toc():
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


def problem():
    return problem_of_config() or problem_of_toc()
