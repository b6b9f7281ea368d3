"""Wheels of Python: built by `symver-pin wheel`, by its PEP 517 backend and by cffi, and used by a CPython on 2.17."""
