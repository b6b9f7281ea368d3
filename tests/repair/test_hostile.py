"""Broken files: a refusal or an error in one line, never another exception, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from symver_pin.glibc.maps import default_maps
from symver_pin.repairer.batch import Batch, Settings
from symver_pin.repairer.members import Member
from verify.mutate import mutated

from .conftest import Plain
from .test_rewrite import HEADERS

MODES = ("pie", "exec", "shared")
SEEDS = range(250)


@pytest.mark.parametrize("mode", MODES)
def test_changed_copies_of_a_file_raise_nothing(plain: Plain, mode: str) -> None:
    program = plain.build(plain.write("headers.c", HEADERS), "-Wl,-z,pack-relative-relocs", mode=mode)
    whole = program.read_bytes()
    maps = default_maps()
    batch = Batch(Settings(maps.target("2.17"), maps))
    statuses = set()
    for seed in SEEDS:
        member = Member(str(plain.out / "file"), mutated(whole, seed), "file", str(plain.out), True)
        for result in batch.repair([member]):
            statuses.add(result.file.status)
            assert "\n" not in result.file.reason
            if result.file.status in ("repaired", "added"):
                assert result.file.verdict is not None and result.file.verdict.verdict == "ok"
    assert statuses >= {"repaired", "error", "refused"}
    assert not Path(plain.out).exists()
