"""The files of one embedded MongoDB: its data, its log, who it is and who uses it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.embedded.errors import EmbeddedMongoError

PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class MongoFolder:
    """`<data_dir>/mongo`; `path` is absolute and free of symbolic links, so that one folder has one name."""

    path: Path

    @classmethod
    def prepare(cls, data_dir: Path) -> Self:
        """Make the folder, readable by its owner only.

        Raises:
            EmbeddedMongoError: the file system refuses.
        """
        folder = cls(data_dir.expanduser().resolve() / "mongo")
        try:
            folder.database.mkdir(parents=True, exist_ok=True)
            folder.path.chmod(PRIVATE)
        except OSError as error:
            raise EmbeddedMongoError(f"The embedded MongoDB cannot use {folder.path}: {error}") from error
        return folder

    @property
    def database(self) -> Path:
        """What mongod calls its dbpath; nothing of ours lies in it."""
        return self.path / "db"

    @property
    def mongod_lock(self) -> Path:
        """Where mongod keeps its process id while it runs, and after it was killed."""
        return self.database / "mongod.lock"

    @property
    def log(self) -> Path:
        """What mongod writes."""
        return self.path / "mongod.log"

    @property
    def record(self) -> Path:
        """Which server was started last."""
        return self.path / "server.json"

    @property
    def change_lock(self) -> Path:
        """Held by the one process that starts or stops the server at this moment."""
        return self.path / "change.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by all processes that use the server."""
        return self.path / "users.lock"
