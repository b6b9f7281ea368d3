"""The files of one repair: where each comes from, and where its result goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.image import load_image
from symver_pin.errors import ElfError, OutputError, UsageError
from symver_pin.verifier.discovery.sniff import read_head, sniff


class Member(NamedTuple):
    """One file to look at: an ELF file, or one that was named and turned out to be none."""

    path: str
    """The absolute path of its result, or its place in a package: ``dist/x.whl!/pkg/a.so``."""
    data: bytes | memoryview
    source: str
    """The path as the user knows it, for messages."""
    home: str
    """The folder, of the same kind as ``path``, in which libraries are put that are added for it."""
    was_named: bool
    """True if the user named it: others find it wherever it lies."""
    mode: int = 0o755


def named_member(path: Path, destination: Path) -> Member:
    """A file that the user named. Raises ElfError if it cannot be read or is not an ELF file."""
    image = load_image(path)
    mode = path.stat().st_mode & 0o7777
    return Member(str(destination), memoryview(image.data), str(path), str(destination.parent), True, mode)


def folder_members(
    folder: Path, destination: Path, excluded: Callable[[str], bool]
) -> Iterator[Member | tuple[str, str]]:
    """The programs and libraries below a folder; (path, reason) for one that cannot be read. Links are not followed.

    What is ``excluded`` is passed over, a folder with all that is in it.
    """
    home = str(destination)
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not excluded(f"{parent}/{name}"))
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_symlink() or not path.is_file() or excluded(f"{parent}/{name}"):
                continue
            try:
                if sniff(read_head(path, os.O_NOFOLLOW)) != "program":
                    continue
                image = load_image(path)
            except (ElfError, OSError) as error:
                yield str(path), str(error)
                continue
            place = str(destination / path.relative_to(folder))
            yield Member(place, memoryview(image.data), str(path), home, False, path.stat().st_mode & 0o7777)


def destination_of(source: Path, output: Path | None) -> Path:
    """Where the result of a file or folder goes: below ``output``, or to its own place.

    Raises UsageError if that is the file itself although ``output`` is given.
    """
    if output is None:
        return Path(os.path.realpath(source))
    name = source.name if source.name not in ("", "..") else source.resolve().name
    place = Path(os.path.normpath(output.absolute())) / name
    if place.exists() and place.samefile(source):
        raise UsageError(f"{source}: lies in {output} already; name another folder, or use --in-place")
    return place


def check_output(output: Path) -> None:
    """Raises OutputError if the output cannot be a folder."""
    if output.exists() and not output.is_dir():
        raise OutputError(f"{output}: is not a folder; -o names the folder of the results")
