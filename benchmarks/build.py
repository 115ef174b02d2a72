"""Time the building of books: `make benchmark-build`.

Copies of one chapter, with cells, figures, quizzes and exercises, make books of 5, 10, 20 and 40 pages; the seconds
per page tell whether the cost grows in proportion. Then the real book: from nothing, again without a change, and
after a change in the text of one page.
"""

import argparse
import itertools
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.helpers.books import copy_project

CHAPTER = "ch1_input_to_hidden"
LABEL = re.compile(r"^\(([\w-]+)\)=$|\((eq-[\w-]+)\)$|name: (fig-[\w-]+)", re.MULTILINE)
REFERENCE = re.compile(r"\{(?:doc|ref|numref|eq)\}`(?:(?P<text>[^`<]*) <)?(?P<target>[^`<>]+)>?`")
EXERCISE = re.compile(r"^```\{exercise\} \S+\n```$", re.MULTILINE)


def build(folder):
    """Seconds (wall, CPU) of one build."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "press.commands.build"], cwd=folder, capture_output=True, text=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def copy_of(text, number):
    """The chapter with labels and a first cell of its own, and without what it shares with the book."""
    own = {name for found in LABEL.findall(text) for name in found if name}
    text = REFERENCE.sub(lambda found: found[0] if found["target"] in own else found["text"] or "", text)
    text = EXERCISE.sub("", text)
    for name in own:
        text = re.sub(rf"(?<![\w-]){name}(?![\w-])", f"{name}-{number}", text)
    return text.replace("plotting.use_style()", f"plotting.use_style()\ncopy = {number}")


def make_copies(folder, pages):
    """In place of the book's pages: the copies, the glossary with its terms spread over them, the table of symbols."""
    book = folder / "book"
    chapter, glossary = ((book / f"{name}.md").read_text("utf-8") for name in (CHAPTER, "glossary"))
    places = itertools.cycle(range(1, pages + 1))
    for page in book.glob("*.md"):
        if page.stem != "references":
            page.unlink()
    for number in range(1, pages + 1):
        (book / f"ch{number}_copy.md").write_text(copy_of(chapter, number), "utf-8")
    glossary = REFERENCE.sub(lambda _: f"{{ref}}`sec-input-to-hidden-{next(places)}`", glossary)
    (book / "glossary.md").write_text(glossary, "utf-8")
    (book / "symbols.md").write_text("# 記号\n\n```{notation}\n```\n", "utf-8")
    others = [*(f"ch{number}_copy" for number in range(2, pages + 1)), "glossary", "symbols", "references"]
    toc = ["format: jb-book", "root: book/ch1_copy", "chapters:", *(f"  - file: book/{name}" for name in others)]
    (folder / "_toc.yml").write_text("\n".join(toc) + "\n", "utf-8")


def row(name, times, pages=None):
    wall, cpu = times
    per_page = f"  {cpu / pages:5.2f} CPU s/page" if pages else ""
    print(f"{name:<34} {wall:6.1f} s  {cpu:6.1f} CPU s{per_page}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pages", type=int, nargs="*", default=[5, 10, 20, 40])
    options.add_argument("--without-book", action="store_true", help="only the copies of one chapter")
    chosen = options.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}")
    for pages in chosen.pages:
        with tempfile.TemporaryDirectory() as folder:
            copy_project(Path(folder))
            make_copies(Path(folder), pages)
            row(f"{pages:2} pages, from nothing", build(Path(folder)), pages)
            row(f"{pages:2} pages, unchanged", build(Path(folder)), pages)
    if not chosen.without_book:
        with tempfile.TemporaryDirectory() as folder:
            copy_project(Path(folder))
            row("the book, from nothing", build(Path(folder)))
            row("the book, unchanged", build(Path(folder)))
            page = Path(folder, "book", "ch4_gradient_descent.md")
            page.write_text(page.read_text("utf-8") + "\n終わりに加えた1文です。\n", "utf-8")
            row("the book, one page's text edited", build(Path(folder)))


if __name__ == "__main__":
    main()
