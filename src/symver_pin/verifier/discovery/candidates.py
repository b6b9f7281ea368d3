"""The forms that an input of a verification takes before it is judged, in the order of the given sources."""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.image import Content
from symver_pin.verifier.carried import Carried


class Archive(NamedTuple):
    """An archive, or a script with one behind it, that was given or found in a folder; not opened yet."""

    path: str
    was_named: bool = False
    """True if the user named it: then it is an error that it holds no program."""


class Carrier(NamedTuple):
    """The data that a program or library carries. The program itself is an input of its own."""

    source: Content | str
    parts: tuple[Carried, ...]

    @property
    def path(self) -> str:
        """The path or name of the program."""
        return self.source.name if isinstance(self.source, Content) else self.source


class StaticArchive(NamedTuple):
    """A static archive or a single object: the input of a link."""

    path: str
    objects: tuple[Content, ...]
