"""ELF: ``arch`` is the table of architectures, ``constants`` the format's numbers, ``source`` what a file is given as.

Sound files are read in C: ``facts`` (what a verdict needs of every file) and ``exports`` (look-ups of names) ask
``native``, which ``compiled`` finds. All others, and whatever is seldom asked for, are read in Python: ``image`` is a
file's headers, ``notes``, ``section`` what they point to, ``relocations`` and ``dynamic`` (symbols) what the loader
does, ``lookup`` its hash table. ``stub`` writes a library to link against.
"""
