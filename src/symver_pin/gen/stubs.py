"""One release's libraries as stubs.

A symbol that the kit replaces by a compat object (``__libc_start_main`` below 2.34) is marked as a compat version in
the stub: an unversioned reference then can only bind to the object in the archive, whatever the order in which a linker
looks at archives and shared libraries (mold prefers a shared library's default definition), while the compat object
itself still reaches the old one by naming its version.
"""

from collections.abc import Collection, Mapping

from symver_pin.elf.arch import Arch
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.gen.pins import LIBC
from symver_pin.maps.table import View


def build_slim_stub(
    view: View, arch: Arch, soname: str, replaced: Collection[str], warnings: Mapping[str, str]
) -> bytes:
    """A stub of ``soname`` that exports only names which the view's libc.so.6 lacks and no compat object replaces."""
    library = view.libraries[soname]
    libc = {e.symbol for e in view.libraries[LIBC].exports}
    exports = [e for e in library.exports if e.symbol not in libc and e.symbol not in replaced]
    spoken = {e.symbol: warnings[e.symbol] for e in exports if e.default and e.symbol in warnings}
    return build_stub(arch, soname, library.nodes, [StubSymbol(*e) for e in exports], spoken)


def build_stubs(view: View, arch: Arch, replaced: Collection[str], warnings: Mapping[str, str]) -> dict[str, bytes]:
    """Soname -> bytes, for every library of the view; ``warnings`` are said where a symbol of that name is used."""
    stubs = {}
    for soname, library in view.libraries.items():
        symbols = (
            StubSymbol(e.symbol, e.version, e.default and e.symbol not in replaced, e.type, e.size, e.alias)
            for e in library.exports
        )
        exported = {e.symbol for e in library.exports if e.default and e.symbol not in replaced}
        spoken = {symbol: text for symbol, text in warnings.items() if symbol in exported}
        stubs[soname] = build_stub(arch, soname, library.nodes, symbols, spoken)
    return stubs
