"""Make the link kit of a target release: a folder that a linker searches before the host's own libraries.

``model`` describes a kit. ``stubs`` makes its shared libraries, ``scripts`` its linker scripts, ``contents`` all of its
files. ``build`` makes a kit in one atomic step, ``cache`` finds an existing one. ``compiler`` probes the compiler.
"""
