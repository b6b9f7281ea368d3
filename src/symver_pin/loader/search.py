"""Where the loader looks for a library: search paths with their tokens and subfolders expanded.

Sources: ``fillin_rpath``, ``_dl_dst_substitute`` and ``_dl_map_object`` of glibc's elf/dl-load.c,
``_dl_important_hwcaps`` of elf/dl-hwcaps.c, and their behaviour on 2.17 to 2.43.

* DT_RUNPATH counts for the file that has it, and for nothing that its libraries load. DT_RPATH counts for them too, but
  not for a file with DT_RUNPATH.
* In each folder, ``glibc-hwcaps/LEVEL`` comes first (from 2.33 on), then ``tls/PLATFORM``, ``tls`` and ``PLATFORM`` (up
  to 2.36), then the folder itself. The processor is taken to have every level.
* ``$ORIGIN`` is the folder of the file, ``$LIB`` is ``lib64`` or, on Debian, ``lib/TRIPLET``: both are tried.
  ``$PLATFORM`` is the processor's name. A token in braces ends at the brace; without them it must end a name.
* An empty or relative part of a search path is read from the folder in which the program was started; that of the
  program is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.glibc.release import Release
from symver_pin.loader.object import LoadedObject
from symver_pin.machine.arch import Arch

_FIRST_HWCAPS = Release(2, 33)
_NO_LEGACY_SUBFOLDERS = Release(2, 37)
_TOKEN = re.compile(r"\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_]))")


class Place(NamedTuple):
    """One folder in which the loader looks."""

    folder: str
    on_system: bool
    """True for an absolute folder of the target system: it is not looked into here."""
    condition: str = ""
    """The condition under which the loader looks there; "" if it always does."""


class Expanded(NamedTuple):
    """A text whose tokens are replaced."""

    text: str
    condition: str
    """For which value of ``$LIB`` it holds; "" without that token."""


def expand(text: str, origin: str, arch: Arch) -> list[Expanded]:
    """The text with its tokens replaced; several texts for ``$LIB``, none where ``$PLATFORM`` is not known."""
    values = {
        "ORIGIN": [origin],
        "LIB": ["lib64" if arch.format.bits == 64 else "lib", f"lib/{arch.triplet}"],
        "PLATFORM": [arch.platform] if arch.platform else [],
    }
    found, at = [Expanded("", "")], 0
    for token in _TOKEN.finditer(text):
        name = token[1] or token[2]
        between = text[at : token.start()]
        found = [
            Expanded(f"{head}{between}{value}", f"where $LIB is {value}" if name == "LIB" else condition)
            for head, condition in found
            for value in values[name]
        ]
        at = token.end()
    return [Expanded(head + text[at:], condition) for head, condition in found]


def subfolders(arch: Arch, release: Release) -> tuple[str, ...]:
    """The subfolders of each folder that the loader tries, in order, "" last; each with a slash in front."""
    found = [f"/glibc-hwcaps/{level}" for level in arch.hwcaps] if release >= _FIRST_HWCAPS else []
    if release < _NO_LEGACY_SUBFOLDERS:
        found += [f"/tls/{arch.platform}", "/tls", f"/{arch.platform}"] if arch.platform else ["/tls"]
    return (*found, "")


def places(parents: tuple[LoadedObject, ...], release: Release) -> Iterator[Place]:
    """The folders in which the loader of a release looks for a library of the first file; ``parents`` are the file and
    those through which it was loaded, nearest first.
    """
    nearest, started_in = parents[0], "/".join(parents[-1].folders)
    if nearest.runpath is not None:
        paths = [(nearest.runpath, nearest)]
    else:
        paths = [(parent.rpath, parent) for parent in parents if parent.rpath is not None and parent.runpath is None]
    tried = subfolders(nearest.arch, release)
    for path, owner in paths:
        for part in path.split(":") if path else ():
            yield from _of_part(part, owner, started_in, tried)


def _of_part(part: str, owner: LoadedObject, started_in: str, tried: tuple[str, ...]) -> Iterator[Place]:
    from_origin = "ORIGIN" in "".join(token[1] or token[2] or "" for token in _TOKEN.finditer(part))
    for folder, condition in expand(part or ".", "/".join(owner.folders), owner.arch):
        is_relative = not folder.startswith("/")
        base = f"{started_in}/{folder}" if is_relative else folder
        condition = f"only when it is started in {started_in or '/'}" if is_relative else condition
        for below in tried:
            yield Place(base.rstrip("/") + below, not is_relative and not from_origin, condition)


class Found(NamedTuple):
    """What a search for a library comes to."""

    file: LoadedObject | None = None
    """The given file; None when there is none."""
    reason: str = ""
    """Why it is not found although it is there, or must be there; "" when the target system may have it."""
    note: str = ""
    """The condition under which it is found; "" if it always is."""
