"""Targets: a glibc release, or a platform that stands for one (``debian8``, ``rhel7``, ``manylinux2014``).

A platform also fixes the GCC release of its libgcc_s.so.1 and libstdc++.so.6, which carry version nodes of their own.
For a bare glibc release the oldest GCC among the platforms with that glibc counts; where no platform has it, the next
older one's: what is linked against that older runtime runs on the newer.
"""

from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.maps.release import Release, parse_release
from symver_pin.resources import maps_dir


class Platform(NamedTuple):
    """One row of ``platforms.tsv``."""

    id: str
    name: str
    glibc: Release
    gcc: Release


class Target(NamedTuple):
    """What a build must run on."""

    label: str
    """As the user wrote it: ``2.19`` or ``debian8``."""
    glibc: Release
    gcc: Release


def load_platforms(folder: Path | None = None) -> tuple[Platform, ...]:
    """All rows of ``platforms.tsv``, in file order."""
    text = ((folder or maps_dir()) / "platforms.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Platform(id_, name, parse_release(glibc), parse_release(gcc)) for id_, name, glibc, gcc in rows)


def gcc_of(glibc: Release, platforms: tuple[Platform, ...]) -> Release:
    """The oldest GCC runtime that ships beside a glibc release."""
    older = [p for p in platforms if p.glibc <= glibc]
    if not older:
        return min(p.gcc for p in platforms)
    nearest = max(p.glibc for p in older)
    return min(p.gcc for p in older if p.glibc == nearest)


def resolve_target(text: str) -> Target:
    """Read what ``--glibc`` got. Raises UsageError, naming near spellings, when it is neither release nor platform."""
    platforms = load_platforms()
    word = text.strip().lower().removeprefix("glibc").lstrip("-_ ")
    if word[:1].isdigit():
        glibc = parse_release(word)
        return Target(text.strip(), glibc, gcc_of(glibc, platforms))
    plain = word.replace(" ", "").replace("-", "").replace(":", "")
    for platform in platforms:
        if platform.id == plain:
            return Target(platform.id, platform.glibc, platform.gcc)
    from difflib import get_close_matches

    near = get_close_matches(plain, [p.id for p in platforms], 3) or ["debian8", "ubuntu14.04", "rhel7"]
    raise UsageError(f"unknown glibc release or platform {text!r}; write a release like 2.19 or a platform like "
                     f"{', '.join(near)}")  # fmt: skip
