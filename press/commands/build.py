"""Build the book into _build/html: `make book`.

Any warning fails the build. A failed or interrupted build leaves nothing that the next one could take for good.
"""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import psutil
from filelock import FileLock, Timeout

from press import ROOT, languages
from press.exercises import source
from press.rules import settings

BUILD = ROOT / "_build"
LOG = BUILD / "book.log"
STATE = BUILD / "state"  # holds a word, and which process is at work, until a build ends
SITE = BUILD / "html" / "index.html"
# -n: a reference that leads nowhere is a warning; --keep-going: show every warning, not only the first.
COMMAND: list[str | Path] = [Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "-W", "--keep-going", "-n"]

WAITING = "ほかのビルドが終わるのを待っています / waiting for another build"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = [
    (re.compile(r"reading sources\.\.\. \[ *(\d+%)\] (\S+)"), "  読む   {}  {}"),
    (re.compile(r"(\S+): Executing notebook"), "  実行   {} …"),
    (re.compile(r"\S+: Executed notebook in (\S+)"), "         {} 秒"),
    (re.compile(r"writing output\.\.\. \[ *(\d+%)\] (\S+)"), "  書く   {}  {}"),
]
PAGE_OF_WARNING = re.compile(r"^(book/\S+)\.md:(?:\d+:)? ")
WARNING = re.compile(r"^((?:.*: )?(?:WARNING|ERROR|CRITICAL|SEVERE): .*)$", re.M)
FAILED_CELL = re.compile(
    r"^(\S+): WARNING: Executing notebook failed.*?cell:\n-+\n(.*?)\n-+\n(.*?)\n\s*\[mystnb\.exec\]", re.M | re.S
)
FAILED_LINE = re.compile(r"^-+> *(\d+) +(.*)$", re.M)
# What to do about messages that say in English what is wrong.
ADVICE = {
    "Unknown directive type": "ディレクティブの綴りを確かめてください",
    "Unknown interpreted text role": "ロールの綴りを確かめてください",
    "Unknown option keys": "オプションの綴りを確かめてください",
    r"required, 0 supplied": "ディレクティブの名前のあとに、要るもの(番号や名前)を書いてください",
    "undefined label|(target|local id|equation) not found|unknown document": "参照先の名前の綴りを確かめてください",
    "could not find bibtex key": "文献を book/references.bib に加えるか、名前の綴りを確かめてください",
    "term not in glossary": "用語を book/glossary.md に加えるか、綴りを確かめてください",
    "Malformed YAML": "ページの先頭の --- で囲んだ設定の、字下げと括弧と引用符を確かめてください",
    "cell .* could not be read": "セルの前の設定({ } の中)の、括弧と引用符とコンマを確かめてください",
    "stderr was found": "セルが警告かエラーの文を出しています。原因を直してください",
    "not readable|file not found|reading it failed": "ファイルの場所を、ページのあるフォルダーから見て書いてください",
}
PAGE_AT_WORK = re.compile(r"reading sources\.\.\. \[ *\d+%\] (\S+)")
OTHER_ERROR = re.compile(r"^\w+ error(?: \(.*\))?:\s*(.+)$|^(.+)\nThe full traceback", re.M)


class Running(contextlib.AbstractContextManager["Running"], Protocol):
    """Jupyter Book at work, as a subprocess.Popen is."""

    @property
    def pid(self) -> int: ...

    @property
    def stdout(self) -> Iterable[str] | None: ...

    @property
    def returncode(self) -> int | None: ...


Start = Callable[[], Running]


def forget(*names: str) -> None:
    for name in names:
        shutil.rmtree(BUILD / name, ignore_errors=True)


def is_sound(cache: Path) -> bool:
    """Whether an execution cache can be read and holds every notebook that its database names."""
    try:
        database = sqlite3.connect(cache / "global.db")
        for (key,) in database.execute("SELECT hashkey FROM nbcache"):
            json.loads((cache / "executed" / key / "base.ipynb").read_bytes())
    except (OSError, ValueError, sqlite3.Error):
        return False
    return True


def recover() -> None:
    """Remove what an interrupted build has left half-written; executions that are whole are kept."""
    print("前回のビルドが途中で終わっていました。作りかけを消して続けます / recovering from an interrupted build")
    forget("html", ".doctrees")
    for cache in (BUILD / ".jupyter_cache").glob("*"):
        if not is_sound(cache):
            shutil.rmtree(cache)


def environment() -> dict[str, str]:
    """What Jupyter Book and the cells run in: they import the dlcourse of this folder, whichever one is installed."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONPATH": path}


def start() -> subprocess.Popen[str]:
    """Jupyter Book as a process, whose output can be read while it works."""
    return subprocess.Popen(
        COMMAND, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )


def run(start: Start = start) -> bool:
    """Run Jupyter Book, show its progress, keep its whole output in the log; True when it succeeded."""
    with LOG.open("w", encoding="utf-8") as log, start() as process:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has already ended
            STATE.write_text(f"building {process.pid} {psutil.Process(process.pid).create_time()}", "utf-8")
        for line in process.stdout or ():
            line = COLOUR.sub("", line).replace(f"{ROOT}/", "")
            log.write(line)
            show(line)
    return process.returncode == 0


def advised(warning: str) -> str:
    advice = next((text for pattern, text in ADVICE.items() if re.search(pattern, warning)), None)
    return f"{warning} → {advice}" if advice else warning


def show(line: str) -> None:
    if WARNING.search(line):
        print(f"  ! {advised(line.rstrip())}", flush=True)
    for pattern, text in PROGRESS:
        if found := pattern.match(line):
            print(text.format(*found.groups()), flush=True)


def reason(log: str) -> str:
    """One line for what went wrong: the page, and the cell or the warning."""
    if cell := FAILED_CELL.search(log):
        page, source, trace = cell.groups()
        line = FAILED_LINE.search(trace)
        failed = (line[2] if line else source).strip().splitlines()[0]
        before = (ROOT / page).read_text("utf-8").partition(source)[0].count("\n")
        place = before + int(line[1] if line else 1)
        return f"{page}:{place}: セル「{failed}」: {trace.split(chr(10))[-1]}"
    warnings = WARNING.findall(log)
    if error := OTHER_ERROR.search(log):  # it has ended the build, so it comes before what else was found
        more = f"(ほか {len(warnings)} 件)" if warnings else ""
        reading = log[: error.start()].partition("looking for now-outdated files")
        pages = [] if reading[1] else PAGE_AT_WORK.findall(reading[0])
        problem = (error[1] or error[2]).strip()
        line = re.search(r" at line (\d+)\b", problem)
        where = "".join(f"{page.removesuffix('.md')}.md:{line[1] + ':' if line else ''} " for page in pages[-1:])
        return where + advised(problem) + more
    if warnings:
        more = f"(ほか {len(warnings) - 1} 件)" if len(warnings) > 1 else ""
        return advised(warnings[0]) + more
    return " ".join(log.split()[-20:])


def read_again(log: str) -> None:
    """Make the next build read the pages with warnings once more: Sphinx warns only of what it reads."""
    pages = [PAGE_OF_WARNING.match(warning) for warning in WARNING.findall(log)]
    if OTHER_ERROR.search(log) or not pages or None in pages:
        forget(".doctrees")
    for page in filter(None, pages):
        (BUILD / ".doctrees" / f"{page[1]}.doctree").unlink(missing_ok=True)


def left_out() -> list[str]:
    """The pages in book/ that _toc.yml does not name."""
    listed = set(re.findall(r"book/[\w/-]+", (ROOT / "_toc.yml").read_text("utf-8")))
    names = (f"book/{page.stem}" for page in languages.sources("book/*.md"))
    return [f"{name}.md" for name in names if name not in listed]


def build(start: Start = start) -> str | None:
    """Build once; None, or what went wrong in one line."""
    started = time.monotonic()
    print("本を作っています / building the book", flush=True)
    problem = settings.problem() or source.problem()
    if not problem and not run(start):
        log = LOG.read_text("utf-8")
        read_again(log)
        problem = f"{reason(log)} [{LOG.relative_to(ROOT)}]"
    if problem:
        if SITE.exists():
            os.utime(SITE, (0, 0))  # as in main
        return f"✗ 本を作れませんでした / the build failed: {problem}"
    # Jupyter Book leaves the page alone when it stays the same; make goes by its time.
    SITE.touch()
    for page in left_out():
        print(f"  {page} は _toc.yml にないので、本に載りません / not in _toc.yml, so not in the book", flush=True)
    print(f"本ができました({time.monotonic() - started:.1f} 秒) / done", flush=True)
    return None


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other build runs; clean up after one that was interrupted."""
    BUILD.mkdir(exist_ok=True)
    lock = FileLock(BUILD / "lock")
    try:
        turn = lock.acquire(blocking=False)
    except Timeout:
        print(WAITING, flush=True)
        turn = lock.acquire()
    with turn:
        if STATE.exists() and (left := STATE.read_text("utf-8")):
            wait_for(left)
            recover()
        STATE.write_text("building", "utf-8")
        yield
        STATE.write_text("", "utf-8")


def wait_for(left: str) -> None:
    """Where a build was killed, its Jupyter Book may still be at work."""
    number, began = (left.split() + ["0", "0"])[1:3]
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(number))
        if process.create_time() == float(began):
            print(WAITING, flush=True)
            process.wait()


def build_all() -> str | None:
    """Build every edition, side by side; None, or what went wrong in one line."""
    others: list[languages.Building] = []

    def start_all() -> subprocess.Popen[str]:
        """It is called when nothing is wrong that can be seen before."""
        for code in languages.languages():
            others.append(languages.Building(code))
        return start()

    try:
        problem = build(start_all)
    except BaseException:
        for other in others:
            other.stop()
        raise
    problems = [problem, *(other.problem() for other in others)]  # all of them end: what is half done is lost
    if others and not any(problems):
        for other in others:
            other.publish()
        languages.remember(BUILD / "html")
        languages.list_sitemaps(BUILD / "html")
    return next(filter(None, problems), None)


def main() -> None:
    with alone():
        problem = build_all()
    if problem and SITE.exists():
        os.utime(SITE, (0, 0))  # else make would take the site for finished
    sys.exit(problem)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("✗ 中断しました。同じコマンドでやり直せます。 / interrupted; run the same command again.")
