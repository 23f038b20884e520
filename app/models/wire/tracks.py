"""Tracks as they are shown and sent."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.pages import Page
from app.models.stats.tracks import Track, TrackChanges, TrackDraft
from app.models.wire.artists import GivenId
from app.models.wire.base import MAX_SAFE_INTEGER, CamelModel, Moment
from app.models.wire.songs import ArtistId, Text

Seconds = Annotated[float, Field(ge=0, le=MAX_SAFE_INTEGER, allow_inf_nan=False, description="In seconds.")]


class TrackShown(CamelModel):
    """A track; `duration` in seconds, `likeCount` likes minus unlikes."""

    id: str
    title: str
    artist_id: str | None
    duration: float | None
    play_count: int
    like_count: int
    share_count: int
    download_count: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, track: Track) -> Self:
        """Show a track."""
        return cls(
            id=track.id,
            title=track.title,
            artist_id=track.artist_id,
            duration=track.duration,
            play_count=track.counts.plays,
            like_count=track.counts.likes,
            share_count=track.counts.shares,
            download_count=track.counts.downloads,
            created_at=track.created_at,
            updated_at=track.updated_at,
        )


class TrackList(CamelModel):
    """One page of tracks; `nextCursor` is null on the last one."""

    items: list[TrackShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Track]) -> Self:
        """Show a page."""
        return cls(items=[TrackShown.of(track) for track in page.items], next_cursor=page.next_cursor)


class NewTrack(CamelModel):
    """A track to add. Counts are not settable: they are what was counted."""

    model_config = ConfigDict(extra="forbid")

    title: Text
    artist_id: ArtistId
    duration: Seconds
    id: GivenId | None = None

    def to_draft(self) -> TrackDraft:
        """As the service takes it."""
        return TrackDraft(title=self.title, artist_id=self.artist_id, duration=self.duration, id=self.id)


class TrackPatch(CamelModel):
    """Fields to change. Counts are not settable."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    artist_id: ArtistId = ""
    duration: Seconds = 0.0

    def to_changes(self) -> TrackChanges:
        """Only what was sent."""
        return TrackChanges(**self.model_dump(exclude_unset=True))


class TrackRemoved(CamelModel):
    """The track that nobody sees any more; its events are kept."""

    id: str
