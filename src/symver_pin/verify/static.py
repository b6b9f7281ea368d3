"""Static archives and objects: what a link would have to find for them, asked of the target's libraries.

An object has no version nodes yet, the link gives them. So the question is not "which node" but "which name": is there
a release of the target that exports the symbol as a default version? A name that no release exports is some other
library's, and is left to the link. What the archive's own members define is not asked for.

Members of link-time optimisation hold no machine code and no symbols that could be judged: that is a note.
"""

from collections.abc import Iterator

from symver_pin.compat.table import load
from symver_pin.elf.image import Content, Image
from symver_pin.elf.relocatable import Linkage, read_linkage
from symver_pin.elf.symtab import Import
from symver_pin.errors import ElfError
from symver_pin.maps.platforms import Target
from symver_pin.verify.explain import explain
from symver_pin.verify.inputs import StaticArchive
from symver_pin.verify.model import FileVerdict, Finding
from symver_pin.verify.problems import Problem
from symver_pin.verify.tables import Knowledge

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
        for content in archive.objects:
            self._add(content)
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
    problems = []
    elsewhere: dict[str, None] = {}
    loads = axis.everything
    for member, symbol in objects.wanted():
        exported = [(found, table is knowledge.glibc) for table in (knowledge.glibc, knowledge.runtime) if table
                    for _, found in table.anywhere(symbol)]  # fmt: skip
        if symbol in always:
            continue
        if not exported:
            elsewhere[symbol] = None
            continue
        has = 0
        for found, _ in exported:
            has |= found.releases if found.default else 0
        if has != axis.everything:
            by_glibc = all(is_glibc for _, is_glibc in exported)
            missing = axis.everything & ~has
            loads &= ~missing if by_glibc else axis.everything
            problems.append(
                Problem("missing-at-link", member, missing, symbols=(_reference(symbol),), by_glibc=by_glibc)
            )
    findings = (*explain(problems, knowledge, target.glibc, target.gcc), *_notes(archive, objects, list(elsewhere)))
    return FileVerdict(
        archive.name,
        "fails" if any(finding.fails for finding in findings) else "ok",
        knowledge.arch,
        "static archive",
        lowest_glibc=axis.first(loads),
        findings=findings,
        releases=axis.releases,
        loads=loads,
    )


def _reference(symbol: str) -> Import:
    return Import(symbol, None, None, False, 0, False)


def _notes(archive: StaticArchive, objects: Objects, elsewhere: list[str]) -> Iterator[Finding]:
    if elsewhere:
        named = ", ".join(elsewhere[:3]) + (" ..." if len(elsewhere) > 3 else "")
        text = f"{len(elsewhere)} symbols are left to other libraries of the link ({named})"
        yield Finding("unjudged-symbols", archive.name, text, "")
    if objects.unread:
        text = f"{len(objects.unread)} members hold code for link-time optimisation only: what they want is not seen"
        yield Finding("unjudged-symbols", archive.name, text, "build it with -ffat-lto-objects, or judge the program")
