"""Rewrite one ELF file: carry out a ``Change``.

``rewrite`` is the list of steps. ``versions``, ``strings``, ``relative``, ``relocation_tables``, ``plt_marks``,
``dynamic_table`` and ``sections`` are the tables that it changes; ``layout`` is where ``new_tables`` go.
"""
