"""What is searched for: fifty queries that come again and again, and endlessly many that never do."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from random import Random
from urllib.parse import urlencode

from app.clock import SystemClock
from app.sandbox.words import ADJECTIVES, NOUNS
from app.services.identity.minting import mint_token
from benchmarks.tokens import LIFETIME

EXPECTED = b'{"tracks":[{'
COMMON = tuple(word.lower() for word in (*ADJECTIVES, *NOUNS))
_LIMIT = 20
# Each is a part of "amber", so that the sandbox finds the same tracks for all of their permutations.
_PARTS = ("amber", "am", "mb", "be", "er", "amb", "mbe", "ber")


class Requests:
    """Search requests as the bytes of whole messages."""

    def __init__(self, secret: str) -> None:
        token = mint_token(secret, user_id="searcher", clock=SystemClock(), lifetime=LIFETIME)
        self._rest = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"

    def of(self, query: str) -> bytes:
        """One search."""
        path = f"/api/music-licensing/search?{urlencode({'query': query, 'limit': _LIMIT})}"
        return f"GET {path}{self._rest}".encode()


def never_again() -> Iterator[str]:
    """40,320 queries that find the same, and of which no two are equal."""
    for parts in permutations(_PARTS):
        yield " ".join(parts)


def zipf(searches: int, seed: int = 1) -> Sequence[str]:
    """Common queries as people search: the second most popular half as often as the first, the third a third, …"""
    weights = [1 / rank for rank in range(1, len(COMMON) + 1)]
    return Random(seed).choices(COMMON, weights, k=searches)
