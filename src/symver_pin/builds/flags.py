"""A kit's compiler and linker flags, for ``$(...)`` in a Makefile or shell.

The flags must come before every other ``-L`` on the link line, because a linker takes the first library that it finds.
If the build system cannot guarantee that order, use the wrappers in ``KIT/bin``, which do. ``$(...)`` splits at blanks
and has no quoting, so the path of the kit must not contain a blank.
"""

from symver_pin.errors import UsageError
from symver_pin.kit.compiler import LINKERS
from symver_pin.kit.model import Kit

_ALLOW = "--allow-shlib-undefined"
"""Do not fail the link when a shared library of the host has undefined symbols that the target's glibc lacks. The
option acts at link time only; ``symver-pin verify`` checks such libraries."""


def linker_flags(kit: Kit, linker: str) -> list[str]:
    """Flags for ``ld``. Raises UsageError for a linker that LINKERS does not list, or a kit whose path has blanks."""
    found = next((item for item in LINKERS if item.name == linker), None)
    if found is None:
        raise UsageError(f"unknown linker {linker!r}; known: {', '.join(item.name for item in LINKERS)}")
    _check_blanks(kit)
    relr = found.no_relr if found.name in kit.packing else ()
    return [f"-L{kit.lib / found.folder}", _ALLOW, *relr, *found.keep_weak]


def driver_flags(kit: Kit, linker: str, language: str, claim_version: bool) -> list[str]:
    """Flags for a compiler driver. Raises what ``linker_flags`` raises.

    ``language`` is ``cc`` or ``cxx``; the flags for ``cxx`` make ``-lstdc++`` the static libstdc++. ``claim_version``
    adds the ``<features.h>`` that sets ``__GLIBC_MINOR__`` to the target's release.
    """
    first, *rest = linker_flags(kit, linker)
    static = [f"-L{kit.path / 'static'}"] if language == "cxx" else []
    claim = ["-isystem", str(kit.path / "include")] if claim_version else []
    return [*claim, *static, first, *(f"-Wl,{word}" for word in rest)]


def rust_flags(kit: Kit, static_libgcc: bool) -> list[str]:
    """Flags for rustc: ``-Clinker=`` with the kit's compiler wrapper.

    rustc appends ``-Clink-arg`` values at the end of the link line, behind other ``-L`` options, so they cannot be
    used. Raises UsageError for a kit whose path has blanks.
    """
    _check_blanks(kit)
    return [f"-Clinker={kit.static_libgcc_driver if static_libgcc else kit.driver('cc')}"]


def _check_blanks(kit: Kit) -> None:
    if any(character.isspace() for character in str(kit.path)):
        raise UsageError(
            f"{kit.path}: the path of this kit has blanks, which flags cannot carry; make the kit elsewhere with "
            f"symver-pin kit -o DIR, or use the wrapper bin/cc of this kit"
        )
