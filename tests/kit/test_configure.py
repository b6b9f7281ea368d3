"""The configure scripts of real projects answer with a kit as with the plain compiler, and the projects build."""

import re
from pathlib import Path

import pytest

from cache import kept_folder
from conftest import RunOn217, succeeded
from debian_archive import download_source
from pinning import Kits, check_fits, run
from served import PACKAGES, served
from symver_pin.compat.table import needed
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.machine.architectures import ARCHES

SUITE = "bookworm"
TARGET = Release(2, 17)

OPTIONS = {
    "rsync": (
        "--disable-openssl", "--disable-xxhash", "--disable-zstd", "--disable-lz4", "--disable-acl-support",
        "--disable-md2man",
    ),
    "libevent": ("--disable-openssl", "--disable-samples"),
}  # fmt: skip
"""Project -> the options of its configure script that leave out libraries which this machine may not have."""

CFLAGS = "CFLAGS=-g -O2 -std=gnu17"
"""The C of these releases; compilers since GCC 15 begin with C23, which rejects their old declarations."""

PRODUCTS = {"rsync": "rsync", "libevent": ".libs/libevent-2.1.so.7"}
"""Project -> a file that its build makes."""


def source_of(project: str) -> Path:
    """The folder of a project's source, from Debian's source package."""

    def fill(folder: Path, download: Path) -> None:
        succeeded(run(["tar", "-xf", download_source(SUITE, project, download), "-C", folder]))

    kept = served(PACKAGES, f"source of {project}", lambda: kept_folder(f"source-{SUITE}-{project}", fill))
    (folder,) = kept.iterdir()
    return folder


def answers(build: Path) -> dict[str, str]:
    """Macro -> its value, in the config.h that a configure script wrote; "" where it is not defined."""
    found = {}
    for line in (build / "config.h").read_text().splitlines():
        if defined := re.match(r"#define (\w+) ?(.*)", line):
            found[defined[1]] = defined[2]
        elif undefined := re.match(r"/\* #undef (\w+) \*/", line):
            found[undefined[1]] = ""
    return found


@pytest.mark.parametrize("project", OPTIONS)
def test_configure_answers_as_with_the_plain_compiler(
    kits: Kits, run_on_217: RunOn217, tmp_path: Path, project: str
) -> None:
    source = source_of(project)
    kit = kits("gcc", str(TARGET))
    found = {}
    for name, compiler in (("plain", "gcc"), ("kit", str(kit / "bin/cc"))):
        build = tmp_path / name
        build.mkdir()
        succeeded(run([source / "configure", *OPTIONS[project], f"CC={compiler}", CFLAGS], cwd=build, timeout=600))
        found[name] = answers(build)
    assert len(found["plain"]) > 100
    here = default_maps().table("x86_64").view(TARGET).default_version
    available = {*here, *(row.symbol for row in needed(TARGET, ARCHES["x86_64"]))}
    for macro, plain in found["plain"].items():
        if found["kit"][macro] != plain:
            # a host newer than the tables' compat objects: the function is in neither the target nor the archive
            function = macro.removeprefix("HAVE_").lower()
            assert (plain, found["kit"][macro]) == ("1", "") and function not in available, macro

    build = tmp_path / "kit"
    done = run(["make", "-j2"], cwd=build, timeout=900)
    succeeded(done)
    assert "implicit declaration" not in done.stdout + done.stderr
    product = build / PRODUCTS[project]
    check_fits(product, TARGET)
    if project == "rsync":
        assert re.search(r" etc$", succeeded(run_on_217(product, "--list-only", "/")), re.MULTILINE)
