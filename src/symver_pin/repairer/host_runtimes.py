"""The runtime libraries of GCC that are shipped with repaired files: the host's, or those of a folder.

The target's libstdc++.so.6 or libgcc_s.so.1 may be older than what a file needs, and its functions cannot be supplied
one by one: C++ classes of two libraries do not mix. So the whole library goes beside the file. It is repaired like any
other file. A process loads one library of each soname, and a newer one serves all files that were linked with an older
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, load_image
from symver_pin.errors import ElfError, ToolError
from symver_pin.kit.command import CompilerCommand
from symver_pin.kit.compiler import find_library
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of

_FOLDERS = ("/usr/lib/{triplet}", "/lib/{triplet}", "/usr/lib64", "/lib64", "/usr/lib", "/lib")


def find_runtime(
    soname: str, arch: Arch, folders: Sequence[Path], compiler: CompilerCommand | None
) -> tuple[Path, Image] | None:
    """The library of a soname and an architecture: from ``folders`` if these are given, else the compiler's own or that
    of the host's library folders. None if there is none.
    """
    if folders:
        candidates = [folder / soname for folder in folders]
    else:
        candidates = [Path(folder.format(triplet=arch.triplet), soname) for folder in _FOLDERS]
        if compiler is not None:
            try:
                own = find_library(compiler, soname)
            except ToolError:
                own = None
            candidates = [*([own] if own is not None else []), *candidates]
    for path in candidates:
        if not path.is_file():
            continue
        try:
            image = load_image(path)
            if arch_of(image) == arch and Dynamic(image).soname == soname:
                return path, image
        except ElfError:
            continue
    return None


def without_runtime(soname: str, is_looked_for: bool) -> str:
    """Why a file is refused that needs a runtime library which is not shipped."""
    if not is_looked_for:
        return f"needs a newer {soname} than the target has; let it be shipped (--bundle auto)"
    return f"needs a newer {soname} than the target has, and there is none here; name its folder with --runtime"
