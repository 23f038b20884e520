"""Artists as they are shown and sent."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.pages import Page
from app.models.stats.tracks import Artist, ArtistChanges, ArtistDraft
from app.models.wire.base import CamelModel, Moment
from app.models.wire.songs import ArtistId, Text

# What a segment of an address carries as it is (RFC 3986, `pchar` without escapes). A first dot would allow `.` and
# `..`, which browsers and proxies take for directions.
GivenId = Annotated[
    str,
    Field(
        max_length=128,
        pattern=r"^[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*$",
        description="Kept as it is; left out, one is made.",
    ),
]
UserId = ArtistId


class ArtistShown(CamelModel):
    """An artist, and the user (`sub` of their tokens) who sees their dashboard; null when that user was erased."""

    id: str
    name: str
    user_id: str | None
    exclude_own_plays: bool
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, artist: Artist) -> Self:
        """Show an artist."""
        return cls(
            id=artist.id,
            name=artist.name,
            user_id=artist.user_id or None,
            exclude_own_plays=artist.exclude_own_plays,
            created_at=artist.created_at,
            updated_at=artist.updated_at,
        )


class ArtistList(CamelModel):
    """One page of artists; `nextCursor` is null on the last one."""

    items: list[ArtistShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Artist]) -> Self:
        """Show a page."""
        return cls(items=[ArtistShown.of(artist) for artist in page.items], next_cursor=page.next_cursor)


class NewArtist(CamelModel):
    """An artist to add."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    user_id: UserId
    id: GivenId | None = None
    exclude_own_plays: bool = False

    def to_draft(self) -> ArtistDraft:
        """As the service takes it."""
        return ArtistDraft(name=self.name, user_id=self.user_id, id=self.id, exclude_own_plays=self.exclude_own_plays)


class ArtistPatch(CamelModel):
    """Fields to change."""

    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    exclude_own_plays: bool = False

    def to_changes(self) -> ArtistChanges:
        """Only what was sent."""
        return ArtistChanges(**self.model_dump(exclude_unset=True))
