"""Use a kit from a build system.

``system`` is the interface between kits and build systems; ``cc`` and ``cargo`` implement it. ``flags`` returns a kit's
compiler and linker flags. ``products`` verifies the files that a build made. ``references`` finds the units of the
build that refer to a missing symbol.
"""
