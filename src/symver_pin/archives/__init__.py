"""Files inside packages and archives, one after the other, without unpacking anything to disk:
``reader.members(stream, name)``.

* ``.deb``: an ``ar`` file; the payload is its member ``data.tar.*`` (deb(5)); ``ar``.
* ``.a``, ``.rlib``: an ``ar`` file of objects; ``ar``.
* ``.rpm``: a lead, two header structures, then a compressed cpio archive; ``rpm``.
* ``.tar`` in any compression; ``.zip`` (``.whl``, ``.jar``); ``tar``, ``zip``.

The kind is told by the first bytes, not by the name. What is unpacked is held against limits while it is unpacked
(``limits``), so that a bomb or a broken size ends in an ArchiveError instead of in memory.
"""
