"""`/api/music-licensing/search`: all music providers as if they were one."""

import unicodedata
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Query, Response

from app.errors import FieldError, Invalid
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.search_pages import SearchRequest
from app.models.licensing.tracks import Energy, LicenceCode
from app.models.wire.music_search import SearchShown, UsableLicense
from app.routers.copyright_free import Limit
from app.routers.dependencies import Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import Search
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing", tags=["Music licensing"])

_LAST_PAGE = 10_000
_MOST_BPM = 1_000
_LONGEST_SECONDS = 86_400

_Text = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]
_Bpm = Annotated[int | None, Query(ge=0, le=_MOST_BPM)]
_Seconds = Annotated[int | None, Query(ge=0, le=_LONGEST_SECONDS)]


async def _wanted(
    query: Annotated[
        _Text, Query(description="Words, as each provider understands them.", examples=["energetic"])
    ] = None,
    genre: Annotated[_Text, Query(description="A genre.", examples=["electronic"])] = None,
    mood: Annotated[_Text, Query(description="A mood.", examples=["calm"])] = None,
    bpm_min: Annotated[_Bpm, Query(alias="bpmMin", description="At least so many beats a minute.")] = None,
    bpm_max: Annotated[_Bpm, Query(alias="bpmMax", description="At most so many beats a minute.")] = None,
    duration_min: Annotated[_Seconds, Query(alias="durationMin", description="At least so many seconds.")] = None,
    duration_max: Annotated[_Seconds, Query(alias="durationMax", description="At most so many seconds.")] = None,
    vocals: Annotated[bool | None, Query(description="Whether somebody sings.")] = None,
    energy: Annotated[Energy | None, Query(description="How lively it is.")] = None,
    license_code: Annotated[UsableLicense | None, Query(alias="license", description="Only this licence.")] = None,
) -> SearchFilter:
    wanted = SearchFilter(
        query=_normalised(query),
        genre=_normalised(genre),
        mood=_normalised(mood),
        bpm_min=bpm_min,
        bpm_max=bpm_max,
        duration_min_s=duration_min,
        duration_max_s=duration_max,
        vocals=vocals,
        energy=energy,
        license=None if license_code is None else LicenceCode(license_code),
    )
    faults = list(_faults(wanted))
    if faults:
        raise Invalid("The request is not valid", faults)
    return wanted


def _normalised(text: str | None) -> str | None:
    """Equal questions become equal: composed, one space between words, lower case; nothing at all is anything."""
    return " ".join(unicodedata.normalize("NFC", text or "").lower().split()) or None


def _faults(wanted: SearchFilter) -> Iterator[FieldError]:
    ranges = (
        ("bpmMax", "bpmMin", wanted.bpm_min, wanted.bpm_max),
        ("durationMax", "durationMin", wanted.duration_min_s, wanted.duration_max_s),
    )
    for name, other, least, most in ranges:
        if least is not None and most is not None and most < least:
            yield FieldError(name, f"must not be less than {other}")


@router.get(
    "/search",
    summary="Search for tracks",
    responses=errors(400, 401, 409, 429, 502),
    response_model=SearchShown,
)
async def search_tracks(
    _caller: Caller,
    wanted: Annotated[SearchFilter, Depends(_wanted)],
    search: Search,
    provider: Annotated[ProviderName | None, Query(description="Only this provider.")] = None,
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE, description="The page, from 1.")] = 1,
    limit: Limit = 20,
) -> Response:
    """Tracks of all providers that are set up, dealt one of each in turn; only those under a usable licence.

    Every track is on one page. A page may be shorter than `limit`: where a provider cannot filter by what is asked,
    what it gives is sifted; and a provider whose list has ended leaves its turns empty. `providers` says of each how
    it took part: `ok` (asked now), `cached`, `stale` (it fails, or its quota is spent; this is what it said before),
    `error` (the same, and nothing is kept), `not_configured`. 502 and 429 are for when none has anything.
    """
    body = await search.search_json(SearchRequest(wanted, provider, page, limit))
    return Response(body, media_type="application/json")
