"""What Openverse sends; shape: the example `audio_search_200.json` of its own API documentation."""

from typing import Annotated

from pydantic import BeforeValidator

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.providers.addresses import address
from app.services.licensing.providers.fields import (
    Address,
    AsSent,
    Count,
    Flag,
    Id,
    Milliseconds,
    Text,
    Texts,
    Wire,
    few,
)
from app.services.licensing.providers.licence_urls import licence_of_slug, licence_of_url
from app.services.licensing.providers.tag_facts import energy_of, vocals_of
from app.services.licensing.providers.texts import plain, storable

_LONGEST_CREDIT = 2_000
_LONGEST_RAW = 4_096
_LONGEST_VERSION = 16


class _Tag(Wire):
    name: Text = None


class _Set(Wire):
    title: Text = None


class Audio(Wire):
    """A recording; `duration` in milliseconds, as it is sent."""

    id: Id
    title: Text = None
    creator: Text = None
    url: Address = None
    filetype: Text = None
    foreign_landing_url: Address = None
    thumbnail: Address = None
    license: AsSent = None
    license_version: AsSent = None
    license_url: AsSent = None
    attribution: AsSent = None
    source: AsSent = None
    genres: Texts = ()
    tags: Annotated[tuple[_Tag, ...], BeforeValidator(few)] = ()
    audio_set: _Set | None = None
    duration: Milliseconds = None
    mature: Flag = None

    def to_track(self) -> ProviderTrack:
        """As every provider's; tempo and key are not said, a title need not be."""
        tags = tuple(dict.fromkeys(tag.name for tag in self.tags if tag.name))
        return ProviderTrack(
            provider=ProviderName.OPENVERSE,
            id=self.id,
            title=self.title or "",
            licence=self._licence(),
            artist=self.creator,
            album=self.audio_set.title if self.audio_set else None,
            duration_ms=self.duration,
            genres=self.genres,
            tags=tags,
            energy=energy_of(tags),
            vocals=vocals_of(tags),
            explicit=self.mature,
            preview_url=self.url,
            artwork_url=self.thumbnail,
            page_url=self.foreign_landing_url,
        )

    def _licence(self) -> LicenceFacts:
        """The licence, unknown when slug and address do not say the same."""
        code, of_url = licence_of_slug(self.license or ""), licence_of_url(self.license_url or "")
        if self.license_url and of_url.code is not code:
            code = LicenceCode.UNKNOWN
        said = of_url.version or plain(self.license_version or "", _LONGEST_VERSION) or None
        return LicenceFacts(
            code,
            version=None if code is LicenceCode.UNKNOWN else said,
            url=address(self.license_url or ""),
            attribution=self._credit(),
            raw=self._raw(),
        )

    def _credit(self) -> str | None:
        # Theirs lacks the source, which the licences ask for.
        said = plain(self.attribution or "", _LONGEST_CREDIT)
        return f"{said} Source: {self.foreign_landing_url}" if said and self.foreign_landing_url else said or None

    def _raw(self) -> dict[str, str]:
        sent = {
            "license": self.license,
            "license_version": self.license_version,
            "license_url": self.license_url,
            "attribution": self.attribution,
            "source": self.source,
        }
        return {name: storable(value, _LONGEST_RAW) for name, value in sent.items() if value is not None}


class AudioPage(Wire):
    """A page of recordings; `result_count` ends at the depth that can be paged to."""

    results: tuple[object, ...]
    result_count: Count = None


class Complaint(Wire):
    """Why it was refused, as far as it is said in a sentence."""

    detail: Text = None

    @property
    def is_of_paging(self) -> bool:
        """Whether it is about how far and how much at once, which Openverse refuses with the status of a bad token."""
        said = (self.detail or "").lower()
        return "page_size" in said or "pagination depth" in said
