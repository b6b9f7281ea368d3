"""What processes tell each other of the files that they have opened: of a program or library, the names alone.

Whoever needs more reads the file again (``Object``), which takes 0.1 ms. To tell all that is known of libraries that
files load took as long, and the others waited for it.
"""

from __future__ import annotations

from symver_pin.elf.arch import ARCHES
from symver_pin.verify.objects import Object

try:
    from _pickle import dumps, loads  # ``pickle`` takes 3 ms more to import
except ImportError:
    from pickle import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from symver_pin.verify import Found


def pack(found: Found | None) -> Any:
    """What was found at one place, as a value that can be marshalled."""
    if isinstance(found, Object):
        return found.path, found.arch.name, found.kind, found.names
    return None if found is None else dumps(found, -1)


def unpack(value: Any) -> Found | None:
    """What was found, of such a value."""
    if isinstance(value, bytes):
        found: Found = loads(value)
        return found
    if value is None:
        return None
    path, arch, kind, names = value
    return Object.elsewhere(path, ARCHES[arch], kind, names)
