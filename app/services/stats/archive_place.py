"""The place that an archive lies in: a folder, or any address that fsspec has a file system for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from app.errors import DomainError, Failed, Invalid
from app.services.stats.archive_ports import Damaged


class Place:
    """Opens, moves and removes files under one location; blocking, for use in a thread.

    Nothing of the address is ever put into a message, and causes are cut off: it may hold a password.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._opened: tuple[Any, str] | None = None

    def open(self) -> None:
        """Find the file system, which imports its package and speaks to nobody yet.

        Raises:
            Invalid: there is none for the location.
        """
        self._open()

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A new file, which is there under its name when the block ends well.

        Raises:
            Failed: it could not be written; nothing is left of it.
            Invalid: there is no file system for the location.
        """
        with _failing("written"):
            try:
                with self._new_file(path) as file:
                    yield file
                self._publish(path)
            except BaseException:
                with suppress(Exception):
                    self._remove(path)
                raise

    @contextmanager
    def reading(self, path: str) -> Iterator[IO[bytes]]:
        """A file that is there.

        Raises:
            Damaged: it is not, or what the block reads of it makes no sense.
            Invalid: there is no file system for the location.
        """
        files, root = self._open()
        try:
            with files.open(f"{root}/{path}", "rb") as file:
                yield file
        except Exception as error:  # noqa: BLE001  # a file system of another package raises what it likes
            raise Damaged(f"The archived file {path} cannot be read: {_cause(error)}") from None

    def size(self, path: str) -> int:
        """How many bytes a file has.

        Raises:
            Failed: it cannot be told.
        """
        with _failing("read"):
            files, root = self._open()
            return int(files.size(f"{root}/{path}"))

    def remove(self, path: str) -> None:
        """Remove a file and what a cut-off write has left of it; nothing happens when there is none.

        Raises:
            Failed: it could not be removed.
        """
        with _failing("cleaned up"):
            self._remove(path)

    def _open(self) -> tuple[Any, str]:
        if self._opened is None:
            self._opened = _file_system(self._location)
        return self._opened

    @contextmanager
    def _new_file(self, path: str) -> Iterator[IO[bytes]]:
        files, root = self._open()
        name = f"{root}/{_unfinished(path) if _is_local(files) else path}"
        files.makedirs(name.rpartition("/")[0], exist_ok=True)
        with files.open(name, "wb") as file:
            yield file
            if _is_local(files):
                # Rows are removed on the strength of this file: it must outlive a power failure, as their removal does.
                file.flush()
                os.fsync(file.fileno())

    def _publish(self, path: str) -> None:
        files, root = self._open()
        if _is_local(files):
            target = Path(root) / path
            (Path(root) / _unfinished(path)).replace(target)
            for folder in (target.parent, *target.parent.parents[:2]):
                _sync(folder)

    def _remove(self, path: str) -> None:
        files, root = self._open()
        for name in (path, _unfinished(path)):
            with suppress(FileNotFoundError):
                files.rm(f"{root}/{name}")


def _unfinished(path: str) -> str:
    """A name that readers of the folder pass over."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.unfinished"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_local(files: Any) -> bool:
    return isinstance(files, import_module("fsspec.implementations.local").LocalFileSystem)


def _file_system(location: str) -> tuple[Any, str]:
    try:
        files, root = import_module("fsspec.core").url_to_fs(location)
    except (ImportError, ValueError) as error:
        scheme = location.partition("://")[0]
        raise Invalid(
            f"ARCHIVE_URL: nothing is installed that can open {scheme}:// addresses ({_hint(error)})"
        ) from None
    return files, str(root).rstrip("/")


def _hint(error: Exception) -> str:
    """What fsspec says about a missing package is a fixed sentence; anything else may quote the address."""
    return str(error) if isinstance(error, ImportError) else "the scheme is not known"


@contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except DomainError:
        raise
    except Exception as error:  # noqa: BLE001  # a file system of another package raises what it likes
        raise Failed(f"The archive could not be {what}: {_cause(error)}") from None


def _cause(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return text or type(error).__name__
