"""Read ELF files as a loader does, and write stub libraries.

``image`` has the headers, ``dynamic_section`` tags and strings, ``version_records`` VERNEED and VERDEF,
``symbol_columns`` and ``dynamic`` the dynamic symbols; ``relocations``, ``notes`` and ``hash_table`` are what their
names say, ``object_file`` has the symbols of ``.symtab``. ``records`` and ``constants`` are the format's own; ``stub``
writes a library to link against.
"""
