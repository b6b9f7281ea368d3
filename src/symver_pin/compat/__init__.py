"""Compat objects: hidden functions that replace libc functions newer than the target release.

``table.tsv`` lists them, with the release from which libc has each function and the limits of its replacement. Each C
file holds one family of functions. ``archive`` compiles the files and writes the archives; ``split`` cuts one object
for each symbol out of a compiled file. ``absent.tsv`` lists the functions without a compat object.
"""
