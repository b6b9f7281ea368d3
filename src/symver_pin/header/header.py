"""Render the pin header: one asm statement with one ``.symver`` directive for each symbol.

``.symver name,name@VERSION`` binds the references of the assembled object to that version. A directive for a symbol
that the object does not reference has no effect. All directives are in one statement, because one statement for each
costs the compiler ten times as much. About 1,600 directives for target 2.19 cost 3 ms for each translation unit
(``bench/`` prints the current figure).

A symbol newer than the target is bound to a version named ``NEEDS_GLIBC_x.y_target_is_z``, which no library defines.
The link fails: bfd, gold and lld print the version in their "undefined reference" message; mold prints the bare name.
"""

from collections.abc import Iterable
from typing import NamedTuple

from symver_pin.compat.table import needed
from symver_pin.errors import UsageError
from symver_pin.glibc.release import Release
from symver_pin.glibc.semantics import ADAPTED, Meaning, Semantics
from symver_pin.glibc.table import SymbolTable, View
from symver_pin.header.pins import changed_meanings, decide_pins
from symver_pin.machine.arch import Arch
from symver_pin.templates import render

_EXAMPLES = ("pthread_create", "dlopen", "sem_wait", "timer_create", "openpty")


class _Change(NamedTuple):
    """A change without a new version node, for the text of the header."""

    symbols: str
    meaning: Meaning
    """The meaning of the first symbol; those of the others differ by the symbol only."""


def _grouped(meanings: Iterable[Meaning]) -> list[_Change]:
    """One change for all symbols with the same text, in order of releases."""
    groups: dict[tuple[Release | None, str, str], list[Meaning]] = {}
    for meaning in meanings:
        groups.setdefault((meaning.release, meaning.verdict, meaning.text), []).append(meaning)
    found = [_Change(" ".join(m.symbol for m in group), group[0]) for group in groups.values()]
    return sorted(found, key=lambda change: (change.meaning.release, change.symbols))


def render_header(
    view: View,
    reference: SymbolTable,
    semantics: Semantics,
    arch: Arch,
    exclude: Iterable[str],
    claim_version: bool,
    newer_headers: Release | None = None,
) -> str:
    """The text of the header for the release of ``view``.

    ``exclude`` are the symbols without a directive; ``claim_version`` adds the lines that set ``__GLIBC_MINOR__`` to
    the target's release. ``newer_headers`` is the release of the compiler's headers if it is newer than ``reference``:
    the header then refuses to be compiled. Raises UsageError for an excluded name that no glibc release exports.
    """
    target = view.release
    decided = decide_pins(view, reference)
    excluded = set(exclude)
    unknown = excluded - {p.symbol for p in decided.pins} - {n.symbol for n in decided.newer}
    for name in sorted(unknown):
        if not reference.history(name):
            raise UsageError(f"--exclude {name}: no glibc release exports a symbol with that name on {arch.name}")
    provided = {item.symbol for item in needed(target, arch)}
    newer = [item for item in decided.newer if item.symbol not in excluded]
    pinned = {pin.symbol for pin in decided.pins if pin.symbol not in excluded}
    meanings = {
        symbol: meaning
        for symbol, meaning in changed_meanings(view, reference, semantics).items()
        if symbol in pinned and symbol != "__libc_start_main"  # only crt1.o references it, see the template
    }
    return render(
        "pin.h.j2",
        target=target,
        arch=arch,
        covered=reference.covered,
        pins=[pin for pin in decided.pins if pin.symbol not in excluded],
        newer=[item for item in newer if item.symbol not in provided],
        replaced=[item for item in newer if item.symbol in provided],
        meanings=[meanings[symbol] for symbol in sorted(meanings)],
        without_node=_grouped(
            meaning
            for meaning in semantics.changed_without_node(arch.name, target)
            if meaning.symbol not in excluded and (meaning.symbol in view.default_version or meaning.verdict == ADAPTED)
        ),
        moved=decided.moved,
        moved_examples=[name for name in _EXAMPLES if name in decided.moved],
        claim=claim_version,
        newer_headers=newer_headers,
    )
