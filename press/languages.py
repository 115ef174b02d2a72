"""The book's editions in further languages, which `make book` builds beside the Japanese one: `_build/html/en/`.

An edition is the same project with other texts. So it is built in a folder of its own, `_build/en/`, to which all that
the site is made from is copied: `X.en.md` under the name `X.md`, and the words of the settings as the catalogue has
them. Whatever reads pages or exercises there needs to know of no other language.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from dlcourse import foreign
from press import ROOT, made_from

ENDING = re.compile(r"\.([a-z]{2})\.md$")
# Hiragana, katakana, kanji, and the punctuation and letters of full width.
JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
# The project's own folder, also where this one is that of an edition.
PROJECT = ROOT.parents[1] if ROOT.parent.name == "_build" else ROOT
# Nothing is kept where a browser keeps nothing.
FOLLOW = """<script>
try {
  const language = localStorage.getItem("language");
  if (/^[a-z]{2}$/.test(language) && language !== "ja") location.replace(`${language}/book/index.html`);
} catch {}
</script>"""
COMMAND = [sys.executable, "-m", "press.commands.build"]
COMMANDS = ["press/commands/*.py"]  # what builds it, and no input of the site
SETTINGS = ["_config.yml", "_toc.yml"]


def language(page: Path) -> str:
    """The language of a text by its name: `ja` for X.md, `en` for X.en.md."""
    found = ENDING.search(page.name)
    return found[1] if found else "ja"


def original(page: Path) -> Path:
    """The Japanese text that a translated one follows."""
    if PROJECT != ROOT and page.is_relative_to(ROOT):  # here the translated one has taken its name
        return PROJECT / page.relative_to(ROOT)
    return page.with_name(ENDING.sub(".md", page.name))


def sources(pattern: str, of: str = "ja", root: Path = ROOT) -> list[Path]:
    """The files of a pattern below `root` that are written in this language."""
    return sorted(page for page in root.glob(pattern) if language(page) == of)


def release_folder(code: str) -> str:
    """Where the students' notebooks in this language lie, each in a folder of its own."""
    return "exercises" if code == "ja" else f"exercises/{code}"


def languages(root: Path = ROOT) -> list[str]:
    """Those in which the first page is written, Japanese aside."""
    return sorted(language(page) for page in root.glob("book/index.*.md"))


def folder(code: str) -> Path:
    return ROOT / "_build" / code


def names(code: str) -> Iterator[tuple[Path, Path]]:
    """Each file of the project that the edition needs, and its name there, both from the top."""
    files = [file.relative_to(ROOT) for file in made_from.files(*made_from.ALL, COMMANDS)]
    translated = {name_without_language(file): file for file in files if language_of(file) == code}
    for file in files:
        if language_of(file) == "ja":
            yield translated.get(file, file), file


def language_of(file: Path) -> str:
    """Of a notebook, its folder tells: exercises/en/NAME/NAME.ipynb."""
    if file.parts[0] == "exercises" and len(file.parts) == 4:
        return file.parts[1]
    return language(file)


def name_without_language(file: Path) -> Path:
    if file.parts[0] == "exercises":
        return Path("exercises", *file.parts[2:])
    return original(file)


def said(value: Any) -> Any:
    """A setting with its words in the language in use."""
    from press import words

    if isinstance(value, dict):
        return {key: said(part) for key, part in value.items()}
    if isinstance(value, list):
        return [said(part) for part in value]
    return words.say(value) if isinstance(value, str) and JAPANESE.search(value) else value


def settings(name: str, code: str) -> str:
    """A file of settings as the edition has it."""
    from dlcourse import words

    with words.using(code):
        read = said(yaml.safe_load((ROOT / name).read_text("utf-8")))
    if name == "_config.yml":
        if base := read["html"].get("baseurl"):
            read["html"]["baseurl"] = f"{base.rstrip('/')}/{code}/"
        # Quotes stay as they are written: docutils would look for them in what the directives make, too.
        read["sphinx"]["config"] |= {"language": code, "locale_dirs": [], "smartquotes": False}
        read["sphinx"]["config"]["editions"] = ["ja", *languages()]
    return yaml.safe_dump(read, allow_unicode=True, sort_keys=False)


def prepare(code: str) -> Path:
    """Bring the edition's folder in step with the project; what has not changed keeps its time."""
    target = folder(code)
    wanted = dict((name, ROOT / file) for file, name in names(code))
    mirror(wanted, target, keep=("_build", *SETTINGS))
    for name in SETTINGS:
        text = settings(name, code)
        if not (target / name).exists() or (target / name).read_text("utf-8") != text:
            (target / name).write_text(text, "utf-8")
    return target


def mirror(wanted: dict[Path, Path], target: Path, keep: Sequence[str] = ()) -> None:
    """Make `target` hold these files (name → where it is copied from) and no others, but for what is in `keep`."""
    for name, file in wanted.items():
        copy = target / name
        if name.parts[0] in keep:
            continue
        now = file.stat()
        if not copy.exists() or (copy.stat().st_size, copy.stat().st_mtime_ns) != (now.st_size, now.st_mtime_ns):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
    for found in sorted(target.rglob("*"), reverse=True):
        name = found.relative_to(target)
        if name.parts[0] in keep or "__pycache__" in name.parts:
            continue
        if found.is_file() and name not in wanted:
            found.unlink()
        elif found.is_dir() and not any(found.iterdir()):
            found.rmdir()


class Building:
    """The build of an edition, beside the others: reading and writing take one processor, cells all there are."""

    def __init__(self, code: str) -> None:
        self.code = code
        source = prepare(code)
        self.html = source / "_build" / "html"
        print(f"{code} の版を作っています / building the edition in another language: {code}", flush=True)
        settings = os.environ | {"DLCOURSE_LANGUAGE": code, "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            COMMAND, cwd=source, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        self.last = " ".join(COMMAND)  # that was said
        self.thread = threading.Thread(target=self.show)
        self.thread.start()

    def show(self) -> None:
        for line in self.process.stdout or ():
            self.last = own_names(line.rstrip(), self.code)
            print(f"{self.code} {self.last}", flush=True)

    def stop(self) -> None:
        self.process.terminate()

    def problem(self) -> str | None:
        """Wait for its end; None, or what went wrong in one line."""
        self.thread.join()
        return self.last if self.process.wait() else None

    def publish(self) -> None:
        """Put its pages into the site."""
        files = {file.relative_to(self.html): file for file in self.html.rglob("*") if file.is_file()}
        mirror(files, ROOT / "_build" / "html" / self.code)


def remember(site: Path) -> None:
    """Let the first address of the site lead to the edition that a reader has chosen last (navigation.js)."""
    page = site / "index.html"
    text = page.read_text("utf-8")
    if FOLLOW not in text:
        text = foreign.replace(text, "<meta http-equiv=", f"{FOLLOW}\n<meta http-equiv=", where="index.html", times=1)
        page.write_text(text, "utf-8")


def list_sitemaps(site: Path) -> None:
    """Name the editions' lists of pages where robots look for them: in the robots.txt at the top."""
    robots = site / "robots.txt"
    if robots.is_file():
        text = robots.read_text("utf-8")
        own = re.findall(r"(?m)^Sitemap: (.*)sitemap\.xml$", text)[0]
        others = [f"Sitemap: {own}{code}/sitemap.xml\n" for code in languages()]
        robots.write_text(text + "".join(line for line in others if line not in text), "utf-8")


def own_names(line: str, code: str) -> str:
    """A line of the build that names the texts as the author knows them."""
    return re.sub(r"\b((?:book|solutions)/[\w/-]+)\.md\b", rf"\1.{code}.md", line)
