"""What an error in a student's code means, in words that help: what happened, in which line, what to look at."""

import linecache
import re
import sys
import traceback

from dlcourse.checks.compare import short
from dlcourse.checks.spelling import text_of
from dlcourse.words import in_every_language, say, together

NOT_WRITTEN = "まだ書かれていないところがあります。"


def explanation(error: BaseException) -> str:
    if isinstance(error, NotImplementedError):
        return NOT_WRITTEN
    text = text_of(error)
    known = of_numpy(text)
    text = known[0] if known else short(" ".join(text.split()), 150)
    what = type(error).__name__ + (text and f": {text}")
    return say("実行の途中でエラーが起きました({what})。", what=what)


def students_line(error: BaseException) -> list[str]:
    """The last line of the student's own code that was running, where one is known."""
    if isinstance(error, NotImplementedError):
        return []
    line = getattr(error, "student_line", "")  # from another process
    # What students write belongs to no imported module; libraries do.
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__", "__main__") not in sys.modules.keys() - {"__main__"}
    ]
    if own and not line:
        file, number = own[-1]
        code = linecache.getline(file, number).strip()
        line = say("{number}行目 {code}", number=number, code=code) if code else say("{number}行目", number=number)
    return [say("エラーが起きた行: {line}", line=line)] if line else []


def advice(error: BaseException, signature: str) -> str:
    """What to look at; `signature` is how the question writes the function."""
    text = text_of(error)
    if known := of_numpy(text):
        return known[1]
    match error:
        case NotImplementedError():
            return "raise NotImplementedError() の行を消して、そこに答えを書きましょう。"
        case UnboundLocalError():
            return "代入する前に使っている変数があります。行の順番と、if の一方だけで代入していないかを確かめましょう。"
        case NameError(name=str(name)) if name.isidentifier():
            found = (
                "{name} という名前が見つかりません。綴りと、引数や functions.{name} のように書くものではないかを"
                "確かめましょう。ほかのセルで決めた名前なら、そのセル(準備のセルも)を先に実行します。"
            )
            return together(meant(text), say(found, name=name))
        case AttributeError(name=str(name)) if name.isidentifier():
            found = "{name} という機能が見つかりません。綴りと、「.」の前にあるものが何かを確かめましょう。"
            return together(meant(text), say(found, name=name))
        case ImportError():
            return "読み込もうとしたものが見つかりません。準備のセルで読み込んだものだけで書けます。"
        case KeyError():
            return "辞書にその名前がありません。大文字と小文字、番号を確かめましょう。"
        case IndexError() if "integer" in text:
            return "番号にできるのは整数だけです。小数や、名前で取り出すものを、番号にしていないか確かめましょう。"
        case IndexError():
            return "番号が並びの長さを超えています。くり返しの回数と、軸の数を確かめましょう。"
        case RecursionError():
            return "関数が自分自身を呼び続けています。くり返しが終わる条件を確かめましょう。"
        case FloatingPointError():
            return "値が大きすぎて溢れたか、0 で割っています。エラーが起きた行の途中の値を確かめましょう。"
        case ArithmeticError():
            return "0 で割っているか、数が大きくなりすぎています。エラーが起きた行の途中の値を確かめましょう。"
        case SystemExit():
            return "exit() や quit() は、プログラム全体を終わらせます。関数を終えて値を返すのは return です。"
        case TypeError() if f"{signature.partition('(')[0]}()" in text and "argument" in text:
            return say("関数の引数を、問題文のとおり {signature} と書きましょう(数と順番)。", signature=signature)
        case TypeError() if "positional argument" in text or "as a data type" in text:
            return "関数に渡す引数の数と順番を確かめましょう。配列の形は (2, 3) のように1つにまとめて渡します。"
        case TypeError():
            return "エラーが起きた行で、数、配列、関数を取り違えていないか確かめましょう。"
        case ValueError() if "truth value" in text:
            return "配列は if や max では比べられません。要素ごとの計算には np.where や np.maximum を使いましょう。"
        case ValueError() if "read-only" in text:
            return "書き換えられない配列に代入しています。先に .copy() で写しを作りましょう。"
        case ValueError() if "shape" in text or "dimension" in text or named(text, "形"):
            return "計算している配列の形(.shape)を表示して、紙に書いた形と比べてみましょう。"
    return "エラーが起きた行の途中の値を print で表示して、思ったとおりか確かめましょう。"


# What NumPy no longer has, it says itself, together with what there is in its place …
REMOVED = re.compile(r"`np\.(?P<name>\w+)` was (?:a deprecated alias for|removed in) .*")
IN_ITS_PLACE = re.compile(r"\b(?:[Uu]se|available as|available under)\b[^`]*`([^`]+)`")
TWO_SENTENCES = re.compile(r"(?:.*?\.(?: |$)){1,2}")
# … but for these, of which it says nothing.
GONE = {
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "asscalar": "a.item()",
    "msort": "np.sort(a, axis=0)",
}


def of_numpy(text: str) -> tuple[str, str] | None:
    """What NumPy says about a name that it had before, and what to write in its place."""
    text = " ".join(text.split())
    if found := REMOVED.search(text):
        said, now = TWO_SENTENCES.match(found[0]), IN_ITS_PLACE.search(found[0])
        gone = say("np.{name} はなくなりました。", name=found["name"])
        instead = say("代わりに {code} と書きます。", code=now[1]) if now else say("ほかの書き方にしましょう。")
        return (said or found)[0].strip(), together(gone, instead)
    if (found := re.match(r"module 'numpy' has no attribute '(\w+)'", text)) and found[1] in GONE:
        gone = "np.{name} は、いまの NumPy にはありません。代わりに {code} と書きます。"
        return found[0], say(gone, name=found[1], code=GONE[found[1]])
    return None


def meant(text: str) -> str:
    """What Python takes the name for, as it stands in the text of the error."""
    found = re.search(r"Did you mean: '([^']+)'\?", text)
    return say("{name} の書き間違いではありませんか。", name=found[1]) if found else ""


def named(text: str, japanese: str) -> bool:
    """Whether the text of an error, which may be the course's own in any language, has this word."""
    return any(word in text for word in in_every_language(japanese))
