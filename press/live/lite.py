"""The student notebooks in the browser: `lite/` in the site, and {lite}`text <ch1_input_to_hidden>` links to one.

JupyterLite is JupyterLab without a server; its settings are in lite_settings/. It runs on the Python of the live cells
(_static/pyodide/), to whose lock this adds what the build has made itself. Where that Python is missing, or with the
setting `lite_notebooks: false`, there is no lite/, the tag `lite` is not set, and what a page says inside
```{only} lite is left out.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

from jinja2 import Template
from jupyter_core.paths import jupyter_path
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

from dlcourse import foreign
from dlcourse.words import language
from press import made_from
from press.archive import OLDEST, archive
from press.exercises.source import released
from press.live import HERE, installed
from press.words import ORIGINAL, say, script

SETTINGS = HERE / "lite_settings"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# What Pyodide doesn't have, and what each needs. dlcourse itself needs NumPy only, but a notebook can't fetch
# Matplotlib at the moment when dlcourse.plotting asks for it.
OURS = {"comm": ["traitlets"], "dlcourse": ["matplotlib_fontja"], "matplotlib_fontja": ["matplotlib"]}
MADE_FROM = ["press/live/*", "press/live/lite_settings/*", "press/live/static/live.js", "exercises/*/*.ipynb"]
MADE_WITH = ["jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyterlab-language-pack-ja-jp"]


def complete_lock(folder: Path) -> str:
    """Add to the lock what isn't Pyodide's own, so that `import dlcourse` loads it; returns the lock's digest."""
    # A folder of metadata without METADATA keeps Pyodide from starting.
    taken = ("comm/*.py", "*.dist-info/METADATA", "*.dist-info/licenses/*")
    files = [file for file in installed("comm") if any(map(file.match, taken))]
    archive(folder / "comm.zip", {str(file): Path(file.locate()) for file in files})
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    for name, depends in OURS.items():
        content = hashlib.sha256((folder / f"{name}.zip").read_bytes()).hexdigest()
        lock["packages"][name.replace("_", "-")] = {
            "name": name.replace("_", "-"),
            "version": version(name),
            # Another content has another address: a browser's cache never mixes an old file with a new lock.
            "file_name": f"{name}.zip?{content[:8]}.zip",
            "sha256": content,
            "depends": depends,
            "imports": [name],
            "install_dir": "site",
            "package_type": "package",
        }
    text = json.dumps(lock, indent=1)
    (folder / "pyodide-lock.json").write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def head() -> str:
    """What is added to the head of its pages, in the language of this edition."""
    live = script((HERE / "static" / "live.js").read_text("utf-8"))
    found = re.search(r'^  file: say\("(.*)"\),$', live, re.MULTILINE)
    assert found  # as the cells of a page that was opened as a file say it: nothing can run there either
    return Template((SETTINGS / "head.html").read_text("utf-8")).render(
        say=say, language=language(), file_message=found[1]
    )


def fingerprint(lock: str) -> str:
    digest = hashlib.sha256(f"{lock} {language()} {made_from.fingerprint(MADE_FROM)}".encode())
    for package in MADE_WITH:
        digest.update(version(package).encode())
    return digest.hexdigest()


TELL = "_processLogMessage(e){"
# What the kernel's worker logs when its Python has ended; nobody answers then, and a cell would stay busy for ever.
ENDED = ("Pyodide has exited ", "Pyodide has suffered ")
TELL_THE_PAGE = f"{TELL}if(/^({'|'.join(ENDED)})/.test(e.data))return pythonEnded(this);"  # in head.html


def mend(target: Path) -> None:
    """Let the page know when the Python of a notebook has ended."""
    scripts = {file: file.read_text("utf-8") for file in target.glob(f"extensions/{KERNEL}/static/*.js")}
    workers = [text for text in scripts.values() if ".on_fatal=" in text]
    places = [file for file, text in scripts.items() for _ in range(text.count(TELL))]
    if len(places) != 1 or not workers or not all(words in text for words in ENDED for text in workers):
        raise ExtensionError(f"{KERNEL} が変わったので、lite.py の mend が働きません / {KERNEL} has changed: see mend")
    places[0].write_text(scripts[places[0]].replace(TELL, TELL_THE_PAGE), "utf-8")


def translate(target: Path) -> None:
    """Add what the language pack leaves in English: of the part called notebook, which the list of files is, all."""
    catalogue = target / "api" / "translations" / "ja_JP.json"
    said = json.loads(catalogue.read_text("utf-8"))
    ours = json.loads((SETTINGS / "notebook_ja.json").read_text("utf-8"))
    scripts = "".join(file.read_text("utf-8") for file in target.glob("build/*.js"))
    if gone := [words for words in ours if json.dumps(words, ensure_ascii=False) not in scripts]:
        raise ExtensionError(f"notebook_ja.json: JupyterLite では使われていません / not in JupyterLite: {gone}")
    said["data"]["notebook"] = {text: [japanese] for text, japanese in ours.items()} | said["data"]["notebook"]
    catalogue.write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def speak(settings: Path) -> None:
    """Of an edition in another language: what it calls itself, and no language pack: only Japanese has one."""
    lite = json.loads((settings / "jupyter-lite.json").read_text("utf-8"))
    data = lite["jupyter-config-data"]
    data["appName"] = say("ゼロから学ぶ深層学習")
    python = data["litePluginSettings"][f"{KERNEL}:kernel"]["loadPyodideOptions"]
    python["env"]["DLCOURSE_LANGUAGE"] = language()
    (settings / "jupyter-lite.json").write_text(json.dumps(lite, ensure_ascii=False), "utf-8")
    overrides = json.loads((settings / "overrides.json").read_text("utf-8"))
    del overrides["@jupyterlab/translation-extension:plugin"]
    for button in overrides["@jupyterlab/notebook-extension:panel"]["toolbar"]:
        if "label" in button:
            button["label"] = say("ダウンロード")
    (settings / "overrides.json").write_text(json.dumps(overrides, ensure_ascii=False), "utf-8")


def leave_packs_out(target: Path) -> None:
    folder = target / "api" / "translations"
    known = json.loads((folder / "all.json").read_text("utf-8"))
    for code in set(known["data"]) - {"en"}:
        del known["data"][code]
        (folder / f"{code}.json").unlink()
    (folder / "all.json").write_text(json.dumps(known), "utf-8")


def make(target: Path, lock: str) -> None:
    """Run JupyterLite's own build in a folder of its own."""
    kernel = next(filter(Path.is_dir, (Path(folder, KERNEL) for folder in jupyter_path("labextensions"))), None)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(SETTINGS, folder, dirs_exist_ok=True)
        settings = Path(folder, "jupyter-lite.json")
        settings.write_text(settings.read_text("utf-8").replace("pyodide-lock.json", f"pyodide-lock.json?{lock[:8]}"))
        if language() != ORIGINAL:
            speak(Path(folder))
        Path(folder, "contents").mkdir()
        for notebook in released():
            shutil.copy(notebook, Path(folder, "contents"))
        command: list[str | Path] = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", target]
        done = subprocess.run(
            [*command, f"--LiteBuildConfig.federated_extensions={kernel}"],
            cwd=folder,
            env={**os.environ, "SOURCE_DATE_EPOCH": OLDEST},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise ExtensionError(f"lite/ を作れませんでした / jupyter lite build failed:\n{done.stdout[-3000:]}")
    mend(target)
    if language() == ORIGINAL:
        translate(target)
    else:
        leave_packs_out(target)
    added = head()
    for page in target.glob("*/index.html"):
        text = page.read_text("utf-8")
        where = f"jupyterlite-core: {page.relative_to(target)}"
        page.write_text(foreign.replace(text, "</head>", f"{added}</head>", where=where, times=1), "utf-8")


def build(app: Sphinx) -> None:
    if not app.config.lite_notebooks:
        return
    python = Path(app.outdir) / "_static" / "pyodide"
    target = Path(app.outdir) / "lite"
    if app.builder.format != "html" or not python.is_dir():
        return
    lock = complete_lock(python)
    made_from = target / "made-from"  # written last: a build that was interrupted is made again
    wanted = fingerprint(lock)
    if not made_from.is_file() or made_from.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        make(target, lock)
        made_from.write_text(wanted)
    app.tags.add("lite")


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Collection[str]:
    """Pages say something else once there is a lite/ to link to."""
    before, now = getattr(env, "dlcourse_lite", None), app.tags.has("lite")
    env.dlcourse_lite = now  # type: ignore[attr-defined]  # a note of our own, kept with what Sphinx knows of the pages
    return env.found_docs if before not in (None, now) else []


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("lite_notebooks", True, "env", bool)
    app.connect("builder-inited", build, priority=600)  # after live_cells has put Pyodide in its place
    app.connect("env-get-outdated", read_again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
