"""Fetches a JWKS document over HTTP.

Beside the licence providers this is the only place with an HTTP client: an issuer's keys can be had in no other way,
and the identity package takes the fetch as a Protocol, so nothing else here knows about it.
"""

from collections.abc import AsyncIterable
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from app.services.identity.key_ring import MAX_DOCUMENT_BYTES

_STEP_TIMEOUT = timedelta(seconds=3)
_HEADERS = {
    "Accept": "application/jwk-set+json, application/json",
    # Read as sent: a few bytes must not unfold into more than the cap.
    "Accept-Encoding": "identity",
}


class JwksAnswerRefused(Exception):
    """The issuer answered, but not with a document that is read."""


class HttpJwks:
    """The document at `url`.

    A redirect is not followed: whoever can place one would choose our keys. The client lives for one fetch, as there
    is one in ten minutes; its TLS context, which takes 20 ms to build, lives as long as this.
    """

    def __init__(self, url: str, step_timeout: timedelta = _STEP_TIMEOUT) -> None:
        self._url = url
        self._seconds_per_step = step_timeout.total_seconds()
        self._tls = httpx.create_ssl_context() if urlsplit(url).scheme == "https" else False

    async def __call__(self) -> bytes:
        """The document, at most 256 KiB.

        Raises:
            JwksAnswerRefused: any status but 200, or too long.
            httpx.HTTPError: the issuer cannot be reached, or a step (connecting, reading a piece) took over 3 s.
        """
        async with (
            httpx.AsyncClient(verify=self._tls, timeout=self._seconds_per_step, follow_redirects=False) as client,
            client.stream("GET", self._url, headers=_HEADERS) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise JwksAnswerRefused(f"status {answer.status_code}")
            return await _read_capped(answer.aiter_raw())


async def _read_capped(chunks: AsyncIterable[bytes]) -> bytes:
    document = bytearray()
    async for chunk in chunks:
        document += chunk
        if len(document) > MAX_DOCUMENT_BYTES:
            raise JwksAnswerRefused(f"more than {MAX_DOCUMENT_BYTES} bytes")
    return bytes(document)
