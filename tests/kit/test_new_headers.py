"""What the build machine's headers and linker do by themselves that an old system does not know."""

import pytest

from pinning import CCS, LINKERS, Pinned, check_fits, dynamic_of, run
from symver_pin.elf.constants import DT_RELR

RELR_FLAGS = {
    "bfd": ("-Wl,-z,pack-relative-relocs",),
    "lld": ("-Wl,--pack-dyn-relocs=relr",),
    "mold": ("-Wl,-z,pack-relative-relocs",),
    "mold, its other spelling": ("-Wl,--pack-dyn-relocs=relr",),
    "bfd, word by word": ("-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"),
}
"""gold cannot make DT_RELR and refuses the word."""


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_the_signal_stack_size_that_sysconf_tells_is_usable(pinned: Pinned, cc: str, linker: str, mode: str) -> None:
    flags = ("-D_GNU_SOURCE", "-D_DYNAMIC_STACK_SIZE_SOURCE")
    program = pinned.link("altstack.c", *flags, cc=cc, linker=linker, mode=mode)
    assert pinned.runs(program) == "on its own stack: 1, sysconf still knows the rest: 1\n"


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize("asked", RELR_FLAGS)
@pytest.mark.parametrize("mode", ["pie", "shared"])
def test_packed_relocations_are_not_made_even_when_asked_for(pinned: Pinned, cc: str, asked: str, mode: str) -> None:
    linker, flags = asked.partition(",")[0], RELR_FLAGS[asked]
    program = pinned.link("relative.c", *flags, cc=cc, linker=linker, mode=mode)
    if mode == "pie":
        assert pinned.runs(program) == "seven\n"
    # the same without the kit has them, or this proves nothing
    words = ["-fPIC", "-shared" if mode == "shared" else "-pie", f"-fuse-ld={linker}", *flags]
    unpinned = pinned.folder / "unpinned"
    run([cc, pinned.source("relative.c"), *words, "-o", unpinned])
    assert DT_RELR in dynamic_of(unpinned).tags


def test_packed_relocations_asked_for_in_a_response_file_are_not_made(pinned: Pinned) -> None:
    pinned.write("flags", "-Wl,-z,pack-relative-relocs -O1\n")
    check_fits(pinned.link("relative.c", "@flags"))
