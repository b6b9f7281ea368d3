"""As many symbols as glibc's own ABI lists have, for every architecture and release."""

from __future__ import annotations

from pathlib import Path

import pytest

from symver_pin.maps.release import parse_release
from symver_pin.maps.table import architectures, load_table

COUNTS = [line.split("\t") for line in Path(__file__).with_name("counts.tsv").read_text().splitlines()
          if not line.startswith("#")]  # fmt: skip


@pytest.mark.parametrize("arch", architectures())
def test_every_release_has_as_many_symbols_as_glibcs_lists(arch: str) -> None:
    table = load_table(arch)
    counts = {release: int(count) for release, name, count in COUNTS if name == arch}
    found = {release: sum(row.type != "N" for row in table.view(parse_release(release)).rows) for release in counts}
    assert found == counts and len(counts) > 5


def test_there_are_nine_architectures() -> None:
    assert set(architectures()) == {
        "x86_64", "i386", "aarch64", "arm", "powerpc64le", "s390x", "riscv64", "loongarch64", "mips64"
    }  # fmt: skip
