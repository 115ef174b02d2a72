"""Serve a folder as GitHub Pages does: text is sent compressed."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

COMPRESSED = ("text/", "application/javascript", "application/json", "application/xml", "image/svg+xml")


@lru_cache(maxsize=64)
def compressed(path: str, changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), compresslevel=6)


class PagesHandler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_head(self) -> BytesIO | BinaryIO | None:
        file = Path(self.translate_path(self.path))
        kind = self.guess_type(str(file))
        asked = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (asked and file.is_file() and kind.startswith(COMPRESSED)):
            return super().send_head()
        body = compressed(str(file), file.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        return BytesIO(body)

    def log_message(self, *arguments: object) -> None:
        pass


class PagesServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser may close a connection while it is answered."""


@contextmanager
def serve(folder: Path, handler: type[SimpleHTTPRequestHandler] = PagesHandler) -> Iterator[str]:
    """The address of a server for `folder` on this machine."""
    with PagesServer(("127.0.0.1", 0), partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
