"""What a reader of the built site waits for and loads: `make book benchmark-live`.

Times are medians of RUNS fresh browsers; "warm" is the second visit of the same browser, which has the files in its
cache. Bytes are what a server sends that compresses (gzip), as GitHub Pages does, and what one sends that does not.
"""

import gzip
import statistics
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import sync_playwright

from press import ROOT
from tools import browser

SITE = ROOT / "_build" / "html"

RUNS = 3
PATIENCE = 120_000  # ms
OPTIONS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
LIVE = ("_static/live/", "_static/pyodide/", "_static/figures.js")


class Handler(SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *arguments):
        pass


def size(paths):
    """MB, plain and compressed."""
    contents = [(SITE / path).read_bytes() for path in paths]
    return sum(map(len, contents)) / 1e6, sum(len(gzip.compress(content, 6)) for content in contents) / 1e6


class Visit:
    """A reader's page, and the files of the site that it has asked for."""

    def __init__(self, context, address, name):
        self.asked = set()
        self.page = context.new_page()
        context.on("request", self.note)
        self.address = address
        self.page.goto(f"{address}/book/{name}.html", wait_until="networkidle")

    def note(self, request):
        path = request.url.removeprefix(self.address + "/").partition("?")[0]
        if path.startswith(LIVE):
            self.asked.add(path)

    def run(self, code, expected):
        """Seconds from starting the first cell with this code to its output."""
        self.page.evaluate("(code) => { cells[0].open(); cells[0].memory.keep({code}); }", code)
        started = time.perf_counter()
        self.page.evaluate("() => void cells[0].run()")
        self.page.wait_for_selector(f".live-output {expected}", timeout=PATIENCE)
        return time.perf_counter() - started

    def stop(self):
        self.run("print('始め')\nfor n in range(10**9):\n    pass", "pre:text('始め')")
        started = time.perf_counter()
        self.page.get_by_role("button", name="停止").first.click()
        self.page.wait_for_selector(".live-stopped", timeout=PATIENCE)
        return time.perf_counter() - started


def measure(chromium, address):
    """One fresh browser: name → seconds, and name → files."""
    context = chromium.new_context(locale="ja-JP")
    visit = Visit(context, address, "introduction")
    files = {"押す前": set(visit.asked)}
    times = {"最初の出力まで(はじめて)": visit.run("import numpy as np\nnp.ones(3)", "pre:text('array')")}
    files["NumPy の最初の結果まで"] = set(visit.asked)
    times["次のセル"] = visit.run("1 + 1", "pre:text('2')")
    drawing = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    times["最初の図まで(続けて)"] = visit.run(drawing, "img")
    files["図を描くとき"] = set(visit.asked)
    times["停止"] = visit.stop()
    visit.page.close()
    again = Visit(context, address, "introduction")
    times["最初の出力まで(2回目の訪問)"] = again.run("import numpy as np\nnp.ones(3)", "pre:text('array')")
    context.close()
    return times, files


def main():
    if not (SITE / "_static" / "live").is_dir():
        sys.exit("✗ サイトがありません。make book を実行してください。 / build the site first: make book")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=SITE)) as server, sync_playwright() as driver:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        results = []
        for _ in range(RUNS):
            chromium = driver.chromium.launch(executable_path=browser.find(), args=OPTIONS.split())
            results.append(measure(chromium, address))
            chromium.close()
        server.shutdown()
    print(f"\n時間(秒、{RUNS} 回の中央値)/ seconds")
    for name in results[0][0]:
        print(f"{statistics.median(times[name] for times, _ in results):8.2f}  {name}")
    print("\n読み込むもの(MB、そのまま → 圧縮)/ MB, plain → gzip")
    for name, files in results[0][1].items():
        plain, packed = size(files)
        print(f"{plain:8.3f} → {packed:6.3f}  {name}")


if __name__ == "__main__":
    main()
