"""Begin a new exercise: `make new-exercise CHAPTER=1 ID=T1-8 TITLE=題名`. What is not given is asked for.

Writes the skeleton into the chapter's source in solutions/ and its check into dlcourse/checks/, and says what is to be
done. Until that is done the tests fail: the skeleton holds the word TODO, which no exercise may contain.
"""

import os
import sys
import unicodedata
from pathlib import Path
from typing import NoReturn

from press import ROOT, languages
from press.exercises import source as sources

SOURCE = """
+++ {{"exercise": {{"difficulty": 1, "id": "{id}", "minutes": 5}}}}

## {id} {title}

TODO: 問題文。関数 `{name}(x)` を書いてください。引数と、返すものの形を、言葉で説明します。

+++ {{"hint": "{id}"}}

TODO: 詰まったところから一歩だけ進めるヒント。

```{{code-cell}} ipython3
:answer: {id}
:points: 1

def {name}(x):
    ### BEGIN SOLUTION
    return x  # TODO: 模範解答
    ### END SOLUTION
```

+++ {{"explanation": "{id}"}}

TODO: なぜそれが正しいのか。
"""
CHECK = """\
    Function(
        id="{id}",
        signature="{name}(x)",
        section="TODO: 読み返す節の見出し",
        reference=lambda x: x,  # TODO: 正しい計算(dlcourse にあれば functions.relu のように書く)
        inputs={{"ベクトル": lambda rng: (rng.normal(size=4),)}},  # TODO: 引数の作り方を、2通り以上
        pitfalls={{
            "-x": "TODO: ありそうな間違い(左)と、原因を伝えるヒント(右)。8つ以上",
            "x + 1": "TODO: 2つ目",
            "2 * x": "TODO: 3つ目",
            "0 * x": "TODO: 4つ目",
        }},
        variants=["+x", "1 * x"],  # TODO: 別の書き方の正解。4つ以上
    ),
]
"""
NEXT = """\
✓ {id} の下書きを作りました。TODO を3か所で埋めてください。
  1. {source}:{source_line}  問題文、ヒント、模範解答、解説、配点
  2. {checks}:{checks_line}  正しい計算、入力、間違いごとのヒント(答えの種類: Function、Value、Choice、Line、Order)
  3. book/ch{chapter}_….md  出したい場所に、次の2行を書く
       ```{{exercise}} {id}
       ```
そのあと make exercises でノートブックを作り、次のテストで確かめます。
  .venv/bin/python -m pytest tests/checks/test_exercises.py tests/checks/test_checks.py
"""


def stop(message: str) -> NoReturn:
    sys.exit(f"✗ {message}")


def ask(name: str, question: str) -> str:
    """A value given to make, or else the answer of the one who sits there."""
    if os.environ.get(name):
        return os.environ[name].strip()
    if not sys.stdin.isatty():
        stop(f"{name} がありません。 make new-exercise CHAPTER=1 ID=T1-8 TITLE=題名 のように書いてください。")
    return input(f"{question}: ").strip()


def find(pattern: str, chapter: str) -> Path:
    found = languages.sources(pattern, root=ROOT)
    if len(found) != 1:
        stop(f"第{chapter}章の {pattern} がありません。CHAPTER には、問題のある章の番号を書いてください。")
    return found[0]


def line_of(path: Path, text: str) -> int:
    return path.read_text("utf-8")[: path.read_text("utf-8").index(text)].count("\n") + 1


def main() -> None:
    chapter = ask("CHAPTER", "章の番号(1 から 5)")
    if not chapter.isdecimal():
        stop(f"CHAPTER は章の番号です(いまは {chapter!r})。 make new-exercise CHAPTER=1 のように書いてください。")
    source = find(f"solutions/ch{chapter}_*/ch{chapter}_*.md", chapter)
    identifier = unicodedata.normalize("NFKC", ask("ID", "問題の番号(例: T1-8)"))
    if not sources.ID.fullmatch(identifier):
        kinds = "、".join(f"{letter}({kind})" for letter, kind in sources.kinds().items())
        stop(f"ID は、種類の文字と数字です(いまは {identifier!r})。例: T1-8。文字は {kinds} です。")
    of, dash, _ = identifier[1:].partition("-")
    if dash and of != chapter and (of, chapter) != ("0", "1"):  # what the course asks first stands in chapter 1
        stop(f"{identifier} は第{of}章の番号です。第{chapter}章なら {identifier[0]}{chapter}-… のようにしてください。")
    checks = find(f"dlcourse/checks/chapter{chapter}/{identifier[0]}.py", chapter)
    for other in sources.files():
        if any(exercise.id == identifier for exercise in sources.read(other).exercises):
            stop(f"{identifier} はもう {other.relative_to(ROOT)} にあります。使われていない番号を選んでください。")
    title = ask("TITLE", "題名")
    if not title:
        stop("TITLE が空です。何をする問題かがわかる題名を書いてください。")
    text = checks.read_text("utf-8")
    if not text.endswith("\n]\n"):
        stop(f"{checks.relative_to(ROOT)} が EXERCISES の一覧で終わっていません。")

    words = {"id": identifier, "title": title, "name": identifier.lower().replace("-", "_")}
    source.write_text(source.read_text("utf-8").rstrip("\n") + "\n" + SOURCE.format(**words), "utf-8")
    checks.write_text(text.removesuffix("]\n") + CHECK.format(**words), "utf-8")
    print(NEXT.format(
        **words, chapter=chapter, source=source.relative_to(ROOT), checks=checks.relative_to(ROOT),
        source_line=line_of(source, f"## {identifier} "), checks_line=line_of(checks, f'id="{identifier}"'),
    ), end="")  # fmt: skip


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, EOFError):
        stop("中断しました。何も書いていません。")
