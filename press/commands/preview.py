"""Show the book while it is written: `make live` builds what was saved and reloads the browser.

Loading Jupyter Book takes longer than building a page. So it is loaded once, into a process that does nothing else
than to be copied for every build.
"""

import json
import multiprocessing
import multiprocessing.reduction
import os
import sys
import time
import webbrowser
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from press import ROOT, made_from
from press.commands import build
from press.site.extra import start

PORT = 8000
RESULT = build.BUILD / "live.json"  # how the last build ended: {"build": its number, "problem": a line or null}
SCRIPT = """
<script>
(async () => {
  const seen = %d;
  for (;;) {
    try {
      const { build, problem } = await (await fetch(`/live?seen=${window.liveSeen ?? seen}`)).json();
      window.liveSeen = build;
      if (!problem) return location.reload();
      const bar = document.getElementById("live-problem") ?? document.body.appendChild(document.createElement("pre"));
      Object.assign(bar, { id: "live-problem", textContent: problem });
      bar.style = "position: fixed; inset: auto 0 0; z-index: 9999; margin: 0; padding: 1rem; white-space: pre-wrap;"
        + "color: #fff; background: #a00";
    } catch {
      await new Promise((again) => setTimeout(again, 1000)); // the server is being started again
    }
  }
})();
</script>
"""


def result() -> dict[str, Any]:
    try:
        return json.loads(RESULT.read_text("utf-8"))
    except (OSError, ValueError):  # being written
        return {"build": 0, "problem": None}


class Handler(start.Handler):
    """The site, each page with a script that waits for the next build."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/live":
            seen = int(parse_qs(address.query)["seen"][0])
            while result()["build"] == seen:
                time.sleep(0.1)
            self.answer(json.dumps(result()).encode(), "application/json")
        elif address.path.endswith(".html") and (page := build.BUILD / "html" / address.path.lstrip("/")).is_file():
            self.answer(page.read_bytes() + (SCRIPT % result()["build"]).encode(), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(address: Connection) -> None:
    server = start.serve(Handler, build.BUILD / "html", PORT)
    address.send(f"http://127.0.0.1:{server.server_port}/")
    server.serve_forever()


class Copy:
    """A copy of the loaded process that runs Jupyter Book, used like subprocess.Popen."""

    def __init__(self) -> None:
        output, its_end = loaded.Pipe(duplex=False)
        self.process = loaded.Process(target=build_book, args=(its_end,), daemon=True)
        self.process.start()
        assert self.process.pid
        self.pid = self.process.pid
        its_end.close()
        self.stdout = os.fdopen(os.dup(output.fileno()), encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.join()
        self.returncode = self.process.exitcode


def build_book(output: Connection) -> None:
    sys.stdout = sys.stderr = os.fdopen(os.dup(output.fileno()), "w", buffering=1, encoding="utf-8")
    os.environ.update(build.environment())
    from jupyter_book.cli.main import main

    main([str(part) for part in build.COMMAND[1:]])


# What extensions, and the book's own, load only when a build has begun.
BEGUN_WITH = [
    "myst_nb.sphinx_ext",
    "sphinx_design.extension",
    "IPython.core.completer",
    "fontTools.subset",
    "jaconv",
    "jupytext",
    "mdit_py_cjk_friendly",
    "pybtex.backends.plaintext",
    "tinycss2",
]


def modules() -> list[str]:
    """What every build needs. The book's own extension each build loads itself."""
    from jupyter_book.config import get_final_config
    from sphinx.application import builtin_extensions

    settings = {"latex_individualpages": False}  # what its command line always passes
    config, _ = get_final_config(user_yaml=ROOT / "_config.yml", cli_config=settings, sourcedir=ROOT)
    others = [name for name in config["extensions"] if name != "press"]
    first = ["jupyter_book.cli.main", "jupyter_book.sphinx", "matplotlib.font_manager"]
    return [*first, *builtin_extensions, *others, *BEGUN_WITH]


def load() -> ForkServerContext:
    """The process that has loaded them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(modules())
    return context


def state() -> dict[Path, int]:
    """When each source was last saved."""
    times = {}
    for file in made_from.files():
        try:
            times[file] = file.stat().st_mtime_ns
        except FileNotFoundError:  # an editor is replacing it
            continue
    return times


def main() -> None:
    RESULT.unlink(missing_ok=True)
    known: dict[Path, int] | None = None
    number = 0
    while True:
        now = state()
        if now == known:
            time.sleep(0.2)
            continue
        changed = sorted(str(file.relative_to(ROOT)) for file, _ in set((known or now).items()) ^ set(now.items()))
        if changed:
            print(f"\n変更 / changed: {'、'.join(dict.fromkeys(changed))}", flush=True)
        known, number = now, number + 1
        with build.alone():
            problem = build.build(Copy)
        if problem:
            print(problem, flush=True)
        RESULT.write_text(json.dumps({"build": number, "problem": problem}), "utf-8")
        if number == 1:
            here, there = multiprocessing.Pipe(duplex=False)
            multiprocessing.Process(target=serve, args=(there,), daemon=True).start()
            address = here.recv()
            webbrowser.open(address)
        print(f"{address} 保存すると作り直します。終わるときは Ctrl + C / waiting for changes", flush=True)


if __name__ == "__main__":
    loaded = load()
    try:
        main()
    except KeyboardInterrupt:
        print()
