"""How long a provider asks to be left alone: read from the headers that each of them has for it.

`Retry-After` (RFC 9110: seconds, or a date); Artlist's `X-RateLimit-Remaining` and `X-RateLimit-Reset`, which is in
seconds from now; Openverse's `X-RateLimit-Available-<scope>`, and the window in `X-RateLimit-Limit-<scope>` ("20/min").
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

LONGEST_WAIT = timedelta(days=1)

_REFUSALS = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_AVAILABLE = "x-ratelimit-available-"
_LIMIT = "x-ratelimit-limit-"
_WINDOWS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_RATE = re.compile(r"\d{1,9}\s*/\s*(?P<unit>[smhd])", re.ASCII)
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)


def wait_asked_for(status: int, headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How long not to call again, at most a day; `None` when the answer does not say."""
    waits = list(_said_of_refusal(headers, now)) if status in _REFUSALS else []
    if not waits:
        waits = list(_said_of_quota(headers, is_refused=status == httpx.codes.TOO_MANY_REQUESTS))
    return min(max(waits), LONGEST_WAIT) if waits else None


def _said_of_refusal(headers: httpx.Headers, now: datetime) -> Iterator[timedelta]:
    said = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        yield timedelta(seconds=min(float(said), LONGEST_WAIT.total_seconds()))
    elif (until := _date(said)) is not None:
        # By the provider's own clock, when it tells.
        yield max(timedelta(0), until - (_date(headers.get("date", "")) or now))


def _said_of_quota(headers: httpx.Headers, *, is_refused: bool) -> Iterator[timedelta]:
    if is_refused or headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        if _SECONDS.fullmatch(reset):
            yield timedelta(seconds=min(float(reset), LONGEST_WAIT.total_seconds()))
    for name, value in headers.items():
        if name.startswith(_AVAILABLE) and value.strip() == "0":
            yield from _window(headers.get(_LIMIT + name.removeprefix(_AVAILABLE), ""))


def _window(rate: str) -> Iterator[timedelta]:
    found = _RATE.match(rate.strip().lower())
    if found:
        yield timedelta(seconds=_WINDOWS[found["unit"]])


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
