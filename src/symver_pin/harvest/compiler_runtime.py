"""Read libgcc_s and libstdc++, and find the first GCC release of each symbol from its version node.

GCC never removes a node, so the newest library has the whole history: a symbol under ``GCC_4.7.0`` is in every release
from 4.7 on. The nodes of libstdc++ and of other runtimes count revisions of the library;
``glibc_maps/runtime_nodes.tsv`` gives their GCC releases, with its sources.
"""

from collections.abc import Iterator, Mapping, Sequence

from symver_pin.elf.constants import SHN_ABS, STT_FUNC, STT_GNU_IFUNC, STT_TLS
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.records import Symbol
from symver_pin.glibc.release import FOREVER, Release, Span, node_release
from symver_pin.glibc.rows import NO_SYMBOL, Row

LIBGCC, LIBSTDCXX = "libgcc_s.so.1", "libstdc++.so.6"


def read_libgcc(libraries: Sequence[Dynamic], covered: Span) -> Iterator[Row]:
    """The rows of one or more libgcc_s.so.1, which may be of different GCC releases.

    The first release of a symbol is that of its node. If an older library has the node's release but lacks the symbol
    (``__extendsfdf2@GCC_3.0`` is in GCC 12 but not in 4.8), it is the release of the first library with the symbol.
    """
    ordered = sorted(((_newest_node(dynamic), dynamic) for dynamic in libraries), key=lambda pair: pair[0])
    dated: dict[tuple[str, str], tuple[Release, Symbol]] = {}
    for number, (release, dynamic) in enumerate(ordered):
        older = ordered[number - 1][0] if number else None
        for symbol in dynamic.symbols:
            node = node_release(symbol.version or "")
            exported = symbol.defined and symbol.section != SHN_ABS and (symbol.version or "").startswith("GCC_")
            if node is None or not exported:
                continue
            since = release if older is not None and node <= older else node
            first, _ = dated.setdefault((symbol.name, symbol.version or ""), (since, symbol))
            dated[symbol.name, symbol.version or ""] = (first, symbol)
    for (name, version), (since, symbol) in dated.items():
        if since <= covered.last:
            kind = "F" if symbol.type in (STT_FUNC, STT_GNU_IFUNC) else "D"
            size = symbol.size if kind == "D" else 0
            span = Span(max(since, covered.first), FOREVER)
            yield Row(LIBGCC, name, version, span, symbol.default, kind, size, "")


def _newest_node(dynamic: Dynamic) -> Release:
    """The release of the newest node that a libgcc_s defines."""
    nodes = (d.version for d in dynamic.definitions if d.version.startswith("GCC_"))
    return max(release for release in map(node_release, nodes) if release is not None)


def read_dated_library(
    soname: str, libraries: Sequence[Dynamic], dates: Mapping[str, Release], covered: Span
) -> Iterator[Row]:
    """The rows of one or more copies of a runtime: symbols whose node is in ``dates``, and nodes without symbols.

    If several libraries have a symbol, its type and size are those of the library with the most nodes, the newest one.
    """
    rows: dict[tuple[str, str], Row] = {}
    for dynamic in sorted(libraries, key=lambda dynamic: len(dynamic.definitions)):
        carried = set()
        for symbol in dynamic.symbols:
            version = symbol.version or ""
            if symbol.defined and symbol.section != SHN_ABS and version in dates:
                carried.add(version)
                kind = {STT_FUNC: "F", STT_GNU_IFUNC: "F", STT_TLS: "T"}.get(symbol.type, "D")
                size = 0 if kind == "F" else symbol.size
                span = Span(max(dates[version], covered.first), FOREVER)
                rows[symbol.name, version] = Row(soname, symbol.name, version, span, symbol.default, kind, size, "")
        for definition in dynamic.definitions:
            since = dates.get(definition.version)
            if since is not None and definition.version not in carried:
                span = Span(max(since, covered.first), FOREVER)
                rows[NO_SYMBOL, definition.version] = Row(soname, NO_SYMBOL, definition.version, span, True, "N", 0, "")
    yield from rows.values()
