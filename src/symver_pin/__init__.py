"""symver-pin: build on a new Linux with your own compiler and linker, run on an old glibc.

The package's rooms, each above all that it uses: ``toolchain`` and ``report``; ``gen`` and ``verify``; ``compat``,
``harvest``; ``maps``; ``elf``. ``cli`` is the thin top.
"""

__version__ = "0.1.0"
