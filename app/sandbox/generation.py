"""Makes tracks out of a seed: the same seed gives the same catalogue, on any machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from app.models.licensing.providers import ProviderName
from app.sandbox import words
from app.sandbox.tracks import CONTRACT, SandboxTrack

_OPEN = (ProviderName.OPENVERSE, ProviderName.INTERNET_ARCHIVE, ProviderName.JAMENDO)
# In tenths of a per cent, roughly what open catalogues look like: most of it must not be offered.
_LICENCES = {
    "by": 300, "cc0": 130, "pdm": 60, "by-sa": 140, "by-nc": 110, "by-nc-sa": 80, "by-nc-nd": 70, "by-nd": 40,
    "sampling+": 10, "nc-sampling+": 10, "": 50,
}  # fmt: skip
_SIX = frozenset({"", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"})
_STALE_INDEX = 0.04
_SUNG, _EXPLICIT, _UNKNOWN_TO_CONTENT_ID, _DOWNLOADABLE = 0.4, 0.05, 0.6, 0.95
_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_SPAN_DAYS = 3_600
_MOST_TRACKS_OF_AN_ITEM = 8
_FIRST_IDS = {
    ProviderName.SOUNDSTRIPE: 1,
    ProviderName.ARTLIST: 100_001,
    ProviderName.HOOKSOUNDS: 401,
    ProviderName.JAMENDO: 1_200_001,
}


def generate(provider: ProviderName, seed: int, numbers: range) -> list[SandboxTrack]:
    """The tracks of these numbers; a number is the same track whatever range it is asked in."""
    if provider is ProviderName.INTERNET_ARCHIVE:
        return _of_items(seed, numbers)
    return [_track(provider, seed, number) for number in numbers]


def _of_items(seed: int, numbers: range) -> list[SandboxTrack]:
    """Items have one licence and one artist; where one begins is told from the tracks before it, so from the first."""
    made: list[SandboxTrack] = []
    item, last = 0, -1
    while last < numbers.stop - 1:
        first, last = last + 1, last + _of_item(seed, item)
        head = _track(ProviderName.INTERNET_ARCHIVE, seed, first)
        for place, number in enumerate(range(first, last + 1), start=1):
            if number in numbers:
                made.append(_in_item(head, _track(ProviderName.INTERNET_ARCHIVE, seed, number), item, place))
        item += 1
    return made


def _of_item(seed: int, item: int) -> int:
    return Random(f"{seed} item {item}").randint(1, _MOST_TRACKS_OF_AN_ITEM)  # noqa: S311 - made-up music, no secret


def _in_item(head: SandboxTrack, track: SandboxTrack, item: int, place: int) -> SandboxTrack:
    identifier = f"sbx-{item:05d}-{head.album.lower().replace(' ', '-')}"
    return replace(
        track,
        id=f"{identifier}/{place:02d} - {track.title}.flac",
        item=identifier,
        artist=head.artist,
        artist_number=head.artist_number,
        album=head.album,
        genres=head.genres,
        moods=head.moods,
        instruments=head.instruments,
        licence=head.licence,
        licence_version=head.licence_version,
        indexed_licence=head.indexed_licence,
        released_at=head.released_at,
        modified_at=head.modified_at,
    )


def _track(provider: ProviderName, seed: int, number: int) -> SandboxTrack:
    random = Random(f"{seed} {provider.value} {number}")  # noqa: S311 - made-up music, no secret
    artist_number = random.randrange(len(words.FIRST_NAMES) * len(words.LAST_NAMES))
    released_at = _EPOCH + timedelta(days=random.randrange(_SPAN_DAYS), seconds=random.randrange(86_400))
    vocals = random.random() < _SUNG
    licence, version, indexed = _licence(provider, random)
    return SandboxTrack(
        id=_id(provider, random, number),
        number=number,
        title=f"{random.choice(words.ADJECTIVES)} {random.choice(words.NOUNS)} {number + 1}",
        artist=_artist(artist_number),
        artist_number=artist_number + 1,
        album=f"{random.choice(words.NOUNS)} {random.choice(words.ADJECTIVES)}",
        duration=round(random.uniform(25, 420), 2),
        bpm=random.randint(60, 180),
        key=random.choice(words.KEYS),
        mode=random.choice(words.MODES),
        genres=_some(random, words.GENRES, 2),
        moods=_some(random, words.MOODS, 2),
        instruments=_some(random, words.INSTRUMENTS, 3),
        energy=random.choice(words.ENERGIES),
        vocals=vocals,
        explicit=vocals and random.random() < _EXPLICIT,
        licence=licence,
        licence_version=version,
        indexed_licence=indexed,
        released_at=released_at,
        modified_at=released_at + timedelta(days=random.randrange(300)),
        content_id_free=random.random() < _UNKNOWN_TO_CONTENT_ID,
        is_downloadable=random.random() < _DOWNLOADABLE,
    )


def _artist(number: int) -> str:
    last, first = divmod(number, len(words.FIRST_NAMES))
    return f"{words.FIRST_NAMES[first]} {words.LAST_NAMES[last]}"


def _some(random: Random, among: tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(sorted(random.sample(among, random.randint(1, most))))


def _licence(provider: ProviderName, random: Random) -> tuple[str, str, str]:
    """The licence, its version, and what the search index believes."""
    if provider not in _OPEN:
        return CONTRACT, "", CONTRACT
    drawn, stale = random.choices(list(_LICENCES), weights=list(_LICENCES.values()), k=2)
    if provider is ProviderName.OPENVERSE:
        # It has none without a licence.
        drawn, stale = drawn or "by", stale or "by"
    if provider is ProviderName.JAMENDO:
        # It has the six Creative Commons licences only.
        drawn, stale = (one if one in _SIX else "by" for one in (drawn, stale))
    return drawn, random.choice(("3.0", "4.0")), stale if random.random() < _STALE_INDEX else drawn


def _id(provider: ProviderName, random: Random, number: int) -> str:
    if provider is ProviderName.OPENVERSE:
        return str(UUID(int=random.getrandbits(128), version=4))
    return str(_FIRST_IDS.get(provider, 0) + number)
