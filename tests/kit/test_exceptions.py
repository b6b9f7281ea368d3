"""Exceptions cross the border between a pinned program and a pinned library, each with a libstdc++ of its own."""

import subprocess

import pytest

from conftest import succeeded
from pinning import CCS, LINKERS, PROGRAMS, Pinned, dynamic_of

ONE_ROUND = """\
logic_error of the library
refused by the library 1
library caught refused by the program
library caught runtime_error
library caught bad_alloc
library caught basic_string::
through the library: 7
"""


@pytest.mark.parametrize("cc", CCS)
@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("flags", [(), ("-static-libgcc",), ("-static-libstdc++",)], ids=lambda words: "".join(words))
@pytest.mark.parametrize("mode", ["pie", "exec"])
def test_typed_exceptions_cross_a_library(
    pinned: Pinned, cc: str, linker: str, mode: str, flags: tuple[str, ...]
) -> None:
    named = (*flags, "-Wl,-soname,libthrowing.so")
    library = pinned.link("throwing.cc", *named, cc=cc, linker=linker, mode="shared", output="libthrowing.so")
    program = pinned.link("catching.cc", *flags, "-L.", "-lthrowing", cc=cc, linker=linker, mode=mode)
    shared_unwinder = "-static-libgcc" not in flags
    for file in (library, program):
        shown = succeeded(subprocess.run(["nm", "--defined-only", file], capture_output=True, text=True))
        assert ("_dl_find_object" in shown) != shared_unwinder  # only libgcc's static unwinder calls the compat object
        assert "libstdc++.so.6" not in dynamic_of(file).needed
        assert ("libgcc_s.so.1" in dynamic_of(file).needed) == shared_unwinder
    assert pinned.runs(program, libraries=[library]) == ONE_ROUND * 2


def test_a_program_pinned_by_gcc_catches_what_a_library_pinned_by_clang_throws(pinned: Pinned) -> None:
    named = "-Wl,-soname,libthrowing.so"
    library = pinned.link("throwing.cc", named, cc="clang", linker="lld", mode="shared", output="libthrowing.so")
    program = pinned.link("catching.cc", f"-I{PROGRAMS}", "-L.", "-lthrowing", cc="gcc", linker="gold")
    assert pinned.runs(program, libraries=[library]) == ONE_ROUND * 2
