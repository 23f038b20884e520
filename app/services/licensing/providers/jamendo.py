"""Speaks to Jamendo, by choice of whoever runs this: its API is free for non-commercial use only.

Sources: developer.jamendo.com/v3.0 (address, paging up to 200, errors in the body, parameters of tracks; the form of
`durationbetween` is how clients of others write it). 35,000 calls a month: WordPress/openverse, which quotes Jamendo;
31 days of ours are never more than a month of theirs, and the day's share is a 31st. The terms
(devportal.jamendo.com/api_terms_of_use) allow no copy and no offline use: nothing is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.errors import NotFound
from app.models.licensing.providers import (
    WEBHOOK_SECRET,
    Capabilities,
    ProviderName,
    ProviderPolicy,
    ProviderSetup,
    QuotaWindow,
    RateLimit,
)
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import DownloadAddress, Energy, LicenceCode, ProviderTrack
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import read_body, read_entries, read_entry
from app.services.licensing.providers.asking import NOTHING, Params, WithoutWalk, checked_id, credential, described
from app.services.licensing.providers.jamendo_wire import Answer, Track
from app.services.licensing.providers.sifting import matches

_PAGE_SIZE = 50
POLICY = ProviderPolicy(
    name=ProviderName.JAMENDO,
    title="Jamendo",
    base_url="https://api.jamendo.com/v3.0",
    capabilities=Capabilities(can_download=True, may_cache_metadata=False, licence_is_per_track=True),
    required_credentials=("clientId",),
    optional_credentials=(WEBHOOK_SECRET,),
    rate_limit=RateLimit(per_minute=60, per_hour=None, per_day=1_129),
    extra_windows=(QuotaWindow("perMonth", timedelta(days=31), 35_000),),
    search_page_size=_PAGE_SIZE,
)
_READS = frozenset({400, 401, 403, 404})
"""The body's code decides, not the status."""
_FORMATS = {"mp3": "mp32", "ogg": "ogg", "flac": "flac"}
_SPEEDS = {
    Energy.VERY_LOW: "verylow",
    Energy.LOW: "low",
    Energy.MEDIUM: "medium",
    Energy.HIGH: "high veryhigh",
}
_LONGEST_S = 86_400
_USABLE = (("ccsa", "false"), ("ccnd", "false"), ("ccnc", "false"))


class JamendoProvider(WithoutWalk):
    """Tracks of artists who share them; of their licences only `by` is usable, and each is checked again here."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """One upstream page of what is wanted; see `Provider`. Tempo is not said in beats."""
        if wanted.license not in {None, LicenceCode.BY} or wanted.bpm_min is not None or wanted.bpm_max is not None:
            return NOTHING
        paging = (("limit", str(_PAGE_SIZE)), ("offset", str((page - 1) * _PAGE_SIZE)), ("fullcount", "true"))
        call = _tracks("search", (*_filters(wanted), *_USABLE, *paging))
        answer = await self._ask(setup, call)
        kept = tuple(track for track in _usable(answer, call) if matches(track, wanted))
        return SearchPage(kept, answer.headers.results_fullcount, len(answer.results))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One track; see `Provider`."""
        call = _tracks("track", (("id", checked_id(track_id)),))
        return _only(await self._ask(setup, call, background=background), track_id).to_track()

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """The file as `mp3`, `ogg` or `flac`, when the artist allows downloads; see `Provider`."""
        wanted = file_format or "mp3"
        if wanted not in _FORMATS:
            raise NotFound("Track not found in this format")
        call = _tracks("download", (("id", checked_id(track_id)), ("audiodlformat", _FORMATS[wanted])))
        url = _only(await self._ask(setup, call, background=True), track_id).download_url
        if url is None:
            raise NotFound("Its artist does not offer this track for download")
        return DownloadAddress(url, wanted)

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        """What Jamendo calls similar, as far as it is usable; see `Provider`."""
        call = replace(_tracks("similar", (("id", checked_id(track_id)),)), path="/tracks/similar/")
        return _usable(await self._ask(setup, call), call)

    async def _ask(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Answer:
        signed = replace(call, params=(*call.params, ("client_id", credential(setup, "clientId"))))
        reply = await self._outbound.send(setup, signed, background=background)
        answer = read_body(POLICY, reply, Answer)
        answer.check()
        return answer


def _tracks(kind: str, asked: Params) -> Call:
    return Call(kind, "/tracks/", (("format", "json"), ("include", "musicinfo"), *asked), accepts=_READS)


def _usable(answer: Answer, call: Call) -> tuple[ProviderTrack, ...]:
    return read_entries(POLICY, answer.results, _usable_track, described(call)).tracks


def _usable_track(entry: object) -> ProviderTrack | None:
    track = Track.model_validate(entry).to_track()
    return track if track.licence.is_usable else None


def _only(answer: Answer, track_id: str) -> Track:
    if not answer.results:
        raise NotFound("Track not found")
    track = read_entry(POLICY, answer.results[0], Track)
    if track.id != track_id:
        raise NotFound("Track not found")
    return track


def _filters(wanted: SearchFilter) -> Sequence[tuple[str, str]]:
    # Jamendo's tags are single words, of which all must be there.
    tags = " ".join(tag.replace(" ", "") for tag in (wanted.genre, wanted.mood) if tag)
    asked = {
        "search": wanted.query,
        "tags": tags,
        "speed": _SPEEDS[wanted.energy] if wanted.energy else None,
        "vocalinstrumental": {True: "vocal", False: "instrumental", None: None}[wanted.vocals],
        "durationbetween": _between(wanted.duration_min_s, wanted.duration_max_s),
    }
    return [(name, value) for name, value in asked.items() if value]


def _between(least: int | None, most: int | None) -> str | None:
    if least is None and most is None:
        return None
    return f"{least or 0}_{_LONGEST_S if most is None else most}"
