"""The reader in C (``native/``): ``NATIVE`` is its module, None where it was not built.

It reads sound files in a tenth of the time; without it all is read in Python, with the same results.
``SYMVER_PIN_NATIVE=0`` in the environment leaves it out.
"""

from __future__ import annotations

import os

try:
    from symver_pin.elf import _native
except ImportError:  # not built, or not for this machine
    _native = None  # type: ignore[assignment]

#: As in ``native/module.c``: a module that an older source was built into is left out.
_INTERFACE = 2

NATIVE = _native
if os.environ.get("SYMVER_PIN_NATIVE") == "0" or getattr(_native, "INTERFACE", 0) != _INTERFACE:
    NATIVE = None  # type: ignore[assignment]
