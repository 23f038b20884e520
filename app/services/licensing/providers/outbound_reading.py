"""Reads an answer's body: never more than a bound, whatever it says of its length and however it is packed."""

import zlib
from typing import Protocol

import httpx

MAX_BODY_BYTES = 4 * 1024 * 1024
ACCEPT_ENCODING = "gzip"

_GZIP = 16 + zlib.MAX_WBITS
_AS_IT_IS = {"", "identity"}


class TooLarge(Exception):
    """More than `MAX_BODY_BYTES`."""


class Unreadable(Exception):
    """Packed in a way that was not asked for, or broken."""


class _Unpacking(Protocol):
    def read(self, chunk: bytes, most: int) -> bytes:
        """What a chunk holds, at most so many bytes of it."""
        ...

    def end(self) -> None:
        """Nothing comes after this."""
        ...


async def read_body(answer: httpx.Response) -> bytes:
    """The body, unpacked.

    Raises:
        TooLarge: over 4 MiB, packed or not.
        Unreadable: packed with anything but gzip, or broken.
        httpx.HTTPError: it breaks off.
    """
    if _declared_bytes(answer) > MAX_BODY_BYTES:
        raise TooLarge
    unpacking = _unpacking(answer.headers.get("content-encoding", ""))
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += unpacking.read(chunk, MAX_BODY_BYTES + 1 - len(body))
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge
    unpacking.end()
    return bytes(body)


def _declared_bytes(answer: httpx.Response) -> int:
    declared = answer.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


def _unpacking(encoding: str) -> _Unpacking:
    named = encoding.strip().lower()
    if named in _AS_IT_IS:
        return _Nothing()
    if named in {"gzip", "x-gzip"}:
        return _Gzip()
    raise Unreadable


class _Nothing:
    def read(self, chunk: bytes, most: int) -> bytes:
        return chunk[:most]

    def end(self) -> None:
        pass


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)
        self._is_empty = True

    def read(self, chunk: bytes, most: int) -> bytes:
        self._is_empty = self._is_empty and not chunk
        try:
            unpacked = self._stream.decompress(chunk, most)
        except zlib.error as error:
            raise Unreadable from error
        if self._stream.unused_data:
            # What stands behind the end would be gathered without a bound.
            raise Unreadable
        return unpacked

    def end(self) -> None:
        # An answer without a body may still say how it would be packed.
        if not self._stream.eof and not self._is_empty:
            raise Unreadable
