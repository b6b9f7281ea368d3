"""Survey many packages: judge each on a cluster of dask, and keep the answers in a Parquet dataset.

``survey`` is one run from the sources to the dataset. ``sources`` lists the packages that a source names; ``fetch``
brings one to the worker, by ranges where it is a zip; ``judge`` makes its rows with ``verifier``, in a child process of
``isolated``; ``dataset`` adds the rows in partitions that appear whole or not at all, by the columns of ``schema``.
``summary`` and ``difference`` compute what a report says, with ``remedies``; ``text`` and ``page`` are their views.

It needs the optional packages of ``symver-pin[fleet]``: ``extra`` says so in one line where they are not installed.
"""
