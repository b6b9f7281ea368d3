"""What processes tell each other of the files that they have opened: of a program or library, the names alone.

Whoever needs more reads the file again (``Object``), which takes 0.1 ms. To tell all that is known of libraries that
files load took as long, and the others waited for it.
"""

from __future__ import annotations

from symver_pin.elf.arch import ARCHES
from symver_pin.verify.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from symver_pin.verify import Found


def pack(found: Found | None) -> Any:
    """What was found at one place, as a value that can be marshalled."""
    if isinstance(found, Object):
        return found.path, found.arch.name, found.kind, found.names
    if found is None:
        return None
    import pickle

    return pickle.dumps(found)


def unpack(value: Any) -> Found | None:
    """What was found, of such a value."""
    if isinstance(value, bytes):
        import pickle

        found: Found = pickle.loads(value)
        return found
    if value is None:
        return None
    path, arch, kind, names = value
    return Object.elsewhere(path, ARCHES[arch], kind, names)
