"""What was seen of a track's licence, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceFacts, ProviderTrack


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at one track; `facts` is `None` when the provider does not offer it any more."""

    provider: ProviderName
    track_id: str
    at: datetime
    facts: LicenceFacts | None

    @classmethod
    def of(cls, track: ProviderTrack, at: datetime) -> Self:
        """A track that was there."""
        return cls(track.provider, track.id, at, track.licence)
