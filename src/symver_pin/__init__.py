"""symver-pin: build on a new Linux with your own compiler and linker, run on an old glibc.

The package's rooms, each above all that it uses: ``toolchain`` and ``report``; ``gen`` and ``verify``; ``compat``,
``harvest``; ``maps``; ``elf``. ``cli`` is the thin top.

From a program: ``from symver_pin import verify``, described in docs/verify.md; nothing else is imported before it is
asked for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.verify import verify as verify

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name == "verify":
        from importlib import import_module

        return import_module("symver_pin.verify")  # a module that can be called: see there
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
