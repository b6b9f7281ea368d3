"""``symver-pin compat``: the compat objects and their coverage as text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from symver_pin.compat.absent import load_absent
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.elf.arch import Arch
from symver_pin.gen.coverage import Coverage
from symver_pin.maps.release import Release
from symver_pin.templates import render


def render_list(target: Release, arch: Arch) -> str:
    """One line a compat object that the target needs: symbol, the releases it stands in for, kind, limits."""
    rows = _objects(target, arch)
    width = max(len(row.symbol) for row in rows)
    lines = (f"{row.symbol:<{width}}  {_span(row):<10}  {row.kind:<9}  {row.limits}".rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _objects(target: Release, arch: Arch) -> list[CompatSymbol]:
    """What stands in for libc's symbols, without what these are made of."""
    return [row for row in needed(target.minor, arch) if row.kind != "engine"]


def render_markdown(target: Release, arch: Arch) -> str:
    """The page ``docs/compat-symbols.md``: an architecture's objects by file, equal ones in one line; what has none."""
    families = [
        (file, [(_code(names), span, kind, _cell(limits)) for (span, kind, limits), names in _merged(rows)])
        for file, rows in groupby(sorted(_objects(target, arch), key=lambda row: row.file), key=lambda row: row.file)
    ]
    absent = [
        (_code(item.symbol for item in items), _cell(reason))
        for reason, items in groupby(load_absent(), key=lambda item: item.reason)
    ]
    return render("compat_symbols.md.j2", target=target, families=families, absent=absent)


def _merged(rows: Iterable[CompatSymbol]) -> Iterator[tuple[tuple[str, str, str], list[str]]]:
    for what, alike in groupby(rows, key=lambda row: (_span(row), row.kind, row.limits)):
        yield what, [row.symbol for row in alike]


def _code(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in names]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _span(row: CompatSymbol) -> str:
    return "always" if row.release is None else f"up to 2.{row.release - 1}"


def render_coverage(coverage: Sequence[Coverage], target: Release) -> str:
    """A table of the classes, and the names that are left open."""
    lines = [
        f"(symbol, version) pairs younger than glibc {target}",
        "",
        f"{'class':<8} {'pairs':>6} {'pinned':>7} {'compat':>7} {'open':>6} {'covered':>8}",
    ]
    for item in coverage:
        share = f"{100 * (item.total - len(item.open)) / item.total:.1f}%" if item.total else "-"
        lines.append(
            f"{item.name:<8} {item.total:>6} {len(item.pinned):>7} {len(item.compat):>7} {len(item.open):>6} {share:>8}"
        )
    for item in coverage:
        if item.open:
            lines += ["", f"open in {item.name}:"]
            lines += [f"  {name}" for name in dict.fromkeys(item.open)]
    return "\n".join(lines) + "\n"
