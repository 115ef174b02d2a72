"""The beginning of a notebook's first cell: it finds dlcourse wherever a student has opened the notebook.

The function goes into the notebooks as it stands here, its words in the notebook's language. It needs nothing but
Python, and an old one can read it. It changes nothing in the student's environment: Python imports from a wheel as it
is.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Students read the function.

import inspect
import json
from pathlib import Path

from dlcourse import __version__, foreign, words
from press import edition
from press.words import say


def first_cell(setup: str) -> str:
    """The whole cell in the language in use, with an exercise source's own setup at its end."""
    title = say("# @title 準備: 最初に、このセルを実行します(Shift + Enter)。")  # Colab shows it
    return f"{title}\n{in_language(inspect.getsource(prepare))}\n\n{call(edition.home())}\n\n{speak()}{setup}"


def speak() -> str:
    """By which the checks speak the language of the notebook."""
    code = words.language()
    return "" if code == "ja" else f'import dlcourse.words\n\ndlcourse.words.use("{code}")\n\n'


def in_language(function: str) -> str:
    """The source of `prepare`, which then tells what is wrong in one language instead of two."""
    if words.language() == "ja":
        return function
    with words.using("ja"):
        ours = texts()
    edits = {**dict(zip(ours, texts(), strict=True)), "stop(japanese, english)": "stop(text, english)"}
    edits[r"{japanese}\n  / {english}"] = "{text}"
    for text, said in edits.items():
        function = foreign.replace(function, text, said, where="press/exercises/first_cell.py", times=1)
    return function


def texts() -> list[str]:
    """What `prepare` says, in the pieces in which it stands there."""
    return [
        say("dlcourse を使えるようにします。入っていなければ、そばに置いた wheel か、コースのサイトのものを読みます。"),
        say("Python 3.11 以上のカーネルを選んでください。"),
        say("NumPy がありません。新しいセルで実行してください: {pip} numpy matplotlib"),
        say("NumPy が古すぎます。新しいセルで実行し、カーネルを再起動してください: {pip} --upgrade numpy"),
        say("{other} は、このノートブックの版ではありません。"),
        say("{address} にあるものは、このノートブックの版ではありません。"),
        say("{address} を受け取れません({error})。"),
        say("右の Settings で Internet を On にすると受け取れます。"),
        say("左のファイルの欄"),
        say("dlcourse がありません。{problem}{address or '先生'}から {name} を受け取って、{place} に置き、"),
        say("このセルをもう一度実行してください。"),
    ]


def call(site: str) -> str:
    """Where this edition's wheel is, and what it has to hold; the edition alone, where the site has no address yet."""
    where = f', "{site}{edition.WHEEL}", "{edition.sha256(site)}"' if site else ""
    return f'prepare("{__version__}"{where})'


def is_current(notebook: Path, site: str) -> bool:
    """Whether the notebook's first cell is for the wheel of this edition's site."""
    return json.dumps(call(site), ensure_ascii=False)[1:-1] in notebook.read_text("utf-8")


def prepare(edition, address="", sha256=""):
    """dlcourse を使えるようにします。入っていなければ、そばに置いた wheel か、コースのサイトのものを読みます。"""
    import importlib.util
    import re
    import sys

    class NotReady(ImportError):
        def _render_traceback_(self):  # Jupyter shows this in place of a traceback
            return [str(self)]

    def stop(japanese, english):
        raise NotReady(f"✗ {japanese}\n  / {english}") from None

    def number(version):
        return [int(part) for part in re.findall(r"\d+", version)[:3]]

    pip = "%pip install" if importlib.util.find_spec("pip") else f'!uv pip install --python "{sys.executable}"'
    if sys.version_info < (3, 11):
        stop("Python 3.11 以上のカーネルを選んでください。", f"This is Python {sys.version[:4]}: choose 3.11 or newer.")
    try:
        import numpy
    except ModuleNotFoundError:
        stop(f"NumPy がありません。新しいセルで実行してください: {pip} numpy matplotlib", "Run that in a new cell.")
    if number(numpy.__version__) < [1, 26]:
        stop(
            f"NumPy が古すぎます。新しいセルで実行し、カーネルを再起動してください: {pip} --upgrade numpy",
            "NumPy is too old: run that in a new cell, and restart the kernel.",
        )
    try:
        from dlcourse import __version__ as installed
    except ImportError:
        installed = ""
    if number(installed) >= number(edition):
        return

    import hashlib
    import os
    import tempfile
    import urllib.request
    import zipfile
    from pathlib import Path

    def is_right(wheel):
        if sha256:
            return hashlib.sha256(wheel.read_bytes()).hexdigest() == sha256
        return number(wheel.name) >= number(edition) and zipfile.is_zipfile(wheel)

    name = f"dlcourse-{edition}-py3-none-any.whl"
    kept = Path(os.path.expanduser("~"), ".cache", "dlcourse", name)
    beside = [*Path().glob("dlcourse*.whl"), *Path("/kaggle/input").glob("**/dlcourse*.whl")]
    wheel = next(filter(is_right, beside + [kept] * kept.is_file()), None)
    problem = "".join(f"{other} は、このノートブックの版ではありません。" for other in beside)
    if wheel is None and address:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                content = answer.read()
            if hashlib.sha256(content).hexdigest() == sha256:
                try:
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(content)
                except OSError:  # a home where nothing may be written
                    kept = Path(tempfile.mkdtemp(), name)
                    kept.write_bytes(content)
                wheel = kept
            else:
                problem += f"{address} にあるものは、このノートブックの版ではありません。"
        except OSError as error:
            problem += f"{address} を受け取れません({error})。"
    if wheel is None:
        if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
            problem += "右の Settings で Internet を On にすると受け取れます。"
        place = "左のファイルの欄" if "google.colab" in sys.modules else str(Path().resolve())
        stop(
            f"dlcourse がありません。{problem}{address or '先生'}から {name} を受け取って、{place} に置き、"
            "このセルをもう一度実行してください。",
            f"Get {name} from {address or 'your teacher'}, put it into {place}, and run this cell again.",
        )
    for module in [module for module in sys.modules if module.partition(".")[0] == "dlcourse"]:
        del sys.modules[module]
    sys.path.insert(0, os.path.abspath(str(wheel)))
