"""What Soundstripe sends: JSON:API, with a song's artists and audio files beside it.

Shapes: docs.soundstripe.com/reference/the-song-object and /the-audio-file-object. The artist's attributes are not
public; only a `name` is looked for.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, ValidationError

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.providers.fields import (
    Address,
    Bpm,
    Count,
    Flag,
    Id,
    Listed,
    Seconds,
    Text,
    Texts,
    Title,
    Wire,
    few,
)
from app.services.licensing.providers.texts import joined

Resources = Mapping[tuple[str, str], Wire]
"""What stands beside songs, by type and id; each is read once, as thousands of references may lead to it."""

_Part = TypeVar("_Part", bound=Wire)


class Reference(Wire):
    """Type and id of a resource."""

    type: Text = None
    id: Id

    @property
    def key(self) -> tuple[str, str]:
        """By which it is found among what is included."""
        return self.type or "", self.id


class Resource(Reference):
    """A resource, whose attributes are read by its type."""

    attributes: object = None


class _Related(Wire):
    data: Annotated[tuple[object, ...], BeforeValidator(few)] = ()


class _Relationships(Wire):
    artists: _Related = _Related()
    audio_files: _Related = _Related()


class _Key(Wire):
    name: Text = None
    mode: Text = None


class _Tags(Wire):
    characteristic: Texts = ()
    genre: Texts = ()
    instrument: Texts = ()
    mood: Texts = ()


class _SongAttributes(Wire):
    title: Title
    bpm: Bpm = None
    explicit: Flag = None
    key: _Key | None = None
    tags: _Tags | None = None


class _Versions(Wire):
    mp3: Address = None
    wav: Address = None


class AudioFile(Wire):
    """One recording of a song; `duration` in milliseconds."""

    description: Text = None
    duration: Seconds = None
    instrumental: Flag = None
    versions: _Versions | None = None


class _Artist(Wire):
    name: Text = None


class Song(Wire):
    """A song with references to its artists and recordings."""

    id: Id
    attributes: _SongAttributes
    relationships: _Relationships | None = None

    def audio_files(self, resources: Resources) -> tuple[AudioFile, ...]:
        """Its recordings, the primary one first."""
        related = self.relationships.audio_files.data if self.relationships else ()
        found = _resolve(related, "audio_files", resources, AudioFile)
        return tuple(sorted(found, key=lambda one: "[primary]" not in (one.description or "").lower()))

    def to_track(self, resources: Resources) -> ProviderTrack:
        """As every provider's; the licence is whatever the contract says, a song has no licence of its own."""
        said, tags, files = self.attributes, self.attributes.tags or _Tags(), self.audio_files(resources)
        primary = files[0] if files else AudioFile()
        return ProviderTrack(
            provider=ProviderName.SOUNDSTRIPE,
            id=self.id,
            title=said.title,
            licence=LicenceFacts(LicenceCode.CONTRACT),
            artist=self._artist(resources),
            duration_ms=primary.duration,
            bpm=said.bpm,
            key=" ".join(part for part in (said.key.name, said.key.mode) if part) or None if said.key else None,
            genres=tags.genre,
            moods=tags.mood,
            instruments=tags.instrument,
            tags=tags.characteristic,
            vocals=_vocals(files),
            explicit=said.explicit,
            preview_url=primary.versions.mp3 if primary.versions else None,
        )

    def _artist(self, resources: Resources) -> str | None:
        related = self.relationships.artists.data if self.relationships else ()
        names = (one.name for one in _resolve(related, "artists", resources, _Artist))
        return joined(name for name in names if name)


def _vocals(files: Sequence[AudioFile]) -> bool | None:
    """Somebody sings when one recording is not instrumental; nobody when all are; else it is not said."""
    said = [one.instrumental for one in files]
    if False in said:
        return True
    return None if not said or None in said else False


def _resolve(related: Sequence[object], kind: str, resources: Resources, shape: type[_Part]) -> list[_Part]:
    found = []
    for one in related:
        try:
            reference = Reference.model_validate(one)
        except ValidationError:
            continue
        part = resources.get((kind, reference.id))
        if isinstance(part, shape):
            found.append(part)
    return found


_SHAPES: Mapping[str, type[Wire]] = {"audio_files": AudioFile, "artists": _Artist}


class _Meta(Wire):
    total_count: Count = None


class _Links(Wire):
    meta: _Meta | None = None


class _Document(Wire):
    included: Listed = ()

    @property
    def resources(self) -> Resources:
        """What is included; what cannot be read, or is of no use, is left out."""
        found = dict[tuple[str, str], Wire]()
        for one in self.included:
            try:
                resource = Resource.model_validate(one)
                if resource.key[0] in _SHAPES:
                    found[resource.key] = _SHAPES[resource.key[0]].model_validate(resource.attributes)
            except ValidationError:
                continue
        return found


class SongPage(_Document):
    """A page of songs."""

    data: tuple[object, ...]
    links: _Links | None = None
    meta: _Meta | None = None

    @property
    def total(self) -> int | None:
        """How many songs there are; the documentation shows it inside `links`, JSON:API would have it beside."""
        said = (self.links.meta if self.links else None, self.meta)
        return next((one.total_count for one in said if one and one.total_count is not None), None)


class SongDetail(_Document):
    """One song."""

    data: Song
