"""What Artlist sends; shapes: developer.artlist.io (song-controller-get-songs, downloadable-controller)."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.providers.artlist_categories import CategoryKind, kind_of
from app.services.licensing.providers.fields import Address, Bpm, Count, Id, Seconds, Text, Title, Wire, few


class _Named(Wire):
    name: Text = None


class _Category(Wire):
    id: Id
    name: Text = None


class Song(Wire):
    """A song; `duration` in milliseconds, `url` a stream to listen to."""

    id: Id
    name: Title
    artist: _Named | None = None
    album: _Named | None = None
    url: Address = None
    image_url: Annotated[Address, Field(alias="imageUrl")] = None
    duration: Seconds = None
    bpm_rate: Annotated[Bpm, Field(alias="bpmRate")] = None
    genre_categories: Annotated[tuple[_Category, ...], BeforeValidator(few), Field(alias="genreCategories")] = ()

    def to_track(self) -> ProviderTrack:
        """As every provider's. Whether somebody sings is not said, nor is a licence: that is the contract's."""
        return ProviderTrack(
            provider=ProviderName.ARTLIST,
            id=self.id,
            title=self.name,
            licence=LicenceFacts(LicenceCode.CONTRACT),
            artist=self.artist.name if self.artist else None,
            album=self.album.name if self.album else None,
            duration_ms=self.duration,
            bpm=self.bpm_rate,
            genres=self._named(CategoryKind.GENRE),
            moods=self._named(CategoryKind.MOOD),
            instruments=self._named(CategoryKind.INSTRUMENT),
            tags=self._named(CategoryKind.THEME),
            preview_url=self.url,
            artwork_url=self.image_url,
        )

    def _named(self, kind: CategoryKind) -> tuple[str, ...]:
        names = (one.name for one in self.genre_categories if kind_of(one.id) is kind)
        return tuple(dict.fromkeys(name for name in names if name))


class SongPage(Wire):
    """Twenty songs, and how many there are."""

    songs: tuple[object, ...]
    total: Count = None


class SongDetail(Wire):
    """One song."""

    song: Song


class Downloadable(Wire):
    """Where a file can be had; for how long is not public."""

    url: Address = None
