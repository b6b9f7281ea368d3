"""One ELF file as the loader holds it: what it needs, what it imports, and whether a look-up finds a symbol in it.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versioning, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from symver_pin.elf.arch import Arch
from symver_pin.elf.dynamic import (
    DF_1_PIE,
    DT_FLAGS_1,
    DT_RPATH,
    DT_RUNPATH,
    DT_VERDEF,
    DT_VERNEED,
    Dynamic,
    Need,
)
from symver_pin.elf.image import ET_DYN, ET_EXEC, PT_DYNAMIC, PT_INTERP, Content, Source, open_image
from symver_pin.elf.symtab import Import, read_exports
from symver_pin.errors import ElfError, NotLoadableError
from symver_pin.verify.model import FileKind

_ET_REL, _ET_CORE = 1, 4
_VERSYM_HIDDEN, _VERSYM_INDEX = 0x8000, 0x7FFF

Match = Literal["found", "absent", "assertion"]


class Object:
    """A file that is judged, or a library that it loads. Raises ElfError, from the constructor or any member, when the
    file is not a program or a shared library, or is broken.
    """

    def __init__(self, source: Source) -> None:
        self.path = path = source.name if isinstance(source, Content) else str(source)
        self.on_disk = not isinstance(source, Content)
        self.image = image = open_image(source)
        if image.type == _ET_REL:
            raise NotLoadableError(f"{path}: relocatable object, not a program or shared library; link it first")
        if image.type == _ET_CORE:
            raise NotLoadableError(f"{path}: core dump, not a program or shared library")
        if image.type not in (ET_EXEC, ET_DYN):
            raise ElfError(f"{path}: ELF type {image.type:#x} is neither a program nor a shared library")
        arch = image.arch
        if arch is None:
            raise ElfError(
                f"{path}: unknown architecture (e_machine {image.machine}, {image.bits} bits); no symbol table for it"
            )
        self.arch: Arch = arch
        segment = image.first(PT_DYNAMIC)
        if segment is not None and segment.file_size == 0:
            raise NotLoadableError(f"{path}: holds debug information only; name the program or library it belongs to")
        self.dynamic = Dynamic(image)
        self.has_interpreter = image.first(PT_INTERP) is not None

    @cached_property
    def soname(self) -> str | None:
        """DT_SONAME."""
        return self.dynamic.soname

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """DT_NEEDED, in order."""
        return self.dynamic.needed

    @cached_property
    def kind(self) -> FileKind:
        """A program is what has an interpreter and no soname (libc.so.6 itself has both), or a fixed address."""
        flags = self.dynamic.value(DT_FLAGS_1) or 0
        program = self.image.type == ET_EXEC or bool(flags & DF_1_PIE)
        if self.has_interpreter and (program or self.soname is None):
            return "executable"
        if program and not self.needed:
            return "static executable"
        return "shared library"

    def read_head(self) -> None:
        """Read what other files' judgement asks of this one, so that a broken file is its own error."""
        _ = self.kind, self.names

    @property
    def names(self) -> tuple[str, ...]:
        """The names that DT_NEEDED and VERNEED may know it by."""
        base = self.path.rpartition("/")[2]
        return (self.soname, base) if self.soname and self.soname != base else (base,)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders from the root of the file system to the file."""
        return Path(self.path).absolute().parent.parts

    def searched(self, tag: int) -> tuple[Path, ...]:
        """The folders beside the file that DT_RPATH or DT_RUNPATH names through $ORIGIN.

        Absolute folders are those of the machine it was built on, or of the system it will run on: not looked into.
        """
        found = []
        origin = str(Path(self.path).absolute().parent)
        for text in self.dynamic.strings_of(tag):
            for part in text.split(":"):
                for token in ("$ORIGIN", "${ORIGIN}"):
                    if part == token or part.startswith(f"{token}/"):
                        found.append(Path(os.path.normpath(origin + part[len(token) :])))
        return tuple(found)

    @cached_property
    def runpath(self) -> tuple[Path, ...] | None:
        """DT_RUNPATH's folders beside the file; None without DT_RUNPATH, and only then does DT_RPATH count."""
        return self.searched(DT_RUNPATH) if self.dynamic.value(DT_RUNPATH) is not None else None

    @cached_property
    def rpath(self) -> tuple[Path, ...]:
        """DT_RPATH's folders beside the file, for itself and for all that it loads."""
        return self.searched(DT_RPATH) if self.runpath is None else ()

    @cached_property
    def versioned(self) -> bool:
        """Whether the loader sets up version tables for it."""
        return self.dynamic.value(DT_VERDEF) is not None or self.dynamic.value(DT_VERNEED) is not None

    @cached_property
    def defined_versions(self) -> frozenset[str] | None:
        """Its version nodes; None when it defines none at all, which the loader lets pass."""
        if self.dynamic.value(DT_VERDEF) is None:
            return None
        return frozenset(definition.version for definition in self.dynamic.definitions)

    @cached_property
    def _bindings(self) -> dict[tuple[str, str], list[Import]]:
        found: dict[tuple[str, str], list[Import]] = {}
        for wanted in self.dynamic.imports:
            if wanted.library is not None and wanted.version is not None:
                found.setdefault((wanted.library, wanted.version), []).append(wanted)
        return found

    @cached_property
    def weak_nodes(self) -> frozenset[tuple[str, str]]:
        """The (library, node) pairs that VERNEED flags weak: they may be missing."""
        return frozenset((need.library, need.version) for need in self.dynamic.needs if need.weak)

    def bound_to(self, need: Need) -> tuple[Import, ...]:
        """The imports that want a version node of a library."""
        return tuple(self._bindings.get((need.library, need.version), ()))

    @cached_property
    def _exports(self) -> dict[str, list[int]]:
        return read_exports(self.dynamic)

    def look_up(self, wanted: Import) -> Match:
        """What the loader's look-up of one import finds here."""
        entries = self._exports.get(wanted.name)
        if not entries:
            return "absent"
        if not self.versioned:
            # The loader asserts that the library named by VERNEED has not lost its versions.
            return "assertion" if wanted.version is not None and wanted.library in self.names else "found"
        if wanted.version is None:
            shown = 0
            for raw in entries:
                if raw & _VERSYM_INDEX <= 2:
                    return "found"
                shown += not raw & _VERSYM_HIDDEN
            return "found" if shown == 1 else "absent"
        for raw in entries:
            node = self._node(raw & _VERSYM_INDEX)
            if node == wanted.version or (node is None and not raw & _VERSYM_HIDDEN):
                return "found"
        return "absent"

    def _node(self, index: int) -> str | None:
        definition = self.dynamic.definitions_by_index.get(index)
        if definition is not None:
            return None if definition.base else definition.version
        need = self.dynamic.needs_by_index.get(index)
        return None if need is None else need.version
