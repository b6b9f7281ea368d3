"""Write the files of a link kit into a folder that ``kit.build`` has created."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from symver_pin.compat.archive import archive_bytes, compile_families
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.errors import UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.glibc.release import Release
from symver_pin.glibc.semantics import ADAPTED, Semantics
from symver_pin.glibc.table import SymbolTable, View
from symver_pin.header.pins import changed_meanings
from symver_pin.kit.compiler import LINKERS, MOLD_FOLDER, Compiler, packing_linkers, probe
from symver_pin.kit.model import KitOptions
from symver_pin.kit.scripts import (
    ARCHIVE,
    CRYPT_ARCHIVE,
    INPUT_SCRIPT,
    LIBCRYPT,
    LIBM,
    LIBMVEC,
    MATH_ARCHIVE,
    SLIM,
    VECTOR_ARCHIVE,
    Scripts,
    libraries_merged_into_libc,
)
from symver_pin.kit.stubs import build_slim_stub, build_stubs
from symver_pin.machine.arch import Arch
from symver_pin.templates import render

_LIBGCC_S, _LIBPTHREAD = "libgcc_s.so.1", "libpthread.so.0"
_SCRIPTED = ("libc", "libm", "libcrypt")
"""Libraries whose ``.so`` name is a linker script instead of a symbolic link to the stub."""
_FOLDERS = ("static", "static-libgcc", "bin", "include")
"""The folders of a kit apart from ``lib``."""
_ARCHIVES = {LIBM: MATH_ARCHIVE, LIBMVEC: VECTOR_ARCHIVE, LIBCRYPT: CRYPT_ARCHIVE}
"""Soname -> the archive of the compat objects for its symbols. All other compat objects are in ARCHIVE."""


def write_contents(
    work: Path, final: Path, target: Target, arch: Arch, cc: Path, options: KitOptions, maps: Maps
) -> dict[str, str]:
    """Write a kit into the folder ``work``, which will be renamed to ``final``. Returns the facts for its stamp.

    Raises UsageError for a path that scripts cannot contain, ToolError or CompatError if the compiler does not work.
    """
    if any(character in str(final) for character in "'\"\n"):
        raise UsageError(f"{final}: the path of a kit must not contain quotes or newlines; name another folder with -o")
    view = maps.table(arch.name).view(target.glibc)
    lib = work / "lib"
    for folder in (lib, lib / SLIM, lib / MOLD_FOLDER, *(work / name for name in _FOLDERS)):
        folder.mkdir()
    # Compiling takes most of the time, so it runs while the other files are written.
    with ThreadPoolExecutor(1) as background:
        compiled = background.submit(
            compile_families, [str(cc)], arch, target.glibc, view.default_version, names=options.compat
        )
        compiler = probe(cc, arch)
        provided = needed(target.glibc, arch, options.compat)
        reference = maps.reference(arch.name)
        merged = libraries_merged_into_libc(view, reference.newest, arch)
        warnings = _warnings(view, reference, maps.semantics) if options.warn else {}
        _write_stubs(lib, view, arch, merged, {item.symbol for item in provided}, warnings)
        (lib / _LIBGCC_S).write_bytes(_libgcc_stub(arch, target.gcc, maps))
        archives = _archives(provided, reference)
        scripts = Scripts(target.glibc, arch, final / "lib", merged, set(archives.values()))
        (lib / INPUT_SCRIPT).write_text(scripts.input_script(compiler.libstdcxx))
        (lib / "libgcc_s.so").write_text(scripts.libgcc_s(compiler.libgcc))
        for shared in (path for path in lib.iterdir() if ".so" in path.name):
            (lib / MOLD_FOLDER / shared.name).symlink_to(Path("..", shared.name))
        if compiler.libstdcxx is not None:
            (work / "static" / "libstdc++.so").write_text(scripts.libstdcxx(compiler.libstdcxx))
        _write_static_libgcc(work / "static-libgcc", scripts, compiler.libgcc, final)
        (work / "include" / "features.h").write_text(render("features.h.j2", target=target.glibc))
        packing = packing_linkers(cc, target.glibc)
        _write_wrappers(work / "bin", final, compiler, target.glibc, packing, _LIBPTHREAD in merged)
        families = compiled.result()
    for folder, objects in ((Path(), families.members), (Path(MOLD_FOLDER), families.bundles)):
        for name in sorted({ARCHIVE, CRYPT_ARCHIVE, *archives.values()}):
            contents = [member for member in objects if archives[member.symbols[0]] == name]
            (lib / folder / name).write_bytes(archive_bytes(contents))
        (lib / folder / "libc.so").write_text(scripts.libc(folder))
        (lib / folder / "libm.so").write_text(scripts.libm(tuple(view.libraries), folder))
        if LIBCRYPT in view.libraries:
            (lib / folder / "libcrypt.so").write_text(scripts.libcrypt(folder))
    return {
        "glibc": str(target.glibc),
        "gcc": str(target.gcc),
        "arch": arch.name,
        "cc": str(cc),
        "linker": compiler.linker.name,
        "packing": " ".join(packing),
    }


def _write_stubs(
    lib: Path, view: View, arch: Arch, merged: Iterable[str], replaced: Collection[str], warnings: Mapping[str, str]
) -> None:
    """Write the stubs under their sonames, the links to them that ``-l`` finds, and the slim stubs.

    ``merged`` are the sonames of the libraries that became part of libc; ``replaced`` are the symbols that compat
    objects replace.
    """
    for soname, data in build_stubs(view, arch, replaced, warnings).items():
        (lib / soname).write_bytes(data)
        plain = soname.split(".so.")[0]
        if soname != arch.loader and plain not in _SCRIPTED:
            (lib / f"{plain}.so").symlink_to(soname)
    for soname in (*merged, arch.loader):
        (lib / SLIM / soname).write_bytes(build_slim_stub(view, arch, soname, replaced, warnings))


def _archives(provided: Iterable[CompatSymbol], reference: SymbolTable) -> dict[str, str]:
    """Symbol -> the archive of its compat object: that of its library, else the one that every link searches."""
    homes = {row.symbol: _ARCHIVES[row.soname] for row in reference.rows if row.soname in _ARCHIVES}
    return {r.symbol: MATH_ARCHIVE if r.kind == "engine" else homes.get(r.symbol, ARCHIVE) for r in provided}


def _warnings(view: View, reference: SymbolTable, semantics: Semantics) -> dict[str, str]:
    """Symbol -> the warning of the linker if a program uses it, for symbols whose older version behaves differently.

    Only those of which a plain use meets the difference: the linker does not see arguments.
    """
    found = {symbol: m for symbol, m in changed_meanings(view, reference, semantics).items() if m.verdict != ADAPTED}
    for meaning in semantics.changed_without_node(view.arch, view.release):
        if meaning.is_told_at_each_use and meaning.symbol in view.default_version:
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


def _write_static_libgcc(folder: Path, scripts: Scripts, libgcc: Path, final: Path) -> None:
    """Write the driver and the linker script that make ``-lgcc_s``, which rustc adds, the static libgcc."""
    (folder / "libgcc_s.so").write_text(scripts.static_libgcc(libgcc))
    driver = folder / "cc"
    driver.write_text(render("static_libgcc.sh.j2", kit=final))
    driver.chmod(0o755)


def _write_wrappers(
    folder: Path, final: Path, compiler: Compiler, glibc: Release, packing: tuple[str, ...], separate_libpthread: bool
) -> None:
    """Write the compiler wrappers: ``cc``, and ``c++`` if there is a C++ compiler."""
    for driver, real in (("cc", compiler.cc), ("c++", compiler.cxx)):
        if real is not None:
            path = folder / driver
            path.write_text(_wrapper(driver, real, final, compiler, glibc, packing, separate_libpthread))
            path.chmod(0o755)


def _wrapper(
    driver: str,
    real: Path,
    final: Path,
    compiler: Compiler,
    glibc: Release,
    packing: tuple[str, ...],
    separate_libpthread: bool,
) -> str:
    quiet = compiler.is_clang
    return render(
        "cc.sh.j2",
        driver=driver,
        target=glibc,
        arch=compiler.arch.name,
        kit=final,
        real=real,
        linker=compiler.linker.name,
        linkers=LINKERS,
        system_libs=compiler.system_libs,
        foreign=compiler.arch.other_abi_flags,
        loader=compiler.arch.loader,
        mold_folder=MOLD_FOLDER,
        separate_libpthread=separate_libpthread,
        packing=packing,
        default_pie=compiler.default_pie,
        static_libstdcxx=compiler.libstdcxx is not None,
        start_quiet="--start-no-unused-arguments " if quiet else "",
        end_quiet="--end-no-unused-arguments " if quiet else "",
    )
