"""Read glibc's ABI lists, ``LIB.abilist``.

There are two formats. Up to about 2.19, a line with the version node is followed by indented lines ``symbol TYPE
[size]``. Later, each line is ``VERSION symbol TYPE [size]``. A line of type ``A`` names the node itself, not a symbol.
The lists of 2.12 to 2.15 in glibc's source tree are those of 2003 and are not used. ``merge`` computes the exports of
these releases: those of the oldest correct list, without newer nodes.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from symver_pin.errors import HarvestError
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.sonames import SONAMES
from symver_pin.harvest.observation import Observation, is_public
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch

_NODE = re.compile(r"\S+")
_ROW = re.compile(r"(\S+) (\S+) ([AF](?= *$)|[DT](?= 0x))(?: (0x[0-9a-f]+))?")


def soname_of(stem: str, arch: Arch) -> str:
    """The soname of a list: ``libm`` -> ``libm.so.6``, ``ld`` -> the loader.

    Raises HarvestError for unknown libraries.
    """
    if stem == "ld":
        return arch.loader
    if stem not in SONAMES:
        raise HarvestError(f"{stem}.abilist: unknown library; known: ld, {', '.join(SONAMES)}")
    return SONAMES[stem]


def is_list_tree(folder: Path) -> bool:
    """True if a folder contains lists with paths ``<release>/<arch>/<lib>.abilist``."""
    return next(folder.glob("*.*/*/*.abilist"), None) is not None


def read_list_tree(folder: Path) -> Iterator[Observation]:
    """Read all lists of such a folder. Raises HarvestError with file and line for a broken list."""
    for path in sorted(folder.glob("*.*/*/*.abilist")):
        release, arch = parse_release(path.parent.parent.name), find_arch(path.parent.name)
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise HarvestError(f"{path}: cannot be read as an ABI list: {error}") from error
        yield from read_list(text, str(path), release, arch, soname_of(path.stem, arch))


def read_list(text: str, where: str, release: Release, arch: Arch, soname: str) -> Iterator[Observation]:
    """Read the text of one list. ``where`` is its name in errors. Raises HarvestError for a broken line."""
    node = ""
    for number, line in enumerate(text.splitlines(), 1):
        if _NODE.fullmatch(line):
            node = line
            continue
        row = _ROW.fullmatch(f"{node}{line}" if line.startswith(" ") else line)
        if row is None:
            raise HarvestError(f"{where}:{number}: broken ABI list line {line!r}")
        version, symbol, kind, size = row.groups()
        if kind != "A" and is_public(version):
            yield Observation(arch.name, release, soname, symbol, version, kind, int(size or "0", 16), None, None, True)
