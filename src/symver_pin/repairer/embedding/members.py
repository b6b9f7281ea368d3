"""The members of the compat library as one object file, from which each file gets those that it needs.

Like the library it is made by the user's compiler once, and kept in the cache.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.archive import Progress
from symver_pin.compat.shared import compile_units
from symver_pin.errors import OutputError, RepairError, ToolError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.sonames import LIBC
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.compiler import read_headers, timeout
from symver_pin.loader.object import LoadedObject
from symver_pin.machine.arch import Arch
from symver_pin.repairer.cached import folder_of, is_current, write_current
from symver_pin.repairer.compat_library import (
    SONAME,
    helper_archives,
    library_rows,
    run_linker,
    stubs_in,
    write_stubs,
)
from symver_pin.repairer.embedding.blob import link_blob
from symver_pin.repairer.rewriting.change import Blob, Change, Embedded

_OBJECT = "members.o"


class Members(NamedTuple):
    """All members for one target, and what they are linked with."""

    compiler: CompilerCommand
    arch: Arch
    folder: Path
    helpers: tuple[Path, ...]
    """The archives with the compiler's own functions."""
    functions: dict[str, str]
    """Symbol -> the function that is its member."""

    def embed(self, file: LoadedObject, change: Change) -> Change:
        """The change that puts members into a file, in the place of one that binds it to the compat library.

        Raises RepairError if a member cannot be embedded, ToolError if the linker fails.
        """
        if self.arch.relocations is None or not self.arch.relocations.pointers:
            raise RepairError(f"members cannot be embedded in files of {self.arch.name}; repair it without --embed")
        bound = {number for number, version in change.versions.items() if version and version.library == SONAME}
        functions = {each.number: self.functions[each.name] for each in file.imports() if each.number in bound}
        blob = self._link(frozenset(functions.values()))
        copied = {functions[each.number] for each in file.imports() if each.number in bound and each.copied}
        if not copied <= blob.zeros:
            name = min(copied - blob.zeros)
            raise RepairError(f"the program copies {name}, which cannot be embedded; repair it without --embed")
        needed = [name for name in change.needed if name != SONAME]
        for version in (each.version for each in blob.imports):
            if version is None or version.library in needed:
                continue
            in_front = LIBC in needed and version.library != self.arch.loader
            needed.insert(needed.index(LIBC) if in_front else len(needed), version.library)
        versions = {number: None if number in bound else version for number, version in change.versions.items()}
        embedded = Embedded(blob, functions, stays_loaded=file.kind == "shared library")
        return change._replace(needed=tuple(needed), versions=versions, embedded=embedded)

    def _link(self, functions: frozenset[str]) -> Blob:
        """Link some functions. Most need no ``helpers``, which on aarch64 bring a constructor along."""
        libraries = stubs_in(self.folder / "stubs")
        try:
            return link_blob(self.compiler, self.arch, (self.folder / _OBJECT,), functions, libraries)
        except ToolError:
            inputs = (self.folder / _OBJECT, *self.helpers)
            return link_blob(self.compiler, self.arch, inputs, functions, libraries)


def ensure_members(
    target: Target, arch: Arch, command: CompilerCommand, maps: Maps, progress: Progress | None = None
) -> Members:
    """The members for a target, from the cache or made now. Raises as ``ensure_compat_library`` does."""
    folder = folder_of("compat members", target, arch, command, maps, ("repairer", "embedding", "members.py"))
    rows = library_rows(target.glibc, arch)
    if not is_current(folder / _OBJECT):
        headers = read_headers(command)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            write_stubs(folder / "stubs", target.glibc, arch, rows, maps)
            with tempfile.TemporaryDirectory(prefix=".work-", dir=folder) as name:
                work = Path(name)
                old = maps.table(arch.name).view(target.glibc).default_version
                jobs = os.cpu_count() or 1
                objects, _exports = compile_units(command.words, arch, rows, (), old, work, jobs, progress, timeout())
                output = work / _OBJECT
                run_linker([*command.words, "-r", "-nostdlib", "-o", str(output), *map(str, objects)], _OBJECT)
                data = output.read_bytes()
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror}; set SYMVER_PIN_CACHE to another") from error
        write_current(folder / _OBJECT, data, headers)
    helpers = tuple(helper_archives(command, arch, target.glibc, folder))
    return Members(command, arch, folder, helpers, {row.symbol: row.function for row in rows})
