"""Write the files of a link kit into a folder; ``kit`` decides whether and where."""

from pathlib import Path

from symver_pin import compilers
from symver_pin.compat.archive import archive_bytes, members
from symver_pin.compat.table import needed
from symver_pin.compilers import LINKERS, RELR_SINCE, Compiler
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
)  # fmt: skip
from symver_pin.gen.stubs import build_slim_stub, build_stubs
from symver_pin.maps.platforms import Target
from symver_pin.maps.release import Release
from symver_pin.maps.semantics import ADAPTED
from symver_pin.maps.table import Table, View, load_reference, load_table
from symver_pin.templates import render

_LIBGCC_S, _LIBPTHREAD = "libgcc_s.so.1", "libpthread.so.0"
#: Libraries whose ``.so`` name is a script of ours instead of a link to the stub.
_SCRIPTED = ("libc", "libm")
#: Where the compat objects of a library's symbols go; all others into the one that every link searches.
_ARCHIVES = {LIBM: MATH_ARCHIVE, LIBMVEC: VECTOR_ARCHIVE}


def write_contents(
    work: Path, final: Path, target: Target, arch: Arch, cc: Path, options: KitOptions
) -> dict[str, str]:
    """Fill the folder ``work`` with the kit that will stand at ``final``; returns the facts for its stamp."""
    if any(character in str(final) for character in "'\"\n"):
        raise UsageError(f"{final}: a kit's path may not contain quotes or newlines; name another folder with -o")
    view = load_table(arch.name).view(target.glibc)
    compiler = compilers.probe(cc, arch)
    lib, static = work / "lib", work / "static"
    for folder in (lib, lib / SLIM, static, work / "bin", work / "include"):
        folder.mkdir()
    provided = needed(target.glibc.minor, arch, options.compat)
    replaced = {item.symbol for item in provided}
    reference = load_reference(arch.name)
    swallowed = swallowed_libraries(view, reference.newest, arch)
    warnings = _warnings(view, reference) if options.warn else {}
    for soname, data in build_stubs(view, arch, replaced, warnings).items():
        (lib / soname).write_bytes(data)
        plain = soname.split(".so.")[0]
        if soname != arch.loader and plain not in _SCRIPTED:
            (lib / f"{plain}.so").symlink_to(soname)
    for soname in (*swallowed, arch.loader):
        (lib / SLIM / soname).write_bytes(build_slim_stub(view, arch, soname, replaced, warnings))
    (lib / _LIBGCC_S).write_bytes(_libgcc_stub(arch, target.gcc))
    homes = {row.symbol: _ARCHIVES[row.soname] for row in reference.rows if row.soname in _ARCHIVES}
    objects = members([str(cc)], arch, target.glibc.minor, view.default_version, names=options.compat)
    archives: dict[str, dict[str, bytes]] = {ARCHIVE: {}}
    for row in provided:
        home = MATH_ARCHIVE if row.kind == "engine" else homes.get(row.symbol, ARCHIVE)
        if row.symbol in objects:
            archives.setdefault(home, {})[row.symbol] = objects[row.symbol]
    for name, contents in archives.items():
        (lib / name).write_bytes(archive_bytes(contents))
    scripts = Scripts(target.glibc, arch, final / "lib", swallowed, tuple(archives))
    (lib / "libc.so").write_text(scripts.libc())
    (lib / INPUT_SCRIPT).write_text(scripts.input_script(compiler.libstdcxx))
    (lib / "libm.so").write_text(scripts.libm(tuple(view.libraries)))
    (lib / "libgcc_s.so").write_text(scripts.libgcc_s(compiler.libgcc))
    if compiler.libstdcxx is not None:
        (static / "libstdc++.so").write_text(scripts.libstdcxx(compiler.libstdcxx))
    (work / "include" / "features.h").write_text(render("features.h.j2", target=target.glibc))
    own_libpthread = _LIBPTHREAD in swallowed
    for driver, real in (("cc", compiler.cc), ("c++", compiler.cxx)):
        if real is not None:
            path = work / "bin" / driver
            path.write_text(_wrapper(driver, real, final, compiler, target.glibc, own_libpthread))
            path.chmod(0o755)
    return {"glibc": str(target.glibc), "gcc": str(target.gcc), "arch": arch.name, "cc": str(cc),
            "linker": compiler.linker.name}  # fmt: skip


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


def _wrapper(driver: str, real: Path, final: Path, compiler: Compiler, glibc: Release, own_libpthread: bool) -> str:
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
        own_libpthread=own_libpthread,
        relr_unknown=glibc < RELR_SINCE,
        static_libstdcxx=compiler.libstdcxx is not None,
        start_quiet="--start-no-unused-arguments " if quiet else "",
        end_quiet="--end-no-unused-arguments " if quiet else "",
    )
