"""Answers as bytes: compressed JSON of a known shape, bounded in both directions."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.models.licensing.cache import KeptBody

T = TypeVar("T")

LARGEST_JSON = 4 * 1024 * 1024
"""What is larger is answered but not kept."""

# 20 tracks: 18 kB of JSON become 1.9 kB in 0.04 ms; zlib's usual level saves an eighth of that in twice the time.
_LEVEL = 1


@dataclass(frozen=True)  # without slots, as Page
class Answer(Generic[T]):
    """An answer in this process; `value` is `None` when the provider has no such thing.

    `size` is that of its JSON in bytes.
    """

    value: T | None
    observed_at: datetime
    fresh_until: datetime
    expires_at: datetime
    generation: int
    size: int


class Codec(Generic[T]):
    """Writes and reads values of one type, which pydantic must know how to read back."""

    def __init__(self, kind: Any) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def size_of(self, value: T | None) -> int:
        """Bytes of its JSON."""
        return 0 if value is None else len(self._adapter.dump_json(value))

    def pack(self, value: T) -> bytes | None:
        """Compressed; `None` when it is too large to be kept."""
        written = self._adapter.dump_json(value)
        return zlib.compress(written, _LEVEL) if len(written) <= LARGEST_JSON else None

    def unpack(self, kept: KeptBody) -> Answer[T] | None:
        """The answer; `None` when it is damaged, or of a shape that another version of us wrote."""
        value, size = None, 0
        if kept.body is not None:
            try:
                written = _decompressed(kept.body)
                value, size = self._adapter.validate_json(written), len(written)
            except (ValidationError, ValueError, zlib.error):
                return None
        return Answer(value, kept.observed_at, kept.fresh_until, kept.expires_at, kept.generation, size)


def _decompressed(body: bytes) -> bytes:
    stream = zlib.decompressobj()
    written = stream.decompress(body, LARGEST_JSON)
    if not stream.eof:
        raise ValueError("larger than anything that was kept")
    return written
