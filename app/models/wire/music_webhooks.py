"""Webhooks of providers as they are sent to us."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from app.models.licensing.providers import ProviderName
from app.models.licensing.webhooks import Notice, ReceivedKind
from app.models.wire.base import CamelModel

MOST_TRACKS = 1_000

_ABOUT_TRACKS = {ReceivedKind.TRACK_UPDATED, ReceivedKind.TRACK_REMOVED}

EventId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00]+$")]
TrackId = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]+$", examples=["1001"])]


class NoticeBody(CamelModel):
    """What a provider tells us; `id` is its own name for the event. Fields that we do not know are passed over."""

    model_config = ConfigDict(extra="ignore")

    event: Annotated[ReceivedKind, Field(strict=False)]
    id: EventId | None = None
    track_ids: Annotated[list[TrackId], Field(max_length=MOST_TRACKS)] = Field(
        default=[], description="Without any the whole catalogue is meant; `track.*` need some."
    )

    @model_validator(mode="after")
    def _names_tracks(self) -> Self:
        if self.event in _ABOUT_TRACKS and not self.track_ids:
            raise ValueError("trackIds must name the tracks")
        return self

    def to_notice(self, provider: ProviderName) -> Notice:
        """As it is kept; a track that is named twice is one."""
        return Notice(provider, self.event, tuple(dict.fromkeys(self.track_ids)), self.id)


class NoticeTaken(CamelModel):
    """It is kept, and will be followed; `duplicate` when it was kept before."""

    accepted: Literal[True] = True
    duplicate: bool
