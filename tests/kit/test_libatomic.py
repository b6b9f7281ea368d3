"""The functions of libatomic in kits for aarch64: right results, also where several threads call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from cross import start
from pinning import cross_kit, run
from symver_pin.verifier import verify

PREFIX = "aarch64-linux-gnu"


@pytest.mark.parametrize("processor", ["cortex-a53", "max"])
def test_results_are_right_on_processors_with_and_without_newer_instructions(processor: str, tmp_path: Path) -> None:
    need_tool(f"{PREFIX}-gcc")
    kit = cross_kit("aarch64", "2.17", tmp_path / "cache")
    program = tmp_path / "program"
    flags = ["-std=gnu17", "-O1", "-w", "-fno-builtin"]
    succeeded(
        run(
            [
                kit / "bin/cc",
                *flags,
                Path(__file__).parent / "programs/libatomic.c",
                "-pthread",
                "-latomic",
                "-o",
                program,
            ]
        )
    )
    assert verify([program], "2.17").files[0].verdict == "ok"
    assert " i " not in succeeded(run([f"{PREFIX}-nm", program])), "no function is chosen by IFUNC"
    assert succeeded(run([*start(PREFIX), program], {"QEMU_CPU": processor})) == "right\n"


def test_newer_targets_have_the_compilers_own(tmp_path: Path) -> None:
    need_tool(f"{PREFIX}-gcc")
    kit = cross_kit("aarch64", "2.19", tmp_path)
    assert "symver_pin_atomic" not in (kit / "static/libatomic.so").read_text()
    assert "symver_pin_atomic" in (cross_kit("aarch64", "2.18", tmp_path) / "static/libatomic.so").read_text()
