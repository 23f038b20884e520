"""Answers that no well-behaved server gives."""

import gzip
import json
from collections.abc import Iterator
from functools import cache

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

ABORT = "playledger.sandbox.abort"
"""The ASGI extension with which an answer ends the connection; see `connection`."""
_MEBIBYTE = 1024 * 1024
_HUGE_MEBIBYTES = 10


class Dropped(Response):
    """Nothing: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Close it."""
        _abort(scope)


class CutOff(Response):
    """The head of an answer and half of its body; then the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send half, and close."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _abort(scope)


def _abort(scope: Scope) -> None:
    scope["extensions"][ABORT]["now"]()


def cut_off(whole: Response) -> Response:
    """This answer, of which only half arrives."""
    return CutOff(whole.body, whole.status_code, media_type=whole.media_type)


def html() -> Response:
    """The page of a proxy that thinks we are a browser."""
    return Response("<!doctype html><title>One moment</title><p>Checking your browser", media_type="text/html")


def huge() -> Response:
    """10 MiB of JSON, in pieces."""
    return StreamingResponse(_pieces(), media_type="application/json")


def _pieces() -> Iterator[bytes]:
    yield b'{"data": ["'
    for _ in range(_HUGE_MEBIBYTES):
        yield b"x" * _MEBIBYTE
    yield b'"]}'


def zip_bomb() -> Response:
    """10 MiB of JSON in 10 kB."""
    return Response(_bomb(), headers={"Content-Encoding": "gzip"}, media_type="application/json")


@cache
def _bomb() -> bytes:
    return gzip.compress(json.dumps({"data": "x" * (_HUGE_MEBIBYTES * _MEBIBYTE)}).encode())


def redirect(location: str) -> Response:
    """302 to wherever."""
    return Response(status_code=302, headers={"Location": location})
