"""Make stubs of the libraries of one release: shared objects with the same exports and without code.

A symbol that a compat object replaces (``__libc_start_main`` below 2.34) has a compat version (``@``) in the stub. An
unversioned reference can then bind only to the compat object, in whatever order a linker searches archives and shared
libraries (mold prefers the default version in a shared library). The compat object itself binds to the old symbol by
its version. A symbol that the host's headers do not declare has a compat version too (``kit.linkable``).

On ports that are older than 2.1 (i386, MIPS), libc refers to a symbol of each program's start-up object. A linker that
sees the reference exports the symbol. A program without it is one of 2.0 for libc, whose standard streams were smaller.
"""

from collections.abc import Iterable, Iterator, Mapping

from symver_pin.elf.stub import UNDEFINED, StubSymbol, build_stub
from symver_pin.glibc.release import Release, node_release
from symver_pin.glibc.rows import Export
from symver_pin.glibc.sonames import LIBC
from symver_pin.glibc.table import View
from symver_pin.kit.linkable import Linkable
from symver_pin.machine.arch import Arch

_MARK_OF_NEW_STREAMS = "_IO_stdin_used"
_NEW_STREAMS = Release(2, 1)


def build_slim_stub(view: View, arch: Arch, soname: str, linkable: Linkable, warnings: Mapping[str, str]) -> bytes:
    """A stub of ``soname`` with only those symbols that unversioned references bind to and that the view's libc.so.6
    does not export.

    ``warnings`` maps a symbol to the linker's warning.
    """
    libc = {export.symbol for export in view.libraries[LIBC].exports}
    kept = _kept(view, soname, linkable)
    exports = [e for e in kept if e.symbol not in libc and e.symbol not in linkable.hidden]
    return _stub(view, arch, soname, exports, linkable, warnings)


def build_stubs(view: View, arch: Arch, linkable: Linkable, warnings: Mapping[str, str]) -> dict[str, bytes]:
    """Soname -> the bytes of its stub, for every library of the view.

    ``warnings`` maps a symbol to the linker's warning.
    """
    return {
        soname: _stub(view, arch, soname, _kept(view, soname, linkable), linkable, warnings, _references(arch, soname))
        for soname in view.libraries
    }


def _references(arch: Arch, soname: str) -> list[StubSymbol]:
    """The symbols of programs to which a library refers."""
    birth = node_release(arch.first_node)
    if soname != LIBC or birth is None or birth >= _NEW_STREAMS:
        return []
    return [StubSymbol(_MARK_OF_NEW_STREAMS, "", True, UNDEFINED, 0, "")]


def _kept(view: View, soname: str, linkable: Linkable) -> Iterator[Export]:
    """The exports of a library without those that a later release does not resolve."""
    exports = view.libraries[soname].exports
    return (e for e in exports if not e.default or (soname, e.symbol, e.version) not in linkable.lost)


def _stub(
    view: View,
    arch: Arch,
    soname: str,
    exports: Iterable[Export],
    linkable: Linkable,
    warnings: Mapping[str, str],
    references: Iterable[StubSymbol] = (),
) -> bytes:
    exports = list(exports)
    symbols = [StubSymbol(e.symbol, e.version, linkable.binds(e), e.type, e.size, e.alias) for e in exports]
    symbols += references
    own_warnings = {e.symbol: warnings[e.symbol] for e in exports if linkable.binds(e) and e.symbol in warnings}
    return build_stub(arch.format, soname, view.libraries[soname].nodes, symbols, own_warnings)
