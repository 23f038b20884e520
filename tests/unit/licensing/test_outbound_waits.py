"""How long providers ask to be left alone."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.licensing.providers.outbound_waits import LONGEST_WAIT, wait_asked_for

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

SAID = [
    (429, {"Retry-After": "7"}, 7),
    (429, {"Retry-After": " 7 "}, 7),
    (429, {"Retry-After": "0"}, 0),
    (503, {"Retry-After": "7"}, 7),
    (429, {"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30),
    (429, {"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
    # By the provider's clock, which is ten minutes ahead of ours.
    (429, {"Retry-After": "Fri, 20 Nov 2026 12:10:30 GMT", "Date": "Fri, 20 Nov 2026 12:10:00 GMT"}, 30),
    (429, {"Retry-After": "Friday, 20-Nov-26 12:00:30 GMT"}, 30),
    (429, {"X-RateLimit-Reset": "12"}, 12),
    (429, {"X-RateLimit-Reset": "12", "Retry-After": "3"}, 3),
    (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}, 12),
    (200, {"X-RateLimit-Limit-anon_burst": "20/min", "X-RateLimit-Available-anon_burst": "0"}, 60),
    (200, {"X-RateLimit-Limit-a": "20/min", "X-RateLimit-Available-a": "0",
           "X-RateLimit-Limit-b": "200/day", "X-RateLimit-Available-b": "0"}, 86_400),
    (429, {"X-RateLimit-Limit-a": "5/hour", "X-RateLimit-Available-a": "0"}, 3_600),
    (429, {"Retry-After": "99999999999"}, 86_400),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "seconds"), SAID)
def test_what_is_said(status: int, headers: dict[str, str], seconds: int) -> None:
    assert wait_asked_for(status, httpx.Headers(headers), NOW) == timedelta(seconds=seconds)


UNSAID = [
    (200, {}),
    (200, {"Retry-After": "7"}),
    (200, {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "12"}),
    (200, {"X-RateLimit-Remaining": "0"}),
    (200, {"X-RateLimit-Limit-a": "20/min", "X-RateLimit-Available-a": "1"}),
    (200, {"X-RateLimit-Available-a": "0"}),
    (200, {"X-RateLimit-Limit-a": "many", "X-RateLimit-Available-a": "0"}),
    (429, {}),
    (429, {"Retry-After": "soon"}),
    (429, {"Retry-After": "-1"}),
    (429, {"Retry-After": "1e9"}),
    (429, {"Retry-After": "٣"}),
    (429, {"X-RateLimit-Reset": "nan"}),
    (500, {"Retry-After": "7"}),
]


@pytest.mark.parametrize(("status", "headers"), UNSAID)
def test_what_is_not_said(status: int, headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert wait_asked_for(status, httpx.Headers(encoded), NOW) is None


_NAMES = st.sampled_from(
    [
        "Retry-After",
        "Date",
        "X-RateLimit-Reset",
        "X-RateLimit-Remaining",
        "X-RateLimit-Limit-a",
        "X-RateLimit-Available-a",
    ]
)
_VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    st.sampled_from(["0", "1/min", "Fri, 31 Dec 9999 23:59:59 -2400", "Mon, 1 Jan 0001 00:00:00 +2359", "9" * 13]),
)


@given(st.sampled_from([200, 429, 503]), st.dictionaries(_NAMES, _VALUES))
def test_nothing_that_is_said_breaks_it(status: int, headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    wait = wait_asked_for(status, httpx.Headers(encoded), NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT
