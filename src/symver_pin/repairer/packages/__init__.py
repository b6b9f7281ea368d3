"""Packages: repair the programs and libraries in one as a set, and write the package again.

``opening`` has the table of formats: ``wheel``, ``deb``, and ``tarball`` for npm packages and other tars. Each reads
the files of its format, says where added libraries go, and writes the package with what else in it must be true of the
result: digests, tags, dependencies. ``package`` is what they have in common, ``tars`` changes some files of a tar.
"""
