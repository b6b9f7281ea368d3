"""All observations of one architecture -> one table.

What a release exports: its ABI list when there is one, else (2.43) a real library, of the libraries that the lists
know. The releases before the first list (2.12 to 2.15) exported what that list has, less every node younger than the
release, plus what real libraries of those releases show besides (``scalbln@GLIBC_2.2.5``, in libc up to 2.14).

Which version is the default: a real library of that release says so. Between two observed releases a symbol keeps its
mark until a newer node of the same symbol appears in the same library; where both neighbours disagree for no visible
reason (the symbol was retired from linking somewhere between), it counts as linkable until it is seen retired. Before
the first observed release a compat symbol was the default until the newer node appeared that displaced it.

Aliases: of objects, what the nearest older (else nearest newer) real library shows; of functions, only groups that
every observed library agrees on, since interposed and optimised entry points come and go.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from symver_pin.harvest.observation import Observation
from symver_pin.maps.model import NO_SYMBOL, Row
from symver_pin.maps.release import FOREVER, Release, Span, node_release, node_sort_key
from symver_pin.maps.table import Table

_Key = tuple[str, str, str]
_State = tuple[bool, str, int, str]


def merge(
    arch: str,
    observations: Iterable[Observation],
    releases: Sequence[Release],
    first_releases: Mapping[tuple[str, str], Release],
) -> Table:
    """The table of ``arch`` over ``releases`` (sorted, without gaps).

    ``first_releases``: (soname, symbol-less node) -> the release that brought it, where sightings do not tell.
    """
    seen: dict[_Key, dict[Release, list[Observation]]] = {}
    listed: set[Release] = set()
    for item in observations:
        if item.authoritative:
            listed.add(item.release)
        seen.setdefault((item.soname, item.symbol, item.version), {}).setdefault(item.release, []).append(item)
    sonames = {key[0] for key, by_release in seen.items() if not listed or not listed.isdisjoint(by_release)}
    present = _presence(seen, listed, sonames, releases, first_releases)
    newest_node = _newest_default(seen)
    rows: list[Row] = []
    for key, held in present.items():
        states = {r: _state(key, r, form, seen[key], newest_node) for r, form in held.items()}
        rows += _rows(key, states, releases)
    return Table(arch, Span(releases[0], releases[-1]), tuple(rows))


def _presence(
    seen: dict[_Key, dict[Release, list[Observation]]],
    listed: set[Release],
    sonames: set[str],
    releases: Sequence[Release],
    first_releases: Mapping[tuple[str, str], Release],
) -> dict[_Key, dict[Release, tuple[str, int]]]:
    """Key -> release -> (type, size), for every release in which the key is exported."""
    oldest = min(listed, default=releases[0])
    looked_at = _looked_at(seen)
    present: dict[_Key, dict[Release, tuple[str, int]]] = {}
    for key, by_release in seen.items():
        soname, _, version = key
        if soname not in sonames:
            continue
        node = _glibc_release(version)
        early = [r for r in by_release if r < oldest]
        born = first_releases.get((soname, version)) or _born(node, min(by_release), looked_at.get(soname, ()))
        held: dict[Release, tuple[str, int]] = {}
        for release in releases:
            found: Sequence[Observation] = ()
            if key[1] == NO_SYMBOL:
                found = next(iter(by_release.values())) if release >= born else ()
            elif release in listed:
                found = [o for o in by_release.get(release, ()) if o.authoritative]
            elif release > oldest:
                found = by_release.get(release, [])
            elif node is None or node <= release:
                found = by_release.get(oldest, [])
                if early and min(early) <= release <= max(early):
                    found = found or by_release[min(early)]
            if found:
                held[release] = (found[0].type, found[0].size)
        if held:
            present[key] = held
    _drop_carried_nodes(present)
    return present


def _looked_at(seen: dict[_Key, dict[Release, list[Observation]]]) -> dict[str, set[Release]]:
    """Soname -> the releases of which a real library was read."""
    found: dict[str, set[Release]] = {}
    for (soname, _, _), by_release in seen.items():
        real = {release for release, many in by_release.items() if not all(o.authoritative for o in many)}
        found.setdefault(soname, set()).update(real)
    return found


def _born(node: Release | None, sighted: Release, looked_at: Iterable[Release]) -> Release:
    """The release in which a symbol-less node came: the one that it is named after, unless a real library read since
    then lacked it; then the one after that. Once there, a node stays.
    """
    lacking = [release for release in looked_at if release < sighted]
    earliest = Release(sighted.major, max(lacking).minor + 1) if lacking else (node or sighted)
    return max(node or sighted, earliest)


def _drop_carried_nodes(present: dict[_Key, dict[Release, tuple[str, int]]]) -> None:
    """A node is symbol-less only in releases where the library is glibc's and no symbol of it carries the node."""
    ours = {(key[0], r) for key, held in present.items() for r in held if key[1] != NO_SYMBOL}
    carried = {
        (soname, version, r) for (soname, symbol, version), held in present.items() for r in held if symbol != NO_SYMBOL
    }
    for key in [key for key in present if key[1] == NO_SYMBOL]:
        soname, _, version = key
        left = {
            r: form for r, form in present[key].items() if (soname, r) in ours and (soname, version, r) not in carried
        }
        if left:
            present[key] = left
        else:
            del present[key]


def _glibc_release(node: str) -> Release | None:
    """The glibc release that brought a node; None for nodes of another numbering (``GCC_3.0`` in libc.so.6)."""
    return node_release(node) if node.startswith("GLIBC_") else None


def _newest_default(seen: dict[_Key, dict[Release, list[Observation]]]) -> dict[tuple[str, str], list[_Key]]:
    """(soname, symbol) -> its keys, newest node first."""
    found: dict[tuple[str, str], list[_Key]] = {}
    for key in seen:
        found.setdefault(key[:2], []).append(key)
    for keys in found.values():
        keys.sort(key=lambda key: node_sort_key(key[2]), reverse=True)
    return found


def _mark(by_release: dict[Release, list[Observation]], release: Release, younger: Iterable[Release]) -> bool:
    """Default or compat in ``release``, of a symbol that no newer node has displaced.

    ``younger`` are the releases of its newer nodes: a first real library that shows it as compat tells nothing of the
    time before one of these displaced it.
    """
    marks = {r: o.default for r, many in by_release.items() for o in many if o.default is not None}
    if release in marks:
        return marks[release]
    older = max((r for r in marks if r < release), default=None)
    newer = min((r for r in marks if r > release), default=None)
    if older is not None and newer is not None:
        return marks[older] or marks[newer]
    if older is None and newer is not None and not marks[newer]:
        return any(release < node <= newer for node in younger)
    return True if older is None else marks[older]


def _state(
    key: _Key,
    release: Release,
    form: tuple[str, int],
    by_release: dict[Release, list[Observation]],
    siblings: dict[tuple[str, str], list[_Key]],
) -> _State:
    nodes = takewhile(lambda other: other != key, siblings[key[:2]] if key[1] != NO_SYMBOL else ())
    younger = [_glibc_release(node) or release for _soname, _symbol, node in nodes]
    default = _mark(by_release, release, younger)
    if default and not any(o.default for o in by_release.get(release, ())):
        # Not seen as default in this very release: a younger node of the same name has displaced it.
        default = not any(node <= release for node in younger)
    return default, *form, _alias(form[0], by_release, release)


def _alias(kind: str, by_release: dict[Release, list[Observation]], release: Release) -> str:
    groups = {r: o.alias for r, many in by_release.items() for o in many if o.alias is not None}
    if not groups:
        return ""
    if kind == "F":
        names = set(groups.values())
        return names.pop() if len(names) == 1 else ""
    older = max((r for r in groups if r <= release), default=None)
    return groups[older if older is not None else min(groups)]


def _rows(key: _Key, states: dict[Release, _State], releases: Sequence[Release]) -> Iterable[Row]:
    """Fold equal states of neighbouring releases into rows."""
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
