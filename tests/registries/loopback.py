"""A package registry on a loopback address, for apt and npm, that lists packages and may refuse their files.

It makes Debian suites up as they are asked for: each has the packages of `NAMES`, whose files are tiny real .debs
unless the registry is told to refuse them.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from library_sets import PACKAGES

NAMES = (*PACKAGES, "libcrypt1")
"""The packages of each Debian suite."""

NPM_PACKAGE = "some-package"
NPM_VERSION = "1.0.0"


class Registry:
    """What the server answers."""

    def __init__(self, versions: dict[str, str] | None = None, refused: str = "", refusals: int = 1_000_000) -> None:
        """`versions`: suite -> the version of its packages ("2.41-1" for one not named). Paths in which the regular
        expression `refused` is found get "404 Not Found", each the first `refusals` times."""
        self.versions = versions or {}
        self.refused = re.compile(refused or "(?!)")
        self.refusals = refusals
        self.asked: Counter[str] = Counter()
        self.address = ""

    def answer(self, path: str) -> bytes | None:
        """The body for a path; None for "404 Not Found"."""
        path = unquote(path)
        self.asked[path] += 1
        if self.refused.search(path) and self.asked[path] <= self.refusals:
            return None
        debian = re.fullmatch(r"/debian(?:-security)?/(.*)", path)
        if debian is not None:
            return self._debian(debian[1])
        if path == f"/npm/{NPM_PACKAGE}":
            return json.dumps(self._npm_document()).encode()
        if path == f"/npm/{NPM_PACKAGE}.tgz":
            return npm_tarball()
        return None

    def _debian(self, path: str) -> bytes | None:
        parts = path.split("/")
        if parts[0] == "pool":
            name, version, arch = parts[-1].removesuffix(".deb").split("_")
            return deb(name, version, arch)
        if parts[0] == "dists" and parts[-1] == "Release":
            return self._release(parts[1])
        index = re.fullmatch(r"dists/([^/]+)/main/binary-([^/]+)/Packages", path)
        return self._packages(index[1], index[2]) if index else None

    def _release(self, suite: str) -> bytes:
        lines = [f"Origin: Debian\nSuite: {suite}\nCodename: {suite}\nComponents: main\nSHA256:"]
        for arch in ("amd64", "arm64", "armhf", "i386", "loong64", "mips64el", "ppc64el", "riscv64", "s390x"):
            data = self._packages(suite, arch)
            lines.append(f" {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-{arch}/Packages")
        return "\n".join([*lines, ""]).encode()

    def _packages(self, suite: str, arch: str) -> bytes:
        version = self.versions.get(suite, "2.41-1")
        return "\n".join(_stanza(name, version, arch) for name in NAMES).encode()

    def _npm_document(self) -> dict[str, object]:
        integrity = base64.b64encode(hashlib.sha512(npm_tarball()).digest()).decode()
        dist = {"tarball": f"{self.address}/npm/{NPM_PACKAGE}.tgz", "integrity": f"sha512-{integrity}"}
        version = {"name": NPM_PACKAGE, "version": NPM_VERSION, "dist": dist}
        return {"name": NPM_PACKAGE, "dist-tags": {"latest": NPM_VERSION}, "versions": {NPM_VERSION: version}}


def _stanza(name: str, version: str, arch: str) -> str:
    data = deb(name, version, arch)
    file = f"pool/{name}_{version}_{arch}.deb"
    return (
        f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: nobody <nobody@example.org>\n"
        f"Description: x\nFilename: {file}\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n"
    )


def deb(name: str, version: str, arch: str, file: str = "", content: bytes = b"") -> bytes:
    """A .deb with one file in it: `file` ("./usr/lib/libc.so.6") or one of no importance."""
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: nobody\nDescription: x\n"
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _tar({"./control": control.encode()}),
        "data.tar.gz": _tar({file or f"./usr/share/{name}": content}),
    }
    # a System V archive: name, time, owner, group, mode, size; each member begins at an even offset
    archive = b"!<arch>\n"
    for member, data in members.items():
        head = f"{member:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n"
        archive += head.encode() + data + b"\n" * (len(data) % 2)
    return archive


def npm_tarball() -> bytes:
    """The npm package."""
    return _tar({"package/package.json": json.dumps({"name": NPM_PACKAGE, "version": NPM_VERSION}).encode()})


def _tar(files: dict[str, bytes]) -> bytes:
    """A .tar.gz, the same bytes each time."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


@contextlib.contextmanager
def serving(registry: Registry) -> Iterator[str]:
    """Serve a registry on a free loopback port; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = registry.answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield registry.address
    finally:
        server.shutdown()
        server.server_close()


def write_sources(apt: Path, address: str, suites: frozenset[str]) -> Path:
    """A folder like /etc/apt whose sources are the registry at `address`."""
    apt.mkdir()
    lines = [f"deb [trusted=yes] {address}/debian {suite} main\n" for suite in suites]
    lines += [f"deb [trusted=yes] {address}/debian-security {suite}-security main\n" for suite in suites]
    (apt / "sources.list").write_text("".join(lines))
    return apt
