"""glibc's own ABI lists, ``LIB.abilist``.

Two formats. Up to about 2.19 a line with the version node heads indented lines ``symbol TYPE [size]``; later each line
is ``VERSION symbol TYPE [size]``. Type ``A`` names the node itself and is no symbol. The lists of 2.12 to 2.15 inside
glibc's tree are frozen at 2003; what those releases export is the oldest true list less the younger nodes, which
``merge`` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from symver_pin.elf.arch import Arch, find_arch
from symver_pin.errors import HarvestError
from symver_pin.harvest.observation import Observation, is_public
from symver_pin.maps.release import Release, parse_release

_NODE = re.compile(r"\S+")
_ROW = re.compile(r"(\S+) (\S+) ([AF](?= *$)|[DT](?= 0x))(?: (0x[0-9a-f]+))?")

#: Library name in the list's file name -> soname; the loader's soname is the architecture's own.
SONAMES = {
    "libBrokenLocale": "libBrokenLocale.so.1",
    "libanl": "libanl.so.1",
    "libc": "libc.so.6",
    "libc_malloc_debug": "libc_malloc_debug.so.0",
    "libcrypt": "libcrypt.so.1",
    "libdl": "libdl.so.2",
    "libm": "libm.so.6",
    "libmvec": "libmvec.so.1",
    "libnsl": "libnsl.so.1",
    "libpthread": "libpthread.so.0",
    "libresolv": "libresolv.so.2",
    "librt": "librt.so.1",
    "libthread_db": "libthread_db.so.1",
    "libutil": "libutil.so.1",
}


def soname_of(stem: str, arch: Arch) -> str:
    """``libm`` -> ``libm.so.6``; ``ld`` -> the architecture's loader. Raises HarvestError for an unknown library."""
    if stem == "ld":
        return arch.loader
    if stem not in SONAMES:
        raise HarvestError(f"{stem}.abilist: unknown library; known: ld, {', '.join(SONAMES)}")
    return SONAMES[stem]


def is_list_tree(folder: Path) -> bool:
    """Whether a folder holds lists laid out as ``<release>/<arch>/<lib>.abilist``."""
    return next(folder.glob("*.*/*/*.abilist"), None) is not None


def read_list_tree(folder: Path) -> Iterator[Observation]:
    """Every row of every release and architecture. Raises HarvestError with file and line for a broken list."""
    for path in sorted(folder.glob("*.*/*/*.abilist")):
        release, arch = parse_release(path.parent.parent.name), find_arch(path.parent.name)
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise HarvestError(f"{path}: cannot be read as an ABI list: {error}") from error
        yield from read_list(text, str(path), release, arch, soname_of(path.stem, arch))


def read_list(text: str, where: str, release: Release, arch: Arch, soname: str) -> Iterator[Observation]:
    """The rows of one list; ``where`` names it in errors."""
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
