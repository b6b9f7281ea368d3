"""What something in the cache was made from, as a digest: while it is the same, what is there is right."""

from collections.abc import Iterable
from pathlib import Path

from symver_pin import __version__
from symver_pin.resources import compat_dir, maps_dir, templates_dir

try:
    from _blake2 import blake2b  # what ``hashlib`` gives too, but that reads OpenSSL first, a quarter of a warm command
except ImportError:
    from hashlib import blake2b


def fingerprint(parts: Iterable[str], files: Iterable[Path] = ()) -> str:
    """A digest of ``parts``, of ``files`` and of this program: its version, tables, sources and templates.

    Of files by name, size and time, which costs a stat each.
    """
    sources = [*files, *sorted(maps_dir().iterdir()), *sorted(compat_dir().iterdir())]
    sources += [*sorted(templates_dir().iterdir()), *sorted(Path(__file__).parent.glob("*.py"))]
    seen = [__version__, *parts]
    for path in sources:
        status = path.stat()
        seen.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return blake2b("\n".join(seen).encode(), digest_size=32).hexdigest()
