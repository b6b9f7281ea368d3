"""ELF: ``arch`` is the table of architectures; ``image`` the headers of a file, ``section`` its dynamic section, ``notes``,
``relocations`` and ``dynamic`` (symbols) what the loader does with it; ``stub`` writes a library to link against.
"""
