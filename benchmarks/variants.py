"""The ways to post a view that are compared, and the requests of each."""

from collections.abc import Sequence
from enum import StrEnum

from benchmarks.tokens import TokenPool

MANY = 1_000
"""Songs that a crowd spreads over."""

BODY = b'{"durationMs":45000,"progressPct":30,"isComplete":false}'

_HEAD = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
_TAIL = b"\r\nContent-Type: application/json\r\nContent-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY


class Variant(StrEnum):
    """One way to post a view."""

    EMPTY = "empty"
    VIEWS = "views"
    HOT = "hot"
    NAIVE = "naive"
    NAIVE_HOT = "naive hot"

    @property
    def songs(self) -> int:
        """How many songs the views are spread over."""
        return 1 if self in {Variant.HOT, Variant.NAIVE_HOT} else MANY

    @property
    def is_counted(self) -> bool:
        """Whether a good answer means that a view is in the database."""
        return self is not Variant.EMPTY

    def path(self, song_id: str) -> str:
        """Where a view of the song is posted."""
        return _PATHS[self].format(song_id)


_OURS = "/api/audio/copyright-free/{}/view"
_NAIVE = "/benchmark/naive/{}/view"
_PATHS = {
    Variant.EMPTY: "/benchmark/empty/{}/view",
    Variant.VIEWS: _OURS,
    Variant.HOT: _OURS,
    Variant.NAIVE: _NAIVE,
    Variant.NAIVE_HOT: _NAIVE,
}


class Posts:
    """The requests of one variant: every one of another user, so every one is a new view; song after song."""

    def __init__(self, variant: Variant, song_ids: Sequence[str], tokens: TokenPool) -> None:
        self.variant = variant
        self.song_ids = tuple(song_ids)
        self.sent = 0
        self._heads = [_HEAD.format(path=variant.path(song_id)).encode() for song_id in song_ids]
        self._tokens = tokens

    def __call__(self) -> bytes:
        """The next request."""
        user = self.sent
        self.sent += 1
        return b"".join((self._heads[user % len(self._heads)], self._tokens[user], _TAIL))
