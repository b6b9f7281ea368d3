"""Static archives and objects: what a link would have to find for them, asked of the target's libraries.

An object has no version nodes yet, the link gives them. So the question is not "which node" but "which name": is there
a release of the target that exports the symbol as a default version? A name that no release exports is some other
library's, and is left to the link. What the archive's own members define is not asked for.

Members of link-time optimisation hold no machine code and no symbols that could be judged: that is a note.
"""

from collections.abc import Iterator

from symver_pin.archives.streams import Pages
from symver_pin.compat.table import load, needed
from symver_pin.elf.arch import ARCHES, Arch
from symver_pin.elf.image import Image
from symver_pin.elf.linkage import Linkage, read_linkage
from symver_pin.elf.source import Content
from symver_pin.errors import ElfError
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release
from symver_pin.verify.explain import KIT
from symver_pin.verify.inputs import StaticArchive
from symver_pin.verify.knowledge import Knowledge
from symver_pin.verify.model import FileVerdict, Finding, Guilty
from symver_pin.verify.tables import Exported

_ELF = b"\x7fELF"
_BITCODE = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
#: Defined by every linker or by crtbegin.o, whatever libraries there are.
_BY_THE_LINKER = frozenset(
    {"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "__ehdr_start", "__executable_start", "__dso_handle", "__TMC_END__",
     "_end", "end", "_edata", "edata", "_etext", "etext", "__bss_start", "__eh_frame_start", "__GNU_EH_FRAME_HDR"}
)  # fmt: skip
_BY_THE_LINKER_PREFIXES = ("__start_", "__stop_", "__init_array_", "__fini_array_", "__preinit_array_", "__rela_iplt_")


class Objects:
    """The members of a static archive, read."""

    def __init__(self, archive: StaticArchive) -> None:
        self.arch: str | None = None
        self.linkages: list[tuple[str, Linkage]] = []
        self.unread: list[str] = []
        """Members that hold intermediate code."""
        pages = Pages()
        for content in archive.objects:
            self._add(content)
            pages.seen(content.data)
        self.defined = frozenset().union(*(linkage.defined for _, linkage in self.linkages))

    def _add(self, content: Content) -> None:
        head = bytes(content.data[:4])
        if head in _BITCODE:
            self.unread.append(content.name)
        elif head == _ELF:
            image = Image(content.data, content.name)
            linkage = read_linkage(image)
            if linkage.is_slim:
                self.unread.append(content.name)
                return
            arch = image.arch
            if arch is not None and (linkage.defined or linkage.wanted):
                if self.arch not in (None, arch.name):
                    raise ElfError(f"{content.name}: for {arch.name}, the members before it for {self.arch}")
                self.arch = arch.name
            self.linkages.append((content.name, linkage))

    def wanted(self) -> Iterator[tuple[str, str]]:
        """(member, symbol) of everything that the link must find outside of the archive."""
        for name, linkage in self.linkages:
            for symbol in sorted(linkage.wanted - self.defined - _BY_THE_LINKER):
                if not symbol.startswith(_BY_THE_LINKER_PREFIXES):
                    yield name, symbol


def judge_archive(archive: StaticArchive, objects: Objects, knowledge: Knowledge, target: Target) -> FileVerdict:
    """The verdict: can a link for the target find what the members want from glibc and GCC's runtime?"""
    axis = knowledge.glibc.axis
    # libc_nonshared.a has these on every release that lacks them in libc.so.6.
    always = {row.symbol for row in load() if row.kind in ("startup", "nonshared")}
    elsewhere: dict[str, None] = {}
    missing: dict[tuple[str, bool], list[tuple[Guilty, int]]] = {}
    loads = axis.everything
    for member, symbol in objects.wanted():
        if symbol in always or symbol in elsewhere:
            continue
        exported = _exported(symbol, knowledge)
        if not exported:
            elsewhere[symbol] = None
            continue
        by_glibc = any(is_glibc for _, _, is_glibc in exported)
        has = 0
        for _, found, _ in exported:
            has |= found.releases if found.default else 0
        if by_glibc:
            loads &= has
        if not has & knowledge.target:
            guilty = _guilty(symbol, exported, axis.first(has), knowledge)
            missing.setdefault((member, by_glibc), []).append((guilty, has))
    findings = [_finding(*key, group, knowledge, target) for key, group in missing.items()]
    return FileVerdict(
        archive.path,
        "fails" if findings else "ok",
        knowledge.arch,
        "static archive",
        lowest_glibc=axis.first(loads),
        findings=(*findings, *notes(archive, objects, list(elsewhere))),
        releases=axis.releases,
        loads=loads,
    )


def _exported(symbol: str, knowledge: Knowledge) -> list[tuple[str, Exported, bool]]:
    """(library, version, whether it is glibc's) of a symbol, in every release of glibc and the target's runtime."""
    known = knowledge.exported.get(symbol)
    if known is None:
        name = symbol.encode("utf-8", "surrogateescape")
        tables = (knowledge.glibc, True), (knowledge.runtime, False)
        known = [(soname, found, own) for table, own in tables if table for soname, found in table.anywhere(name)]
        if known:  # the names that are nobody's are a hundred thousand
            knowledge.exported[symbol] = known
    return known


def _guilty(
    symbol: str, exported: list[tuple[str, Exported, bool]], since: Release | None, knowledge: Knowledge
) -> Guilty:
    library = next((soname for soname, found, _ in reversed(exported) if found.default), None)
    older = next(((found.version, soname) for soname, found, _ in exported if found.releases & knowledge.target), None)
    return Guilty(symbol, since, library, *(older or (None, None)))


def _finding(
    member: str, by_glibc: bool, group: list[tuple[Guilty, int]], knowledge: Knowledge, target: Target
) -> Finding:
    """One member's finding: the symbols that it misses, each with the releases that have it."""
    axis = knowledge.glibc.axis
    free = axis.everything & ~(knowledge.target - 1) if by_glibc else 0
    for _, has in group:
        free &= has
    symbols = tuple(guilty for guilty, _ in group)
    whose = f"glibc {target.glibc}" if by_glibc else f"GCC {target.gcc}'s runtime"
    names = symbols[0].name if len(symbols) == 1 else f"{len(symbols)} symbols"
    text = f"no library of {whose} has {names} to link with"
    advice = "link with -static-libstdc++ and -static-libgcc"
    if by_glibc:
        advice = _advice(symbols, target, ARCHES[knowledge.arch])
    return Finding("missing-at-link", member, text, advice, since=axis.first(free), symbols=symbols)


def _advice(symbols: tuple[Guilty, ...], target: Target, arch: Arch) -> str:
    stand_in = {row.symbol for row in needed(target.glibc.minor, arch)}
    lacking = [symbol.name for symbol in symbols if symbol.name not in stand_in and symbol.older is None]
    if not lacking:
        return f"{KIT}: compat objects stand in for what glibc {target.glibc} lacks"
    named = ", ".join(lacking[:3]) + (" ..." if len(lacking) > 3 else "")
    rest = "" if len(lacking) == len(symbols) else f"; for the rest {KIT}"
    return f"compile without {named}, for which nothing stands in{rest}"


def notes(archive: StaticArchive, objects: Objects, elsewhere: list[str]) -> Iterator[Finding]:
    """What is not judged: symbols of other libraries, and members that hold intermediate code."""
    if elsewhere:
        named = ", ".join(elsewhere[:3]) + (" ..." if len(elsewhere) > 3 else "")
        text = f"{len(elsewhere)} symbols are left to other libraries of the link ({named})"
        yield Finding("unjudged-symbols", archive.path, text, "")
    if objects.unread:
        text = f"{len(objects.unread)} members hold code for link-time optimisation only: what they want is not seen"
        yield Finding("unjudged-symbols", archive.path, text, "build it with -ffat-lto-objects, or judge the program")
