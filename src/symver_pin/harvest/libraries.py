"""Read real shared libraries: default (``@@``) and compat (``@``) versions, nodes without symbols, and alias groups.

ABI lists have none of these. An alias group is the set of symbols with the same address and type. Their sizes may
differ, as for ``sys_errlist``. The group has the name of its leader: the strong (STB_GLOBAL) symbol if there is one, as
``__environ`` for the weak ``environ`` and ``_environ``. GNU ld looks for a strong alias when it copies a weak object
into an executable. STT_GNU_IFUNC symbols are functions; tools that print their type as "OS specific" miss
``clock_gettime`` and others.
"""

import re
from collections.abc import Iterator, Sequence

from symver_pin.elf.constants import SHN_ABS, STT_FUNC, STT_GNU_IFUNC, STT_OBJECT, STT_TLS
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image
from symver_pin.elf.records import Symbol
from symver_pin.errors import HarvestError
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.rows import NO_SYMBOL
from symver_pin.harvest.observation import Observation, is_glibc_node, is_public
from symver_pin.machine.arch import Arch

_TYPES = {STT_FUNC: "F", STT_GNU_IFUNC: "F", STT_OBJECT: "D", STT_TLS: "T"}
_BANNER = re.compile(rb"GNU C Library [^\0]*?release version (\d+\.\d+)")


def glibc_release(libc: Image) -> Release:
    """The release in the banner of a libc.so.6. Raises HarvestError if it has no banner."""
    found = _BANNER.search(libc.data)
    if found is None:
        raise HarvestError(f"{libc.name}: has no GNU C Library banner; is it glibc's libc.so.6?")
    return parse_release(found[1].decode())


def read_library(dynamic: Dynamic, release: Release, arch: Arch, soname: str) -> Iterator[Observation]:
    """The exports of one library under public nodes. None for a library that replaces glibc's own (libxcrypt)."""
    if any(not d.base and not is_glibc_node(d.version) for d in dynamic.definitions):
        return  # libxcrypt instead of glibc's libcrypt: it has other default versions
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
    nodes_with_symbols = {symbol.version for symbol in symbols}
    for definition in dynamic.definitions:
        if not definition.base and is_public(definition.version) and definition.version not in nodes_with_symbols:
            yield Observation(arch.name, release, soname, NO_SYMBOL, definition.version, "N", 0, True, "", False)


def alias_leaders(symbols: Sequence[Symbol]) -> dict[tuple[str, str], str]:
    """(name, version) -> the name of the alias group, for each symbol whose address another symbol has too."""
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
