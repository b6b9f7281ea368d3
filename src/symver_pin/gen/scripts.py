"""The linker scripts of a kit: what ``-lc``, ``-lm``, ``-lgcc_s`` and ``-lstdc++`` mean in it.

``libc.so`` names the compat archive first, then the stub, then, under AS_NEEDED, every library whose symbols have since
moved into libc.so.6: a modern link line no longer says ``-lpthread -ldl -lrt``, and AS_NEEDED brings each of them back,
and into DT_NEEDED, only where it is used. File names are absolute: a relative one would be looked for in the current
directory first.
"""

from collections.abc import Sequence
from pathlib import Path

from symver_pin.elf.arch import Arch
from symver_pin.gen.kit import Kit
from symver_pin.gen.pins import LIBC, moved_libraries
from symver_pin.maps.release import Release
from symver_pin.maps.table import Table
from symver_pin.templates import render

ARCHIVE = "libsymver_pin_compat.a"
#: Where the template closes the list of libraries that are linked only when used.
_END_OF_AS_NEEDED = "  )\n"
_LIBM, _LIBMVEC = "libm.so.6", "libmvec.so.1"


def as_needed_libraries(table: Table, target: Release, arch: Arch) -> tuple[str, ...]:
    """What ``libc.so`` brings in where used: the loader and the libraries that libc has swallowed since."""
    return (arch.loader, *(name for name in moved_libraries(table.view(target), table.newest) if name != arch.loader))


def libc_script(table: Table, target: Release, arch: Arch, lib: Path) -> str:
    """``libc.so``, and also the script for builds where only one more input file can be added."""
    return render(
        "group.ld.j2",
        purpose="libc with the compat objects in front of it and the libraries that it has swallowed since behind it.",
        target=target,
        arch=arch.name,
        files=[lib / ARCHIVE, lib / LIBC],
        as_needed=[lib / name for name in as_needed_libraries(table, target, arch)],
    )


def libm_script(sonames: Sequence[str], target: Release, arch: Arch, lib: Path) -> str:
    """``libm.so``: libm, and libmvec for vectorised code where the target has it."""
    vector = [lib / _LIBMVEC] if _LIBMVEC in sonames else []
    return render("group.ld.j2", purpose="the mathematics library.", target=target, arch=arch.name,
                  files=[lib / _LIBM], as_needed=vector)  # fmt: skip


def libgcc_s_script(target: Release, arch: Arch, lib: Path, libgcc: Path) -> str:
    """``libgcc_s.so``: the era's unwinder, and the compiler's own static helpers for what it lacks."""
    return render("group.ld.j2", purpose="the shared unwinder of the target's era.", target=target, arch=arch.name,
                  files=[lib / "libgcc_s.so.1", libgcc], as_needed=[])  # fmt: skip


def libstdcxx_script(target: Release, arch: Arch, lib: Path, archive: Path) -> str:
    """``libstdc++.so``: the compiler's static libstdc++, with libm behind it as its shared form would need."""
    return render("group.ld.j2", purpose="the compiler's own C++ library, static.", target=target, arch=arch.name,
                  files=[archive], as_needed=[lib / _LIBM])  # fmt: skip


def input_script(kit: Kit) -> str:
    """A kit's ``libc.so`` as one more input file of a link, with the era's libgcc_s behind it where that is used.

    Being read before the compiler's own ``-lgcc_s -lc``, it decides which libraries provide each symbol.
    """
    text = (kit.lib / "libc.so").read_text(encoding="utf-8")
    return text.replace(_END_OF_AS_NEEDED, f'    "{kit.lib / "libgcc_s.so.1"}"\n{_END_OF_AS_NEEDED}')
