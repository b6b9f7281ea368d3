"""symver-pin: build on a new Linux with your own compiler and linker, run on an old glibc.

The packages, each above everything that it uses: ``commands``, ``command_line``; ``builds``, ``report``; ``repairer``;
``kit``, ``header``; ``verifier``; ``loader``; ``harvest``, ``compat``; ``machine``; ``glibc``; ``elf``, ``archives``.
``cli`` is the entry point. CONTRIBUTING.md says which of them a change goes through.

From a program: ``from symver_pin import verify``, described in docs/verify.md, and ``from symver_pin import repair``,
described in docs/repair.md. No module may have one of these two names: its import would replace the function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from symver_pin.compat.archive import Progress
    from symver_pin.elf.image import Source
    from symver_pin.glibc.maps import Maps
    from symver_pin.glibc.platforms import Target
    from symver_pin.repairer.outcome import Outcome
    from symver_pin.verifier.policies.policy import Policy
    from symver_pin.verifier.report import Report

__version__ = "0.1.0"


def verify(
    sources: Iterable[Source],
    target: Target | str,
    arch: str | None = None,
    policy: Policy | str | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    jobs: int = 1,
    callers: bool = False,
    link_maps: Mapping[str, str] | None = None,
    maps: Maps | None = None,
    exclude: Iterable[str] = (),
) -> Report:
    """Verify files for one target: see ``symver_pin.verifier.run.verify``, which this calls.

    The verifier is imported here, so that ``import symver_pin`` costs nothing to those who only build.
    """
    from symver_pin.verifier.run import verify as run

    return run(sources, target, arch, policy, progress, jobs, callers, link_maps, maps, exclude)


def repair(
    sources: Iterable[Path | str],
    target: Target | str,
    output: Path | str | None = None,
    in_place: bool = False,
    dry_run: bool = False,
    force: bool = False,
    bundle: bool = True,
    runtime: Sequence[Path | str] = (),
    compiler: str | None = None,
    maps: Maps | None = None,
    progress: Progress | None = None,
    exclude: Iterable[str] = (),
    embed: bool = False,
) -> Outcome:
    """Repair files for one target: see ``symver_pin.repairer.run.repair``, which this calls."""
    from symver_pin.repairer.run import repair as run

    return run(
        sources, target, output, in_place, dry_run, force, bundle, runtime, compiler, maps, progress, exclude, embed
    )
