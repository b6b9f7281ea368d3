"""Run cargo with a kit for each target, and verify the files that cargo makes.

``command_line`` and ``settings`` read what cargo will build. ``kits`` makes the kit of each target. ``environment``
makes the variables and options with which cargo uses the kits. ``run`` starts cargo, ``messages`` reads its artifacts
from its JSON messages. ``config_file`` and ``project`` write files for a project. ``system`` is the ``BuildSystem``.

The kit's ``bin/cc`` is the linker that cargo runs. Link arguments would not do: those of rustc and of crates can come
before the kit's on the link line.
"""
