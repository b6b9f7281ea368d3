"""A pin header from the cache, or rendered and put there: a build that calls ``symver-pin gen`` pays for it once.

Where the cache cannot be written the header is rendered each time.
"""

from collections.abc import Sequence
from contextlib import suppress

from symver_pin.elf.arch import Arch
from symver_pin.errors import OutputError
from symver_pin.files import write_atomic
from symver_pin.gen.fingerprint import fingerprint
from symver_pin.maps.release import Release
from symver_pin.resources import cache_dir


def header_text(arch: Arch, target: Release, exclude: Sequence[str], claim_version: bool) -> str:
    """The header for a target. Raises what ``gen.header.render_header`` and the tables raise."""
    key = fingerprint((arch.name, str(target), ",".join(sorted(exclude)), str(claim_version)))
    path = cache_dir() / "headers" / f"{arch.name}-{target}-{key[:12]}.h"
    with suppress(OSError):
        return path.read_text(encoding="ascii")
    from symver_pin.gen.header import render_header
    from symver_pin.maps.table import load_reference, load_table

    view = load_table(arch.name).view(target)
    text = render_header(view, load_reference(arch.name), arch, exclude, claim_version)
    with suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode("ascii"))
    return text
