"""Policies: limits on what a file may need from the system it runs on, whether or not the loader would find it.

``table`` has the named ones, ``toml_file`` reads a user's own; ``check`` applies a ``policy`` to a file.
"""
