"""An HTTP server on a loopback address for a folder of packages: ranges, ETags, an index page, and faults on demand."""

from __future__ import annotations

import contextlib
import hashlib
import html
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

_PIECE = 1 << 16


class PackageServer:
    """What the server serves, and what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.sent: Counter[str] = Counter()
        """Name -> bytes of bodies that were sent."""
        self.requests: Counter[str] = Counter()
        """Method -> requests."""
        self.drops: Counter[str] = Counter()
        """Name -> how many more times a body breaks off in its middle."""
        self.hangs: set[str] = set()
        """Names whose bodies never come."""
        self.has_ranges = True
        self._released = threading.Event()

    def url(self, name: str) -> str:
        return f"{self.address}/{quote(name)}"

    @property
    def index(self) -> str:
        """The address of the page with a link to each package."""
        return f"{self.address}/"

    def forget(self) -> None:
        """Count from zero again."""
        self.sent.clear()
        self.requests.clear()

    def page(self) -> bytes:
        names = sorted(path.name for path in self.folder.iterdir())
        links = "".join(f'<a href="{quote(name)}#sha256=0">{html.escape(name)}</a><br>\n' for name in names)
        return f"<!DOCTYPE html><html><body><a href='../'>up</a>\n{links}</body></html>".encode()

    def wait_hanging(self) -> None:
        """Wait until the server is closed."""
        self._released.wait()

    def release(self) -> None:
        self._released.set()


class _Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET. `served` is set in a class of each server."""

    protocol_version = "HTTP/1.1"
    served: PackageServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        self.served.requests[self.command] += 1
        name = unquote(self.path.lstrip("/"))
        path = self.served.folder / name
        if not name:
            page = self.served.page()
            self._start(200, {"Content-Type": "text/html", "Content-Length": str(len(page))})
            self.wfile.write(page if with_body else b"")
        elif path.is_file():
            self._file(path, with_body)
        else:
            self._start(404, {"Content-Length": "0"})

    def _file(self, path: Path, with_body: bool) -> None:
        status = path.stat()
        etag = hashlib.sha256(f"{path.name} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:16]
        first, last, code = 0, status.st_size - 1, 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and self.served.has_ranges:
            first, last, code = int(asked[1]), min(last, int(asked[2] or last)), 206
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(last - first + 1),
            "ETag": f'"{etag}"',
            "Accept-Ranges": "bytes" if self.served.has_ranges else "none",
        }
        if code == 206:
            headers["Content-Range"] = f"bytes {first}-{last}/{status.st_size}"
        self._start(code, headers)
        if with_body:
            self._body(path, first, last + 1)

    def _start(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, path: Path, start: int, end: int) -> None:
        served = self.served
        if path.name in served.hangs:
            served.wait_hanging()
        if served.drops[path.name] > 0:
            served.drops[path.name] -= 1
            end = start + (end - start) // 2
            self.close_connection = True
        with path.open("rb") as stream, contextlib.suppress(ConnectionError):
            stream.seek(start)
            while start < end:
                piece = stream.read(min(_PIECE, end - start))
                self.wfile.write(piece)
                start += len(piece)
                served.sent[path.name] += len(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[PackageServer]:
    """Serve a folder on a free loopback port."""
    served = PackageServer(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"served": served}))
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        served.release()
        server.shutdown()
        server.server_close()
