"""The kit of each target of a build, made for the compiler that the user's configuration names."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from symver_pin.builds.cargo.command_line import RustTarget, parse_target
from symver_pin.builds.cargo.settings import Settings
from symver_pin.builds.system import KitRequest
from symver_pin.errors import UsageError
from symver_pin.glibc.platforms import Target
from symver_pin.kit.command import CompilerCommand, default_cc, find_command
from symver_pin.kit.model import Kit
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of_triplet, host_arch


class PinnedTarget(NamedTuple):
    """One target of a build, its target release, and the kit that pins it."""

    rust: RustTarget
    glibc: Target
    arch: Arch
    kit: Kit
    request: KitRequest
    chosen: bool
    """True if the user's configuration names a linker other than ``cc``, or the target needs a cross compiler."""

    def kit_with(self, command: CompilerCommand) -> Kit:
        """The kit for the same target with another compiler."""
        return self.request.make(self.glibc, self.arch, command)

    @property
    def linker(self) -> str:
        """The linker that cargo runs for this target.

        With ``static_libgcc`` it is another file: cargo links again when the path of the linker changes. Its name lets
        rustc choose the linker that it chooses without the kit (``Kit.rust_linker``).
        """
        return str(self.kit.rust_linker(self.request.static_libgcc, self.chosen))


def pin_targets(targets: Iterable[RustTarget], settings: Settings, request: KitRequest) -> list[PinnedTarget]:
    """Make the kit of each target that uses glibc. Other targets (musl, wasm) are skipped; cargo builds them as usual.

    Raises UsageError if one target has two glibc releases, or if no symbol table covers its architecture or ABI.
    Raises ToolError or CompatError if a kit cannot be made.
    """
    pins: dict[str, PinnedTarget] = {}
    for target in dict.fromkeys(targets):
        if "-linux-gnu" not in target.triple:
            continue
        glibc = request.maps.target(target.release) if target.release else request.target
        if target.triple in pins:
            if pins[target.triple].glibc.glibc != glibc.glibc:
                raise UsageError(
                    f"--target {target.triple}: has two glibc releases in one build; run one build for each release"
                )
            continue
        arch = arch_of_triplet(target.triple)
        if arch is None:
            raise UsageError(
                f"--target {target.triple}: no symbol tables for this architecture or ABI; "
                f"symver-pin maps list prints the available ones"
            )
        linker = settings.linker(target)
        compiler = find_command(request.cc or linker or default_cc(arch))
        chosen = Path(linker).name != "cc" if linker else arch != host_arch()
        pins[target.triple] = PinnedTarget(target, glibc, arch, request.make(glibc, arch, compiler), request, chosen)
    return list(pins.values())


def pin_all(names: Iterable[str], settings: Settings, request: KitRequest) -> list[PinnedTarget]:
    """Make the kits of targets that the user asked to pin.

    Raises also UsageError for a target that does not use glibc.
    """
    targets = [parse_target(name) for name in names]
    pins = pin_targets(targets, settings, request)
    pinned = {pin.rust.triple for pin in pins}
    for target in targets:
        if target.triple not in pinned:
            raise UsageError(f"--target {target.triple}: does not use glibc, so there is nothing to pin")
    return pins
