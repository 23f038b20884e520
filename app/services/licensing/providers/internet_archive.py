"""Speaks to the Internet Archive, whose releases of netlabels are openly licensed as their uploaders say.

Sources: archive.org/developers (metadata), archive.org/advancedsearch.php (search; pages end at 10,000 entries). No
limits are published: two calls a second on average is what politeness asks for. A release without a licence address, or
with one that is not exactly on the list, is left out.
"""

from collections.abc import Iterable, Sequence

from app.errors import NotFound
from app.models.licensing.providers import (
    WEBHOOK_SECRET,
    Capabilities,
    ProviderName,
    ProviderPolicy,
    ProviderSetup,
    RateLimit,
)
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.sync import SparingPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, FailedTrack, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import read, read_entry
from app.services.licensing.providers.asking import NOTHING, WithoutSimilar, described, place
from app.services.licensing.providers.internet_archive_query import EVERYTHING, asked, can_be_asked
from app.services.licensing.providers.internet_archive_releases import Releases
from app.services.licensing.providers.internet_archive_tracks import Song, base_of, songs_of
from app.services.licensing.providers.internet_archive_wire import Found, Release, ReleasePage
from app.services.licensing.providers.sifting import is_named, is_of_genres, matches
from app.services.licensing.sync.ports import NotDue

_SEARCH_RELEASES = 5
_TRACKS_OF_A_RELEASE = 4
_WALK_RELEASES = 10
_DEPTH = 10_000
POLICY = ProviderPolicy(
    name=ProviderName.INTERNET_ARCHIVE,
    title="Internet Archive",
    base_url="https://archive.org",
    capabilities=Capabilities(can_walk=True, can_download=True, licence_is_per_track=True),
    required_credentials=(),
    optional_credentials=(WEBHOOK_SECRET,),
    rate_limit=RateLimit(per_minute=120, per_hour=None, per_day=None),
    search_page_size=_SEARCH_RELEASES * _TRACKS_OF_A_RELEASE,
)


class InternetArchiveProvider(WithoutSimilar):
    """Tracks of releases: what is found are releases, and each is read whole."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._releases = Releases(outbound, POLICY)

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """Of five releases the four tracks each that fit best; see `Provider`. How many tracks there are, nobody says.

        A page costs up to six calls.
        """
        if not can_be_asked(wanted) or page * _SEARCH_RELEASES > _DEPTH:
            return NOTHING
        call = Call("search", "/advancedsearch.php", asked(wanted, _SEARCH_RELEASES, page))
        answer = await self._found(setup, call)
        releases = await self._releases.read(setup, _identifiers(answer.docs, call)[0], kind="search")
        tracks = [track for one in releases for track in _best(one.entries.tracks, wanted)]
        return SearchPage(tuple(tracks), None, len(answer.docs) * _TRACKS_OF_A_RELEASE)

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One track; see `Provider`."""
        return (await self._song(setup, track_id, kind="track", background=background)).to_track()

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """The tracks of ten releases, by page number, of the first 10,000 releases; see `Provider`."""
        return (await self.walk_sparingly(setup, cursor, genres, _all_due)).page

    async def walk_sparingly(
        self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str], not_due: NotDue
    ) -> SparingPage:
        """The same without a call for releases that are not due; see `SparingProvider`."""
        at = place(POLICY, cursor, _WALK_RELEASES)
        call = Call("walk", "/advancedsearch.php", asked(EVERYTHING, at.size, at.page))
        answer = await self._found(setup, call, background=True)
        identifiers, unread = _identifiers(answer.docs, call)
        kept = await not_due(identifiers)
        due = [one for one in identifiers if one not in kept]
        releases = await self._releases.read(setup, due, kind="walk", background=True)
        tracks = (track for one in releases for track in one.entries.tracks)
        page = CataloguePage(
            tracks=tuple(track for track in tracks if track.licence.is_usable and is_of_genres(track, genres)),
            next_cursor=at.after(POLICY, len(answer.docs), _reachable(answer.num_found)),
            total=None,
            failed=(*unread, *(failed for one in releases for failed in one.failed)),
        )
        return SparingPage(page, tuple(one for one in identifiers if one in kept))

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """The original file, or the one in the format; see `Provider`."""
        song = await self._song(setup, track_id, kind="download", background=True)
        file = song.original if file_format is None else song.files.get(file_format)
        if file is None:
            raise NotFound("Track not found in this format")
        return DownloadAddress(song.url(file), file.extension)

    async def _found(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Found:
        return read(POLICY, await self._outbound.send(setup, call, background=background), ReleasePage).response

    async def _song(self, setup: ProviderSetup, track_id: str, *, kind: str, background: bool = False) -> Song:
        identifier = _identifier(track_id.partition("/")[0])
        item = await self._releases.get(setup, identifier, kind=kind, background=background)
        for song in songs_of(identifier, item, base_of(setup)):
            if song.id == track_id:
                return song
        raise NotFound("Track not found")


async def _all_due(_: Iterable[str]) -> frozenset[str]:
    return frozenset()


def _reachable(found: int | None) -> int | None:
    return None if found is None else min(found, _DEPTH)


def _identifier(text: str) -> str:
    try:
        return read_entry(POLICY, {"identifier": text}, Release).identifier
    except ProviderFailed:
        raise NotFound("Track not found") from None


def _identifiers(docs: Sequence[object], call: Call) -> tuple[list[str], list[FailedTrack]]:
    found, failed = dict[str, None](), list[FailedTrack]()
    for entry in docs:
        try:
            found[read_entry(POLICY, entry, Release).identifier] = None
        except ProviderFailed as error:
            failed.append(FailedTrack(None, described(call), error.message))
    return list(found), failed


def _best(tracks: Sequence[ProviderTrack], wanted: SearchFilter) -> list[ProviderTrack]:
    # A release is found by its words too; the tracks that are called so come first.
    usable = [track for track in tracks if track.licence.is_usable and matches(track, wanted)]
    query = wanted.query
    if query is not None:
        usable.sort(key=lambda track: not is_named(query, (track.title,)))
    return usable[:_TRACKS_OF_A_RELEASE]
