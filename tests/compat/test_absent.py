"""What has no compat object is said to have none, with a reason, and a link that wants it names it."""

from pathlib import Path

import pytest

from conftest import RunOn217
from pinning import Kits, run, symver_pin_command
from symver_pin.compat.absent import load_absent
from symver_pin.compat.coverage import cover
from symver_pin.compat.table import needed
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release
from symver_pin.machine.architectures import ARCHES

ABSENT = {item.symbol: item.reason for item in load_absent(ARCHES["x86_64"])}

PROGRAM = """
extern int {symbol}(void);
int main(int count, char **arguments) {{ (void)arguments; return count > 5 ? {symbol}() : 0; }}
"""
ON_OTHERS = {"_mcount"}
"""Not wanted by anything on x86_64, where the name is older than 2.12."""


@pytest.mark.parametrize("arch", ARCHES)
def test_all_that_a_link_may_want_is_pinned_or_has_an_object_or_a_reason(arch: str) -> None:
    """For each release of the tables as the target."""
    table, reference = default_maps().table(arch), default_maps().reference(arch)
    explained = {item.symbol for item in load_absent(ARCHES[arch])}
    for release in table.axis.releases:
        for item in cover(table.view(release), reference, ARCHES[arch]):
            assert set(item.open) - explained == set(), release


def test_nothing_has_both_an_object_and_a_reason_to_have_none() -> None:
    for arch in ARCHES.values():
        absent = {item.symbol: item.reason for item in load_absent(arch)}
        assert not set(absent) & {row.symbol for row in needed(Release(2, 12), arch)}, arch.name
        assert all(absent.values())


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold"])
def test_the_linker_names_each(linker: str, kits: Kits, tmp_path: Path) -> None:
    said = {}
    for symbol in ABSENT.keys() - ON_OTHERS:
        source = tmp_path / "unit.c"
        source.write_text(PROGRAM.format(symbol=symbol))
        kit = kits("gcc", "2.12")
        done = run([kit / "bin" / "cc", f"-fuse-ld={linker}", source, "-lm", "-o", tmp_path / "out"])
        assert done.returncode != 0, symbol
        said[symbol] = done.stderr
    phrase = "undefined reference to" if linker in ("bfd", "gold") else "undefined symbol"
    assert [symbol for symbol, text in said.items() if phrase not in text or symbol not in text] == []


def test_a_weak_reference_to_one_is_null_where_libc_has_none(kits: Kits, run_on_217: RunOn217, tmp_path: Path) -> None:
    source = tmp_path / "unit.c"
    source.write_text("__attribute__((weak)) extern int _Fork(void);\nint main(void) { return _Fork ? 8 : 7; }\n")
    assert run([kits("gcc", "2.17") / "bin" / "cc", source, "-o", tmp_path / "out"]).returncode == 0
    assert run([tmp_path / "out"]).returncode == 8
    assert run_on_217(tmp_path / "out").returncode == 7


def test_the_page_of_the_symbols_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "compat-symbols.md"
    done = symver_pin_command("compat", "list", "--glibc", "2.12", "--arch", "x86_64", "--format", "markdown")
    assert done.returncode == 0
    assert page.read_text() == done.stdout, "run `make docs`"
    rows = [row for row in needed(Release(2, 12), ARCHES["x86_64"]) if row.kind != "engine"]
    assert all(f"`{row.symbol}`" in done.stdout for row in rows)
    assert all(f"`{symbol}`" in done.stdout for symbol in ABSENT)
