"""Answers of searches over music providers, and of looks at one track, as they are shown."""

from typing import Literal, Self

from pydantic import Field

from app.models.licensing.cache import Looked
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import ProviderState, Source
from app.models.licensing.search_pages import Found
from app.models.wire.base import CamelModel
from app.models.wire.music_tracks import TrackShown, shown_fields

UsableLicense = Literal["cc0", "pdm", "by", "contract"]
"""The licences that tracks are offered under; no search finds others."""


class SearchShown(CamelModel):
    """One page of what was found, and how each provider took part."""

    tracks: list[TrackShown]
    total: int = Field(description="The sum of what the providers say, before what they cannot filter is sifted out.")
    cache: Source = Field(description="`stale` when any part is, `hit` when all parts were kept and fresh.")
    providers: dict[ProviderName, ProviderState]
    page: int
    limit: int
    pages: int

    @classmethod
    def of(cls, found: Found) -> Self:
        """Show a page."""
        answer = found.answer
        return cls(
            tracks=[TrackShown.of(track) for track in answer.tracks],
            total=answer.total,
            cache=answer.source,
            providers=dict(answer.providers),
            page=found.page,
            limit=found.limit,
            pages=found.pages,
        )


class LookedTrackShown(TrackShown):
    """A track, and where it came from."""

    cache: Source

    @classmethod
    def looked(cls, looked: Looked) -> Self:
        """Show a track with its source."""
        return cls(**shown_fields(looked.track), cache=looked.source)
