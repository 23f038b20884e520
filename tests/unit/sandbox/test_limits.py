"""Rolling limits: no window of their length, however it is placed, lets more pass."""

from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.limits import Limit, Limiter

LIMITS = (Limit("short", 3, 1.0), Limit("long", 5, 10.0), Limit("downloads", 1, 10.0, "download"))


@given(st.lists(st.floats(0, 30, allow_nan=False), max_size=80).map(sorted))
def test_no_window_ever_has_more_than_its_limit(times: list[float]) -> None:
    limiter = Limiter(LIMITS[:2])
    passed = [at for at in times if limiter.admit(limiter.limits, at).refused_by is None]
    for limit in limiter.limits:
        assert all(sum(1 for other in passed if at - limit.seconds < other <= at) <= limit.limit for at in passed)


def test_a_refusal_says_when_the_next_call_may_come_and_that_is_true() -> None:
    limiter = Limiter(LIMITS[:1])
    for at in (0.0, 0.4, 0.6):
        assert limiter.admit(limiter.limits, at).refused_by is None
    refused = limiter.admit(limiter.limits, 0.7).refused_by
    assert refused is not None
    assert refused.remaining == 0
    assert limiter.admit(limiter.limits, 0.7 + refused.reset_after - 0.001).refused_by is not None
    assert limiter.admit(limiter.limits, 0.7 + refused.reset_after).refused_by is None


def test_what_one_limit_refuses_no_limit_counts() -> None:
    limiter = Limiter(LIMITS)
    downloads = limiter.limits
    assert limiter.admit(downloads, 0.0).refused_by is None
    assert limiter.admit(downloads, 0.1).refused_by is not None
    short, long, of_downloads = limiter.admit(downloads, 0.2).usages
    assert (short.used, long.used, of_downloads.used) == (1, 1, 1)


def test_a_limit_of_nothing_refuses_all() -> None:
    limiter = Limiter([Limit("none", 0, 1.0)])
    assert limiter.admit(limiter.limits, 5.0).refused_by is not None
