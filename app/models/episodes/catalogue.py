"""What a tenant shows: shows, their seasons, and the episodes of those."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")

Changes = dict[str, str | int | datetime | None]
"""The fields that change, by their stored names; `None` clears one."""


@dataclass(frozen=True, slots=True)
class Show:
    """A series."""

    id: int
    title: str
    cover_image: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Season:
    """One season of a show."""

    id: int
    show_id: int
    season_number: int
    title: str | None
    cover_image: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode of a season; `video_id` is YouTube's."""

    id: int
    show_id: int
    season_id: int
    title: str
    video_id: str
    duration_seconds: int
    episode_number: int | None
    source_published_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ShowDraft:
    """A show to add."""

    title: str
    cover_image: str | None = None


@dataclass(frozen=True, slots=True)
class SeasonDraft:
    """A season to add."""

    show_id: int
    season_number: int
    title: str | None = None
    cover_image: str | None = None


@dataclass(frozen=True, slots=True)
class EpisodeDraft:
    """An episode to add."""

    season_id: int
    title: str
    video_id: str
    duration_seconds: int
    episode_number: int | None = None
    source_published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """By one field of an episode; what has none comes last, whichever way."""

    field: str
    is_descending: bool = False


DEFAULT_ORDER = (Order("episode_number"), Order("source_published_at"), Order("id"))


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: at most `limit` from `offset` on."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A part of a list, and how many there are in all."""

    count: int
    items: Sequence[T]
