"""Makes tracks of a release of the Internet Archive: one for each song, of all the files that it is there in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import ValidationError

from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.tracks import FailedTrack, LicenceFacts, ProviderTrack
from app.services.licensing.providers.addresses import address
from app.services.licensing.providers.answers import Entries, fault
from app.services.licensing.providers.credits import credit
from app.services.licensing.providers.internet_archive_wire import File, Item, ItemFacts
from app.services.licensing.providers.licence_urls import licence_of_url
from app.services.licensing.providers.texts import joined, plain, storable

_BEST_FIRST = ("flac", "wav", "aiff", "mp3", "ogg")
_LONGEST_RAW = 2_048


@dataclass(frozen=True, slots=True)
class Song:
    """One song of a release. Its id is made of the original, the others are what can be listened to or had as well."""

    identifier: str
    facts: ItemFacts
    original: File
    files: Mapping[str, File]
    base_url: str

    @property
    def id(self) -> str:
        """The identifier of the release and the name of the original."""
        return f"{self.identifier}/{self.original.name}"

    def url(self, file: File) -> str:
        """Where a file can be had: https://archive.org/download/<identifier>/<name>."""
        return f"{self.base_url}/download/{self.identifier}/{quote(file.name)}"

    def to_track(self) -> ProviderTrack:
        """As every provider's; tempo, mood, energy and singing are not said."""
        heard = self.files.get("mp3", self.original)
        title = self.original.title or heard.title or plain(self.original.name)
        artist = self.original.artist or joined(self.facts.creator)
        page_url = f"{self.base_url}/details/{self.identifier}"
        return ProviderTrack(
            provider=ProviderName.INTERNET_ARCHIVE,
            id=self.id,
            title=title,
            licence=self._licence(title, artist, page_url),
            artist=artist,
            album=self.facts.title,
            duration_ms=self.original.length or heard.length,
            genres=self.facts.subject,
            tags=self.facts.subject,
            preview_url=address(self.url(heard)),
            page_url=address(page_url),
            modified_at=self.original.mtime,
        )

    def _licence(self, title: str, artist: str | None, page_url: str) -> LicenceFacts:
        sent = self.facts.licenseurl or ""
        licence, url = licence_of_url(sent), address(sent)
        raw = {"licenseurl": sent, "md5": self.original.md5 or ""}
        return LicenceFacts(
            licence.code,
            version=licence.version,
            url=url,
            attribution=credit(title, artist, page_url, licence, url),
            raw={name: storable(value, _LONGEST_RAW) for name, value in raw.items() if value},
        )


def base_of(setup: ProviderSetup) -> str:
    """What the addresses of pages and files begin with: where the archive is, and never what it has sent."""
    return setup.base_url.rstrip("/")


def songs_of(identifier: str, item: Item, base_url: str) -> list[Song]:
    """The songs of a release, in the order of its files; files that cannot be read are left out."""
    if item.metadata is None:
        return []
    grouped: dict[str, list[File]] = {}
    for file in _audio(item):
        if isinstance(file, File):
            grouped.setdefault(file.song, []).append(file)
    songs = (_song(identifier, item.metadata, files, base_url) for files in grouped.values())
    return [song for song in songs if song is not None]


def tracks_of(identifier: str, item: Item, base_url: str) -> Entries:
    """The tracks of a release, and the files that could not be read, named by the release."""
    query = f"GET /metadata/{identifier}"
    failed = (FailedTrack(identifier, query, fault(one)) for one in _audio(item) if isinstance(one, ValidationError))
    tracks = {song.id: song.to_track() for song in songs_of(identifier, item, base_url)}
    return Entries(tuple(tracks.values()), tuple(failed))


def _audio(item: Item) -> Iterator[File | ValidationError]:
    for sent in item.files:
        name = sent.get("name") if isinstance(sent, dict) else None
        if isinstance(name, str) and name.rpartition(".")[2].lower() in _BEST_FIRST:
            try:
                yield File.model_validate(sent)
            except ValidationError as error:
                yield error


def _song(identifier: str, facts: ItemFacts, files: list[File], base_url: str) -> Song | None:
    best = sorted(files, key=lambda file: (not file.is_original, _BEST_FIRST.index(file.extension)))
    if not best or not best[0].is_original:
        return None
    by_format: dict[str, File] = {}
    for file in best:
        by_format.setdefault(file.extension, file)
    return Song(identifier, facts, best[0], by_format, base_url)
