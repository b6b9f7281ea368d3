"""ELF: ``arch`` is the table of architectures, ``image`` the headers of a file, ``dynamic`` its dynamic section and
symbol table as the loader sees them, ``stub`` writes a shared object that a linker can link against.
"""
