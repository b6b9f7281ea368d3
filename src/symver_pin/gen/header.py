"""Render the pin header: one asm statement with a ``.symver`` directive a symbol.

``.symver name,name@VERSION`` renames references in the object being assembled; unused directives leave nothing behind.
All of them stand in one statement, since a statement each costs the compiler ten times as much: about 1,600 directives
for target 2.19 cost 3 ms a unit (``bench/`` prints today's figure). A symbol younger than the target is bound to a
version named ``NEEDS_GLIBC_x.y_target_is_z``, which no library defines: bfd, gold and lld print it in their "undefined
reference" message; mold refuses the link too, but prints the bare name.
"""

from collections.abc import Iterable

from symver_pin.compat.table import needed
from symver_pin.elf.arch import Arch
from symver_pin.errors import UsageError
from symver_pin.gen.pins import changed_meanings, decide
from symver_pin.maps.table import Table, View
from symver_pin.templates import render

_EXAMPLES = ("pthread_create", "dlopen", "sem_wait", "timer_create", "openpty")


def render_header(view: View, reference: Table, arch: Arch, exclude: Iterable[str], claim_version: bool) -> str:
    """The text of the header. Raises UsageError for an excluded name that no directive mentions."""
    target = view.release
    decided = decide(view, reference)
    excluded = set(exclude)
    unknown = excluded - {p.symbol for p in decided.pins} - {y.symbol for y in decided.younger}
    for name in sorted(unknown):
        if not reference.history(name):
            raise UsageError(f"--exclude {name}: no glibc release exports a symbol of that name on {arch.name}")
    provided = {item.symbol for item in needed(target.minor, arch)}
    younger = [item for item in decided.younger if item.symbol not in excluded]
    pinned = {pin.symbol for pin in decided.pins if pin.symbol not in excluded}
    meanings = {
        symbol: meaning
        for symbol, meaning in changed_meanings(view, reference).items()
        if symbol in pinned and symbol != "__libc_start_main"  # no unit refers to it: the text speaks of crt1.o
    }
    return render(
        "pin.h.j2",
        target=target,
        arch=arch,
        covered=reference.covered,
        pins=[pin for pin in decided.pins if pin.symbol not in excluded],
        younger=[item for item in younger if item.symbol not in provided],
        replaced=[item for item in younger if item.symbol in provided],
        meanings=[meanings[symbol] for symbol in sorted(meanings)],
        moved=decided.moved,
        moved_examples=[name for name in _EXAMPLES if name in decided.moved],
        claim=claim_version,
    )
