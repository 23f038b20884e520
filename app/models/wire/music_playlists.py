"""Playlists of licensed tracks as they are shown and sent."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.licensing.favorites import TrackRef
from app.models.licensing.playlists import (
    MOST_TRACKS,
    EntryAdded,
    FilledPlaylist,
    MusicPlaylist,
    MusicPlaylistChanges,
    MusicPlaylistDraft,
    OrderedPlaylist,
    PlaylistEntry,
)
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment, Whole
from app.models.wire.music_favorites import ProviderGiven, TrackId
from app.models.wire.music_tracks import TrackShown
from app.models.wire.songs import Text

Description = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]
Note = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
EntryId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class MusicPlaylistShown(CamelModel):
    """A playlist without its tracks. Every change raises `version` by one."""

    id: str
    owner_id: str
    title: str
    description: str | None
    is_public: bool
    version: int
    track_count: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, playlist: MusicPlaylist) -> Self:
        """Show a playlist."""
        return cls(
            id=playlist.id,
            owner_id=playlist.owner_id,
            title=playlist.title,
            description=playlist.description,
            is_public=playlist.is_public,
            version=playlist.version,
            track_count=playlist.track_count,
            created_at=playlist.created_at,
            updated_at=playlist.updated_at,
        )


class MusicPlaylistList(CamelModel):
    """One page of playlists; `nextCursor` is null on the last one."""

    items: list[MusicPlaylistShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[MusicPlaylist]) -> Self:
        """Show a page."""
        return cls(items=[MusicPlaylistShown.of(one) for one in page.items], next_cursor=page.next_cursor)


class EntryShown(CamelModel):
    """A track in a playlist; `position` counts from 0.

    `track` is the newest state of the track that is kept here, null when its provider forbids that.
    """

    id: str
    provider: ProviderName
    track_id: str
    note: str | None
    position: int
    added_at: Moment
    track: TrackShown | None

    @classmethod
    def of(cls, entry: PlaylistEntry, position: int) -> Self:
        """Show an entry."""
        return cls(
            id=entry.id,
            provider=entry.ref.provider,
            track_id=entry.ref.track_id,
            note=entry.note,
            position=position,
            added_at=entry.added_at,
            track=None if entry.track is None else TrackShown.of(entry.track),
        )


class FilledPlaylistShown(MusicPlaylistShown):
    """A playlist with all of its tracks, in their order."""

    tracks: list[EntryShown]

    @classmethod
    def with_tracks(cls, filled: FilledPlaylist) -> Self:
        """Show a playlist with its tracks."""
        tracks = [EntryShown.of(entry, position) for position, entry in enumerate(filled.entries)]
        return cls(**MusicPlaylistShown.of(filled.playlist).model_dump(), tracks=tracks)


class EntryAddedShown(EntryShown):
    """The track that was added, and the playlist's new version."""

    version: int

    @classmethod
    def of_addition(cls, added: EntryAdded) -> Self:
        """Show what was added."""
        return cls(**EntryShown.of(added.entry, added.position).model_dump(), version=added.version)


class EntryRemoved(CamelModel):
    """The entry that is gone, and the playlist's new version."""

    id: str
    version: int


class OrderShown(CamelModel):
    """The order of all entries, by id, and the playlist's new version."""

    order: list[str]
    version: int

    @classmethod
    def of(cls, ordered: OrderedPlaylist) -> Self:
        """Show an order."""
        return cls(order=list(ordered.order), version=ordered.playlist.version)


class NewMusicPlaylist(CamelModel):
    """A playlist to add; it is the caller's."""

    model_config = ConfigDict(extra="forbid")

    title: Text
    description: Description | None = None
    is_public: bool = False

    def to_draft(self, owner_id: str) -> MusicPlaylistDraft:
        """As the service takes it."""
        return MusicPlaylistDraft(owner_id, self.title, self.description or None, self.is_public)


class MusicPlaylistPatch(CamelModel):
    """What to change; null clears the description. With a `version`, only while that is the current one."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    description: Description | None = None
    is_public: bool = False
    version: Whole | None = None

    def to_changes(self) -> MusicPlaylistChanges:
        """Only what was sent."""
        sent = self.model_fields_set
        return MusicPlaylistChanges(
            title=self.title if "title" in sent else None,
            description=(self.description or "") if "description" in sent else None,
            is_public=self.is_public if "is_public" in sent else None,
            version=self.version,
        )


class NewEntry(CamelModel):
    """A track to add at a position from 0; left out, or behind the end, it comes last."""

    model_config = ConfigDict(extra="forbid")

    provider: ProviderGiven
    track_id: TrackId
    note: Note | None = None
    position: Whole | None = None

    @property
    def ref(self) -> TrackRef:
        """Which track."""
        return TrackRef(self.provider, self.track_id)


class NewOrder(CamelModel):
    """The ids of all entries, in their new order, and the version of the playlist that this is an order of."""

    model_config = ConfigDict(extra="forbid")

    order: Annotated[list[EntryId], Field(max_length=MOST_TRACKS)]
    version: Whole
