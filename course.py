"""The course's commands where there is no make (Windows; macOS without its developer tools); make calls them, too.

    python course.py book             builds the site into _build/html
    python course.py test [OPTION …]  runs the tests; OPTIONs are pytest's
    python course.py lint             looks at formatting, names and types

Windows: `py course.py book`. Needs Python 3.11 or newer; all else is installed into .venv.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SITE = ROOT / "_build" / "html"


def run(*command: "str | Path") -> None:
    """Run it in this folder; a command that fails ends this one, with its status."""
    sys.stdout.flush()
    if status := subprocess.call([str(part) for part in command], cwd=ROOT):
        sys.exit(status)


def book(python: Path) -> None:
    run(python, "-m", "press.commands.build")
    address(python)


def address(python: Path) -> None:
    print("サイトができています。ブラウザーで開いてください / open in a browser:")
    print(f"  {(SITE / 'index.html').as_uri()}")
    print("ページの中で Python も動かすには / to run Python in the pages, too:")
    server = f"{python.relative_to(ROOT)} -m http.server -b 127.0.0.1 -d {SITE.relative_to(ROOT)}"
    print(f"  {server}  →  http://127.0.0.1:8000/")


def lint(python: Path) -> None:
    if subprocess.call([str(python), "-m", "ruff", "format", "--quiet", "--check", "."], cwd=ROOT):
        sys.exit("✗ make format を実行してください / run make format (python -m ruff format .)")
    run(python, "-m", "ruff", "check", "--quiet", ".")
    run(python, "-m", "mypy", "--no-error-summary")


def test(python: Path, *options: str) -> None:
    lint(python)
    run(python, Path("tools", "browser.py"))
    run(python, "-m", "pytest", "--numprocesses", "auto", "--no-loadscope-reorder", *options)


COMMANDS = {"book": book, "address": address, "lint": lint, "test": test}


def main(name: str = "", *options: str) -> None:
    if name not in COMMANDS or options and name != "test":
        sys.exit((__doc__ or "").strip())
    from tools import environment

    # Small matrices: more BLAS threads only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    environment.main(ROOT / ".venv")
    COMMANDS[name](environment.program(ROOT / ".venv", "python"), *options)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  (who has an older one is told, and sees no traceback)
        sys.exit("✗ Python 3.11 以上が必要です / Python 3.11 or newer is needed: " + sys.version.split()[0])
    main(*sys.argv[1:])
