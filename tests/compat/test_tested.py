"""Every compat object outside libm is called by a behaviour program, and what real programs want links.

What a program covers is read from its object file and from what the link took out of the archive, not from a list.
"""

import subprocess
from pathlib import Path

import pytest

from c_flags import LENIENT_C
from conftest import RunOn217, succeeded
from pinning import CCS, LINKERS, Kits, check_fits, run
from symver_pin.compat.absent import load_absent
from symver_pin.compat.table import load, needed
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.kit.scripts import LIBM, LIBMVEC

from .conftest import PROGRAMS, X86_64, Archive, LinkOn
from .test_behaviour import FAMILIES

WANTED = Path(__file__).with_name("wanted_by_programs.tsv")

MATHEMATICS = {row.symbol for row in default_maps().reference("x86_64").rows if row.soname in (LIBM, LIBMVEC)}

OF_START_FILES = {"__libc_start_main", "__libc_csu_init", "__libc_csu_fini"}
"""Called by crt1.o, of this machine or of an older one, instead of the program: `startup.c` is about them."""


BY_RUNTIMES = {
    "startup.c": {"__libc_start_main"},
    "exceptions.cc": {"_dl_find_object"},
    "forking.cc": {"_dl_find_object"},
}
"""Program -> the objects that it is about and that start files or the static libgcc_eh call, not its own code."""


def names_of(kind: str, file: Path) -> set[str]:
    shown = succeeded(subprocess.run(["nm", kind, file], capture_output=True, text=True))
    return {line.split()[-1] for line in shown.splitlines()}


def _called(program: Path, folder: Path) -> set[str]:
    """The symbols that the program's own code refers to."""
    result = folder / "object.o"
    driver = "g++" if program.suffix == ".cc" else "gcc"
    flags = ["-O1", "-fno-builtin", "-U_FORTIFY_SOURCE", "-D_GNU_SOURCE", "-fPIC", *LENIENT_C, "-fno-stack-protector"]
    succeeded(subprocess.run([driver, *flags, "-c", program, "-o", result], capture_output=True, text=True))
    return names_of("--undefined-only", result)


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("objects")
    return set().union(*(_called(PROGRAMS / family, folder) for family in FAMILIES))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_behaviour_program_runs_on_the_objects_and_not_on_libc(
    family: str, archive: Archive, link_on: LinkOn, tmp_path: Path
) -> None:
    linked = names_of("--defined-only", link_on("2.17", PROGRAMS / family, archive()))
    called = _called(PROGRAMS / family, tmp_path) & {row.symbol for row in needed(Release(2, 12), X86_64)}
    called |= BY_RUNTIMES.get(family, set())
    assert called - linked == set()
    assert called


def test_every_object_outside_libm_is_called_by_a_behaviour_program(covered: set[str]) -> None:
    rows = {row.symbol for row in needed(Release(2, 12), X86_64) if row.kind != "engine"}
    assert rows - MATHEMATICS - OF_START_FILES - covered == set()


def _wanted() -> list[str]:
    lines = WANTED.read_text().splitlines()
    return [line.split("\t")[0] for line in lines if not line.startswith("#")]


def test_what_real_programs_want_has_an_object_and_a_behaviour_program(covered: set[str]) -> None:
    names = _wanted()
    assert len(names) == 103
    outside = set(names) - MATHEMATICS
    assert outside - {row.symbol for row in load()} == set()
    assert outside - covered == set()
    assert not outside & {item.symbol for item in load_absent(X86_64)}


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("cc", CCS)
def test_what_real_programs_want_links_and_loads(
    cc: str, linker: str, kits: Kits, run_on_217: RunOn217, tmp_path: Path
) -> None:
    names = sorted({row.symbol for row in load()} & set(_wanted()))
    assert len(names) >= 97
    source, program = tmp_path / "all.c", tmp_path / "all"
    source.write_text(
        "".join(f"extern char {name}[];\n" for name in names)
        + f"char *volatile all[] = {{{', '.join(names)}}};\n"
        + "int main(void) { for (unsigned i = 0; i < sizeof all / sizeof *all; ++i) if (!all[i]) return 1; }\n"
    )
    options = ("-fno-builtin", "-w", f"-fuse-ld={linker}")
    kit = kits(cc, undeclared=True)
    succeeded(run([kit / "bin" / "cc", *options, source, "-lm", "-lresolv", "-o", program]))
    assert names_of("--defined-only", program) >= set(names)
    check_fits(program)
    succeeded(run([program]))
    succeeded(run_on_217(program))
