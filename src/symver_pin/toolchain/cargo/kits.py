"""The kit of each target that a build is for, made with the compiler that the user's own configuration names."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from symver_pin.compilers import arch_of_triplet, default_cc, find_cc
from symver_pin.elf.arch import Arch
from symver_pin.errors import UsageError
from symver_pin.gen.kit import Kit, read_stamp
from symver_pin.maps.platforms import Target, resolve_target
from symver_pin.toolchain.cargo.command_line import RustTarget, parse_target
from symver_pin.toolchain.cargo.settings import Settings

#: Makes a kit: target, architecture, C compiler.
MakeKit = Callable[[Target, Arch, Path], Kit]


class Wish(NamedTuple):
    """What our own options ask for."""

    target: Target
    arch: Arch | None
    """The architecture to build for where no ``--target`` says it; None for cargo's own choice."""
    cc: str | None
    """The real C compiler; None for the user's linker, or the usual one of the architecture."""
    static_libgcc: bool
    make: MakeKit


class Pin(NamedTuple):
    """One target of a build: its glibc, and the kit that pins it."""

    rust: RustTarget
    glibc: Target
    arch: Arch
    kit: Kit
    wish: Wish

    def kit_with(self, cc: Path) -> Kit:
        """The kit for the same target with another compiler."""
        return self.wish.make(self.glibc, self.arch, cc)

    @property
    def linker(self) -> str:
        """The linker that rustc is told to run. Another file for another way of linking, so that cargo, which knows a
        linker by its path, links again when the way changes."""
        return str(self.kit.driver("cc") if not self.wish.static_libgcc else self.kit.static_libgcc_driver)


def pin_targets(targets: Iterable[RustTarget], settings: Settings, wish: Wish) -> list[Pin]:
    """A pin for each target with glibc; a target without (musl, wasm) is cargo's own affair and gets none.

    Raises UsageError when one target is wanted for two
    releases or its ABI has no tables, ToolError or CompatError when a kit cannot be made.
    """
    pins: dict[str, Pin] = {}
    for target in dict.fromkeys(targets):
        if "-linux-gnu" not in target.triple:
            continue
        glibc = resolve_target(target.release) if target.release else wish.target
        if target.triple in pins:
            if pins[target.triple].glibc.glibc != glibc.glibc:
                raise UsageError(f"--target {target.triple}: for two glibc releases at once; build one after the other")
            continue
        arch = arch_of_triplet(target.triple)
        if arch is None:
            raise UsageError(
                f"--target {target.triple}: no symbol tables for this architecture or ABI; "
                f"symver-pin maps list names those that there are"
            )
        compiler = find_cc(real_compiler(wish.cc or settings.linker(target) or default_cc(arch)))
        pins[target.triple] = Pin(target, glibc, arch, wish.make(glibc, arch, compiler), wish)
    return list(pins.values())


def pin_all(names: Iterable[str], settings: Settings, wish: Wish) -> list[Pin]:
    """``pin_targets`` for targets that were named to be pinned. Raises UsageError for one without glibc, too."""
    targets = [parse_target(name) for name in names]
    pins = pin_targets(targets, settings, wish)
    pinned = {pin.rust.triple for pin in pins}
    for target in targets:
        if target.triple not in pinned:
            raise UsageError(f"--target {target.triple}: no target with glibc, nothing to pin")
    return pins


def real_compiler(name: str) -> str:
    """The compiler behind a kit's own driver, for a configuration that names one already; else the name itself."""
    stamp = read_stamp(Path(name).parent.parent) if "/" in name else None
    return name if stamp is None else stamp.get("cc", name)
