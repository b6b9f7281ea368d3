"""A kit's flags as one line, for ``$(...)`` in a Makefile or shell.

They must stand before every other ``-L`` of the link line: a linker takes the first match. Where that cannot be had,
the wrappers in ``KIT/bin`` put them there. ``$(...)`` splits at blanks and knows no quoting, so a kit whose path holds
a blank cannot be named this way.
"""

from symver_pin.compilers import LINKERS
from symver_pin.errors import UsageError
from symver_pin.gen.kit import Kit

#: Link time only; a shared library of the host may need what the target's glibc lacks, and is not ours to judge here.
_ALLOW = "--allow-shlib-undefined"


def linker_flags(kit: Kit, linker: str) -> list[str]:
    """Flags for ``ld`` itself. Raises UsageError for a linker that is not in the table or a path with blanks."""
    found = next((item for item in LINKERS if item.name == linker), None)
    if found is None:
        raise UsageError(f"unknown linker {linker!r}; known: {', '.join(item.name for item in LINKERS)}")
    _check_blanks(kit)
    relr = found.no_relr if found.name in kit.packing else ()
    return [f"-L{kit.lib / found.folder}", _ALLOW, *relr, *found.keep_weak]


def driver_flags(kit: Kit, linker: str, language: str, claim_version: bool) -> list[str]:
    """Flags for a compiler driver; ``language`` is ``cc`` or ``cxx``, which links libstdc++ statically."""
    first, *rest = linker_flags(kit, linker)
    static = [f"-L{kit.path / 'static'}"] if language == "cxx" else []
    claim = ["-isystem", str(kit.path / "include")] if claim_version else []
    return [*claim, *static, first, *(f"-Wl,{word}" for word in rest)]


def rust_flags(kit: Kit, static_libgcc: bool) -> list[str]:
    """Flags for rustc: the kit's compiler driver as linker, since link arguments that rustc appends come too late."""
    _check_blanks(kit)
    return [f"-Clinker={kit.static_libgcc_driver if static_libgcc else kit.driver('cc')}"]


def _check_blanks(kit: Kit) -> None:
    if any(character.isspace() for character in str(kit.path)):
        raise UsageError(
            f"{kit.path}: flags cannot name a path with blanks; make the kit elsewhere with "
            f"symver-pin kit -o DIR, or use its bin/cc"
        )
