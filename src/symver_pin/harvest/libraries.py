"""Real shared libraries: default and compat marks, symbol-less nodes and alias groups, which no list carries.

An alias group is the set of names at one address with one type; ``sys_errlist`` shows that their sizes may differ. Its
leader gives the group its name: the strong (STB_GLOBAL) name where there is one, as with ``__environ`` for the weak
``environ`` and ``_environ``, because GNU ld looks for a strong alias when it copies a weak object into an executable.
STT_GNU_IFUNC functions are functions: tools that print them as "OS specific" lose ``clock_gettime`` and others.
"""

import re
from collections.abc import Iterator, Sequence

from symver_pin.elf.arch import Arch
from symver_pin.elf.dynamic import SHN_ABS, STT_FUNC, STT_GNU_IFUNC, STT_OBJECT, STT_TLS, Dynamic, Symbol
from symver_pin.elf.image import Image
from symver_pin.errors import HarvestError
from symver_pin.harvest.observation import Observation, is_glibcs, is_public
from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.release import Release, parse_release

_TYPES = {STT_FUNC: "F", STT_GNU_IFUNC: "F", STT_OBJECT: "D", STT_TLS: "T"}
_BANNER = re.compile(rb"GNU C Library [^\0]*?release version (\d+\.\d+)")


def glibc_release(libc: Image) -> Release:
    """The release that a libc.so.6 announces in its banner. Raises HarvestError when it has none."""
    found = _BANNER.search(libc.data)
    if found is None:
        raise HarvestError(f"{libc.name}: carries no GNU C Library banner; is it glibc's libc.so.6?")
    return parse_release(found[1].decode())


def read_library(dynamic: Dynamic, release: Release, arch: Arch, soname: str) -> Iterator[Observation]:
    """What one library exports, public nodes only."""
    if any(not d.base and not is_glibcs(d.version) for d in dynamic.definitions):
        return  # libxcrypt in the place of glibc's libcrypt: its marks are its own
    symbols = [
        s
        for s in dynamic.symbols
        if s.defined and s.section != SHN_ABS and s.version and is_public(s.version) and s.type in _TYPES
    ]
    leaders = alias_leaders(symbols)
    for symbol in symbols:
        kind = _TYPES[symbol.type]
        size = 0 if kind == "F" else symbol.size
        alias = leaders.get((symbol.name, symbol.version or ""), "")
        yield Observation(
            arch.name, release, soname, symbol.name, symbol.version or "", kind, size, symbol.default, alias, False
        )
    carried = {symbol.version for symbol in symbols}
    for definition in dynamic.definitions:
        if not definition.base and is_public(definition.version) and definition.version not in carried:
            yield Observation(arch.name, release, soname, NO_SYMBOL, definition.version, "N", 0, True, "", False)


def alias_leaders(symbols: Sequence[Symbol]) -> dict[tuple[str, str], str]:
    """(name, version) -> the name of its alias group, for every symbol that shares its address with another name."""
    groups: dict[tuple[int, int], list[Symbol]] = {}
    for symbol in symbols:
        groups.setdefault((symbol.value, symbol.type), []).append(symbol)
    taken: set[str] = set()
    leaders: dict[tuple[str, str], str] = {}
    for members in sorted(groups.values(), key=lambda group: min(s.name for s in group)):
        if len({member.name for member in members}) < 2:
            continue
        leader = min(members, key=lambda s: (s.weak, not s.default, s.name))
        label = leader.name if leader.name not in taken else f"{leader.name}@{leader.version}"
        taken.add(label)
        leaders.update({(member.name, member.version or ""): label for member in members})
    return leaders
