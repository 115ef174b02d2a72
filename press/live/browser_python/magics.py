"""What stands in notebooks and is not Python (`%matplotlib inline`, `!pip install …`): a page passes it by.

There is neither IPython nor another program in a page. Code that a magic would run (`%%time`) is run without it.
"""

import io
import re
import tokenize

RUNNING = ("time", "timeit", "capture", "prun")
SILENT = "%matplotlib inline"  # which is so without asking
CELL = re.compile(r"\s*%%(\w+)")
LINE = re.compile(r"(?P<before>\s*(?:[^\s=!%#'\"][^=!%#'\"]*=)?\s*)(?P<text>[%!]\s*[^=\s].*)")
HELP = re.compile(r"(?P<before>\s*)(?P<text>\?{1,2}[\w.%]+|%{0,2}[\w.]+\?{1,2})\s*")
OPTIONS = re.compile(r"(-[nr]\s*\d+\s+|-\w+\s+)*")


def translate(code: str) -> tuple[str, list[str]]:
    """Python with as many lines, and what is passed by."""
    lines = code.split("\n")
    passed_by: list[str] = []
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if magic := CELL.match(lines[first]):
        passed_by.append(lines[first].strip())
        rest = lines[first + 1 :] if magic[1] in RUNNING else [""] * (len(lines) - first - 1)
        lines[first:] = ["", *rest]
    for number, line in enumerate(lines):
        found = HELP.fullmatch(line) or LINE.fullmatch(line)
        if not found or continues(lines[:number]):
            continue
        name, statement = running(found)
        lines[number] = found["before"] + (statement or instead(found))
        if found["text"].strip() != SILENT:
            passed_by.append(name if statement else found["text"].strip())
        while line.endswith("\\") and number + 1 < len(lines):
            number, line = number + 1, lines[number + 1]
            lines[number] = ""
    return "\n".join(lines), passed_by


def running(found: re.Match[str]) -> tuple[str, str]:
    """Of `%time x = f()` the magic and the statement that it would run."""
    name, _, statement = found["text"].partition(" ")
    known = name.removeprefix("%") in RUNNING and "=" not in found["before"]
    return name, OPTIONS.sub("", statement.strip(), count=1) if known else ""


def instead(found: re.Match[str]) -> str:
    """The Python that takes a magic's place; `files = !ls` gives a list."""
    if "=" not in found["before"]:
        return "pass"
    return "[]" if found["text"].startswith("!") else "None"


def continues(lines: list[str]) -> bool:
    """Whether the next line belongs to the statement before it: within brackets or a string, or after a backslash."""
    if not lines or lines[-1].endswith("\\"):
        return bool(lines)
    try:
        for _ in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:
        pass
    return False
