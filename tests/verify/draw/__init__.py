"""A draw of small programs and libraries, and the verdicts of real loaders on them.

Each *case* is a folder with a program or library, ``main``, and the files that it may load. The files are linked from
source by the machine's linkers, or are linked files of which one field was changed. ``ask`` lets the loaders of old
roots start or open each case; ``compare`` sets the verifier's verdicts beside theirs.

``python tests/verify/draw/compare.py --help`` prints the agreement by kind and the cases on which they differ.
"""
