"""Keep pin headers in the cache, so that a build that runs ``symver-pin gen`` often renders its header once.

If the cache cannot be written, the header is rendered each time.
"""

from collections.abc import Sequence
from contextlib import suppress

from symver_pin.cache_key import fingerprint
from symver_pin.errors import OutputError
from symver_pin.files import write_atomic
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.release import Release
from symver_pin.header.header import render_header
from symver_pin.machine.arch import Arch
from symver_pin.paths import cache_dir


def header_text(
    arch: Arch,
    target: Release,
    exclude: Sequence[str],
    claim_version: bool,
    maps: Maps,
    newer_headers: Release | None = None,
) -> str:
    """The text of the header for a target, from the cache or rendered.

    ``newer_headers`` is the release of the compiler's headers if the tables do not know it. Raises what
    ``render_header`` and ``maps`` raise.
    """
    key = fingerprint((arch.name, str(target), ",".join(sorted(exclude)), str(claim_version), str(newer_headers)), maps)
    path = cache_dir() / "headers" / f"{arch.name}-{target}-{key[:12]}.h"
    with suppress(OSError):
        return path.read_text(encoding="ascii")
    view = maps.table(arch.name).view(target)
    text = render_header(view, maps.reference(arch.name), maps.semantics, arch, exclude, claim_version, newer_headers)
    with suppress(OSError, OutputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode("ascii"))
    return text
