"""Flags with which tests compile their small C programs."""

from __future__ import annotations

LENIENT_C = ("-std=gnu17", "-w", "-Wno-implicit-function-declaration")
"""For programs that declare functions as `int f()`, or not at all, so that no header decides which version is linked.

C23, the default since gcc 15, takes the first for a function without parameters; gcc 14 and clang 16 refuse the second.
"""
