"""Favourites, playlists and recommendations over a real database, with providers that a test holds in its hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.errors import NotFound
from app.models.licensing.cache import Looked
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import Source
from app.models.licensing.tracks import ProviderTrack
from app.repositories.licensed_track_documents import track_document
from app.repositories.licensed_tracks import LicensedTrackRepository
from app.repositories.mongo import Mongo
from app.repositories.music_favorites import MusicFavoriteRepository
from app.repositories.music_playlists import MusicPlaylistRepository
from app.services.licensing.library.favorites import FavoriteService
from app.services.licensing.library.kept_tracks import KeptTracks
from app.services.licensing.library.playlists import MusicPlaylistService
from app.services.licensing.providers.registry import POLICIES
from tests.licensing.fake_provider import track

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class HeldLookup:
    """Shows the tracks that it holds; `failure` is raised instead."""

    tracks: dict[TrackRef, ProviderTrack] = field(default_factory=dict)
    failure: Exception | None = None

    async def track(self, name: ProviderName, track_id: str) -> Looked:
        if self.failure is not None:
            raise self.failure
        found = self.tracks.get(TrackRef(name, track_id))
        if found is None:
            raise NotFound("Track not found")
        return Looked(found, Source.HIT, NOW)


class SteppingClock:
    """A millisecond later each time."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class LibraryHouse:
    """The services; the lookup knows `tracks`, and our copy is empty."""

    def __init__(self, mongo: Mongo, tracks: Iterable[ProviderTrack] = ()) -> None:
        self.mongo = mongo
        self.lookup = HeldLookup({TrackRef.of(one): one for one in tracks})
        self.catalogue = LicensedTrackRepository(mongo)
        kept = KeptTracks(self.lookup, self.catalogue, POLICIES)
        self.kept = kept
        self.favorites = FavoriteService(MusicFavoriteRepository(mongo), kept, SteppingClock())
        self.playlists = MusicPlaylistService(MusicPlaylistRepository(mongo), kept, SteppingClock())


def ref(number: int, provider: ProviderName = ProviderName.SOUNDSTRIPE) -> TrackRef:
    return TrackRef(provider, str(number))


def numbered(*numbers: int, **changes: object) -> list[ProviderTrack]:
    return [track(number, **changes) for number in numbers]


async def fill_catalogue(
    mongo: Mongo, tracks: Iterable[ProviderTrack], more: Mapping[str, object] | None = None
) -> None:
    """Put tracks into our copy; `more` are fields of a stored track, such as `vanishedAt`."""
    rows = [
        {"_id": f"{one.provider.value}:{one.id}", **track_document(one, NOW, None), **(more or {})} for one in tracks
    ]
    await mongo.db["licensed_tracks"].insert_many(rows)
