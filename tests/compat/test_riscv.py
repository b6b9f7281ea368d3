"""The member of RISC-V alone, under emulation."""

from pathlib import Path

from conftest import need_tool, succeeded
from cross import start
from pinning import cross_kit, run

TRIPLET = "riscv64-linux-gnu"
PROGRAM = r"""
#include <errno.h>
#include <stdio.h>
struct pair { long long key; unsigned long long value; };
extern int __riscv_hwprobe(struct pair *, unsigned long, unsigned long, unsigned long *, unsigned);

int main(void)
{
    struct pair pairs[2] = {{3, 0}, {4, 0}}; /* the base ISA, and its extensions */
    errno = 7;
    int error = __riscv_hwprobe(pairs, 2, 0, 0, 0);
    int refused = __riscv_hwprobe(pairs, 2, 0, 0, ~0u);
    printf("%d %d %d\n", error == 0 ? pairs[0].key == 3 && (pairs[0].value & 1) : error == ENOSYS,
           refused == (error == 0 ? EINVAL : ENOSYS), errno);
    return 0;
}
"""


def test_hwprobe_gives_the_kernels_answer(tmp_path: Path) -> None:
    """An emulator or kernel that is too old for the call gives ENOSYS."""
    need_tool(f"{TRIPLET}-gcc")
    kit = cross_kit("riscv64", "2.27", tmp_path / "cache")
    (tmp_path / "unit.c").write_text(PROGRAM)
    succeeded(run([kit / "bin/cc", tmp_path / "unit.c", "-o", tmp_path / "unit"]))
    assert succeeded(run([*start(TRIPLET), tmp_path / "unit"])) == "1 1 7\n"
