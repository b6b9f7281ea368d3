"""Make stubs of the libraries of one release: shared objects with the same exports and without code.

A symbol that a compat object replaces (``__libc_start_main`` below 2.34) has a compat version (``@``) in the stub. An
unversioned reference can then bind only to the compat object, in whatever order a linker searches archives and shared
libraries (mold prefers the default version in a shared library). The compat object itself binds to the old symbol by
its version.
"""

from collections.abc import Collection, Mapping

from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.glibc.sonames import LIBC
from symver_pin.glibc.table import View
from symver_pin.machine.arch import Arch


def build_slim_stub(
    view: View, arch: Arch, soname: str, replaced: Collection[str], warnings: Mapping[str, str]
) -> bytes:
    """A stub of ``soname`` without the symbols that the view's libc.so.6 exports or a compat object replaces.

    ``replaced`` are the symbols of the compat objects; ``warnings`` maps a symbol to the linker's warning.
    """
    library = view.libraries[soname]
    libc = {e.symbol for e in view.libraries[LIBC].exports}
    exports = [e for e in library.exports if e.symbol not in libc and e.symbol not in replaced]
    own_warnings = {e.symbol: warnings[e.symbol] for e in exports if e.default and e.symbol in warnings}
    return build_stub(arch.format, soname, library.nodes, [StubSymbol(*e) for e in exports], own_warnings)


def build_stubs(view: View, arch: Arch, replaced: Collection[str], warnings: Mapping[str, str]) -> dict[str, bytes]:
    """Soname -> the bytes of its stub, for every library of the view.

    ``replaced`` are the symbols of the compat objects; ``warnings`` maps a symbol to the linker's warning.
    """
    stubs = {}
    for soname, library in view.libraries.items():
        symbols = (
            StubSymbol(e.symbol, e.version, e.default and e.symbol not in replaced, e.type, e.size, e.alias)
            for e in library.exports
        )
        exported = {e.symbol for e in library.exports if e.default and e.symbol not in replaced}
        own_warnings = {symbol: text for symbol, text in warnings.items() if symbol in exported}
        stubs[soname] = build_stub(arch.format, soname, library.nodes, symbols, own_warnings)
    return stubs
