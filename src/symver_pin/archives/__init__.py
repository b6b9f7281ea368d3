"""Readers of packages and archives: they yield one member after another, and write nothing to disk.

``reader.members`` tells the kind of an archive by its first bytes, not by its name, and calls the reader for it:

* ``ar``: static archives (``.a``, ``.rlib``), and ``.deb`` packages, whose files are in the member ``data.tar.*``.
* ``rpm``: ``.rpm`` packages, whose files are in a compressed cpio archive.
* ``tar``: ``.tar`` with any compression.
* ``zip``: ``.zip``, ``.whl``, ``.jar``.

``limits`` has the limits on what an archive may contain and how far it may grow when it is unpacked. They are checked
while it is read, so a decompression bomb or a wrong size is an ArchiveError before memory runs out.
"""
