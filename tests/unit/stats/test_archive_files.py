"""Files of the archive: what is written is what is read, by anybody; what fails leaves nothing behind."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pyarrow.dataset
import pyarrow.parquet
import pytest

from app.errors import DomainError, Failed, Invalid
from app.models.stats.archive import ArchivedEvent, Contents, columns_of
from app.models.stats.events import EventType
from app.services.stats import archive_files
from app.services.stats.archive_files import ParquetArchive
from app.services.stats.archive_ports import Damaged

DAY = datetime(2025, 10, 1, tzinfo=UTC)
PATH = "play_events/date=2025-10-01/part-0001.parquet"


def event(number: int) -> ArchivedEvent:
    return ArchivedEvent(
        id=f"{number:024x}",
        event_id=f"event-{number}",
        track_id=f"track-{number % 3}",
        session_id=f"session-{number % 7}",
        timestamp=DAY + timedelta(milliseconds=number),
        created_at=None if number % 5 == 0 else DAY + timedelta(seconds=number),
        source="player",
        country=None,
        excluded_kind="bot" if number % 4 == 0 else None,
        excluded_reason="crawler" if number % 4 == 0 else None,
        playlist_id=None,
        duration=number / 8,
        completion_rate=None,
        skipped=number % 2 == 0,
        replayed=False,
        action="like",
        platform="embed",
    )


def pages(count: int, size: int = 40) -> Iterator[list[ArchivedEvent]]:
    for start in range(0, count, size):
        yield [event(number) for number in range(start, min(start + size, count))]


def contents(count: int) -> Contents:
    result = Contents()
    result.add(event(number).id for number in range(count))
    return result


@pytest.fixture(params=["folder", "memory"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(tmp_path / "archive")
        return
    yield "memory://archive"
    fsspec.filesystem("memory").store.clear()


def test_what_was_written_is_read_back(location: str) -> None:
    archive = ParquetArchive(location)
    size = archive.write(PATH, EventType.PLAY, pages(101))
    assert size > 1000
    assert archive.read_back(PATH) == contents(101)
    ids = list(archive.ids(PATH, 30))
    assert [len(batch) for batch in ids] == [30, 30, 30, 11]
    assert [one for batch in ids for one in batch] == [event(number).id for number in range(101)]


@pytest.mark.parametrize("kind", EventType)
def test_columns_have_names_and_types(kind: EventType, tmp_path: Path) -> None:
    ParquetArchive(str(tmp_path)).write(PATH, kind, pages(9))
    table = pyarrow.parquet.ParquetFile(tmp_path / PATH).read()
    assert table.column_names == [column.name for column in columns_of(kind)]
    assert not {"userId", "ip", "userAgent"} & set(table.column_names)
    assert str(table.schema.field("timestamp").type) == "timestamp[ms, tz=UTC]"
    rows = table.to_pylist()
    for number, row in enumerate(rows):
        expected = event(number)
        assert row == {column.name: getattr(expected, column.field) for column in columns_of(kind)}


def test_a_folder_is_a_partitioned_data_set_compressed_with_zstd(tmp_path: Path) -> None:
    archive = ParquetArchive(str(tmp_path))
    archive.write(PATH, EventType.PLAY, pages(50))
    archive.write(PATH.replace("10-01/part-0001", "10-02/part-0003"), EventType.PLAY, pages(10))
    dataset = pyarrow.dataset.dataset(str(tmp_path / "play_events"), partitioning="hive")
    assert dataset.count_rows() == 60
    assert dataset.count_rows(filter=pyarrow.dataset.field("date") == "2025-10-02") == 10
    meta = pyarrow.parquet.ParquetFile(tmp_path / PATH).metadata
    assert {meta.row_group(0).column(at).compression for at in range(meta.num_columns)} == {"ZSTD"}
    assert pyarrow.dataset.dataset(str(tmp_path), partitioning="hive").count_rows() == 60


def test_rows_are_gathered_into_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_files, "_ROWS_IN_GROUP", 100)
    ParquetArchive(str(tmp_path)).write(PATH, EventType.PLAY, pages(290))
    meta = pyarrow.parquet.ParquetFile(tmp_path / PATH).metadata
    assert [meta.row_group(at).num_rows for at in range(meta.num_row_groups)] == [120, 120, 50]


def test_a_failing_source_leaves_no_file(location: str) -> None:
    def failing() -> Iterator[list[ArchivedEvent]]:
        yield from pages(10)
        raise OSError(28, "No space left on device", "/very/secret/place")

    with pytest.raises(Failed, match=r"^The archive could not be written: No space left on device$"):
        ParquetArchive(location).write(PATH, EventType.PLAY, failing())
    files, root = fsspec.core.url_to_fs(location)
    assert files.find(root) == []


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limit").write_text("")
    script = f"""
import resource, signal
from app.services.stats.archive_files import ParquetArchive
from app.models.stats.events import EventType
from app.errors import Failed
from tests.unit.stats.test_archive_files import pages, PATH
import pyarrow.parquet
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    ParquetArchive({str(tmp_path / "archive")!r}).write(PATH, EventType.PLAY, pages(5000))
except Failed as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "The archive could not be written: File too large"
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("damage", ["gone", "cut off", "flipped"])
def test_damage_is_seen(damage: str, tmp_path: Path) -> None:
    archive = ParquetArchive(str(tmp_path))
    archive.write(PATH, EventType.PLAY, pages(500))
    file = tmp_path / PATH
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(bytes(content) if damage == "flipped" else content[: len(content) // 2])
    with pytest.raises(Damaged, match=r"^The archived file play_events/date=2025-10-01/part-0001.parquet cannot be"):
        archive.read_back(PATH)


def test_removing_takes_what_a_cut_off_write_has_left_too(tmp_path: Path) -> None:
    archive = ParquetArchive(str(tmp_path))
    archive.write(PATH, EventType.PLAY, pages(5))
    (tmp_path / PATH).with_name(".part-0001.parquet.unfinished").write_bytes(b"PAR1")
    archive.remove(PATH)
    archive.remove(PATH)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("s3://key:hush@bucket/archive", "can open s3:// addresses (Install s3fs to access S3)"),
        ("nonsense://key:hush@bucket", "can open nonsense:// addresses (the scheme is not known)"),
    ],
)
def test_a_file_system_that_is_not_installed_is_said_in_one_sentence(location: str, sentence: str) -> None:
    archive = ParquetArchive(location)
    for work in (archive.open, lambda: archive.write(PATH, EventType.PLAY, pages(1))):
        with pytest.raises(Invalid) as refused:
            work()
        assert str(refused.value) == f"ARCHIVE_URL: nothing is installed that {sentence}"


def test_no_error_shows_the_address(tmp_path: Path) -> None:
    (tmp_path / "hush").write_text("a file where a folder should be")
    archive = ParquetArchive(str(tmp_path / "hush" / "archive"))
    for work in (lambda: archive.write(PATH, EventType.PLAY, pages(1)), lambda: archive.read_back(PATH)):
        with pytest.raises(DomainError) as refused:
            work()
        assert "hush" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__


def test_contents_do_not_depend_on_the_order_and_see_what_is_there_twice() -> None:
    one, other, twice = Contents(), Contents(), Contents()
    one.add(["a", "b", "c"])
    other.add(["c"])
    other.add(["b", "a"])
    twice.add(["a", "b", "b"])
    assert one == other
    assert (one.rows, len(one.checksum)) == (3, 32)
    assert one.checksum != twice.checksum


def test_pyarrow_is_not_loaded_before_it_is_needed() -> None:
    script = (
        "import sys, json, app.services.stats.archive, app.services.stats.archive_files as files;"
        "files.ParquetArchive('/nowhere');"
        "print(json.dumps([name for name in ('pyarrow', 'fsspec') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
