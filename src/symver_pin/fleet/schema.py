"""The columns of the dataset: four tables, one Parquet file of each in every partition.

``packages`` has one row for each package, also for one that could not be judged; ``files`` one for each program,
library or static archive in it; ``requirements`` one for each symbol that a file imports with a version, and for each
version node that no symbol carries; ``findings`` one for each finding of ``verify`` on a target of the survey.

The columns ``package`` and ``member`` join the tables. Releases are text (``2.17``); a column ``..._number`` beside one
has it as 1000 * major + minor (2017), which compares as a number. ``VERSION`` is increased when a column changes its
meaning or is removed; a new column does not increase it. docs/fleet.md describes the columns for users.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from symver_pin.glibc.release import Release

VERSION = 1

_WORDS = pa.list_(pa.string())

PACKAGES = pa.schema(
    [
        ("package", pa.string()),  # path or URL
        ("project", pa.string()),  # the part of its file name before the version
        ("status", pa.string()),  # judged, or error
        ("error", pa.string()),  # why the package as a whole could not be judged
        ("size", pa.int64()),  # bytes where it is stored
        ("fetched", pa.int64()),  # bytes that were read of it
        ("unread", pa.int32()),  # members of a zip that were passed over by their names
        ("files", pa.int32()),  # rows in files
        ("identity", pa.string()),  # ETag, checksum or time of change, with the size
        ("sha256", pa.string()),  # null where only ranges were read
        ("tables", pa.string()),  # the version of the symbol tables and of this program
        ("targets", _WORDS),  # the releases for which there are findings
        ("judged_at", pa.timestamp("s", tz="UTC")),
    ]
)
FILES = pa.schema(
    [
        ("package", pa.string()),
        ("member", pa.string()),  # the path in the package, "" for the package itself
        ("sha256", pa.string()),  # null for static archives and what could not be read
        ("architecture", pa.string()),
        ("kind", pa.string()),  # executable, shared library, static executable, static archive, unknown
        ("verdict", pa.string()),  # judged, error or skipped
        ("error", pa.string()),
        ("lowest_glibc", pa.string()),
        ("lowest_glibc_number", pa.int32()),
        ("loads_on", _WORDS),  # the releases on which it loads and starts
        ("runs_on", _WORDS),  # the ids of platforms
        ("fails_on", _WORDS),  # the targets of the survey for which the verdict of verify is "fails"
        ("highest_nodes", pa.map_(pa.string(), pa.string())),  # family -> highest version node
        ("needed", _WORDS),  # DT_NEEDED
    ]
)
REQUIREMENTS = pa.schema(
    [
        ("package", pa.string()),
        ("member", pa.string()),
        ("architecture", pa.string()),
        ("symbol", pa.string()),  # null for a version node that no symbol carries
        ("version", pa.string()),
        ("library", pa.string()),
        ("weak", pa.bool_()),
        ("since", pa.string()),  # the first glibc release that has it; null for other libraries
        ("since_number", pa.int32()),
    ]
)
FINDINGS = pa.schema(
    [
        ("package", pa.string()),
        ("member", pa.string()),
        ("target", pa.string()),
        ("kind", pa.string()),
        ("fails", pa.bool_()),
        ("file", pa.string()),  # the file that has the fault: the member, or a library that it loads
        ("message", pa.string()),
        ("advice", pa.string()),
        ("library", pa.string()),
        ("version", pa.string()),
        ("since", pa.string()),
        ("symbols", _WORDS),
        ("of_dependency", pa.bool_()),  # another file's own verdict has this finding
    ]
)
TABLES = {"packages": PACKAGES, "files": FILES, "requirements": REQUIREMENTS, "findings": FINDINGS}
"""The tables by name; each partition has a file ``<name>.parquet`` for each."""

_ROWS_AT_ONCE = 4000

Row = dict[str, Any]


def number_of(release: Release | None) -> int | None:
    """A release as a number that compares as releases do: 2.17 -> 2017."""
    return None if release is None else 1000 * release.major + release.minor


def clean(text: str | None) -> str | None:
    """A text that UTF-8 can hold: bytes of a file's name that are no UTF-8 become backslash escapes."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")


class RowStream:
    """Rows of one table as an Arrow stream in a file, of which few are in memory."""

    def __init__(self, path: str, schema: pa.Schema) -> None:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._writer, self._schema = pa.ipc.new_stream(path, schema, options=options), schema
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Add a row. Raises OSError when the disk is full."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()

    def close(self) -> None:
        """Write what is left and the end of the stream."""
        self._flush()
        self._writer.close()


def batches_of(stream: bytes) -> Iterator[pa.RecordBatch]:
    """The rows of an Arrow stream."""
    yield from pa.ipc.open_stream(stream)


def stream_of(rows: Iterable[Row], schema: pa.Schema) -> bytes:
    """Rows as an Arrow stream in memory."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(list(rows), schema=schema))
    return bytes(sink.getvalue())
