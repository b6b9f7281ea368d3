"""What an architecture is: how it is spelled in an ELF header, in a GNU triplet and in glibc's file names.

Sources: the processor supplements of the ELF gABI (e_machine, e_flags), glibc's ``shlib-versions`` files (loader
soname, first version node), its ``libc-abis`` files (EI_ABIVERSION) and Debian's multiarch list (triplets).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.code import CodeReader

EVER = Release(0, 0)
"""Older than every release: a loader has always accepted something."""


class RelocationTypes(NamedTuple):
    """The types of relocations that a loader applies (``elf_machine_rela`` of glibc's dl-machine.h); for any other it
    stops with "unexpected reloc type".
    """

    relative: tuple[int, ...]
    """The types without a symbol that DT_RELACOUNT counts; the loader asserts that those it counts are of them."""
    copy: int
    """The type that copies a library's variable into the program."""
    offset_in_thread: tuple[int, ...]
    """Types whose value is the place of a variable in each thread's block: TPOFF, and TLS descriptors."""
    others: frozenset[int]
    """All others, 0 (NONE) included."""
    pointers: tuple[int, ...] = ()
    """The types whose value is the address of a symbol: that with an addend, of the global offset table, of a slot of
    the PLT. Empty where no member can be embedded in a finished file."""
    since: tuple[tuple[int, Release], ...] = ()
    """(type, first release that applies it) of those that came later than the oldest tables."""

    def applied(self) -> frozenset[int]:
        """All types that the newest release applies."""
        return self.others | {*self.relative, self.copy, *self.offset_in_thread, *(kind for kind, _since in self.since)}


class Spelling(NamedTuple):
    """What other programs call an architecture."""

    uname: str
    """``uname -m``, which CMake's CMAKE_SYSTEM_PROCESSOR follows."""
    meson: str
    """The ``cpu_family`` of Meson's machine files (Meson's reference tables)."""
    go: str
    """GOARCH (``go tool dist list``)."""
    node: str
    """``process.arch`` of Node.js, which node-gyp's ``--arch`` takes."""


class Arch(NamedTuple):
    """One architecture. Every module of this package but a few makes one, as ``ARCH``."""

    name: str
    format: ElfFormat
    """Class, byte order, e_machine and e_flags of its ELF files."""
    loader: str
    """The loader's soname."""
    interpreter: str
    """PT_INTERP of its programs."""
    triplet: str
    """GNU triplet, Debian's multiarch spelling."""
    first_node: str
    """The version node that the oldest symbols carry: the first release of the port is 2.y for ``GLIBC_2.y``."""
    macro: str
    """A C preprocessor condition that holds for this architecture only."""
    rust_target: str
    spelling: Spelling
    """What uname, Meson, Go and Node.js call it."""
    long_double: str
    """The format of its ``long double``: ``binary64``, ``x87`` (80 bits), ``binary128``, or ``ibm`` (a sum of two)."""
    other_names: tuple[str, ...] = ()
    """What users, distributions and uname also call it."""
    other_abi_flags: tuple[str, ...] = ()
    """Compiler options that switch to another ABI, whose objects this architecture's libraries cannot serve."""
    stat_layout: int | None = None
    """The first argument of ``__xstat`` for the structure of new headers (_STAT_VER of <bits/stat.h> before 2.33); None
    where every release has ``stat`` itself."""
    mknod_layout: int | None = None
    """The same for ``__xmknod`` (_MKNOD_VER)."""
    newer_object_options: tuple[str, ...] = ()
    """Further options for compat objects, of compilers that know them."""
    object_options: tuple[str, ...] = ()
    """Compiler options that fix the ABI in which the compat objects are compiled, where compilers differ in it."""
    has_long_double_attribute: bool = False
    """True if the GNU attributes of an object name its format of ``long double``. Linkers do not mix two formats; the
    compat objects serve both, each under its own names."""
    atomic_choice_since: Release | None = None
    """The first release whose loader applies the IFUNCs of the compiler's static libatomic; None where it has none or
    every release does."""
    float128_choice_since: Release | None = None
    """The first release whose loader passes the processor's features to libgcc's IFUNCs, which choose the arithmetic of
    binary128 by them; None where libgcc has no such IFUNCs."""
    shares_toc: bool = False
    """True if all functions of an object share one table of addresses (PowerPC's ``.toc``)."""
    cpu_pattern: str = ""
    """A regular expression for the first word of its target triples; "" for the name itself."""
    system_pattern: str = ""
    """A regular expression for the last word of its target triples; "" for any glibc system."""
    cross_prefix: str = ""
    """The prefix of Debian's cross compiler when it is not the triplet."""
    gnu_abi_releases: tuple[Release, ...] = (EVER, Release(2, 28))
    """The glibc release whose loader first accepts EI_ABIVERSION 1, 2 ... under ELFOSABI_GNU (``libc-abis``)."""
    system_v_abi_releases: tuple[Release, ...] = ()
    """The same under ELFOSABI_NONE."""
    extra_os_abis: tuple[int, ...] = ()
    """Values of EI_OSABI that its loader accepts beside ELFOSABI_NONE and ELFOSABI_GNU."""
    has_marked_plt: bool = False
    """True if linkers can mark PLT entries for it (``-z mark-plt``): x86-64 psABI."""
    signs_returns_since: Release | None = None
    """The first GCC whose unwinder knows that return addresses are signed, where compilers can sign them; else None."""
    has_own_gnu_hash: bool = False
    """True if GNU ld writes DT_MIPS_XHASH in place of DT_GNU_HASH: its symbol table has an order of its own."""
    has_executable_stack: bool = False
    """True if the stack is executable where a file has no PT_GNU_STACK (DEFAULT_STACK_PERMS of ``stackinfo.h``)."""
    refuses_flags: Callable[[int], str] | None = None
    """From e_flags to the reason why the loader refuses such a library, or ""; None when it refuses none."""
    relocations: RelocationTypes | None = None
    """The relocations that its loader applies; None where they are not known, and none is refused then."""
    platform: str = ""
    """What ``$PLATFORM`` in a search path stands for on every processor; "" where that differs between processors."""
    hwcaps: tuple[str, ...] = ()
    """The names of the folders below ``glibc-hwcaps`` for its processors, the best first."""
    code: CodeReader | None = None
    """How its machine code is read; None where it is not."""

    def has_too_old_unwinder(self, gcc: Release) -> bool:
        """True if the unwinder of a GCC release does not get through code that the compilers of today make."""
        return self.signs_returns_since is not None and gcc < self.signs_returns_since

    @property
    def compiler_prefix(self) -> str:
        """The prefix of its cross compiler: ``<prefix>-gcc``."""
        return self.cross_prefix or self.triplet
