"""Find a target's kit in the cache, or have it made: on the path of every call of ``symver-pin cc``, so it reads one
small file and runs nothing when the kit is there.
"""

from pathlib import Path

from symver_pin.elf.arch import Arch
from symver_pin.gen.fingerprint import fingerprint
from symver_pin.gen.kit import DEFAULTS, Kit, KitOptions, kit_at, read_stamp
from symver_pin.maps.platforms import Target
from symver_pin.resources import cache_dir


def ensure_kit(target: Target, arch: Arch, cc: Path, output: Path | None = None, options: KitOptions = DEFAULTS) -> Kit:
    """The kit for a target: the one in ``output`` or the cache when it is right, else a new one.

    Raises UsageError, ToolError or CompatError when it cannot be made, OutputError when it cannot be written.
    """
    key = _key(target, arch, cc, options)
    final = (output or cache_dir() / "kits" / f"{arch.name}-{target.glibc}-{key[:12]}").absolute()
    if final.is_symlink():  # a kit is renamed to its place, which would replace the link
        final = final.resolve()
    facts = read_stamp(final)
    if facts is None or facts["key"] != key:
        from symver_pin.gen.kit_build import build_kit

        facts = build_kit(final, key, target, arch, cc, options)
    return kit_at(final, facts)


def _key(target: Target, arch: Arch, cc: Path, options: KitOptions) -> str:
    """A digest of all that a kit is made from."""
    compat = "all" if options.compat is None else ",".join(sorted(options.compat))
    parts = (str(target.glibc), str(target.gcc), arch.name, str(options.warn), compat, str(cc))
    return fingerprint(parts, [cc.resolve()])
