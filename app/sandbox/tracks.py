"""A track as the sandbox keeps it, before a provider's wire format makes it look like theirs."""

from dataclasses import dataclass
from datetime import datetime

USABLE = frozenset({"cc0", "pdm", "by"})
CONTRACT = "contract"
"""The licence of providers that have a contract with whoever asks."""


@dataclass(frozen=True, slots=True)
class SandboxTrack:
    """One track.

    `licence` is a Creative Commons slug, `contract`, or empty where the provider says none. `indexed_licence` is what
    the provider's search believes: it is sometimes out of date, as search indexes are. `item` is the release that an
    Internet Archive track is a file of.
    """

    id: str
    number: int
    title: str
    artist: str
    artist_number: int
    album: str
    duration: float
    bpm: int
    key: str
    mode: str
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    instruments: tuple[str, ...]
    energy: str
    vocals: bool
    explicit: bool
    licence: str
    licence_version: str
    indexed_licence: str
    released_at: datetime
    modified_at: datetime
    content_id_free: bool
    is_downloadable: bool
    item: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether anybody may be offered it."""
        return self.licence in USABLE or self.licence == CONTRACT

    @property
    def licence_url(self) -> str:
        """The address of the deed, or nothing where no licence is said."""
        return licence_url(self.licence, self.licence_version)

    @property
    def text(self) -> str:
        """What a search for words looks at, in lower case."""
        return " ".join((self.title, self.artist, self.album, *self.genres, *self.moods, *self.instruments)).lower()


def licence_url(licence: str, version: str) -> str:
    """The deed's address at creativecommons.org; empty for what has none there."""
    if licence in {"", CONTRACT}:
        return ""
    if licence == "cc0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    if licence == "pdm":
        return "https://creativecommons.org/publicdomain/mark/1.0/"
    return f"https://creativecommons.org/licenses/{licence}/{version}/"
