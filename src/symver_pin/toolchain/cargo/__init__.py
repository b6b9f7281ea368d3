"""Cargo with a kit: what it is asked to build (``command_line``, ``settings``), the kit of each target (``kits``), the
environment that brings the kit in (``environment``), and the proof of what came out (``run``, ``messages``,
``guilty``).

Cargo runs a linker that it is told by name, so the kit's ``bin/cc`` is that linker: link arguments that rustc or a
crate add come too late on the line, or before the kit's.
"""
