"""What Jamendo sends: 200 whatever happened, and what happened in `headers.code`.

Sources: developer.jamendo.com/v3.0/response-codes and /tracks; the shape of a track is that of a live answer seen by
others.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from app.errors import QuotaExceeded
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceFacts, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.providers.addresses import address
from app.services.licensing.providers.credits import credit
from app.services.licensing.providers.fields import (
    Address,
    AsSent,
    Count,
    Flag,
    Id,
    Seconds,
    Text,
    Texts,
    Title,
    Wire,
    something,
)
from app.services.licensing.providers.licence_urls import licence_of_url
from app.services.licensing.providers.tag_facts import ENERGIES, VOCALS
from app.services.licensing.providers.texts import storable

_OK, _BAD_CLIENT, _RATE_LIMIT, _SUSPENDED = 0, 5, 6, 11
_LATER = timedelta(hours=1)
"""Jamendo does not say for how long; calls are counted by the month."""
_LONGEST_RAW = 4_096


class _Headers(Wire):
    code: Count
    results_fullcount: Count = None


class Answer(Wire):
    """Any answer; `results` are read once `check` has passed."""

    headers: _Headers
    results: tuple[object, ...] = ()

    def check(self) -> None:
        """Let a good answer through.

        Raises:
            QuotaExceeded: the application has made its calls.
            ProviderFailed: anything else that is not code 0.
        """
        code = self.headers.code
        if code == _RATE_LIMIT:
            raise QuotaExceeded("Jamendo takes no more calls of this application for now", _LATER)
        if code in {_BAD_CLIENT, _SUSPENDED}:
            raise ProviderFailed(ProviderName.JAMENDO, "Jamendo does not know, or has suspended, this clientId")
        if code != _OK:
            raise ProviderFailed(ProviderName.JAMENDO, f"Jamendo answered with code {code}")


class _Tags(Wire):
    genres: Texts = ()
    instruments: Texts = ()
    vartags: Texts = ()


class _MusicInfo(Wire):
    vocalinstrumental: Text = None
    speed: Text = None
    tags: Annotated[_Tags | None, BeforeValidator(something)] = None


class Track(Wire):
    """A track; `duration` in milliseconds."""

    id: Id
    name: Title
    duration: Seconds = None
    artist_name: Text = None
    album_name: Text = None
    license_ccurl: AsSent = None
    image: Address = None
    audio: Address = None
    audiodownload: Address = None
    shareurl: Address = None
    musicinfo: Annotated[_MusicInfo | None, BeforeValidator(something)] = None
    audiodownload_allowed: Flag = None
    content_id_free: Flag = None

    @property
    def download_url(self) -> str | None:
        """Where the file can be had, when the artist allows it."""
        return None if self.audiodownload_allowed is False else self.audiodownload

    def to_track(self) -> ProviderTrack:
        """As every provider's; tempo is said in words only, and stands for energy."""
        info = self.musicinfo or _MusicInfo()
        tags = info.tags or _Tags()
        return ProviderTrack(
            provider=ProviderName.JAMENDO,
            id=self.id,
            title=self.name,
            licence=self._licence(),
            artist=self.artist_name,
            album=self.album_name,
            duration_ms=self.duration,
            genres=tags.genres,
            moods=tags.vartags,
            instruments=tags.instruments,
            energy=ENERGIES.get((info.speed or "").lower()),
            vocals=VOCALS.get((info.vocalinstrumental or "").lower()),
            preview_url=self.audio,
            artwork_url=self.image,
            page_url=self.shareurl,
            content_id_free=self.content_id_free,
        )

    def _licence(self) -> LicenceFacts:
        licence, url = licence_of_url(self.license_ccurl or ""), address(self.license_ccurl or "")
        # Jamendo's terms ask to be named beside the artist, with a link to the track.
        artist = f"{self.artist_name} on Jamendo" if self.artist_name else "an artist of Jamendo"
        sent = {
            "license_ccurl": self.license_ccurl,
            "content_id_free": _word(self.content_id_free),
            "audiodownload_allowed": _word(self.audiodownload_allowed),
        }
        return LicenceFacts(
            licence.code,
            version=licence.version,
            url=url,
            attribution=credit(self.name, artist, self.shareurl, licence, url),
            raw={name: storable(value, _LONGEST_RAW) for name, value in sent.items() if value is not None},
        )


def _word(said: bool | None) -> str | None:
    return None if said is None else str(said).lower()
