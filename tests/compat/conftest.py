"""Archives of compat objects, and programs linked with them by hand against a real libc, without any stub.

A link by hand keeps these tests about the objects alone: the C library on the line is the one of an old root, and the
archive stands in front of it, as in the kit's ``libc.so`` script.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import need_root, need_tool, succeeded
from symver_pin.compat.archive import archive_bytes, compile_families, member_options
from symver_pin.compat.table import load, needed
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import ARCHES

PROGRAMS = Path(__file__).with_name("programs")

X86_64 = ARCHES["x86_64"]

_DEFAULTS = default_maps().table(X86_64.name).view(Release(2, 17)).default_version

OLD_VERSIONS = {row.symbol: _DEFAULTS[row.symbol] for row in load() if row.needs_old_version}
"""What each wrapper stands before, in the libc that the programs are linked with."""


def defines(arch: Arch = X86_64) -> list[str]:
    """The options with which the sources of the compat objects compile for an architecture."""
    return member_options(arch, [row for row in load() if row.exists_on(arch)], OLD_VERSIONS)


Archive = Callable[..., Path]


def build_archive(
    cc: Sequence[str], arch: Arch, target: int, old_versions: Mapping[str, str], out: Path, **options: Any
) -> None:
    """Write the archive of all members; arguments of compile_families."""
    write_atomic(out, archive_bytes(compile_families(cc, arch, Release(2, target), old_versions, **options).members))


LinkOn = Callable[..., Path]

_LIBRARIES = (
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libresolv.so.2",
    "libm.so.6",
    "libcrypt.so.1",
    "ld-linux-x86-64.so.2",
)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """`archive(cc="gcc", target=12)`: the archive that this compiler makes for that target, built once a session."""
    folder = tmp_path_factory.mktemp("archives")

    def get(cc: str = "gcc", target: int = 12) -> Path:
        path = folder / f"{cc}-{target}.a"
        if not path.exists():
            need_tool(cc)
            build_archive([cc], X86_64, target, OLD_VERSIONS, path)
        return path

    return get


def _file_of(cc: str, name: str) -> str:
    return succeeded(subprocess.run([cc, f"-print-file-name={name}"], capture_output=True, text=True)).strip()


def link_program(
    output: Path,
    release: str,
    source: Path,
    archive: Path | None,
    *flags: str,
    cc: str = "gcc",
    linker: str = "bfd",
    mode: str = "pie",
) -> Path:
    """Link a program with an archive and the real libc of a root, and return it.

    ``mode`` is "pie", "exec" or "shared". Without an archive, the host's libc_nonshared.a stands in its place.
    """
    folder = need_root(release) / "lib64"
    if not folder.is_dir():
        folder = folder.with_name("lib")
    driver = need_tool("g++" if source.suffix == ".cc" else cc)
    kind: Sequence[str] = {
        "pie": ("-fPIE", "-pie"),
        "exec": ("-fno-pie", "-no-pie"),
        "shared": ("-fPIC", "-shared"),
    }[mode]
    suffix = ".o" if mode == "exec" else "S.o"
    start = [] if mode == "shared" else [_file_of(driver, "crt1.o" if mode == "exec" else "Scrt1.o")]
    start += [_file_of(driver, "crti.o"), _file_of(driver, f"crtbegin{suffix}")]
    runtime = ["libstdc++.a", "libgcc_eh.a"] if source.suffix == ".cc" else []
    present = [str(path) for name in _LIBRARIES if (path := _library(folder, name)) is not None]
    own = archive if archive is not None else _file_of(driver, "libc_nonshared.a")
    command = [driver, "-O1", "-g", "-Wall", "-Wextra", "-fno-builtin", "-U_FORTIFY_SOURCE", "-D_GNU_SOURCE"]
    command += [*kind, f"-fuse-ld={linker}", "-nostdlib", "-o", str(output), *start, str(source), *flags]
    command += ["-Wl,--start-group", *(_file_of(driver, library) for library in runtime)]
    command.append("-Wl,--allow-shlib-undefined")  # an old libc's references to its own loader
    command += [_file_of(driver, "libgcc.a"), str(own), str(_library(folder, "libc.so.6")), "-Wl,--as-needed"]
    command += [*present, "-Wl,--no-as-needed", "-Wl,--end-group"]
    command += [_file_of(driver, f"crtend{suffix}"), _file_of(driver, "crtn.o")]
    succeeded(subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL))
    if archive is not None:
        assert not _imports(output) & _REPLACED  # what has a member is taken from the archive, never from libc
    return output


@pytest.fixture
def link_on(tmp_path: Path) -> LinkOn:
    """`link_on("2.17", source, archive, *flags, name=, ...)`: link_program, with an output in the test's folder."""

    def link(release: str, source: Path, archive: Path | None, *flags: str, name: str = "program", **how: str) -> Path:
        return link_program(tmp_path / name, release, source, archive, *flags, **how)

    return link


_REPLACED = {row.symbol for row in needed(Release(2, 12), X86_64) if not row.needs_old_version}
"""The symbols for which an archive for 2.12 has a member that does not call the older function of that name."""


def _imports(file: Path) -> set[str]:
    shown = succeeded(subprocess.run(["nm", "-D", "--undefined-only", file], capture_output=True, text=True))
    words = [line.split() for line in shown.splitlines()]
    return {name.split("@")[0] for *_, kind, name in words if kind == "U"}  # a weak reference needs no member


def _library(folder: Path, name: str) -> Path | None:
    """A library of a root, wherever that distribution puts it."""
    for place in (folder, folder / "x86_64-linux-gnu", folder.parent / "lib" / "x86_64-linux-gnu"):
        if (place / name).exists():
            return place / name
    return None
