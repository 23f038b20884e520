"""Speaks to Openverse, which finds openly licensed recordings of others; nothing of it may be mirrored.

Sources: the API's own OpenAPI document (addresses, filters, client credentials, "disallow scraping under all
circumstances") and WordPress/openverse (names of rate headers). Limits are those that headers show anybody without a
key: 20 calls a minute and 200 a day; an admin with a key sets more. That a page has at most 20 entries, that 240 can be
paged to, and that both are refused with a 401, is seen by others.
"""

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
from app.models.licensing.tracks import DownloadAddress, LicenceCode, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Outbound, Reply
from app.services.licensing.providers.answers import Entries, read, read_body, read_entries
from app.services.licensing.providers.asking import (
    MISSING,
    NOTHING,
    UNAUTHORIZED,
    WithoutWalk,
    checked_id,
    credential,
    described,
)
from app.services.licensing.providers.openverse_wire import Audio, AudioPage, Complaint
from app.services.licensing.providers.sifting import matches
from app.services.licensing.providers.tokens import Tokens

_PAGE_SIZE = 20
_DEPTH = 240
_LONGEST_QUERY = 200
POLICY = ProviderPolicy(
    name=ProviderName.OPENVERSE,
    title="Openverse",
    base_url="https://api.openverse.org/v1",
    capabilities=Capabilities(can_download=True, licence_is_per_track=True),
    required_credentials=(),
    optional_credentials=("clientId", "clientSecret", WEBHOOK_SECRET),
    rate_limit=RateLimit(per_minute=20, per_hour=None, per_day=200),
    search_page_size=_PAGE_SIZE,
)
_WANTED_LICENCES = (LicenceCode.CC0, LicenceCode.PDM, LicenceCode.BY)
# `license_type=commercial` would let by-nd and sampling+ through. Bounds of lengths in seconds are seen by others.
_LENGTHS = (("shortest", 0, 30), ("short", 30, 120), ("medium", 120, 600), ("long", 600, None))


class OpenverseProvider(WithoutWalk):
    """Recordings on demand; the licence of each is checked again here, whatever the search was asked for."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._tokens = Tokens(outbound, POLICY)

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """One upstream page of what is wanted; see `Provider`. Tempo is not said; there are 240 entries at most."""
        is_answerable = wanted.bpm_min is None and wanted.bpm_max is None
        if not is_answerable or wanted.license not in {None, *_WANTED_LICENCES} or page * _PAGE_SIZE > _DEPTH:
            return NOTHING
        call = Call("search", "/audio/", _filters(wanted, page), accepts=frozenset({UNAUTHORIZED}))
        reply = await self._send(setup, call)
        if _is_too_deep(reply):
            return NOTHING
        answer, entries = _read_page(reply, call)
        kept = tuple(track for track in entries.tracks if matches(track, wanted))
        return SearchPage(kept, answer.result_count, len(answer.results))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One recording; see `Provider`."""
        return (await self._audio(setup, "track", track_id, background=background)).to_track()

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """The recording in the one format there is; see `Provider`."""
        audio = await self._audio(setup, "download", track_id, background=True)
        known = (audio.filetype or "").lower()
        if audio.url is None or file_format not in {None, known}:
            raise NotFound("Track not found in this format")
        return DownloadAddress(audio.url, known or "unknown")

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        """What Openverse calls related, as far as it is usable; see `Provider`."""
        call = Call("similar", f"/audio/{checked_id(track_id)}/related/", accepts=MISSING)
        _, entries = _read_page(await self._send(setup, call), call)
        return entries.tracks

    async def _audio(self, setup: ProviderSetup, kind: str, track_id: str, *, background: bool = False) -> Audio:
        call = Call(kind, f"/audio/{checked_id(track_id)}/", accepts=MISSING)
        return read(POLICY, await self._send(setup, call, background=background), Audio)

    async def _send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        if not (setup.credentials.get("clientId") and setup.credentials.get("clientSecret")):
            return await self._outbound.send(setup, call, background=background)
        return await self._tokens.send(
            setup, _grant(setup), call, background=background, is_refused=lambda reply: not _is_too_deep(reply)
        )


def _is_too_deep(reply: Reply) -> bool:
    if reply.status != UNAUTHORIZED:
        return False
    try:
        return read_body(POLICY, reply, Complaint).is_of_paging
    except ProviderFailed:
        return False


def _read_page(reply: Reply, call: Call) -> tuple[AudioPage, Entries]:
    answer = read(POLICY, reply, AudioPage)
    return answer, read_entries(POLICY, answer.results, _usable, described(call))


def _usable(entry: object) -> ProviderTrack | None:
    track = Audio.model_validate(entry).to_track()
    return track if track.licence.is_usable else None


def _grant(setup: ProviderSetup) -> Call:
    return Call(
        "token",
        "/auth_tokens/token/",
        method="POST",
        form={
            "grant_type": "client_credentials",
            "client_id": credential(setup, "clientId"),
            "client_secret": credential(setup, "clientSecret"),
        },
        is_counted=False,
    )


def _filters(wanted: SearchFilter, page: int) -> list[tuple[str, str]]:
    # Genres and moods are words among others to Openverse; the items are sifted again.
    words = " ".join(word for word in (wanted.query, wanted.genre, wanted.mood) if word)[:_LONGEST_QUERY]
    licences = _WANTED_LICENCES if wanted.license is None else (wanted.license,)
    asked = {
        "q": words,
        "license": ",".join(licences),
        "category": "music",
        "length": ",".join(_lengths(wanted)),
        "page_size": str(_PAGE_SIZE),
        "page": str(page),
    }
    return [(name, value) for name, value in asked.items() if value]


def _lengths(wanted: SearchFilter) -> list[str]:
    least, most = wanted.duration_min_s, wanted.duration_max_s
    if least is None and most is None:
        return []
    return [
        name
        for name, start, end in _LENGTHS
        if (end is None or least is None or least <= end) and (most is None or start <= most)
    ]
