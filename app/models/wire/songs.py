"""Songs as they are shown and sent."""

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field

from app.models.catalogue import SongChanges, SongDraft
from app.models.pages import Page
from app.models.reactions import ReactionRecorded
from app.models.songs import Song
from app.models.wire.base import CamelModel, Moment, Whole

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_LIKE_AN_ID = 24
_HEX = frozenset("0123456789abcdef")


def _no_id(slug: str) -> str:
    if len(slug) == _LIKE_AN_ID and _HEX.issuperset(slug):
        raise ValueError("looks like the id of a song; choose another slug")
    return slug


# Blank is judged by ASCII alone: what `\s` means differs between the languages that read the OpenAPI document.
Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]
Slug = Annotated[str, Field(max_length=120, pattern=SLUG), AfterValidator(_no_id)]
# Only what a browser may load, or a path on this server: never `javascript:`, never `//another.host`.
# A host is written in ASCII, as it is looked up; anything else is read differently by different programs.
_HOST = r"[A-Za-z0-9._~%!$&'()*+,;=:@-]+"
Address = Annotated[
    str,
    Field(max_length=2048, pattern=rf"^(https?://{_HOST}([/?#][^\x00-\x20]*)?|/[^/\\\x00-\x20][^\x00-\x20]*)$"),
]
ArtistId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]


class SongShown(CamelModel):
    """A song of the catalogue; `duration` in milliseconds."""

    id: str
    slug: str | None
    title: str
    artist: str
    artist_id: str | None
    audio_url: str | None
    thumbnail_url: str | None
    duration: int
    view_count: int
    like_count: int
    bookmark_count: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, song: Song) -> Self:
        """Show a song."""
        return cls(
            id=song.id,
            slug=song.slug,
            title=song.title,
            artist=song.artist,
            artist_id=song.artist_id,
            audio_url=song.audio_url,
            thumbnail_url=song.thumbnail_url,
            duration=song.duration_ms,
            view_count=song.counts.view_count,
            like_count=song.counts.like_count,
            bookmark_count=song.counts.bookmark_count,
            created_at=song.created_at,
            updated_at=song.updated_at,
        )


class SongDetail(SongShown):
    """A song, and what the caller has done with it; these are left out for anonymous callers."""

    has_viewed: bool | None = None
    has_liked: bool | None = None
    has_bookmarked: bool | None = None


class SongList(CamelModel):
    """One page of songs; `nextCursor` is null on the last one."""

    items: list[SongShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Song]) -> Self:
        """Show a page."""
        return cls(items=[SongShown.of(song) for song in page.items], next_cursor=page.next_cursor)


class LikeState(CamelModel):
    """The song's likes, and whether the caller's is among them."""

    like_count: int
    has_liked: bool

    @classmethod
    def of(cls, recorded: ReactionRecorded) -> Self:
        """Show what was recorded."""
        return cls(like_count=recorded.counts.like_count, has_liked=recorded.is_set)


class BookmarkState(CamelModel):
    """The song's bookmarks, and whether the caller's is among them."""

    bookmark_count: int
    has_bookmarked: bool

    @classmethod
    def of(cls, recorded: ReactionRecorded) -> Self:
        """Show what was recorded."""
        return cls(bookmark_count=recorded.counts.bookmark_count, has_bookmarked=recorded.is_set)


class NewSong(CamelModel):
    """A song to add. Counts are not settable: they are what was counted."""

    model_config = ConfigDict(extra="forbid")

    title: Text
    artist: Text
    audio_url: Address
    duration: Whole
    slug: Slug | None = None
    artist_id: ArtistId | None = None
    thumbnail_url: Address | None = None

    def to_draft(self) -> SongDraft:
        """As the catalogue takes it."""
        return SongDraft(
            title=self.title,
            artist=self.artist,
            audio_url=self.audio_url,
            duration_ms=self.duration,
            slug=self.slug,
            artist_id=self.artist_id,
            thumbnail_url=self.thumbnail_url,
        )


class SongPatch(CamelModel):
    """Fields to change; null clears a field that may be empty. Counts are not settable."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    artist: Text = ""
    audio_url: Address = ""
    duration: Whole = 0
    slug: Slug | None = None
    artist_id: ArtistId | None = None
    thumbnail_url: Address | None = None

    def to_changes(self) -> SongChanges:
        """Only what was sent."""
        return SongChanges(self.model_dump(by_alias=True, exclude_unset=True))


class SongRemoved(CamelModel):
    """The song that is gone, with its views, likes and bookmarks."""

    id: str
