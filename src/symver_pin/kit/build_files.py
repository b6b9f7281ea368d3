"""Write the files of a kit that build systems read: ``toolchain.cmake``, ``meson.ini`` and ``env.sh``.

None of them contains the place of the kit: CMake and Meson know the folder of the file that they read, and ``env.sh``
finds its own.
"""

from __future__ import annotations

from pathlib import Path

from symver_pin.glibc.platforms import Target
from symver_pin.kit.build_variables import kit_variables
from symver_pin.kit.model import rust_linker
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import host_arch
from symver_pin.templates import render

FILES = ("toolchain.cmake", "meson.ini", "env.sh")

_LANGUAGES = {
    "toolchain.cmake": (("C", "cc"), ("CXX", "c++"), ("Fortran", "fc")),
    "meson.ini": (("c", "cc"), ("cpp", "c++"), ("fortran", "fc")),
    "env.sh": (),
}
"""File -> (the build system's name of a language, the driver in the kit's folder ``bin``)."""


def write_build_files(work: Path, target: Target, arch: Arch) -> None:
    """Write the files into the folder ``work`` of a kit that has its wrappers already."""
    drivers = frozenset(path.name for path in (work / "bin").iterdir())
    cross = arch != host_arch()
    linker = str(rust_linker(Path("$symver_pin_kit"), static_libgcc=False, chosen=cross))
    variables = list(kit_variables("$symver_pin_kit", str(target.glibc), arch, drivers, linker))
    folders = (f"/usr/lib/{arch.triplet}/pkgconfig", f"/usr/{arch.triplet}/lib/pkgconfig", "/usr/share/pkgconfig")
    for name in FILES:
        text = render(
            f"{name}.j2",
            target=target.glibc,
            arch=arch.name,
            triplet=arch.triplet,
            prefix=arch.compiler_prefix,
            spelling=arch.spelling,
            endian="little" if arch.format.order == "<" else "big",
            cross=cross,
            pkg_config_libdir=":".join(folders),
            languages=[item for item in _LANGUAGES[name] if item[1] in drivers],
            variables=variables,
        )
        (work / name).write_text(text)
