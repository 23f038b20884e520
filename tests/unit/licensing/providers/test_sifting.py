"""Which tracks of a page a search keeps."""

from typing import Any

import pytest

from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy, LicenceCode
from app.services.licensing.providers.sifting import is_named, is_of_genres, matches
from tests.licensing.fake_provider import track

TRACK = track(
    1, bpm=118.0, duration_ms=146_500, genres=("Hip-Hop / Rap",), moods=("Hopeful",), tags=("Summer",),
    energy=Energy.LOW, vocals=False,
)  # fmt: skip
SILENT = track(2, bpm=None, duration_ms=None, genres=(), moods=(), energy=None, vocals=None)


@pytest.mark.parametrize(
    "wanted",
    [
        {}, {"query": "whatever"}, {"bpm_min": 118, "bpm_max": 118}, {"duration_min_s": 146}, {"duration_max_s": 147},
        {"genre": "hip hop"}, {"genre": "rap"}, {"genre": "summer"}, {"mood": "hopeful"}, {"mood": "summer"},
        {"vocals": False}, {"energy": Energy.LOW}, {"license": LicenceCode.CONTRACT}, {"genre": "hiphop/rap"},
    ],
    ids=str,
)  # fmt: skip
def test_kept(wanted: dict[str, Any]) -> None:
    assert matches(TRACK, SearchFilter(**wanted))


@pytest.mark.parametrize(
    "wanted",
    [
        {"bpm_min": 119}, {"bpm_max": 117}, {"duration_min_s": 147}, {"duration_max_s": 146}, {"mood": "sad"},
        {"genre": "ra"}, {"genre": "///"}, {"mood": "hope"}, {"vocals": True}, {"energy": Energy.HIGH},
        {"license": LicenceCode.BY}, {"bpm_min": 100, "genre": "rock"},
    ],
    ids=str,
)  # fmt: skip
def test_left_out(wanted: dict[str, Any]) -> None:
    assert not matches(TRACK, SearchFilter(**wanted))


@pytest.mark.parametrize(
    "wanted",
    [
        {"bpm_max": 500},
        {"duration_min_s": 0},
        {"genre": "rock"},
        {"mood": "calm"},
        {"vocals": False},
        {"energy": Energy.LOW},
    ],
    ids=str,
)
def test_what_is_not_said_does_not_match(wanted: dict[str, Any]) -> None:
    assert not matches(SILENT, SearchFilter(**wanted))
    assert matches(SILENT, SearchFilter())


def test_names() -> None:
    assert is_named("Hip Hop", ["hiphop"])
    assert not is_named("rock", ["rocksteady"])
    assert is_of_genres(TRACK, ())
    assert is_of_genres(TRACK, ("rock", "rap"))
    assert not is_of_genres(TRACK, ("rock",))
