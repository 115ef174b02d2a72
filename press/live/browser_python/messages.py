"""What went wrong, by the reader's own lines; those of the packages in between say nothing to them."""

import linecache
import sys
import traceback
import unicodedata
from typing import Any

from dlcourse import words
from dlcourse.words import say

PLACES = ("セル", "解答")  # how live.js names what the reader has written
AN_ERROR = "エラーが起きました。"
RUN_ABOVE = "上のセルで決めている名前なら、「ここまで全部実行」を押してください。"
NOT_HERE = (
    "{name} という名前のライブラリーは、{place}にありません。使えるのは NumPy、Matplotlib、dlcourse と、Python に"
    "付いてくるものの多くです。名前が正しければ、手もとの Python のノートブックで使いましょう。"
)
# With these no message is longer than 4 000 characters.
LONGEST_TEXT = 1200
LONGEST_LINE = 80
MOST_CALLS = 20
LONGEST_ROUND = 10  # functions that call each other in turn


def plain(text: str) -> str:
    """As a str: a subclass may do anything when it is sliced, joined or sent."""
    return str.__str__(text)


def of_reader(file: object) -> bool:
    """Whether the reader has written what a traceback calls by this name."""
    return str(file).startswith(tuple(said for place in PLACES for said in words.in_every_language(place)))


def short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def explain(error: BaseException, in_page: bool) -> str:
    """A message for the reader, whatever the error's own methods do; `in_page`: other cells can be run first."""
    try:
        return explained(error, in_page)
    except Exception:  # a property of a class of the reader's
        return f"{say(AN_ERROR)}\n\n{type(error).__name__}"


def explained(error: Any, in_page: bool) -> str:
    kind = type(error)  # goes for everything below, whatever the error says of itself
    if issubclass(kind, KeyboardInterrupt):
        return say("停止しました。ここまでに決めた名前は残っています。")
    if issubclass(kind, SyntaxError) and of_reader(error.filename) and error.lineno:
        return unreadable(error)
    lines = [say(AN_ERROR), "", *calls(error), f"{short(kind.__name__, LONGEST_LINE)}: {text_of(error)}"]
    if issubclass(kind, NameError) and in_page:
        lines += ["", say(RUN_ABOVE)]
    if advice := missing(error, "ページの Python "):
        lines += ["", advice]
    return "\n".join(lines)


def text_of(error: BaseException) -> str:
    try:
        text = plain(str(error))
    except BaseException as broken:  # the reader's own __str__, which may do anything
        return say("({kind} が起きたので、この例外の文は表示できません)", kind=type(broken).__name__)
    if isinstance(error, ModuleNotFoundError):
        text = text.partition("\n")[0]  # the rest is Pyodide's advice, for whom packages can be installed
    return short(text, LONGEST_TEXT)


def missing(error: BaseException, place: str) -> str:
    """A sentence for a library that is not there, else nothing."""
    if type(error) is not ModuleNotFoundError or not isinstance(error.name, str):
        return ""
    name = error.name.partition(".")[0]
    return "" if name in sys.modules else say(NOT_HERE, name=short(name, 50), place=say(place))


def unreadable(error: SyntaxError) -> str:
    """A SyntaxError: the line as the reader has written it, and a mark below the place."""
    line = linecache.getline(str(error.filename), error.lineno or 1).rstrip("\n") or (error.text or "").rstrip("\n")
    before = max((error.offset or 1) - 1, 0)
    if error.text is None:  # found by the compiler, which counts bytes; the parser counts characters
        before = len(line.encode()[:before].decode(errors="ignore"))
    start = max(before - LONGEST_LINE, 0)
    shown = short(line[start:], 2 * LONGEST_LINE)
    wide = (
        "\N{IDEOGRAPHIC SPACE}" if unicodedata.east_asian_width(one) in "WF" else "\t" if one == "\t" else " "
        for one in line
    )
    caret = "".join(list(wide)[start:before]).ljust(before - start) + "^"
    unread = "{file}の{number}行目を Python として読めません。"
    problem = say(unread, file=error.filename, number=error.lineno)
    return f"{problem}\n\n  {shown}\n  {caret}\n{type(error).__name__}: {short(str(error.msg), LONGEST_TEXT)}"


def calls(error: BaseException) -> list[str]:
    """The lines of the reader's that were running, the innermost last."""
    entries = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if of_reader(file):
            text = "{file}の{number}行目" if function == "<module>" else "{file}の{number}行目({function} の中)"
            line = short(linecache.getline(file, number).strip(), LONGEST_LINE)
            place = say(text, file=file, number=number, function=short(function, 30))
            entries.append(f"{place}\n  {line}")
    entries = folded(entries)
    if len(entries) > MOST_CALLS:
        half = MOST_CALLS // 2
        left_out = len(entries) - 2 * half
        entries[half:-half] = ["  " + say("… 途中の {count} 個の呼び出しは省きました", count=left_out)]
    return entries


def folded(entries: list[str]) -> list[str]:
    """The entries, where what repeats at once (f calls f, or f and g each other in turn) stands there once."""
    shown: list[str] = []
    at = 0
    while at < len(entries):
        period, times = repeated(entries, at)
        shown += entries[at : at + period]
        if times > 1:
            text = "… 上の {period} 個の呼び出しが、あと {count:,} 回続きます"
            if period == 1:
                text = "… 上の呼び出しが、あと {count:,} 回続きます"
            shown.append("  " + say(text, period=period, count=times - 1))
        at += period * times
    return shown


def repeated(entries: list[str], at: int) -> tuple[int, int]:
    """How many entries from here on repeat, and how often they stand there; twice is not worth a word."""
    best = (1, 1)
    for period in range(1, LONGEST_ROUND + 1):
        times, end = 1, at + period
        while end + period <= len(entries) and entries[end : end + period] == entries[at : at + period]:
            times, end = times + 1, end + period
        if times > 2 and times * period > best[0] * best[1]:
            best = period, times
    return best
