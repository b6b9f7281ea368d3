"""Check a static archive or object: can a link for the target find what its members need?

An object has no version nodes yet; the link gives them. So names are looked up, not nodes: does the target export the
symbol as a default version? A name that no release exports belongs to another library and is left to the link. Members
for link-time optimisation hold no machine code and no symbols that could be looked up: that is a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.archives.streams import Pages
from symver_pin.compat.table import load, needed
from symver_pin.elf.image import Content, Image
from symver_pin.elf.object_file import read_object_symbols
from symver_pin.errors import ElfError
from symver_pin.findings import KIT
from symver_pin.glibc.library import Exported
from symver_pin.glibc.release import Release, ReleaseSet
from symver_pin.loader.target_system import TargetSystem
from symver_pin.loader.verdict import FileVerdict, Finding, SymbolInfo
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of
from symver_pin.verifier.discovery.candidates import StaticArchive

_ELF = b"\x7fELF"
_BITCODE = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
_BY_THE_LINKER = frozenset(
    {"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "__ehdr_start", "__executable_start", "__dso_handle", "__TMC_END__",
     "_end", "end", "_edata", "edata", "_etext", "etext", "__bss_start", "__eh_frame_start", "__GNU_EH_FRAME_HDR"}
)  # fmt: skip
"""Symbols that every linker or crtbegin.o defines."""
_BY_THE_LINKER_PREFIXES = ("__start_", "__stop_", "__init_array_", "__fini_array_", "__preinit_array_", "__rela_iplt_")


class Objects:
    """The members of a static archive, read."""

    def __init__(self, archive: StaticArchive) -> None:
        self.arch: Arch | None = None
        self._members: list[tuple[str, tuple[str, ...]]] = []
        """(member, the symbols that it does not define)."""
        self._shared: dict[str, str] = {}
        """One string for each undefined symbol: thousands of members use the same ones."""
        self.unread: list[str] = []
        """Members that hold intermediate code."""
        defined: set[str] = set()
        pages = Pages()
        for content in archive.objects:
            self._add(content, defined)
            pages.seen(content.data)
        self.defined = frozenset(defined)

    def _add(self, content: Content, defined: set[str]) -> None:
        head = bytes(content.data[:4])
        if head in _BITCODE:
            self.unread.append(content.name)
        elif head == _ELF:
            image = Image(content.data, content.name)
            symbols = read_object_symbols(image)
            if symbols.is_slim:
                self.unread.append(content.name)
                return
            arch = arch_of(image)
            if arch is not None and (symbols.defined or symbols.undefined):
                if self.arch is not None and self.arch != arch:
                    raise ElfError(f"{content.name}: for {arch.name}, the members before it for {self.arch.name}")
                self.arch = arch
            defined |= symbols.defined
            if symbols.undefined:
                shared = self._shared
                self._members.append((content.name, tuple(shared.setdefault(name, name) for name in symbols.undefined)))

    def undefined(self) -> Iterator[tuple[str, str]]:
        """(member, symbol) of everything that the link must find outside the archive."""
        for name, undefined in self._members:
            for symbol in sorted({*undefined} - self.defined - _BY_THE_LINKER):
                if not symbol.startswith(_BY_THE_LINKER_PREFIXES):
                    yield name, symbol


_MOST_NAMED = 3


class _Export(NamedTuple):
    """One version of a symbol in one library."""

    soname: str
    exported: Exported
    is_glibc: bool


class _Missing(NamedTuple):
    """A symbol that the target lacks, and the releases that have it."""

    symbol: SymbolInfo
    releases: ReleaseSet


def check_static_archive(path: str, objects: Objects, system: TargetSystem) -> FileVerdict:
    """The verdict on a static archive."""
    axis = system.axis
    # libc_nonshared.a has these on every release that lacks them in libc.so.6.
    always = {row.symbol for row in load() if row.kind in ("startup", "nonshared") and row.exists_on(system.arch)}
    elsewhere: dict[str, None] = {}
    missing: dict[tuple[str, bool], list[_Missing]] = {}
    loads = axis.everything
    for member, symbol in objects.undefined():
        if symbol in always or symbol in elsewhere:
            continue
        exports = _exports_of(symbol, system)
        if not exports:
            elsewhere[symbol] = None
            continue
        by_glibc = any(export.is_glibc for export in exports)
        releases = 0
        for export in exports:
            releases |= export.exported.releases if export.exported.default else 0
        if by_glibc:
            loads &= releases
        if not releases & system.target:
            info = _symbol_info(symbol, exports, axis.first(releases), system)
            missing.setdefault((member, by_glibc), []).append(_Missing(info, releases))
    findings = [_finding(*key, group, system) for key, group in missing.items()]
    return FileVerdict(
        path,
        "fails" if findings else "ok",
        system.arch.name,
        "static archive",
        lowest_glibc=axis.first(loads),
        findings=(*findings, *notes(path, objects, list(elsewhere))),
        releases=axis.releases,
        loads=loads,
    )


def _exports_of(symbol: str, system: TargetSystem) -> list[_Export]:
    """Every version of a symbol in any release of glibc, and in the target's compiler runtime."""
    name = symbol.encode("utf-8", "surrogateescape")
    found = []
    for table in (system.glibc, system.runtime):
        for soname in table.sonames if table is not None else ():
            history = table.library(soname) if table is not None else None
            if history is not None and name in history.names:
                found += [_Export(soname, exported, history.is_glibc) for exported in history.versions_of(name)]
    return found


def _symbol_info(symbol: str, exports: list[_Export], since: Release | None, system: TargetSystem) -> SymbolInfo:
    library = next((export.soname for export in reversed(exports) if export.exported.default), None)
    older = next((export for export in exports if export.exported.releases & system.target), None)
    if older is None:
        return SymbolInfo(symbol, since, library, None, None)
    return SymbolInfo(symbol, since, library, older.exported.version, older.soname)


def _finding(member: str, by_glibc: bool, group: list[_Missing], system: TargetSystem) -> Finding:
    """One finding for each member, with the symbols that it misses."""
    together = system.everything
    for each in group:
        together &= each.releases
    free = together & ~(system.target - 1) if by_glibc else 0
    symbols = tuple(each.symbol for each in group)
    whose = f"glibc {system.release}" if by_glibc else f"GCC {system.gcc}'s runtime"
    names = symbols[0].name if len(symbols) == 1 else f"{len(symbols)} symbols"
    line = f"no library of {whose} has {names} to link with"
    advice = _advice(symbols, together, system) if by_glibc else "link with -static-libstdc++ and -static-libgcc"
    return Finding("missing-at-link", member, line, advice, since=system.axis.first(free), symbols=symbols)


def _advice(symbols: tuple[SymbolInfo, ...], releases: ReleaseSet, system: TargetSystem) -> str:
    """What to do about symbols that the target lacks; ``releases`` are those that have all of them.

    A compat version of the target does not help: nothing links with it.
    """
    replaced = {row.symbol for row in needed(system.release, system.arch)}
    lacking = [symbol.name for symbol in symbols if symbol.name not in replaced]
    if not lacking:
        return f"{KIT}: compat objects replace what glibc {system.release} lacks"
    rest = "" if len(lacking) == len(symbols) else f"; for the rest {KIT}"
    earlier = releases & system.axis.before(system.release)
    if earlier:
        last = system.axis.releases[earlier.bit_length() - 1]
        return (
            f"name an older target (--glibc {last}, the last to link {_shortened(lacking)}), or compile without{rest}"
        )
    return f"compile without {_shortened(lacking)}, for which there is no compat object{rest}"


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")


def _counted(things: list[str], word: str) -> str:
    return f"{len(things)} {word}" if len(things) == 1 else f"{len(things)} {word}s"


def notes(path: str, objects: Objects, elsewhere: list[str]) -> Iterator[Finding]:
    """Notes on what was not verified: symbols of other libraries, and members with intermediate code."""
    if elsewhere:
        line = f"{_counted(elsewhere, 'symbol')} left to other libraries of the link ({_shortened(elsewhere)})"
        yield Finding("unjudged-symbols", path, line, "")
    if objects.unread:
        line = (
            f"{_counted(objects.unread, 'member')} with code for link-time optimisation only: no symbols are seen there"
        )
        yield Finding("unjudged-symbols", path, line, "build it with -ffat-lto-objects, or verify the program")
