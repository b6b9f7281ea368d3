"""``symver-pin compat``: the compat objects and their coverage as text."""

from collections.abc import Sequence

from symver_pin.compat.table import CompatSymbol, needed
from symver_pin.elf.arch import Arch
from symver_pin.gen.coverage import Coverage
from symver_pin.maps.release import Release


def render_list(target: Release, arch: Arch) -> str:
    """One line a compat object that the target needs: symbol, the releases it stands in for, kind, limits."""
    rows = [row for row in needed(target.minor, arch) if row.kind != "engine"]
    width = max(len(row.symbol) for row in rows)
    lines = (f"{row.symbol:<{width}}  {_span(row):<10}  {row.kind:<9}  {row.limits}".rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _span(row: CompatSymbol) -> str:
    return "always" if row.release is None else f"up to 2.{row.release - 1}"


def render_coverage(coverage: Sequence[Coverage], target: Release) -> str:
    """A table of the classes, and the names that are left open."""
    lines = [f"(symbol, version) pairs younger than glibc {target}", "",
             f"{'class':<8} {'pairs':>6} {'pinned':>7} {'compat':>7} {'open':>6} {'covered':>8}"]  # fmt: skip
    for item in coverage:
        share = f"{100 * (item.total - len(item.open)) / item.total:.1f}%" if item.total else "-"
        lines.append(f"{item.name:<8} {item.total:>6} {len(item.pinned):>7} {len(item.compat):>7} {len(item.open):>6} "
                     f"{share:>8}")  # fmt: skip
    for item in coverage:
        if item.open:
            lines += ["", f"open in {item.name}:"]
            lines += [f"  {name}" for name in dict.fromkeys(item.open)]
    return "\n".join(lines) + "\n"
