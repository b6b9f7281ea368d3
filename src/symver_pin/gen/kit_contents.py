"""Write the files of a link kit into a folder; ``kit`` decides whether and where."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from symver_pin import compilers
from symver_pin.compat.archive import archive_bytes, compile_families
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.compilers import LINKERS, MOLD_FOLDER, Compiler
from symver_pin.elf.arch import Arch
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.errors import UsageError
from symver_pin.gen.kit import KitOptions
from symver_pin.gen.pins import changed_meanings
from symver_pin.gen.scripts import (
    ARCHIVE,
    INPUT_SCRIPT,
    LIBM,
    LIBMVEC,
    MATH_ARCHIVE,
    SLIM,
    VECTOR_ARCHIVE,
    Scripts,
    swallowed_libraries,
)
from symver_pin.gen.stubs import build_slim_stub, build_stubs
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release
from symver_pin.maps.semantics import ADAPTED
from symver_pin.maps.table import Table, View, load_reference, load_table
from symver_pin.templates import render

_LIBGCC_S, _LIBPTHREAD = "libgcc_s.so.1", "libpthread.so.0"
#: Libraries whose ``.so`` name is a script of ours instead of a link to the stub.
_SCRIPTED = ("libc", "libm")
#: The folders of a kit beside that of libraries.
_FOLDERS = ("static", "static-libgcc", "bin", "include")
#: Where the compat objects of a library's symbols go; all others into the one that every link searches.
_ARCHIVES = {LIBM: MATH_ARCHIVE, LIBMVEC: VECTOR_ARCHIVE}


def write_contents(
    work: Path, final: Path, target: Target, arch: Arch, cc: Path, options: KitOptions
) -> dict[str, str]:
    """Fill the folder ``work`` with the kit that will stand at ``final``; returns the facts for its stamp."""
    if any(character in str(final) for character in "'\"\n"):
        raise UsageError(f"{final}: a kit's path may not contain quotes or newlines; name another folder with -o")
    view = load_table(arch.name).view(target.glibc)
    lib = work / "lib"
    for folder in (lib, lib / SLIM, lib / MOLD_FOLDER, *(work / name for name in _FOLDERS)):
        folder.mkdir()
    # The compilers take most of the time: they work while the rest is written.
    with ThreadPoolExecutor(1) as background:
        compiled = background.submit(
            compile_families, [str(cc)], arch, target.glibc.minor, view.default_version, names=options.compat
        )
        compiler = compilers.probe(cc, arch)
        provided = needed(target.glibc.minor, arch, options.compat)
        reference = load_reference(arch.name)
        swallowed = swallowed_libraries(view, reference.newest, arch)
        warnings = _warnings(view, reference) if options.warn else {}
        _write_stubs(lib, view, arch, swallowed, {item.symbol for item in provided}, warnings)
        (lib / _LIBGCC_S).write_bytes(_libgcc_stub(arch, target.gcc))
        archives = _archives(provided, reference)
        scripts = Scripts(target.glibc, arch, final / "lib", swallowed, set(archives.values()))
        (lib / INPUT_SCRIPT).write_text(scripts.input_script(compiler.libstdcxx))
        (lib / "libgcc_s.so").write_text(scripts.libgcc_s(compiler.libgcc))
        for shared in (path for path in lib.iterdir() if ".so" in path.name):
            (lib / MOLD_FOLDER / shared.name).symlink_to(Path("..", shared.name))
        if compiler.libstdcxx is not None:
            (work / "static" / "libstdc++.so").write_text(scripts.libstdcxx(compiler.libstdcxx))
        _write_static_libgcc(work / "static-libgcc", scripts, compiler.libgcc, final)
        (work / "include" / "features.h").write_text(render("features.h.j2", target=target.glibc))
        packing = compilers.packing_linkers(cc, target.glibc)
        _write_wrappers(work / "bin", final, compiler, target.glibc, packing, _LIBPTHREAD in swallowed)
        families = compiled.result()
    for folder, objects in ((Path(), families.members), (Path(MOLD_FOLDER), families.bundles)):
        for name in sorted({ARCHIVE, *archives.values()}):
            contents = [member for member in objects if archives[member.symbols[0]] == name]
            (lib / folder / name).write_bytes(archive_bytes(contents))
        (lib / folder / "libc.so").write_text(scripts.libc(folder))
        (lib / folder / "libm.so").write_text(scripts.libm(tuple(view.libraries), folder))
    return {
        "glibc": str(target.glibc),
        "gcc": str(target.gcc),
        "arch": arch.name,
        "cc": str(cc),
        "linker": compiler.linker.name,
        "packing": " ".join(packing),
    }


def _write_stubs(
    lib: Path, view: View, arch: Arch, swallowed: Iterable[str], replaced: Collection[str], warnings: Mapping[str, str]
) -> None:
    """The stubs under their sonames and the names that -l finds, and the slim ones of ``libc.so``'s script."""
    for soname, data in build_stubs(view, arch, replaced, warnings).items():
        (lib / soname).write_bytes(data)
        plain = soname.split(".so.")[0]
        if soname != arch.loader and plain not in _SCRIPTED:
            (lib / f"{plain}.so").symlink_to(soname)
    for soname in (*swallowed, arch.loader):
        (lib / SLIM / soname).write_bytes(build_slim_stub(view, arch, soname, replaced, warnings))


def _archives(provided: Iterable[CompatSymbol], reference: Table) -> dict[str, str]:
    """The archive in which each compat object goes: its library's own, or the one that every link searches."""
    homes = {row.symbol: _ARCHIVES[row.soname] for row in reference.rows if row.soname in _ARCHIVES}
    return {r.symbol: MATH_ARCHIVE if r.kind == "engine" else homes.get(r.symbol, ARCHIVE) for r in provided}


def _warnings(view: View, reference: Table) -> dict[str, str]:
    """What a linker is to say of each symbol whose older version means something else than today's."""
    return {
        symbol: f"{symbol} of glibc {view.release} differs from that of {meaning.node}: {meaning.reason}"
        for symbol, meaning in changed_meanings(view, reference).items()
        if meaning.verdict != ADAPTED
    }


def _libgcc_stub(arch: Arch, gcc: Release) -> bytes:
    """The libgcc_s.so.1 of a GCC release; of the newest one known when the target's is younger still."""
    runtime = load_table(f"{arch.name}-gcc")
    first, last = runtime.covered
    library = runtime.view(min(max(gcc, first), last)).libraries[_LIBGCC_S]
    return build_stub(arch, library.soname, library.nodes, [StubSymbol(*e) for e in library.exports])


def _write_static_libgcc(folder: Path, scripts: Scripts, libgcc: Path, final: Path) -> None:
    """What makes rustc's own ``-lgcc_s`` the static libgcc."""
    (folder / "libgcc_s.so").write_text(scripts.static_libgcc(libgcc))
    driver = folder / "cc"
    driver.write_text(render("static_libgcc.sh.j2", kit=final))
    driver.chmod(0o755)


def _write_wrappers(
    folder: Path, final: Path, compiler: Compiler, glibc: Release, packing: tuple[str, ...], own_libpthread: bool
) -> None:
    """``cc``, and ``c++`` where the compiler has one."""
    for driver, real in (("cc", compiler.cc), ("c++", compiler.cxx)):
        if real is not None:
            path = folder / driver
            path.write_text(_wrapper(driver, real, final, compiler, glibc, packing, own_libpthread))
            path.chmod(0o755)


def _wrapper(
    driver: str,
    real: Path,
    final: Path,
    compiler: Compiler,
    glibc: Release,
    packing: tuple[str, ...],
    own_libpthread: bool,
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
        own_libpthread=own_libpthread,
        packing=packing,
        default_pie=compiler.default_pie,
        static_libstdcxx=compiler.libstdcxx is not None,
        start_quiet="--start-no-unused-arguments " if quiet else "",
        end_quiet="--end-no-unused-arguments " if quiet else "",
    )
