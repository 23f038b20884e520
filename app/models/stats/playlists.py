"""Playlists, and the tracks that artists submit to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Playlist:
    """A list of tracks, kept by its owner."""

    id: str
    owner_id: str
    title: str
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaylistDraft:
    """A playlist that is to be added; without an `id` one is made."""

    owner_id: str
    title: str
    id: str | None = None


class SubmissionStatus(StrEnum):
    """How a submission stands; a decision is final."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SubmissionDraft:
    """A track that is to be submitted to a playlist."""

    playlist_id: str
    track_id: str
    message: str | None
    submitted_by: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A track that was submitted to a playlist. `decided_at` is `None` while it is pending."""

    id: str
    playlist_id: str
    track_id: str
    status: SubmissionStatus
    message: str | None
    submitted_by: str
    created_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions to a playlist are asked for; `submitted_by` and `status` narrow them down."""

    playlist_id: str
    submitted_by: str | None
    status: SubmissionStatus | None
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class PlaylistCounts:
    """A user's playlists, and their submissions to anybody's by status; every status is there."""

    playlists: int
    submissions: Mapping[SubmissionStatus, int]
