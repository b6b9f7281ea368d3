"""Make one table from all observations of one architecture.

**Exports.** The exports of a release are those in its ABI list. A release without a list (2.43) has the exports of its
real libraries, limited to sonames that appear in the lists. The releases before the first list (2.12 to 2.15) have the
exports of that list without nodes newer than the release, and additional exports of real libraries of those releases
(``scalbln@GLIBC_2.2.5``, in libc up to 2.14).

**Default versions.** A real library of a release shows which versions are default (``@@``). Between two observed
releases a symbol stays default until the same library gets a newer node of the same symbol. If the two observations
disagree and no newer node explains it (the symbol was removed from linking in between), the symbol counts as default
until the release of ``withdrawn.tsv`` (from glibc's sources), else until the release that shows it as compat. Before
the first observed release, a compat symbol was the default until the newer node was added. A newer node that every
observed library exports as compat replaces nothing: s390x's ``setjmp@GLIBC_2.19`` was the default in 2.19 alone, with a
longer jmp_buf than the headers before and after. Programs of today have the short one, so a target of 2.19, too, keeps
``setjmp@GLIBC_2.2``.

**Aliases.** The alias group of an object is that of the nearest older real library, else of the nearest newer one. The
alias group of a function is used only if all observed libraries agree, because optimised entry points change from
release to release.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from symver_pin.glibc.release import FOREVER, Release, Span, node_release, node_sort_key
from symver_pin.glibc.rows import NO_SYMBOL, Row
from symver_pin.glibc.table import SymbolTable
from symver_pin.harvest.observation import Observation

_Key = tuple[str, str, str]
_State = tuple[bool, str, int, str]


def merge(
    arch: str,
    observations: Iterable[Observation],
    releases: Sequence[Release],
    first_releases: Mapping[tuple[str, str], Release],
    withdrawn: Mapping[tuple[str, str], Release],
) -> SymbolTable:
    """The table of ``arch`` for ``releases`` (sorted, without gaps).

    ``first_releases``: (soname, node without symbols) -> the release that added it, for nodes whose observations are
    misleading. ``withdrawn``: (soname, symbol) -> the first release that does not link new programs with it.
    """
    seen: dict[_Key, dict[Release, list[Observation]]] = {}
    listed: set[Release] = set()
    for item in observations:
        if item.authoritative:
            listed.add(item.release)
        seen.setdefault((item.soname, item.symbol, item.version), {}).setdefault(item.release, []).append(item)
    sonames = {key[0] for key, by_release in seen.items() if not listed or not listed.isdisjoint(by_release)}
    present = _presence(seen, listed, sonames, releases, first_releases)
    versions = _versions_by_symbol(seen)
    rows: list[Row] = []
    for key, forms in present.items():
        end = withdrawn.get(key[:2], FOREVER)
        newer = _newer_nodes(key, versions, seen)
        states = {r: _state(r, form, seen[key], newer, end) for r, form in forms.items()}
        rows += _rows(key, states, releases)
    return SymbolTable(arch, Span(releases[0], releases[-1]), tuple(rows))


def _presence(
    seen: dict[_Key, dict[Release, list[Observation]]],
    listed: set[Release],
    sonames: set[str],
    releases: Sequence[Release],
    first_releases: Mapping[tuple[str, str], Release],
) -> dict[_Key, dict[Release, tuple[str, int]]]:
    """Key (soname, symbol, version) -> release -> (type, size), for each release that exports the key."""
    oldest = min(listed, default=releases[0])
    observed = _observed_releases(seen)
    present: dict[_Key, dict[Release, tuple[str, int]]] = {}
    for key, by_release in seen.items():
        soname, _, version = key
        if soname not in sonames:
            continue
        node = _glibc_release(version)
        early = [r for r in by_release if r < oldest]
        first = first_releases.get((soname, version)) or _first_release(node, min(by_release), observed.get(soname, ()))
        forms: dict[Release, tuple[str, int]] = {}
        for release in releases:
            found: Sequence[Observation] = ()
            if key[1] == NO_SYMBOL:
                found = next(iter(by_release.values())) if release >= first else ()
            elif release in listed:
                found = [o for o in by_release.get(release, ()) if o.authoritative]
            elif release > oldest:
                found = by_release.get(release, [])
            elif node is None or node <= release:
                found = by_release.get(oldest, [])
                if early and min(early) <= release <= max(early):
                    found = found or by_release[min(early)]
            if found:
                forms[release] = (found[0].type, found[0].size)
        if forms:
            present[key] = forms
    _drop_nodes_with_symbols(present)
    return present


def _observed_releases(seen: dict[_Key, dict[Release, list[Observation]]]) -> dict[str, set[Release]]:
    """Soname -> the releases for which a real library was read."""
    found: dict[str, set[Release]] = {}
    for (soname, _, _), by_release in seen.items():
        real = {release for release, many in by_release.items() if not all(o.authoritative for o in many)}
        found.setdefault(soname, set()).update(real)
    return found


def _first_release(node: Release | None, first_seen: Release, observed: Iterable[Release]) -> Release:
    """The release that added a node without symbols.

    It is the release after which the node is named (``node``), unless a real library of that or a later release lacks
    the node: then it is the release after the last such library. A node is never removed. ``observed`` are the releases
    of real libraries, ``first_seen`` is the first one with the node.
    """
    lacking = [release for release in observed if release < first_seen]
    earliest = Release(first_seen.major, max(lacking).minor + 1) if lacking else (node or first_seen)
    return max(node or first_seen, earliest)


def _drop_nodes_with_symbols(present: dict[_Key, dict[Release, tuple[str, int]]]) -> None:
    """Remove the entry of a node (symbol NO_SYMBOL) for releases in which a symbol of the library has the node.

    Releases without any symbol of the library are removed too: its observations are of another project's library.
    """
    with_exports = {(key[0], r) for key, forms in present.items() for r in forms if key[1] != NO_SYMBOL}
    used = {
        (soname, version, r)
        for (soname, symbol, version), forms in present.items()
        for r in forms
        if symbol != NO_SYMBOL
    }
    for key in [key for key in present if key[1] == NO_SYMBOL]:
        soname, _, version = key
        remaining = {
            r: form
            for r, form in present[key].items()
            if (soname, r) in with_exports and (soname, version, r) not in used
        }
        if remaining:
            present[key] = remaining
        else:
            del present[key]


def _glibc_release(node: str) -> Release | None:
    """The glibc release after which a node is named; None for other nodes (``GCC_3.0`` in libc.so.6)."""
    return node_release(node) if node.startswith("GLIBC_") else None


def _versions_by_symbol(seen: dict[_Key, dict[Release, list[Observation]]]) -> dict[tuple[str, str], list[_Key]]:
    """(soname, symbol) -> the keys of all its versions, newest node first."""
    found: dict[tuple[str, str], list[_Key]] = {}
    for key in seen:
        found.setdefault(key[:2], []).append(key)
    for keys in found.values():
        keys.sort(key=lambda key: node_sort_key(key[2]), reverse=True)
    return found


def _is_default(by_release: dict[Release, list[Observation]], release: Release, newer: Iterable[Release]) -> bool:
    """True if a version is default in ``release``, according to the observations of that and the nearest releases.

    ``newer`` are the releases of newer nodes of the symbol. If the first real library shows the version as compat, it
    was still default in releases before such a node was added.
    """
    marks = {r: o.default for r, many in by_release.items() for o in many if o.default is not None}
    if release in marks:
        return marks[release]
    older = max((r for r in marks if r < release), default=None)
    later = min((r for r in marks if r > release), default=None)
    if older is not None and later is not None:
        return marks[older] or marks[later]
    if older is None and later is not None and not marks[later]:
        return any(release < node <= later for node in newer)
    return True if older is None else marks[older]


def _newer_nodes(
    key: _Key, versions: dict[tuple[str, str], list[_Key]], seen: dict[_Key, dict[Release, list[Observation]]]
) -> list[Release | None]:
    """The releases of the newer nodes of the symbol that can take its place as default; None for one without a release.

    A node that was observed, and never as default, does not.
    """
    newer = takewhile(lambda other: other != key, versions[key[:2]] if key[1] != NO_SYMBOL else ())
    found = []
    for other in newer:
        marks = {item.default for many in seen[other].values() for item in many if item.default is not None}
        if marks != {False}:
            found.append(_glibc_release(other[2]))
    return found


def _state(
    release: Release,
    form: tuple[str, int],
    by_release: dict[Release, list[Observation]],
    newer_nodes: Sequence[Release | None],
    withdrawn: Release,
) -> _State:
    """The state of a key in a release: default, type, size, alias group. ``withdrawn`` as for ``merge``, or FOREVER."""
    newer = [node or release for node in newer_nodes]
    default = _is_default(by_release, release, newer) and release < withdrawn
    if default and not any(o.default for o in by_release.get(release, ())):
        # No library of this release shows it as default. If the symbol has a newer node, that one is the default.
        default = not any(node <= release for node in newer)
    return default, *form, _alias(form[0], by_release, release)


def _alias(kind: str, by_release: dict[Release, list[Observation]], release: Release) -> str:
    """The alias group of a symbol in a release; "" if it has none."""
    groups = {r: o.alias for r, many in by_release.items() for o in many if o.alias is not None}
    if not groups:
        return ""
    if kind == "F":
        names = set(groups.values())
        return names.pop() if len(names) == 1 else ""
    older = max((r for r in groups if r <= release), default=None)
    return groups[older if older is not None else min(groups)]


def _rows(key: _Key, states: dict[Release, _State], releases: Sequence[Release]) -> Iterable[Row]:
    """The rows of a key: one for each span of consecutive releases with the same state."""
    start: Release | None = None
    for index, release in enumerate(releases):
        state = states.get(release)
        if state is None:
            start = None
            continue
        if start is None or states.get(releases[index - 1]) != state:
            start = release
        following = releases[index + 1] if index + 1 < len(releases) else None
        if following is None or states.get(following) != state:
            default, kind, size, alias = state
            soname, symbol, version = key
            span = Span(start, FOREVER if following is None else release)
            yield Row(soname, symbol, version, span, default, kind, size, alias)
