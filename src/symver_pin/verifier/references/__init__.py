"""Find what refers to a symbol: functions of a file (``callers``), source lines by its ``debug_info``, objects of a
link by the linker's ``link_map``.
"""
