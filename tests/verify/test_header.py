"""ELF headers that the loader refuses: patched into a library that real loaders then load."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from c_flags import LENIENT_C
from conftest import need_tool
from cross import EMULATORS, release_of, start
from symver_pin.verifier import verify

from .programs import compile_library, compile_program, starts_on

#: Name -> offset and value of the changed bytes in the header of a 64-bit little-endian file.
PATCHES = {
    "unchanged": {},
    "GNU": {7: 3},
    **{f"System V {version}": {8: version} for version in (1, 2, 5, 6)},
    **{f"GNU {version}": {7: 3, 8: version} for version in range(1, 7)},
    "HP-UX": {7: 1},
    "FreeBSD": {7: 9},
    "Arm": {7: 64},
    "first padding": {9: 1},
    "last padding": {15: 7},
    "identity's version": {6: 2},
    "version": {20: 2},
    "program": {16: 2},
}
RELEASES = ("2.17", "2.31", "2.36", "2.41")


def patched(library: Path, folder: Path, patch: dict[int, int]) -> Path:
    data = bytearray(library.read_bytes())
    for place, value in patch.items():
        data[place] = value
    folder.mkdir()
    (folder / library.name).write_bytes(data)
    return folder / library.name


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A program and the library that it loads; both need only what every release of the C library has."""
    folder = tmp_path_factory.mktemp("pair")
    library = compile_library(folder, "libown.so", "int write(); int own(void) { return write(-1, 0, 0) > 5; }")
    program = compile_program(folder, "program", "int own(void); int program(void) { return own(); }", [str(library)])
    return program, library


@pytest.mark.parametrize("release", RELEASES)
def test_headers_are_refused_as_by_the_loader(
    release: str, pair: tuple[Path, Path], roots: dict[str, Path], tmp_path: Path
) -> None:
    program, library = pair
    for number, (name, patch) in enumerate(PATCHES.items()):
        changed = patched(library, tmp_path / str(number), patch)
        starts = starts_on(roots[release], program, [changed])
        of_program, of_library = verify([program, changed], release).files
        assert (of_program.verdict == "ok") == starts, f"{name} on {release}"
        # A program that is linked like a library is one for all but the loader.
        assert (of_library.verdict == "ok") == starts, f"{name} on {release}"


@pytest.mark.parametrize("release", RELEASES)
def test_the_kernel_does_not_look_at_a_programs_header(
    release: str, pair: tuple[Path, Path], roots: dict[str, Path], tmp_path: Path
) -> None:
    program, library = pair
    for number, name in enumerate(("FreeBSD", "GNU 6", "first padding", "version")):
        changed = patched(program, tmp_path / str(number), PATCHES[name])
        changed.chmod(0o755)
        assert starts_on(roots[release], changed, [library])
        assert verify([changed, library], release).files[0].verdict == "ok"


def test_the_symbols_of_a_mips_library_with_its_own_hash_table_are_found(tmp_path: Path) -> None:
    triplet = "mips64el-linux-gnuabi64"
    cc = [need_tool(f"{triplet}-gcc"), *LENIENT_C, "-Wl,--hash-style=gnu"]
    (tmp_path / "own.c").write_text("int own(void) { return 0; }\n")
    (tmp_path / "main.c").write_text("int own(void); int main(void) { return own(); }\n")
    subprocess.run([*cc, "-shared", "-fPIC", "own.c", "-o", "libown.so"], cwd=tmp_path, check=True)
    subprocess.run([*cc, "main.c", "-L.", "-lown", "-Wl,-rpath,$ORIGIN", "-o", "main"], cwd=tmp_path, check=True)
    subprocess.run([*start(triplet), tmp_path / "main"], check=True)
    (verdict,) = verify([tmp_path / "main"], release_of(triplet)).files
    assert verdict.verdict == "ok"


@pytest.mark.parametrize("triplet", EMULATORS)
def test_other_architectures_accept_other_abi_versions(triplet: str, tmp_path: Path) -> None:
    cc = [need_tool(f"{triplet}-gcc"), *LENIENT_C, "-O1"]
    (tmp_path / "own.c").write_text("int own(void) { return 0; }\n")
    (tmp_path / "main.c").write_text("int own(void); int main(void) { return own(); }\n")
    command = [*cc, "-shared", "-fPIC", "own.c", "-o", "libown.so", "-Wl,-soname,libown.so"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([*cc, "main.c", "libown.so", "-Wl,-rpath,$ORIGIN/now", "-o", "main"], cwd=tmp_path, check=True)
    library = tmp_path / "libown.so"
    names = ["unchanged", *(name for name in PATCHES if name.startswith(("GNU", "System V", "Arm", "first")))]
    for name in names:
        changed = patched(library, tmp_path / "now", PATCHES[name])
        done = subprocess.run([*start(triplet), tmp_path / "main"], capture_output=True, text=True, check=False)
        (verdict,) = verify([tmp_path / "main"], release_of(triplet)).files
        assert (verdict.verdict == "ok") == (done.returncode == 0), f"{name}: {done.stderr}"
        changed.unlink()
        changed.parent.rmdir()
    if triplet.startswith("arm"):
        changed = patched(library, tmp_path / "now", {37: 2})  # EF_ARM_ABI_FLOAT_SOFT in place of HARD
        done = subprocess.run([*start(triplet), tmp_path / "main"], capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert [f.kind for f in verify([tmp_path / "main"], release_of(triplet)).files[0].findings if f.fails] == [
            "header-refused"
        ]
