"""Everything that depends on the architecture: one module each, and nothing of it anywhere else.

``architectures`` is the table of them, ``arch`` the form of a row, ``code`` what the readers of machine code share.
"""
