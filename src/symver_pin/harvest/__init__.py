"""Make symbol tables from sources.

``sources`` recognises the kinds of sources. ``abilist``, ``glibc_source``, ``libraries`` and ``dumps`` each read one
kind into observations. ``merge`` makes one table from all observations of an architecture. ``compiler_runtime`` makes
the tables of libgcc_s and libstdc++. ``build`` runs all of it.
"""
