"""What the metadata inside of a package promise: one function for each file, in a table by the file's path.

* conda, ``info/index.json``: ``depends`` and ``constrains`` may limit the virtual package ``__glibc``, which conda sets
  to the glibc of the system: ``__glibc >=2.17,<3.0.a0``.
* npm, ``package/package.json``: ``libc`` (npm 9.8 and later) is a list of ``glibc`` and ``musl``. ``engines`` or
  ``config`` may have ``glibc: ">=2.26"`` and ``musl``; npm does not read these, install scripts (sharp's) do.
* Debian, ``DEBIAN/control``: ``Depends`` and ``Pre-Depends`` name ``libc6 (>= 2.34)``; the glibc release is the
  upstream part of the version (deb-version(7)).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from symver_pin.glibc.release import Release
from symver_pin.promises.promise import Promise

_AT_LEAST = re.compile(r"(?:>=|\^|~|==?)\s*v?(\d+)\.(\d+)")
"""The lower end of a range of versions, as conda and npm write it: ``>=2.17,<3``, ``^2.17``, ``=2.17``."""
_DEBIAN_LIBC = re.compile(r"libc6(?:\.1)?(?::\w+)?\s*\((?:>=|>>|=)\s*(\d+)\.(\d+)[^)]*\)")
"""One dependency on glibc: ``libc6 (>= 2.34)``, ``libc6.1 (>= 2.17)`` on alpha and ia64."""
_DEBIAN_FIELD = re.compile(rb"^(?:Pre-)?Depends:[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE | re.IGNORECASE)


def conda_promise(data: bytes) -> Promise | None:
    """The limit on ``__glibc`` in an ``index.json``; None if there is none."""
    document = _json_object(data)
    words = [*_texts(document.get("depends")), *_texts(document.get("constrains"))]
    return _highest(word for word in words if word.split(" ")[0] == "__glibc")


def npm_promise(data: bytes) -> Promise | None:
    """What a ``package.json`` says of the C library; None if it says nothing."""
    document = _json_object(data)
    for key in ("engines", "config"):
        table = document.get(key)
        limit = table.get("glibc") if isinstance(table, Mapping) else None
        release = _at_least(limit) if isinstance(limit, str) else None
        if release is not None:
            return Promise(f"{key}.glibc {limit}", "glibc", release)
    value = document.get("libc")
    names = [value] if isinstance(value, str) else _texts(value)
    engines = document.get("engines")
    if names == ["musl"] or (not names and isinstance(engines, Mapping) and "musl" in engines):
        return Promise("libc: musl" if names else "engines.musl", "musl")
    return Promise(f"libc: {', '.join(names)}", "") if names else None


def debian_promise(data: bytes) -> Promise | None:
    """The dependency on libc6 in a ``control`` file; None if it has none.

    Of alternatives (``|``) the oldest counts, of several dependencies the newest.
    """
    needed: list[tuple[Release, str]] = []
    for field in _DEBIAN_FIELD.findall(data):
        for group in field.decode("utf-8", "replace").split(","):
            alternatives = [_DEBIAN_LIBC.fullmatch(part.strip()) for part in group.split("|")]
            found = [(Release(int(part[1]), int(part[2])), part[0]) for part in alternatives if part is not None]
            if len(found) == len(alternatives):
                needed.append(min(found))
    if not needed:
        return None
    release, text = max(needed)
    return Promise(f"Depends: {text}", "glibc", release)


READERS: dict[str, Callable[[bytes], Promise | None]] = {
    "info/index.json": conda_promise,
    "package/package.json": npm_promise,
    "DEBIAN/control": debian_promise,
}
"""The path of a file in a package -> the function that reads it."""


def _json_object(data: bytes) -> dict[str, Any]:
    """A JSON object; an empty one for anything else: a file of that name need not be a package's metadata."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _at_least(text: str) -> Release | None:
    matched = _AT_LEAST.search(text)
    return None if matched is None else Release(int(matched[1]), int(matched[2]))


def _highest(words: Iterable[str]) -> Promise | None:
    found = [(release, word) for word in words if (release := _at_least(word)) is not None]
    return Promise(max(found)[1], "glibc", max(found)[0]) if found else None
