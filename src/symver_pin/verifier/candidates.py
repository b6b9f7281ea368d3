"""The forms that an input of a verification takes before it is judged, in the order of the given sources."""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.image import Content


class Archive(NamedTuple):
    """An archive that was given, or found in a folder; not opened yet."""

    path: str


class StaticArchive(NamedTuple):
    """A static archive or a single object: the input of a link."""

    path: str
    objects: tuple[Content, ...]
