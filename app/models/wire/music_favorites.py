"""Favourites as they are shown and sent."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, WithJsonSchema

from app.models.licensing.favorites import Favorite, FavoriteChanges, TrackRef
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment
from app.models.wire.music_tracks import TrackShown

# Written out: the document of a body has no place for definitions that it would refer to.
ProviderGiven = Annotated[
    ProviderName, WithJsonSchema({"type": "string", "enum": [name.value for name in ProviderName]})
]
TrackId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=512,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="The provider's own id of the track.",
        examples=["1001"],
    ),
]
Notes = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]
# Blank is judged by ASCII alone: what `\s` means differs between the languages that read the OpenAPI document.
Tag = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$", examples=["intro"])]
Tags = Annotated[list[Tag], Field(max_length=20, description="Kept in small letters, each once.")]


class FavoriteShown(CamelModel):
    """A favourite; `track` is the newest state of the track that is kept here, null when its provider forbids that."""

    id: str
    provider: ProviderName
    track_id: str
    notes: str | None
    tags: list[str]
    created_at: Moment
    updated_at: Moment
    track: TrackShown | None

    @classmethod
    def of(cls, favorite: Favorite) -> Self:
        """Show a favourite."""
        return cls(
            id=favorite.id,
            provider=favorite.ref.provider,
            track_id=favorite.ref.track_id,
            notes=favorite.notes,
            tags=list(favorite.tags),
            created_at=favorite.created_at,
            updated_at=favorite.updated_at,
            track=None if favorite.track is None else TrackShown.of(favorite.track),
        )


class FavoriteList(CamelModel):
    """One page of favourites; `nextCursor` is null on the last one."""

    items: list[FavoriteShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Favorite]) -> Self:
        """Show a page."""
        return cls(items=[FavoriteShown.of(favorite) for favorite in page.items], next_cursor=page.next_cursor)


class NewFavorite(CamelModel):
    """A track to keep."""

    model_config = ConfigDict(extra="forbid")

    provider: ProviderGiven
    track_id: TrackId
    notes: Notes | None = None
    tags: Tags | None = None

    @property
    def ref(self) -> TrackRef:
        """Which track."""
        return TrackRef(self.provider, self.track_id)


class FavoritePatch(CamelModel):
    """What to change; null clears."""

    model_config = ConfigDict(extra="forbid")

    notes: Notes | None = None
    tags: Tags | None = None

    def to_changes(self) -> FavoriteChanges:
        """Only what was sent."""
        return FavoriteChanges(
            notes=(self.notes or "") if "notes" in self.model_fields_set else None,
            tags=tuple(self.tags or ()) if "tags" in self.model_fields_set else None,
        )


class Removed(CamelModel):
    """What is gone."""

    id: str
