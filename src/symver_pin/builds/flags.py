"""A kit's compiler and linker flags, for ``$(...)`` in a Makefile or shell.

The flags must come before every other ``-L`` on the link line, because a linker takes the first library that it finds.
If the build system cannot guarantee that order, use the wrappers in ``KIT/bin``, which do. ``$(...)`` splits at blanks
and has no quoting, so the path of the kit must not contain a blank.
"""

from symver_pin.errors import UsageError
from symver_pin.kit.compiler import LINKERS
from symver_pin.kit.model import Kit
from symver_pin.machine.architectures import host_arch


def linker_flags(kit: Kit, linker: str) -> list[str]:
    """Flags for ``ld``. Raises UsageError for a linker that LINKERS does not list, or a kit whose path flags cannot
    carry.

    A linker passes over a folder of ``-L`` that does not exist, and fails if a response file does not: so the link
    fails when the kit is gone.
    """
    found = next((item for item in LINKERS if item.name == linker), None)
    if found is None:
        raise UsageError(f"unknown linker {linker!r}; known: {', '.join(item.name for item in LINKERS)}")
    _check_path(kit)
    folders = (kit.lib / found.folder, kit.path / "shared")
    options = (*kit.options.get(found.name, ()), *found.keep_weak)
    return [*(f"-L{folder}" for folder in folders), f"@{kit.link_options}", *options]


def driver_flags(kit: Kit, linker: str, language: str, claim_version: bool) -> list[str]:
    """Flags for a compiler driver. Raises what ``linker_flags`` raises.

    ``language`` is ``cc`` or ``cxx``; the flags for ``cxx`` make ``-lstdc++`` the static libstdc++. ``claim_version``
    adds the ``<features.h>`` that sets ``__GLIBC_MINOR__`` to the target's release.
    """
    words = linker_flags(kit, linker)
    static = [f"-L{kit.path / 'static-pic'}"] if language == "cxx" else []
    claim = ["-isystem", str(kit.path / "include")] if claim_version else []
    return [*claim, *static, *(word if word.startswith("-L") else f"-Wl,{word}" for word in words)]


def rust_flags(kit: Kit, static_libgcc: bool) -> list[str]:
    """Flags for rustc: ``-Clinker=`` with the kit's compiler wrapper.

    rustc appends ``-Clink-arg`` values at the end of the link line, behind other ``-L`` options, so they cannot be
    used. Raises UsageError for a kit whose path flags cannot carry.
    """
    _check_path(kit)
    return [f"-Clinker={kit.rust_linker(static_libgcc, chosen=kit.arch != host_arch().name)}"]


def _check_path(kit: Kit) -> None:
    """A shell splits flags at blanks, and a compiler driver splits ``-Wl,...`` at commas."""
    if any(character.isspace() or character == "," for character in str(kit.path)):
        raise UsageError(
            f"{kit.path}: the path of this kit has blanks or commas, which flags cannot carry; make the kit elsewhere "
            f"with symver-pin kit -o DIR, or use the wrapper bin/cc of this kit"
        )
