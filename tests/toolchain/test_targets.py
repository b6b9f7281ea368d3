"""A target is a release or a platform, from an option or the environment."""

import json
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import Kits, Pinned, Word, check_fits, run, symver_pin_command
from symver_pin.glibc.release import Release

NAMES = {
    "2.19": "2.19",
    "glibc-2.17": "2.17",
    "GLIBC_2.17": "2.17",
    "debian8": "2.19",
    "Debian 8": "2.19",
    "ubuntu14.04": "2.19",
    "Ubuntu 14.04": "2.19",
    "rhel7": "2.17",
    "RHEL 7": "2.17",
    "centos7": "2.17",
    "CentOS 7": "2.17",
    "CentOS-7": "2.17",
    "manylinux2014": "2.17",
    "manylinux_2_28": "2.28",
    " 2.17 ": "2.17",
}


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """The environment of an empty cache."""
    return {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}


def target_of_header(text: str) -> str:
    return text.partition("Pin header for glibc ")[2].split()[0]


@pytest.mark.parametrize(("name", "release"), NAMES.items())
def test_a_target_has_many_names(name: str, release: str, cache: dict[str, str]) -> None:
    assert target_of_header(succeeded(symver_pin_command("gen", "--glibc", name, env=cache))) == release
    assert target_of_header(succeeded(symver_pin_command("gen", env={**cache, "SYMVER_PIN_GLIBC": name}))) == release


def test_the_default_is_219(cache: dict[str, str]) -> None:
    assert target_of_header(succeeded(symver_pin_command("gen", env={**cache, "SYMVER_PIN_GLIBC": ""}))) == "2.19"


def test_an_option_wins_over_the_environment(cache: dict[str, str]) -> None:
    env = {**cache, "SYMVER_PIN_GLIBC": "2.28", "SYMVER_PIN_ARCH": "pdp11", "SYMVER_PIN_CC": "nonesuch"}
    words = ("--glibc", "2.17", "--arch", "x86_64", "--cc", "gcc")
    kit = Path(succeeded(symver_pin_command("kit", *words, env=env)).strip())
    assert json.loads((kit / "kit.json").read_text())["glibc"] == "2.17"


@pytest.mark.parametrize(("variable", "value"), [
    ("SYMVER_PIN_GLIBC", "2.99"), ("SYMVER_PIN_ARCH", "pdp11"), ("SYMVER_PIN_ARCH", "loongarch64"),
    ("SYMVER_PIN_CC", "nonesuch"),
])  # fmt: skip
@pytest.mark.parametrize("command", ["kit", "cc"])
def test_a_wrong_variable_is_one_line(variable: str, value: str, command: str, cache: dict[str, str]) -> None:
    done = symver_pin_command(command, env={**cache, variable: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert value in done.stderr


@pytest.mark.parametrize("words", [
    ("--glibc", "2.17"), ("--glibc=2.17",), ("--glibc", "CentOS 7", "--cc", "gcc"), ("--glibc", "2.17", "--"),
])  # fmt: skip
@pytest.mark.parametrize("driver", ["cc", "c++"])
def test_our_options_end_where_the_compilers_begin(
    pinned: Pinned, cache: dict[str, str], words: tuple[str, ...], driver: str
) -> None:
    program = pinned.folder / "program"
    line: list[Word] = ["-x", "c", pinned.source("plain.c"), "-x", "none", "-lm", "-o", program]
    if driver == "c++":
        line = [pinned.source("matrix.cc"), "-std=c++17", "-o", program]
    succeeded(symver_pin_command(driver, *words, *line, env={"SYMVER_PIN_CACHE": str(pinned.kits("gcc").parents[1])}))
    check_fits(program)


def test_the_compilers_own_words_are_never_ours(pinned: Pinned, cache: dict[str, str]) -> None:
    env = {"SYMVER_PIN_CACHE": str(pinned.kits("gcc").parents[1])}
    said = succeeded(symver_pin_command("cc", "--cc", "gcc", "--version", env=env))
    own, _, identity = said.rpartition("symver-pin version ")
    assert own == succeeded(run(["gcc", "--version"])).replace("gcc", said.split()[0], 1)
    assert "glibc 2.19" in identity


def test_an_option_behind_the_words_of_the_compiler_is_refused(cache: dict[str, str]) -> None:
    done = symver_pin_command("cc", "--cc", "gcc", "-c", "--glibc", "2.17", env=cache)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("write symver-pin cc --cc gcc --glibc 2.17 -c\n")


@pytest.mark.parametrize("release", ["2.12", "2.19", "2.28", "2.34", "2.36", "2.43"])
@pytest.mark.parametrize("linker", ["bfd", "lld"])
def test_programs_fit_every_target(pinned: Pinned, kits: Kits, release: str, linker: str) -> None:
    major, minor = map(int, release.split("."))
    program = pinned.folder / "program"
    for driver, words in (("cc", ["plain.c", "-lm"]), ("c++", ["matrix.cc", "-std=c++17"])):
        source = pinned.source(words[0])
        kit = kits("gcc", release)
        succeeded(run([kit / "bin" / driver, f"-fuse-ld={linker}", source, *words[1:], "-o", program]))
        check_fits(program, Release(major, minor), Release(14, 0))
