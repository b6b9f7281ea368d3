"""glibc's own ABI lists (``sysdeps/**/LIB.abilist``), laid out as ``<release>/<arch>/<lib>.abilist``.

Two formats. Up to about 2.19 a line with the version node heads indented lines ``symbol TYPE [size]``; later each line
is ``VERSION symbol TYPE [size]``. Type ``A`` names the node itself and is no symbol. The lists of 2.12 to 2.15 inside
glibc's tree are frozen at 2003; what those releases export is the oldest true list less the younger nodes, which
``merge`` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from symver_pin.elf.arch import Arch
from symver_pin.errors import MapsError
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
    """``libm`` -> ``libm.so.6``; ``ld`` -> the architecture's loader. Raises MapsError for an unknown library."""
    if stem == "ld":
        return arch.loader
    if stem not in SONAMES:
        raise MapsError(f"{stem}.abilist: unknown library; known: ld, {', '.join(SONAMES)}")
    return SONAMES[stem]


def read_tree(root: Path, arch: Arch) -> Iterator[Observation]:
    """Every row of every release of one architecture. Raises MapsError with file and line for a broken list."""
    for folder in sorted(root.glob(f"*/{arch.name}")):
        release = parse_release(folder.parent.name)
        for path in sorted(folder.glob("*.abilist")):
            yield from read_list(path, release, soname_of(path.stem, arch))


def read_list(path: Path, release: Release, soname: str) -> Iterator[Observation]:
    """The rows of one list."""
    node = ""
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        if _NODE.fullmatch(line):
            node = line
            continue
        row = _ROW.fullmatch(f"{node}{line}" if line.startswith(" ") else line)
        if row is None:
            raise MapsError(f"{path}:{number}: broken ABI list line {line!r}")
        version, symbol, kind, size = row.groups()
        if kind != "A" and is_public(version):
            yield Observation(release, soname, symbol, version, kind, int(size or "0", 16), None, None, True)
