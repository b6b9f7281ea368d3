"""A package where it is stored: a path, or an address that fsspec opens."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from symver_pin.errors import SymverPinError, UsageError

_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "Content-MD5", "Digest", "Last-Modified", "LastModified", "mtime")
"""What file systems call a value that changes with the content, the most certain first. HTTP's ETag is one; a local
file has only the time of its last change."""
_VERSION = re.compile(r"[-_]v?\d.*")
TIMEOUT = 60
"""Seconds without an answer or a byte after which a connection is given up."""


class FetchError(SymverPinError):
    """A package could not be read from where it is stored, which may pass: it is not recorded, and tried again."""


class Facts(NamedTuple):
    """What the place of a package says about it without reading it."""

    size: int | None
    """In bytes; None when it is not known."""
    identity: str | None
    """Another text when the content is another; None when nothing tells."""
    has_ranges: bool
    """False if parts of it cannot be read."""


def is_local(package: str) -> bool:
    """True for a path of this machine."""
    return "://" not in package and not package.startswith(("file:", "local:"))


def open_place(address: str) -> tuple[Any, str]:
    """The file system of an address, and the address in it.

    Raises UsageError when fsspec does not know the protocol, or the protocol needs a package that is not installed.
    """
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(address, **_options(address))
    except (ImportError, ValueError) as error:
        raise UsageError(f"{address}: cannot be opened: {error}") from error
    return files, str(path)


def _options(address: str) -> dict[str, Any]:
    if not address.startswith(("http://", "https://")):
        return {}
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT, sock_read=TIMEOUT)
    return {
        "client_kwargs": {"timeout": timeout, "headers": {"Accept-Encoding": "identity"}},
        "use_listings_cache": False,
    }


def facts_of(files: Any, path: str) -> Facts:
    """Ask the place of a package about it. Raises FetchError when it does not answer."""
    try:
        return facts_from(files.info(path))
    except Exception as error:  # each file system has exceptions of its own
        raise FetchError(f"{path}: {reason_of(error)}") from error


def facts_from(info: dict[str, Any]) -> Facts:
    """The facts in what fsspec knows of a file."""
    size = info.get("size")
    mark = next((f"{name}={info[name]}" for name in _MARKS if info.get(name)), None)
    identity = None if mark is None else f"{mark} size={size}"
    return Facts(size, identity, info.get("partial", True) is not False)


def reason_of(error: BaseException) -> str:
    """One line about an exception of a file system, with its cause."""
    seen: list[str] = []
    current: BaseException | None = error
    while current is not None:
        text = " ".join(str(current).split()) or type(current).__name__
        if text not in seen:
            seen.append(text)
        current = current.__cause__
    return ": ".join(seen)


def project_of(package: str) -> str:
    """The part of a package's file name before its version: the name of a wheel, .deb, .rpm or npm package.

    >>> project_of("https://host/numpy-2.1.0-cp311-cp311-manylinux_2_28_x86_64.whl"), project_of("bash_5.2-1_amd64.deb")
    ('numpy', 'bash')
    """
    base = package.rstrip("/").rpartition("/")[2].partition("?")[0]
    return _VERSION.sub("", base) or base
