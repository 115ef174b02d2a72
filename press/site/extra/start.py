"""ページの中で Python を動かせるように、この本をブラウザーで開きます: このファイルを実行してください。

ブラウザーは、ファイルとして開いたページでは Python を動かせません。そこで、この計算機の中だけで働く小さな
サーバーを始めます。ほかの計算機からは見えず、ネットワークも使いません。必要なのは Python 3.8 以上だけです。
"""

from __future__ import annotations

import hashlib
import os
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

SITE = Path(__file__).resolve().parent
# ブラウザーは、書いた答えを番号ごとに覚える。いつも同じ番号なら、次に開いたときも残っている。
USUAL_PORT = 8765
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}


class Handler(SimpleHTTPRequestHandler):
    # Windows では、ほかのソフトが種類の一覧を書き換えていることがある。
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, **TYPES}

    def send_head(self) -> BytesIO | BinaryIO | None:
        """ブラウザーが持っているものと同じかは、日付でなく内容で答える(zip の中のファイルは、どの版も同じ日付)。"""
        file = Path(self.translate_path(self.path))
        if file.is_dir() and self.path.partition("?")[0].endswith("/"):
            file /= "index.html"
        if not file.is_file():
            return super().send_head()
        content = file.read_bytes()
        mark = f'"{hashlib.sha256(content).hexdigest()}"'
        known = mark in self.headers.get("If-None-Match", "")
        self.send_response(304 if known else 200)
        self.send_header("ETag", mark)
        if not known:
            self.send_header("Content-Type", self.guess_type(str(file)))
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return None if known else BytesIO(content)

    def end_headers(self) -> None:
        # この2つがあると、実行を途中で止めても変数が残る。
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # Windows では、使われている番号まで取れてしまう


def serve(handler: type[SimpleHTTPRequestHandler] = Handler, site: Path = SITE, port: int = USUAL_PORT) -> Server:
    """いつもの番号か、それが使われていれば空いている番号で始める。"""
    answering = partial(handler, directory=str(site))
    try:
        return Server(("127.0.0.1", port), answering)
    except OSError:
        return Server(("127.0.0.1", 0), answering)


def main() -> None:
    with serve() as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"この本を {address} で開いています。 / The book is open at this address.", flush=True)
        if server.server_port != USUAL_PORT:
            print(f"いつもの番号 {USUAL_PORT} が使われているので、前に書いた答えは表示されません。", flush=True)
            print(f"The usual port {USUAL_PORT} is in use, so answers from before are not shown.", flush=True)
        print("終わるときは、この窓を閉じるか、Ctrl + C を押してください。", flush=True)
        print("To end, close this window or press Ctrl + C.", flush=True)
        webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("終わりました。 / Done.")


if __name__ == "__main__":
    main()
