"""Members of the compat library in the repaired file itself (``--embed``), instead of in a library beside it.

``blob`` links the needed members to one piece of memory, ``graft`` puts that into a file: the addresses, symbols,
relocations and unwind tables that the file must have for it.
"""
