"""``symver-pin compat``: the compat objects and their coverage as text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from symver_pin.compat.absent import load_absent
from symver_pin.compat.coverage import Coverage
from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch
from symver_pin.report.terminal import table_text
from symver_pin.templates import render


def render_list(target: Release, arch: Arch) -> str:
    """One line for each compat object that the target needs: symbol, the releases that lack it, kind, limits."""
    rows = _objects(target, arch)
    width = max(len(row.symbol) for row in rows)
    lines = (f"{row.symbol:<{width}}  {_span(row):<10}  {row.kind:<9}  {row.limits}".rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _objects(target: Release, arch: Arch) -> list[CompatSymbol]:
    """The compat objects that replace symbols of libc, without the engines that these call."""
    return [row for row in needed(target, arch) if row.kind != "engine"]


def render_markdown(target: Release, arch: Arch) -> str:
    """The page ``docs/compat-symbols.md``: an architecture's objects by file, equal ones in one line; then the symbols
    without an object.
    """
    families = [
        (file, [(_code(names), span, kind, _cell(limits)) for (span, kind, limits), names in _merged(rows)])
        for file, rows in groupby(sorted(_objects(target, arch), key=lambda row: row.file), key=lambda row: row.file)
    ]
    absent = [
        (_code(item.symbol for item in items), _cell(reason))
        for reason, items in groupby(load_absent(arch), key=lambda item: item.reason)
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
    return "always" if row.release is None else f"up to {row.release.major}.{row.release.minor - 1}"


def render_coverage(coverage: Sequence[Coverage], target: Release) -> str:
    """A table of the classes, and the names that are left open."""
    rows = []
    for item in coverage:
        share = f"{100 * (item.total - len(item.open)) / item.total:.1f}%" if item.total else "-"
        counts = (item.total, len(item.pinned), len(item.compat), len(item.open))
        rows.append((item.name, *map(str, counts), share))
    titles = ("class", "pairs", "pinned", "compat", "open", "covered")
    text = f"(symbol, version) pairs younger than glibc {target}\n\n" + table_text(titles, rows, range(1, 6))
    for item in coverage:
        if item.open:
            text += f"\nopen in {item.name}:\n" + "".join(f"  {name}\n" for name in dict.fromkeys(item.open))
    return text
