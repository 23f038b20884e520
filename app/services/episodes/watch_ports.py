"""What watching needs from outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from app.errors import DomainError
from app.models.episodes.watching import EpisodePlace, Recorded, Report, Trim, ViewStart, Watched

Follow = Callable[[Watched, Report], tuple[Watched, tuple[Trim, ...]] | DomainError]
"""The view after one more report and what was cut off it, or why it is refused."""


class Places(Protocol):
    """Knows where episodes stand."""

    async def get(self, tenant: str, episode: int) -> EpisodePlace:
        """The place of an episode of the tenant, or `NotFound`."""
        ...


class Ids(Protocol):
    """Numbers that nobody had before."""

    async def take(self) -> int:
        """The next one."""
        ...


class Starts(Protocol):
    """Where views begin."""

    async def begin(self, starts: Sequence[ViewStart]) -> list[int]:
        """Begin all in one transaction, each token once; the id of each view."""
        ...


class Views(Protocol):
    """Where views are kept."""

    async def record(self, reports: Sequence[Report], follow: Follow) -> list[Recorded | DomainError]:
        """Let each report change its view, in order and in one transaction."""
        ...


class SilentViews(Protocol):
    """Views whose players say nothing any more."""

    async def close_silent(self, now: datetime, limit: int) -> tuple[int, int]:
        """Look at some of the open views that are due; at how many, and how many were closed."""
        ...


class PlaybackKeys(Protocol):
    """Where the one key of all processes is kept."""

    async def keep(self, candidate: bytes, at: datetime) -> bytes:
        """The key, which is the candidate if there was none."""
        ...
