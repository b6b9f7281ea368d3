"""The dataset: a folder of partitions, each a folder with one Parquet file for every table.

    DATASET/survey.json
    DATASET/part-000001/packages.parquet  files.parquet  requirements.parquet  findings.parquet
    DATASET/part-000002/...

A partition is written under a hidden name, then renamed, so it appears whole or not at all. A package that is judged
again is in one partition at any time: the new partition takes over the other rows of the old one, which is first
renamed to ``.old-000001-by-000002``. A survey that was killed between these renames is repaired when the dataset is
opened: if the new partition is there, the old one is removed, else it gets its name back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from symver_pin import __version__
from symver_pin.errors import OutputError, UsageError
from symver_pin.files import write_atomic
from symver_pin.fleet.schema import PACKAGES, TABLES, VERSION, batches_of, stream_of
from symver_pin.fleet.task import Judged
from symver_pin.glibc.maps import Maps
from symver_pin.paths import shipped_maps

_DESCRIPTION = "survey.json"
_LOCK = ".lock"
_PART = re.compile(r"part-(\d{6,})")
_OLD = re.compile(r"\.old-(\d+)-by-(\d+)")
_NEW = ".new-"


class Known(NamedTuple):
    """What the dataset has about a package."""

    partition: str
    identity: str | None
    sha256: str | None
    tables: str
    targets: tuple[str, ...]
    status: str


def version_of(maps: Maps) -> str:
    """The version of the tables: that of the program, and a digest of all tables.

    Raises OSError when one cannot be read.
    """
    digest = hashlib.sha256()
    for folder in sorted({maps.folder, shipped_maps()}):
        for path in sorted(folder.glob("*.*")):
            digest.update(f"{path.name}\0".encode())
            digest.update(path.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:16]}"


class Dataset:
    """A dataset on the local disk, to read."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError when the folder is no dataset, or one of another version of the schema."""
        self.folder = folder
        try:
            version = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))["schema"]
        except (OSError, ValueError, TypeError, KeyError):
            raise UsageError(
                f"{folder}: no dataset of `symver-pin survey`: it has no readable {_DESCRIPTION}"
            ) from None
        if version != VERSION:
            raise UsageError(
                f"{folder}: schema {version}; this symver-pin reads schema {VERSION}: survey into a new folder"
            )

    @property
    def partitions(self) -> list[Path]:
        """The folders of the partitions, oldest first."""
        return sorted(path for path in self.folder.glob("part-*") if _PART.fullmatch(path.name))

    def tables(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The rows of a table, one partition after the other. All rows of a package are in one partition.

        Raises UsageError when a file is missing or is no Parquet file.
        """
        for partition in self.partitions:
            path = partition / f"{name}.parquet"
            try:
                yield pq.read_table(path, columns=None if columns is None else list(columns), partitioning=None)
            except (OSError, pa.ArrowException) as error:
                raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error

    def known(self) -> dict[str, Known]:
        """The packages that it has."""
        found: dict[str, Known] = {}
        columns = ["package", "identity", "sha256", "tables", "targets", "status"]
        for partition, table in zip(self.partitions, self.tables("packages", columns), strict=True):
            for package, identity, sha256, tables, targets, status in zip(
                *(table.column(name).to_pylist() for name in columns), strict=True
            ):
                found[package] = Known(partition.name, identity, sha256, tables, tuple(targets), status)
        return found


class DatasetWriter(Dataset):
    """A dataset to add to: a context manager that keeps other surveys from writing to it."""

    def __init__(self, folder: Path) -> None:
        """The folder is made if it is absent; what a killed survey left is cleaned up.

        Raises UsageError when the folder is something else, or another survey writes to it; OutputError when it cannot
        be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / _DESCRIPTION).exists():
                if any(path.name != _LOCK for path in folder.iterdir()):
                    raise UsageError(
                        f"{folder}: neither empty nor a dataset of `symver-pin survey`; name another folder"
                    )
                write_atomic(folder / _DESCRIPTION, f"{json.dumps({'schema': VERSION})}\n".encode())
            super().__init__(folder)
            self._lock = (folder / _LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._clean_up()
        except BlockingIOError:
            raise UsageError(f"{folder}: another survey is writing to it; wait for its end") from None
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error

    def __enter__(self) -> DatasetWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._lock.close()

    def add(self, judged: Sequence[Judged], replaced: str | None = None, dropped: Collection[str] = ()) -> None:
        """Add a partition with these packages. Where ``replaced`` names a partition, the new one has its other packages
        too, without those of ``dropped``, and stands in its place.

        Raises OutputError when it cannot be written; the dataset is as before then.
        """
        number = self._next_number()
        new = self.folder / f"{_NEW}{number:06}"
        try:
            new.mkdir()
            for name in TABLES:
                self._write(new / f"{name}.parquet", name, judged, replaced, dropped)
            _sync(new)
            self._put_in_place(new, number, replaced)
        except OSError as error:
            shutil.rmtree(new, ignore_errors=True)
            raise OutputError(
                f"{self.folder}: a partition cannot be written: {error.strerror or error}; nothing of it was kept. "
                "Run the same command again: it goes on from here"
            ) from error

    def _put_in_place(self, new: Path, number: int, replaced: str | None) -> None:
        old = None
        if replaced is not None:
            old = self.folder / f".old-{replaced.removeprefix('part-')}-by-{number:06}"
            (self.folder / replaced).rename(old)
        new.rename(self.folder / f"part-{number:06}")
        _sync(self.folder)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)

    def _write(
        self, path: Path, name: str, judged: Sequence[Judged], replaced: str | None, dropped: Collection[str]
    ) -> None:
        schema = TABLES[name]
        gone = pa.array([*(each.package for each in judged), *dropped], pa.string())
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            if replaced is not None:
                with pq.ParquetFile(self.folder / replaced / f"{name}.parquet") as before:
                    for batch in before.iter_batches(1 << 14):
                        kept = batch.filter(pc.invert(pc.is_in(batch.column("package"), value_set=gone)))
                        writer.write_batch(kept.cast(schema))
            for each in judged:
                for batch in batches_of(each.tables[name]) if name in each.tables else ():
                    writer.write_batch(batch)
            if name == "packages" and judged:
                rows = [each.row for each in judged if each.row is not None]
                for batch in batches_of(stream_of(rows, PACKAGES)):
                    writer.write_batch(batch)

    def _next_number(self) -> int:
        numbers = [int(path.name.partition("-")[2]) for path in self.partitions]
        return max(numbers, default=0) + 1

    def _clean_up(self) -> None:
        """Repair what a killed survey left."""
        for path in self.folder.glob(".*"):
            old = _OLD.fullmatch(path.name)
            if path.name.startswith(_NEW) or (old and (self.folder / f"part-{old[2]}").is_dir()):
                shutil.rmtree(path)
            elif old:
                path.rename(self.folder / f"part-{old[1]}")


def _sync(folder: Path) -> None:
    """Let the disk have what is in a folder: a rename must not be there before the files that it names."""
    for path in [*(each for each in folder.iterdir() if each.suffix == ".parquet"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
