"""Find the kit of a target in the cache, or make it.

Every ``symver-pin cc`` calls this module. If the kit exists, one small file is read and no process is started.
"""

from pathlib import Path

from symver_pin.cache_key import fingerprint
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.kit.model import DEFAULTS, Kit, KitOptions, kit_at, read_stamp
from symver_pin.machine.arch import Arch
from symver_pin.paths import cache_dir


def ensure_kit(
    target: Target, arch: Arch, cc: Path, maps: Maps, output: Path | None = None, options: KitOptions = DEFAULTS
) -> Kit:
    """The kit for a target, in the folder ``output`` (default: a folder in the cache). An outdated kit is made again.

    Raises UsageError, ToolError or CompatError if it cannot be made, OutputError if it cannot be written.
    """
    key = _key(target, arch, cc, options, maps)
    final = (output or cache_dir() / "kits" / f"{arch.name}-{target.glibc}-{key[:12]}").absolute()
    if final.is_symlink():  # a kit is renamed to its place, which would replace the link
        final = final.resolve()
    facts = read_stamp(final)
    if facts is None or facts["key"] != key:
        from symver_pin.kit.build import build_kit  # 60 ms, and the kit of most calls exists

        facts = build_kit(final, key, target, arch, cc, options, maps)
    return kit_at(final, facts)


def _key(target: Target, arch: Arch, cc: Path, options: KitOptions, maps: Maps) -> str:
    """The cache key of a kit: a digest of all its inputs."""
    compat = "all" if options.compat is None else ",".join(sorted(options.compat))
    parts = (str(target.glibc), str(target.gcc), arch.name, str(options.warn), compat, str(cc))
    return fingerprint(parts, maps, [cc.resolve()])
