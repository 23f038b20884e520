"""The secrets of a development machine, each made once and kept in the data folder."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from app.config import MIN_SECRET_BYTES

FILE_NAME = "jwt-secret"
_RANDOM_BYTES = 48


def _random_text() -> str:
    return secrets.token_urlsafe(_RANDOM_BYTES)


def development_secret(data_dir: Path, name: str = FILE_NAME, make: Callable[[], str] = _random_text) -> str:
    """The secret in `<data_dir>/<name>`, made at the first call; all processes get the same one.

    Raises:
        ValueError: the file holds too little to be a secret.
        OSError: the folder cannot be made, or the file not be written or read.
    """
    path = data_dir / name
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path, make())
    secret = path.read_text().strip()
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"{path} has fewer than {MIN_SECRET_BYTES} bytes; remove it to have a new secret made")
    return secret


def _create(path: Path, secret: str) -> None:
    """A link fails when there is a file already, and shows the file only whole: the first of several processes wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_private(draft, secret)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
