"""The tables: what each glibc release exported, by library, symbol and version node.

``release`` names releases, ``model`` is one row, ``table`` reads a file and gives one release's view, ``platforms``
names distributions.
"""
