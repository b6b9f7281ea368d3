"""Write the files of a link kit into a folder that ``kit.build`` has created."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from symver_pin.compat.archive import SOURCES, Progress, archive_bytes, compile_families, compile_object
from symver_pin.compat.table import KINDS_IN_EVERY_KIT, CompatSymbol, needed
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release
from symver_pin.glibc.semantics import ADAPTED, Semantics
from symver_pin.glibc.table import SymbolTable, View
from symver_pin.header.pins import changed_meanings
from symver_pin.kit.build_files import write_build_files
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.compiler import MOLD_FOLDER, Compiler, find_library, loader_options, probe, timeout
from symver_pin.kit.libatomic import atomic_archive
from symver_pin.kit.libgcc import float128_archive
from symver_pin.kit.linkable import Linkable, declared_symbols, lost_exports, undeclared_symbols, usable
from symver_pin.kit.model import LINK_OPTIONS, KitOptions, Stamp, digest_of
from symver_pin.kit.runtimes import era_stub
from symver_pin.kit.scripts import (
    ARCHIVE,
    ATOMIC_ARCHIVE,
    BUNDLES,
    CRYPT_ARCHIVE,
    INPUT_SCRIPT,
    LIBCRYPT,
    LIBGCC_ARCHIVE,
    LIBM,
    LIBMVEC,
    MATH_ARCHIVE,
    SLIM,
    VECTOR_ARCHIVE,
    Scripts,
    inner_folder,
    libraries_merged_into_libc,
)
from symver_pin.kit.stubs import build_slim_stub, build_stubs
from symver_pin.kit.wrappers import LINK_WORDS, UNWINDER, write_wrappers
from symver_pin.machine.arch import Arch
from symver_pin.templates import render

_LIBGCC_S, _LIBPTHREAD = "libgcc_s.so.1", "libpthread.so.0"
_FOLDERS = ("static", "static-pic", "shared", "shared-libstdcxx", "static-libgcc", "rustc", "bin", "include")
"""The folders of a kit apart from ``lib``."""
_ARCHIVES = {LIBM: MATH_ARCHIVE, LIBMVEC: VECTOR_ARCHIVE, LIBCRYPT: CRYPT_ARCHIVE}
"""Soname -> the archive of the compat objects for its symbols. All other compat objects are in ARCHIVE."""
_MATHEMATICAL_ENGINES = "engines.c"
"""The file of the engines that only objects of libm's archive use."""


class Recipe(NamedTuple):
    """What a kit is made from."""

    key: str
    target: Target
    arch: Arch
    command: CompilerCommand
    options: KitOptions
    maps: Maps
    progress: Progress | None = None


def write_contents(work: Path, recipe: Recipe) -> Stamp:
    """Write a kit into the folder ``work``. Returns its stamp.

    Raises ToolError or CompatError if the compiler does not work.
    """
    target, arch = recipe.target, recipe.arch
    view = recipe.maps.table(arch.name).view(target.glibc)
    reference = recipe.maps.reference(arch.name)
    files = inner_folder(arch, target.glibc, recipe.key)
    lib, inner = work / "lib", work / "lib" / files
    for folder in (inner, inner / SLIM, inner / BUNDLES, lib / MOLD_FOLDER, *(work / name for name in _FOLDERS)):
        folder.mkdir(parents=True)
    if recipe.progress is not None:
        recipe.progress(0, 0, f"probing {recipe.command.program.name}")
    compiler = probe(recipe.command, arch)
    declared = declared_symbols(reference, compiler.headers.release)
    provided = _provided(recipe, declared)
    # Compiling takes most of the time, so it runs while the other files are written.
    with ThreadPoolExecutor(1) as background:
        compiled = background.submit(
            compile_families,
            recipe.command.words,
            arch,
            target.glibc,
            view.default_version,
            names=[item.symbol for item in provided],
            progress=recipe.progress,
            timeout=timeout(),
        )
        merged = libraries_merged_into_libc(view, reference.newest, arch)
        warnings = _warnings(view, reference, recipe.maps.semantics) if recipe.options.warn else {}
        _write_stubs(inner, view, arch, merged, _linkable(recipe, view, provided, declared), warnings)
        (inner / _LIBGCC_S).write_bytes(_libgcc_stub(arch, target.gcc, recipe.maps))
        archives = _archives(provided, reference)
        float128 = float128_archive(
            recipe.command.words, arch, target.glibc, compiler.libgcc, work / "static-libgcc", timeout()
        )
        atomic = atomic_archive(recipe.command.words, arch, target.glibc, work / "static-libgcc", timeout())
        own = {name: data for name, data in ((LIBGCC_ARCHIVE, float128), (ATOMIC_ARCHIVE, atomic)) if data is not None}
        for name, data in own.items():
            (inner / name).write_bytes(data)
        scripts = Scripts(target.glibc, target.gcc, arch, Path(files), merged, {*archives.values(), *own})
        if float128 is not None:
            (lib / "libgcc.so").write_text(scripts.libgcc(compiler.libgcc))
        libstdcxx = next((path for item, path in compiler.runtimes if item.name == "stdc++"), None)
        (lib / INPUT_SCRIPT).write_text(scripts.input_script(libstdcxx, compiler.libgcc))
        (lib / "libgcc_s.so").write_text(scripts.libgcc_s(compiler.libgcc))
        (lib / LINK_OPTIONS).write_text("\n".join((*LINK_WORDS, "")))
        _write_runtimes(work, scripts, compiler, target.gcc, recipe.maps)
        (work / "static-libgcc" / "libgcc_s.so").write_text(scripts.static_libgcc(compiler.libgcc))
        unwinder = work / "static-libgcc" / UNWINDER
        compile_object(recipe.command.words, SOURCES / "static_unwinder.c", unwinder, timeout())
        (work / "include" / "features.h").write_text(render("features.h.j2", target=target.glibc))
        options = loader_options(recipe.command, arch, target.glibc)
        families = compiled.result()
    for folder, objects in ((Path(), families.members), (Path(BUNDLES), families.bundles)):
        for name in sorted({ARCHIVE, CRYPT_ARCHIVE, *archives.values()}):
            contents = [member for member in objects if archives[member.symbols[0]] == name]
            (inner / folder / name).write_bytes(archive_bytes(contents))
    for scripts_folder, archives_folder in ((lib, Path()), (lib / MOLD_FOLDER, Path(BUNDLES))):
        (scripts_folder / "libc.so").write_text(scripts.libc(archives_folder))
        (scripts_folder / "libm.so").write_text(scripts.libm(tuple(view.libraries), archives_folder))
        if LIBCRYPT in view.libraries:
            (scripts_folder / "libcrypt.so").write_text(scripts.libcrypt(archives_folder))
    _link_names(lib, inner, arch)
    write_wrappers(work, recipe.key, compiler, target, options, _LIBPTHREAD in merged)
    write_build_files(work, target, arch)
    return _stamp(work, recipe, compiler, options)


def _provided(recipe: Recipe, declared: frozenset[str]) -> list[CompatSymbol]:
    """The compat objects of the kit; ``declared`` are the symbols that the host's headers declare.

    Functions that the user names are in it, whether declared or not.
    """
    options = recipe.options
    rows = needed(recipe.target.glibc, recipe.arch, options.compat)
    everything = options.undeclared or options.compat is not None
    chosen = {row.symbol for row in rows} if everything else usable(rows, declared)
    return [row for row in rows if row.symbol in chosen or row.kind in KINDS_IN_EVERY_KIT]


def _linkable(recipe: Recipe, view: View, provided: Iterable[CompatSymbol], declared: frozenset[str]) -> Linkable:
    """The symbols of the stubs that new links can use; ``declared`` as for ``_provided``."""
    hidden = {item.symbol for item in provided}
    if not recipe.options.undeclared:
        hidden |= undeclared_symbols(view, declared)
    reference = recipe.maps.reference(recipe.arch.name)
    return Linkable(frozenset(hidden), lost_exports(view, reference, recipe.arch))


def _stamp(work: Path, recipe: Recipe, compiler: Compiler, options: Mapping[str, Sequence[str]]) -> Stamp:
    files = sorted(path for path in work.rglob("*") if path.is_file() and not path.is_symlink())
    status = compiler.headers.file.stat()
    return Stamp(
        recipe.key,
        str(recipe.target.glibc),
        str(recipe.target.gcc),
        recipe.arch.name,
        str(recipe.command),
        compiler.linker.name,
        {name: list(words) for name, words in options.items()},
        str(compiler.headers.release),
        str(recipe.maps.reference(recipe.arch.name).covered.last),
        (str(compiler.headers.file), status.st_size, status.st_mtime_ns),
        {str(path.relative_to(work)): path.stat().st_size for path in files},
        {str(path.relative_to(work)): digest_of(path) for path in files if path.suffix == ".a"},
    )


def _write_stubs(
    inner: Path, view: View, arch: Arch, merged: Iterable[str], linkable: Linkable, warnings: Mapping[str, str]
) -> None:
    """Write the stubs and the slim stubs. ``merged`` are the sonames of the libraries that became part of libc."""
    for soname, data in build_stubs(view, arch, linkable, warnings).items():
        (inner / soname).write_bytes(data)
    for soname in (*merged, arch.loader):
        (inner / SLIM / soname).write_bytes(build_slim_stub(view, arch, soname, linkable, warnings))


def _link_names(lib: Path, inner: Path, arch: Arch) -> None:
    """Make the links by which ``-lNAME`` and ``-l:SONAME`` find the kit's files, in the folders of all linkers.

    No link leads to a folder above it: programs that follow links when they copy or pack a folder would not end.
    """
    for file in sorted(path for path in inner.iterdir() if path.is_file()):
        (lib / file.name).symlink_to(Path(inner.name, file.name))
        plain, _, version = file.name.partition(".so.")
        if version and file.name != arch.loader and not (lib / f"{plain}.so").exists():
            (lib / f"{plain}.so").symlink_to(Path(inner.name, file.name))
    mold = lib / MOLD_FOLDER
    (mold / inner.name).symlink_to(Path("..", inner.name))
    for folder in ("static", "static-pic"):  # gold looks for the names in a script from the folder of the script only
        (lib.parent / folder / inner.name).symlink_to(Path("..", "lib", inner.name))
    for name in sorted(path.name for path in lib.iterdir() if ".so" in path.name):
        if not (mold / name).exists():
            (mold / name).symlink_to(Path("..", name))


def _write_runtimes(work: Path, scripts: Scripts, compiler: Compiler, gcc: Release, maps: Maps) -> None:
    """Write the scripts of the static runtimes, and the stubs of the shared ones as they were in a GCC release."""
    for runtime, archive in compiler.runtimes:
        name, text = f"lib{runtime.name}.so", scripts.runtime(runtime, archive)
        (work / "static" / name).write_text(text)
        if runtime.in_libraries:
            (work / "static-pic" / name).write_text(text)
        shared = find_library(compiler.command, name)
        stub = era_stub(shared, compiler.arch, gcc, maps.runtime_nodes) if shared is not None else None
        if stub is not None:
            soname, data = stub
            (work / "shared" / soname).write_bytes(data)
            (work / "shared" / name).symlink_to(soname)
    if (work / "shared" / "libstdc++.so").exists():
        (work / "shared-libstdcxx" / "libstdc++.so").symlink_to(Path("..", "shared", "libstdc++.so"))


def _archives(provided: Collection[CompatSymbol], reference: SymbolTable) -> dict[str, str]:
    """Symbol -> the archive of its compat object: that of its library, else the one that every link searches."""
    homes = {row.symbol: _ARCHIVES[row.soname] for row in reference.rows if row.soname in _ARCHIVES}
    homes |= {row.symbol: MATH_ARCHIVE for row in provided if row.file == _MATHEMATICAL_ENGINES}
    return {row.symbol: homes.get(row.symbol, ARCHIVE) for row in provided}


def _warnings(view: View, reference: SymbolTable, semantics: Semantics) -> dict[str, str]:
    """Symbol -> the warning of the linker if a program uses it, for symbols whose older version behaves differently.

    Only those of which a plain use meets the difference: the linker does not see arguments.
    """
    found = {symbol: m for symbol, m in changed_meanings(view, reference, semantics).items() if m.verdict != ADAPTED}
    for meaning in semantics.changed_without_node(view.arch, view.release):
        if meaning.is_met_by_every_use and meaning.symbol in view.default_version:
            found.setdefault(meaning.symbol, meaning)
    return {
        symbol: f"{symbol} of glibc {view.release} differs from that of {meaning.since}: {meaning.reason}"
        for symbol, meaning in found.items()
        if not meaning.only
    }


def _libgcc_stub(arch: Arch, gcc: Release, maps: Maps) -> bytes:
    """The stub of libgcc_s.so.1 of a GCC release, or of the nearest release that the tables cover."""
    runtime = maps.table(f"{arch.name}-gcc")
    first, last = runtime.covered
    library = runtime.view(min(max(gcc, first), last)).libraries[_LIBGCC_S]
    return build_stub(arch.format, library.soname, library.nodes, [StubSymbol(*e) for e in library.exports])
