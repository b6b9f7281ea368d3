"""The library ``libsymver_pin_compat.so`` for a target: made by the user's compiler once, and kept in the cache.

It is made, not shipped: there is one for each architecture and target, with the code of 1,385 compat objects, and a
compiler makes it in a few seconds. Every file of a set uses the same one, and so do files that are repaired at
different times for one process (a program and its plug-in): the loader takes the first library of that soname for all.
So it has every member that the target lacks, whatever the file at hand needs.

Three members are left out: ``crypt_r``, ``setkey_r`` and ``encrypt_r``. They call libcrypt.so.1, which the library
would then load into each process, and not every system has it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from symver_pin.compat.archive import Progress
from symver_pin.compat.shared import FIRST_NODE, PRIVATE_NODE, Exported, compile_units, version_script
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import load_image
from symver_pin.errors import OutputError, ToolError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release, node_release, node_sort_key
from symver_pin.glibc.rows import Row
from symver_pin.glibc.semantics import ADAPTED, Semantics
from symver_pin.glibc.sonames import LIBC
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.compiler import default_linker, find_library, loader_options, read_headers, timeout
from symver_pin.kit.libgcc import float128_archive
from symver_pin.kit.linkable import Linkable, lost_exports
from symver_pin.kit.scripts import LIBGCC_ARCHIVE
from symver_pin.kit.stubs import build_stubs
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import find_arch
from symver_pin.repairer.cached import folder_of, is_current, write_current

SONAME = "libsymver_pin_compat.so"
_LEFT_OUT = frozenset({"crypt.c"})
"""Files whose members call a library that not every system has."""
_ALWAYS_NEWER = frozenset({"startup", "wrapper"})
"""Kinds whose members do what the newer version of a symbol does, whatever headers they are compiled with."""
_HELPERS = ("libgcc.a", "libgcc_eh.a")
"""The compiler's own functions: arithmetic of wide types; on Arm what tables of the unwinder refer to."""


class CompatLibrary:
    """A compat library in the cache."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def data(self) -> bytes:
        """Its content. Raises OutputError if the cache cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be read: {error.strerror}") from error

    @cached_property
    def exports(self) -> frozenset[tuple[str, str]]:
        """(symbol, version node) of everything that it exports."""
        symbols = Dynamic(load_image(self.path)).symbols
        return frozenset((symbol.name, symbol.version) for symbol in symbols if symbol.defined and symbol.version)


def library_rows(target: Release, arch: Arch) -> list[CompatSymbol]:
    """The members of the library."""
    return [row for row in needed(target, arch) if row.file not in _LEFT_OUT]


def library_exports(
    rows: Sequence[CompatSymbol], arch: str, target: Release, headers: Release, maps: Maps
) -> Iterator[Exported]:
    """What the library exports: each member under every version that newer releases have and the target lacks.

    What newer releases have in the loader (``__rseq_offset``) gets PRIVATE_NODE: the loader is the
    last library in most search orders, and libc's own references to it must never find this library.

    ``headers`` is the release of the headers with which it is compiled: where a function changed between two of these
    versions, the member does what its headers say, so only the versions on that side of the change have it.
    """
    have = {(row.symbol, row.version) for row in maps.table(arch).view(target).rows}
    loader = find_arch(arch).loader
    newer: dict[str, set[str]] = {}
    private = {meaning.symbol for meaning in maps.semantics.changed_without_node(arch, target)}
    for found in maps.reference(arch).rows:
        if not _is_after(found, target) or (found.symbol, found.version) in have:
            continue
        if found.soname == loader:
            private.add(found.symbol)
        else:
            newer.setdefault(found.symbol, set()).add(found.version)
    for row in rows:
        nodes = sorted(newer.get(row.symbol, ()), key=node_sort_key)
        if row.kind == "engine" or row.release is None:
            continue
        if not nodes and row.symbol in private:
            yield Exported(row, PRIVATE_NODE)
        for node in nodes:
            if row.kind in _ALWAYS_NEWER or _has_meaning(row.symbol, node, nodes, arch, headers, maps.semantics):
                yield Exported(row, node)


def _is_after(row: Row, target: Release) -> bool:
    return row.span.last > target and row.type != "N"


def _has_meaning(
    symbol: str, node: str, nodes: Sequence[str], arch: str, headers: Release, semantics: Semantics
) -> bool:
    """True if a member that is compiled with the headers of a release does what this version of the symbol does."""
    for step in nodes:
        meaning, since = semantics.verdict_of(symbol, step, arch), node_release(step)
        if meaning is None or meaning.verdict != ADAPTED or since is None:
            continue
        is_newer_member, is_newer_node = headers >= since, node_sort_key(node) >= node_sort_key(step)
        if is_newer_member != is_newer_node:
            return False
    return True


def ensure_compat_library(
    target: Target, arch: Arch, command: CompilerCommand, maps: Maps, progress: Progress | None = None
) -> CompatLibrary:
    """The compat library for a target, from the cache or made now.

    Raises ToolError or CompatError if the compiler does not work, OutputError if the cache cannot be written or is not
    safe, MapsError if a table is broken.
    """
    folder = folder_of("compat library", target, arch, command, maps, ("repairer", "compat_library.py"))
    path = folder / SONAME
    if not is_current(path):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            headers = read_headers(command)
            with tempfile.TemporaryDirectory(prefix=".work-", dir=folder) as work:
                data = _make(target, arch, command, headers.release, maps, Path(work), progress)
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror}; set SYMVER_PIN_CACHE to another") from error
        write_current(path, data, headers)
    return CompatLibrary(path)


def _make(
    target: Target,
    arch: Arch,
    command: CompilerCommand,
    headers: Release,
    maps: Maps,
    work: Path,
    progress: Progress | None,
) -> bytes:
    """Compile the library with headers of a release, and link it, in the folder ``work``. Returns its content."""
    view = maps.table(arch.name).view(target.glibc)
    rows = library_rows(target.glibc, arch)
    wanted = library_exports(rows, arch.name, target.glibc, headers, maps)
    jobs = os.cpu_count() or 1
    objects, exports = compile_units(
        command.words, arch, rows, wanted, view.default_version, work, jobs, progress, timeout()
    )
    stubs = write_stubs(work / "stubs", target.glibc, arch, rows, maps)
    nodes = sorted({export.node for export in exports} - {PRIVATE_NODE}, key=node_sort_key)
    script, output = work / "versions.map", work / SONAME
    script.write_text(version_script(exports, nodes), encoding="utf-8")
    helpers = helper_archives(command, arch, target.glibc, work)
    linker = default_linker(command)
    words = [
        *command.words,
        *("-shared", "-nostdlib", "-o", str(output)),
        *(f"-Wl,-soname,{SONAME}", f"-Wl,--version-script={script}"),
        *("-Wl,-z,defs", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,nodelete", "-Wl,-z,noexecstack", "-Wl,-s"),
        *(f"-Wl,{','.join(loader_options(command, arch, target.glibc).get(linker.name, ('-O1',)))}",),
        *map(str, objects),
        *map(str, helpers),
        "-Wl,--as-needed",
        *map(str, stubs),
    ]
    run_linker(words, SONAME)
    _check(output, exports)
    return output.read_bytes()


def write_stubs(
    folder: Path, target: Release, arch: Arch, rows: Sequence[CompatSymbol], maps: Maps
) -> tuple[Path, ...]:
    """Write stubs of the target's libraries, against which the members ``rows`` are linked. libc.so.6 is the first:
    what it and the loader export is libc's.
    """
    view, reference = maps.table(arch.name).view(target), maps.reference(arch.name)
    linkable = Linkable(frozenset(row.symbol for row in rows), lost_exports(view, reference, arch))
    folder.mkdir(exist_ok=True)
    for soname, data in build_stubs(view, arch, linkable, {}).items():
        (folder / soname).write_bytes(data)
    return stubs_in(folder)


def stubs_in(folder: Path) -> tuple[Path, ...]:
    """The stubs that were written into a folder."""
    return tuple(sorted(folder.iterdir(), key=lambda path: (path.name != LIBC, path.name)))


def helper_archives(command: CompilerCommand, arch: Arch, target: Release, folder: Path) -> list[Path]:
    """The archives with the compiler's own functions. One that must be made is written into a folder."""
    helpers = [found for name in _HELPERS if (found := find_library(command, name)) is not None]
    made = folder / LIBGCC_ARCHIVE
    if helpers and (arithmetic := float128_archive(command.words, arch, target, helpers[0], folder, timeout())):
        made.write_bytes(arithmetic)
        helpers.insert(0, made)
    return helpers


def run_linker(words: Sequence[str], made: str) -> None:
    """Link ``made``. Raises ToolError with the linker's first line."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=timeout())
    except OSError as error:
        raise ToolError(f"cannot run {words[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{words[0]} has not linked {made} after {error.timeout:g} seconds") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise ToolError(f"{words[0]} cannot link {made}: {lines[0] if lines else 'no message'}")


def _check(library: Path, exports: Sequence[Exported]) -> None:
    """Check that a linker has exported what was asked for, under hidden versions only. Raises ToolError."""
    dynamic = Dynamic(load_image(library))
    found = {(symbol.name, symbol.version): symbol.default for symbol in dynamic.symbols if symbol.defined}
    first = [definition.version for definition in dynamic.definitions if definition.version_index == 2]
    missing = [f"{e.row.symbol}@{e.node}" for e in exports if (e.row.symbol, e.node) not in found]
    # GNU ld adds a symbol for each node, of the node's name.
    visible = [f"{name}@@{node}" for (name, node), default in found.items() if default and node not in (None, name)]
    problem = (
        f"does not export {missing[0]}"
        if missing
        else f"exports {visible[0]}, which look-ups without a version find"
        if visible
        else ""
        if first == [FIRST_NODE]
        else f"has not {FIRST_NODE} as its first node"
    )
    if problem:
        raise ToolError(f"the linker made a {SONAME} that {problem}; name another compiler or linker with --cc")
