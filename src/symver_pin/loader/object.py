"""One ELF file as the loader sees it: the libraries that it needs, its names, its search paths.

An object keeps these few facts and lets go of the file itself: ``close`` drops the mapping and all tables, and
``dynamic`` reads them again when they are needed. So a whole system can be verified as one set without holding its
files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.call_frames import NEGATE_RA_STATE, functions_with
from symver_pin.elf.constants import (
    DF_1_NODEFLIB,
    DF_1_PIE,
    DT_AUXILIARY,
    DT_FILTER,
    DT_FINI_ARRAY,
    DT_FINI_ARRAYSZ,
    DT_FLAGS_1,
    DT_RELR,
    DT_RPATH,
    DT_RUNPATH,
    DT_VERDEF,
    DT_VERNEED,
    ET_DYN,
    ET_EXEC,
    PT_DYNAMIC,
    PT_GNU_PROPERTY,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.hash_table import has_buckets
from symver_pin.elf.image import Image
from symver_pin.elf.records import Import, VersionDefinition, VersionNeed
from symver_pin.elf.relocations import stored_addresses
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.loader.verdict import FileKind
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of

_ET_REL, _ET_CORE = 1, 4
_UNWINDING = (b"_Unwind_", b"__cxa_throw", b"__gxx_personality_", b"__gcc_personality_")
"""How the names of functions begin that a file imports which throws or catches exceptions."""
_FILTERS = (DT_FILTER, DT_AUXILIARY)
_COMMON_IDENTITY = b"\1" + bytes(9)
"""e_ident from EI_VERSION on, of nearly all files: EV_CURRENT, ELFOSABI_NONE, version 0, padding."""


class UncommonHeader(NamedTuple):
    """The fields of an ELF header that the loader may refuse."""

    identity: bytes
    """e_ident from EI_VERSION on."""
    version: int
    flags: int
    is_program: bool
    """True for a program that is linked for a fixed address (ET_EXEC)."""


class LoadedObject:
    """A verified file, or a library that it loads.

    The constructor and every member raise ElfError when the file is broken; the constructor raises NotLoadableError for
    an ELF file that is neither a program nor a shared library.
    """

    def __init__(self, path: str, read: Callable[[int | None], Dynamic], on_disk: bool = True) -> None:
        """``read`` opens the file and returns its tables; it is given the number of symbols once that is known.
        ``on_disk`` is False for a member of an archive, which finds no libraries beside the archive.
        """
        self.path, self.on_disk = path, on_disk
        self.absolute = _absolute(path)
        """The path from the root of the file system."""
        self.was_named = False
        """True if the user named it, and it was not met in a folder or an archive."""
        self.is_verified = False
        """True if it is one of the files to verify, and was not just found beside one of them."""
        self._read = read
        self._symbol_count: int | None = None
        self._dynamic: Dynamic | None = read(None)
        self._imports: dict[tuple[str | None, str | None], tuple[Import, ...]] = {}
        self._look_at(self._dynamic)

    def _look_at(self, dynamic: Dynamic) -> None:
        image = dynamic.image
        self.arch = check_loadable(image)
        self.interpreter = image.interpreter
        self.uncommon_header = _uncommon_header(image, self.arch)
        """The header, if a loader may refuse it; None for nearly all libraries."""
        self.needed: tuple[str, ...] = dynamic.needed
        """DT_NEEDED, in order."""
        self.needs: tuple[VersionNeed, ...] = dynamic.needs
        """The version nodes that it needs (VERNEED)."""
        self.definitions: tuple[VersionDefinition, ...] | None
        """Its version nodes (VERDEF); None when it has no such section, which the loader accepts for every version."""
        self.definitions = dynamic.definitions if DT_VERDEF in dynamic.tags else None
        self.kind: FileKind = _kind(dynamic)
        base, soname = self.path.rpartition("/")[2], dynamic.soname
        self.names: tuple[str, ...] = (soname, base) if soname and soname != base else (base,)
        """The names by which DT_NEEDED and VERNEED of other files may refer to it."""
        self.runpath = dynamic.string_of(DT_RUNPATH)
        """DT_RUNPATH, as it is written; None without one, and only then does DT_RPATH count."""
        self.rpath = dynamic.string_of(DT_RPATH)
        """DT_RPATH, as it is written; None without one."""
        self.filters = tuple(
            (dynamic.string(dynamic.tags[tag]), tag == DT_FILTER) for tag in _FILTERS if tag in dynamic.tags
        )
        """(library, whether it must exist) of DT_AUXILIARY and DT_FILTER: these are searched before the file itself."""
        flags = dynamic.tags.get(DT_FLAGS_1, 0)
        self.has_default_folders = not flags & DF_1_NODEFLIB
        """False for a file that is linked with -z nodefaultlib."""
        self.has_properties = image.first(PT_GNU_PROPERTY) is not None
        """True if it has a note of properties."""
        self.is_program = image.type == ET_EXEC or bool(flags & DF_1_PIE)
        """True if the linker made it as a program."""
        self.has_hash_table = has_buckets(dynamic)
        """False for a file whose symbols no look-up finds."""
        self.definition_record_versions = dynamic.definition_record_versions
        """The format's version of each record of ``definitions``."""
        self.has_versions = DT_VERDEF in dynamic.tags or DT_VERNEED in dynamic.tags
        """True if the loader sets up version tables for it."""
        self.has_relr = DT_RELR in dynamic.tags
        """True if it has packed relative relocations."""

    @property
    def dynamic(self) -> Dynamic:
        """The dynamic section and symbols; the file is read again after ``close``."""
        if self._dynamic is None:
            self._dynamic = self._read(self._symbol_count)
        return self._dynamic

    @property
    def image(self) -> Image:
        """The ELF header, program headers and bytes."""
        return self.dynamic.image

    @property
    def symbol_count(self) -> int:
        """The number of dynamic symbols, the reserved symbol 0 included."""
        if self._symbol_count is None:
            self._symbol_count = self.dynamic.symbol_count
        return self._symbol_count

    def close(self) -> None:
        """Let go of the file's bytes and tables until they are needed again."""
        if self._dynamic is not None and self._symbol_count is None:
            self._symbol_count = self._dynamic.__dict__.get("symbol_count")  # without computing it
        self._dynamic = None

    def release_content(self) -> None:
        """Let go of the bytes for good: the verdicts on it and on everything that loads it are made."""
        path = self.path  # not the object itself: a cycle of references would stay in memory until it is collected

        def read(_symbol_count: int | None) -> Dynamic:
            raise ElfError(f"{path}: is not in memory any more")

        self.close()
        self._read = read

    @cached_property
    def folders(self) -> list[str]:
        """The folders from the root of the file system to the file."""
        return self.absolute.split("/")[:-1]

    @cached_property
    def defined_versions(self) -> frozenset[str] | None:
        """The names of its version nodes; None when it has no VERDEF section."""
        if self.definitions is None:
            return None
        return frozenset(definition.version for definition in self.definitions)

    @cached_property
    def weak_nodes(self) -> frozenset[tuple[str, str]]:
        """The (library, node) pairs that VERNEED flags weak: the node may be missing."""
        return frozenset((need.library, need.version) for need in self.needs if need.weak)

    @cached_property
    def unwinds_signed_returns(self) -> bool:
        """True if it throws or catches exceptions, and its functions sign return addresses (``rules.unwinding``)."""
        if self.arch.signs_returns_since is None:
            return False
        if not any(name.startswith(_UNWINDING) for name in self.dynamic.imported_names[0]):
            return False
        destructors = set(self._destructors())
        return any(function not in destructors for function in functions_with(self.image, NEGATE_RA_STATE))

    def _destructors(self) -> list[int]:
        """The functions in DT_FINI_ARRAY, through which no exception goes. One is in every file (crtbegin.o)."""
        address, size = self.dynamic.value(DT_FINI_ARRAY), self.dynamic.value(DT_FINI_ARRAYSZ)
        if address is None or not size or size > self.image.size:
            return []
        return stored_addresses(self.dynamic, address, size * 8 // self.image.bits, "DT_FINI_ARRAY")

    def imports(self, indexes: Collection[int] | None = None) -> list[Import]:
        """Its imports with one of these version indexes, or all of them for None, in table order."""
        return self.dynamic.imports_with(indexes)

    def imports_of(self, library: str, version: str) -> tuple[Import, ...]:
        """The imports that need a version node of a library."""
        key = library, version
        if key not in self._imports:
            indexes = {need.version_index for need in self.needs if (need.library, need.version) == key}
            self._imports[key] = tuple(i for i in self.imports(indexes) if (i.library, i.version) == key)
        return self._imports[key]


def _absolute(path: str) -> str:
    try:
        return os.path.normpath(Path(path).absolute())
    except OSError:  # the working directory does not exist any more
        return path


def check_loadable(image: Image) -> Arch:
    """The architecture of a program or a shared library, by its headers.

    Raises NotLoadableError for an ELF file of another type or with debug information only, ElfError for an
    architecture without a row.
    """
    if image.type not in (ET_EXEC, ET_DYN):
        raise NotLoadableError(f"{image.name}: {_other_type(image.type)}")
    arch = arch_of(image)
    if arch is None:
        raise ElfError(
            f"{image.name}: unknown architecture (e_machine {image.machine}, {image.bits} bits); no symbol table for it"
        )
    segment = image.first(PT_DYNAMIC)
    if segment is not None and segment.file_size == 0:
        raise NotLoadableError(f"{image.name}: holds debug information only; name the program or library it belongs to")
    return arch


def _other_type(kind: int) -> str:
    if kind == _ET_REL:
        return "relocatable object, not a program or shared library; link it first"
    if kind == _ET_CORE:
        return "core dump, not a program or shared library"
    return f"ELF type {kind:#x} is neither a program nor a shared library"


def _kind(dynamic: Dynamic) -> FileKind:
    """A program has an interpreter and no soname (libc.so.6 itself has both), or a fixed address."""
    image = dynamic.image
    is_program = image.type == ET_EXEC or bool(dynamic.tags.get(DT_FLAGS_1, 0) & DF_1_PIE)
    if image.interpreter is not None and (is_program or dynamic.soname is None):
        return "executable"
    if is_program and not dynamic.needed:
        return "static executable"
    return "shared library"


def _uncommon_header(image: Image, arch: Arch) -> UncommonHeader | None:
    is_program = image.type == ET_EXEC
    is_refused_by_flags = arch.refuses_flags is not None and arch.refuses_flags(image.flags)
    if image.identity == _COMMON_IDENTITY and image.version == 1 and not is_program and not is_refused_by_flags:
        return None
    return UncommonHeader(image.identity, image.version, image.flags, is_program)
