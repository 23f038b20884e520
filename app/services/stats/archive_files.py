"""Files of the archive: Parquet with zstd, one typed column for each field, in folders that say the day.

Read an archive with whatever reads partitioned Parquet:

    pyarrow.dataset.dataset("<location>/play_events", partitioning="hive").to_table()
    duckdb: SELECT date, count(*) FROM read_parquet('<location>/play_events/*/*.parquet', hive_partitioning = true)
            WHERE "excludedKind" IS NULL GROUP BY date
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from app.models.stats.archive import ArchivedEvent, ColumnType, Contents, columns_of
from app.models.stats.events import EventType
from app.services.stats.archive_place import Place

# Large enough for quick scans and a good ratio, small enough to be held: some 20 MB of Arrow columns.
_ROWS_IN_GROUP = 100_000
_ROWS_READ_AT_ONCE = 20_000


class ParquetArchive:
    """The archive in a folder, or at an address that fsspec knows; implements `ArchiveStore`.

    pyarrow is imported at the first use: it takes 60 MB, which a process that never archives need not have.
    """

    def __init__(self, location: str) -> None:
        self._place = Place(location)

    def open(self) -> None:
        """Find out whether there is a file system for the location; imports its package, but not pyarrow.

        Raises:
            Invalid: there is none.
        """
        self._place.open()

    def write(self, path: str, kind: EventType, pages: Iterable[list[ArchivedEvent]]) -> int:
        """Write all pages into one new file and return its bytes; memory does not grow with the rows.

        Raises:
            Failed: it could not be written; nothing is left of it.
            Invalid: there is no file system for the location.
        """
        with self._place.writing(path) as file, _writer(file, kind) as writer:
            for rows in _grouped(pages, _ROWS_IN_GROUP, kind):
                writer.write_table(rows)
        return self._place.size(path)

    def read_back(self, path: str) -> Contents:
        """Read a whole file and tell which rows it holds; checks the checksum of every page of every column.

        Raises:
            Damaged: it is not there, or cannot be read to its end.
        """
        contents = Contents()
        for batch in self._batches(path, _ROWS_READ_AT_ONCE, columns=None):
            contents.add(_ids(batch))
        return contents

    def ids(self, path: str, at_once: int) -> Generator[list[str], None, None]:
        """The ids of the rows of a file, so many at a time.

        Raises:
            Damaged: as `read_back`.
        """
        for batch in self._batches(path, at_once, columns=["_id"]):
            yield _ids(batch)

    def remove(self, path: str) -> None:
        """Remove a file, and what a cut-off write has left of it; nothing happens when there is none.

        Raises:
            Failed: it could not be removed.
        """
        self._place.remove(path)

    def _batches(self, path: str, size: int, columns: Sequence[str] | None) -> Iterator[Any]:
        parquet_file = import_module("pyarrow.parquet").ParquetFile
        with self._place.reading(path) as file, parquet_file(file, page_checksum_verification=True) as parquet:
            yield from parquet.iter_batches(batch_size=size, columns=columns)


@contextmanager
def _writer(file: Any, kind: EventType) -> Iterator[Any]:
    parquet_writer = import_module("pyarrow.parquet").ParquetWriter
    with parquet_writer(file, _schema(kind), compression="zstd", write_page_checksum=True) as writer:
        yield writer


def _schema(kind: EventType) -> Any:
    pa = import_module("pyarrow")
    types = {
        ColumnType.TEXT: pa.string(),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.FLAG: pa.bool_(),
        ColumnType.TIME: pa.timestamp("ms", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.type]) for column in columns_of(kind)])


def _grouped(pages: Iterable[list[ArchivedEvent]], size: int, kind: EventType) -> Iterator[Any]:
    """Arrow tables of at least so many rows (but the last), out of pages that are smaller."""
    pa = import_module("pyarrow")
    schema = _schema(kind)
    waiting: list[Any] = []
    for page in pages:
        waiting.append(_table(page, kind, schema))
        if sum(table.num_rows for table in waiting) >= size:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _table(page: list[ArchivedEvent], kind: EventType, schema: Any) -> Any:
    pa = import_module("pyarrow")
    fields = dict(zip(ArchivedEvent._fields, zip(*page, strict=True), strict=True))
    return pa.table([list(fields[column.field]) for column in columns_of(kind)], schema=schema)


def _ids(batch: Any) -> list[str]:
    ids: list[str] = batch.column("_id").to_pylist()
    return ids
