"""Readers of packages, archives and file system images: they yield one member after another.

``reader.members`` tells the kind of an archive by its first bytes, not by its name, and calls the reader for it:

* ``ar``: static archives (``.a``, ``.rlib``), and ``.deb`` packages, whose files are in two tars.
* ``cpio``: initial RAM disks, and the payload of ``rpm``: ``.rpm`` packages.
* ``frozen``: the archive in a program that PyInstaller made.
* ``packed``: anything compressed as a whole: ``.tar.xz``, a single program.
* ``squashfs``: the images in AppImages and snap packages.
* ``tar``, ``zip``: ``.tar``, ``.zip``, ``.whl``, ``.jar``.

``kinds`` has the formats that are recognised and not read; a NotJudgedError says so. ``limits`` has the limits on what
an archive may contain and how far it may grow when it is unpacked. They are checked while it is read, so a
decompression bomb or a wrong size is an error before memory runs out.
"""
