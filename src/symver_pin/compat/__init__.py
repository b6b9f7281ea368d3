"""Compat objects: hidden functions that stand in for libc functions younger than the target.

``table.tsv`` says which, from which release on libc has them, and where they fall short; the C files hold one family
each; ``archive`` compiles them, ``split`` cuts one object a symbol out of the results.
"""
