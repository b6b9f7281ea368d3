"""A compiler that is given the kit's flags links as the wrapper does, with every linker."""

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import LINKERS, PROGRAMS, Pinned, check_fits, run, symver_pin_command

DRIVERS = {"cc": ("gcc", "objects.c"), "cxx": ("g++", "matrix.cc")}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a cache of its own."""
    return {"SYMVER_PIN_CACHE": str(tmp_path_factory.mktemp("cache"))}


def _flags(language: str, linker: str, cache: dict[str, str]) -> list[str]:
    words = ("flags", language, "--glibc", "2.17", "--no-warn", "--linker", linker)
    return succeeded(symver_pin_command(*words, env=cache)).split()


@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("language", DRIVERS)
def test_a_program_linked_with_the_flags_runs(
    language: str, linker: str, pinned: Pinned, cache: dict[str, str]
) -> None:
    need_tool(f"ld.{linker}" if linker != "mold" else "mold")
    driver, source = DRIVERS[language]
    program = pinned.folder / "program"
    flags = [*_flags(language, linker, cache), f"-fuse-ld={linker}", "-pthread"]
    done = run([driver, *flags, PROGRAMS / source, "-o", program, "-lm"])
    succeeded(done)
    assert done.stderr == ""
    check_fits(program)
    pinned.runs(program)


def test_mold_searches_the_folder_of_bundles(cache: dict[str, str]) -> None:
    folders = {linker: Path(_flags("cc", linker, cache)[0].removeprefix("-L")) for linker in LINKERS}
    assert folders["mold"] == folders["bfd"] / "mold"
    assert folders["gold"] == folders["lld"] == folders["bfd"]
