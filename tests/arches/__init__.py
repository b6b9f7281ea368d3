"""Programs built with a kit of each architecture, verified, and run on its oldest and its newest real glibc.

`programs/` has the programs, which check themselves; the comment at the top of each says how it is built
(`programs.py` reads it). `machines.py` says with which compiler, runtimes and emulator an architecture is tried,
`grid.py` builds, verifies and runs one program, `known.tsv` lists what does not work and why, `page.py` writes
docs/architectures.md from the results of a whole run (`make test-arches`).
"""
