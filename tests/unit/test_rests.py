"""Work in the background gives as much time as it takes, and never much at once."""

import time

import pytest

from app.repositories.rests import Rests


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept; the clock goes on by that, and by what a test adds to `now`."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def test_a_rest_is_as_long_as_the_work_and_bounded(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
    moments = iter([10.0, 10.125, 11.0, 11.0, 20.0, 50.0, 50.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    rests = Rests()
    for _ in range(3):
        rests.rest()
    assert slept == [0.125, 0.0, 0.25]
