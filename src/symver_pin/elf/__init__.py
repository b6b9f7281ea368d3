"""ELF: ``arch`` is the table of architectures; ``image`` a file's headers, ``notes``, ``section`` what they point to,
``relocations`` and ``dynamic`` (symbols) what the loader does; ``stub`` writes a library to link against.
"""
