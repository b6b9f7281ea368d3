"""List the packages that a SOURCE names.

=====================================  ===============================================================================
source                                 packages
=====================================  ===============================================================================
a folder of this machine               the programs, libraries and archives in it, by their first bytes, at any depth
a file, or an address of one           itself
a glob (``*``, ``?``, ``[``)           what it matches, as fsspec understands it (``**`` stands for any folders)
a folder of ``s3``, ``gs``, ``az`` ... the files below it whose names end as packages' do (``PACKAGE_SUFFIXES``)
an HTML page (an index)                its links that end so, also those to other hosts
=====================================  ===============================================================================

The identity of a package (``remote.Facts``) is known from the list where the file system has it in its listings, so
that a package that has not changed costs no request. For HTTP it is asked by the worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from symver_pin.errors import UsageError
from symver_pin.fleet.remote import FetchError, facts_from, is_local, open_place, reason_of
from symver_pin.loader.verdict import FileVerdict
from symver_pin.verifier.discovery.candidates import Archive
from symver_pin.verifier.discovery.folders import walk
from symver_pin.verifier.discovery.sniff import is_binary, read_ends, sniff

PACKAGE_SUFFIXES = (
    ".whl", ".zip", ".jar", ".deb", ".udeb", ".rpm", ".apk", ".conda", ".tar", ".tgz", ".txz", ".tbz2", ".tar.gz",
    ".tar.xz", ".tar.bz2", ".tar.zst", ".snap", ".squashfs", ".AppImage", ".so", ".a", ".node", ".run",
)  # fmt: skip
"""How the names of packages end, where only names are known."""

_MAX_PAGE = 256 << 20
"""The bytes of an index page. The largest known have 40 MB."""


class Listed(NamedTuple):
    """A package of a source."""

    package: str
    identity: str | None
    """Its identity, where the listing has it."""


def list_packages(source: str) -> Iterator[Listed]:
    """The packages that a source names, in order.

    Raises UsageError when it is not there, names nothing, or needs an fsspec file system that is not installed.
    """
    try:
        found = list(_local(source) if is_local(source) else _remote(source))
    except FetchError as error:
        raise UsageError(f"{source}: cannot be listed: {error}") from error
    if not found:
        raise UsageError(f"{source}: names no package; a folder, glob or page must have one")
    yield from found


def _local(source: str) -> Iterator[Listed]:
    path = Path(source).absolute()
    if path.is_dir():
        for each in walk(str(path), lambda _folder: None):
            if isinstance(each, FileVerdict):
                if each.error is not None:
                    yield Listed(each.path, None)
            else:
                yield _on_disk(Path(each.path if isinstance(each, Archive) else each))
    elif path.exists():
        yield _on_disk(path)
    elif any(mark in source for mark in "*?["):
        files, pattern = open_place(str(path))
        yield from (_on_disk(Path(each)) for each in sorted(files.glob(pattern)) if _may_hold_programs(each))
    else:
        raise UsageError(f"{source}: no such file or folder")


def _may_hold_programs(path: str) -> bool:
    """The look that a walk through folders takes at each file."""
    try:
        head, tail = read_ends(path)
    except OSError:
        return Path(path).is_file()  # the worker says why it cannot be read
    kind = sniff(head)
    return kind in ("program", "archive") or (kind == "script" and is_binary(tail))


def _on_disk(path: Path) -> Listed:
    try:
        status = path.stat()
    except OSError:  # the worker says why
        return Listed(str(path), None)
    return Listed(str(path), facts_from({"size": status.st_size, "mtime": status.st_mtime_ns}).identity)


def _remote(source: str) -> Iterator[Listed]:
    files, place = open_place(source)
    protocol = source.partition("://")[0]
    is_http = protocol in ("http", "https")
    try:
        if any(mark in place for mark in ("*", "[") if mark in source):
            found: dict[str, Any] = files.glob(place, detail=True)
        elif is_http:
            yield from _http(source, files, place)
            return
        else:
            found = files.find(place, detail=True) if files.isdir(place) else {place: files.info(place)}
    except Exception as error:  # each file system has exceptions of its own
        raise FetchError(reason_of(error)) from error
    for name, info in sorted(found.items()):
        if info["type"] == "file" and (len(found) == 1 or _is_package(name)):
            yield Listed(name if "://" in name else files.unstrip_protocol(name), facts_from(info).identity)


def _http(source: str, files: Any, place: str) -> Iterator[Listed]:
    """A page's links, or the one file at an address."""
    info = files.info(place)
    if info.get("mimetype") not in ("text/html", "application/xhtml+xml", "application/vnd.pypi.simple.v1+html"):
        yield Listed(place, None)
        return
    if (info.get("size") or 0) > _MAX_PAGE:
        raise FetchError(f"the page has {info['size']} bytes; the limit is {_MAX_PAGE >> 20} MiB")
    links = _Links(info.get("url") or source)
    links.feed(files.cat_file(place).decode("utf-8", "replace"))
    yield from (Listed(link, None) for link in dict.fromkeys(links.found) if _is_package(link))


def _is_package(name: str) -> bool:
    return name.partition("?")[0].lower().endswith(tuple(suffix.lower() for suffix in PACKAGE_SUFFIXES))


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of a link."""
        target = dict(attrs).get("href") if tag == "a" else None
        if target:
            address = urljoin(self._base, target).partition("#")[0]
            if address.startswith(("http://", "https://")):
                self.found.append(address)
