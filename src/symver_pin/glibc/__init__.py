"""What each glibc release exported, by library, symbol and version node: the symbol tables and what belongs to them.

``maps`` is a folder of tables, ``table`` one file of it with the view of a release, ``library`` one library over all
releases, ``rows`` their records, ``tsv`` the lines of the small tables. ``release`` has releases and sets of them,
``platforms`` the distributions, ``platform_libraries`` what else they have, ``platform_index`` which of them a file
runs on, ``semantics`` the differences between versions of a function.
"""
