"""Kept answers come back as they were, and nothing else comes back."""

import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from app.models.licensing.cache import KeptBody
from app.models.licensing.search import SearchPage
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.answers import codec as answer_codec
from app.services.licensing.answers.codec import Codec
from tests.licensing.cache_house import NOON
from tests.licensing.fake_provider import track

PAGES: Codec[SearchPage] = Codec(SearchPage)
TRACKS: Codec[ProviderTrack] = Codec(ProviderTrack)

FULL = track(
    7,
    energy=Energy.HIGH,
    vocals=False,
    content_id_free=True,
    preview_url="https://files.example.com/7.mp3",
    modified_at=NOON,
    licence=LicenceFacts(LicenceCode.BY, "4.0", "https://example.com/by", "“Søng” by A", {"license": "by"}),
)


def kept(body: bytes | None) -> KeptBody:
    return KeptBody(body, NOON, NOON, NOON, 3)


def packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value).encode())


def test_round_trip() -> None:
    page = SearchPage((FULL, track(1)), None, 20)
    body = PAGES.pack(page)
    assert body is not None
    answer = PAGES.unpack(kept(body))
    assert answer is not None
    assert answer.value == page
    assert (answer.generation, answer.size) == (3, PAGES.size_of(page))


def test_absence_round_trip() -> None:
    answer = TRACKS.unpack(kept(None))
    assert answer is not None
    assert answer.value is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not compressed",
        zlib.compress(b"{")[:-3],
        zlib.compress(b"not json"),
        packed(None),
        packed([]),
        packed({"tracks": [], "total": 1}),
        packed({"tracks": [{"id": "1"}], "total": 1, "entry_count": 1}),
        packed({"tracks": "nothing", "total": None, "entry_count": 0}),
    ],
)
def test_another_shape_is_no_answer(body: bytes) -> None:
    assert PAGES.unpack(kept(body)) is None


def test_what_is_new_in_a_later_version_does_no_harm() -> None:
    body = packed({"tracks": [], "total": 1, "entry_count": 0, "later": True})
    answer = PAGES.unpack(kept(body))
    assert answer is not None
    assert answer.value == SearchPage((), 1, 0)


def test_large_answers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    large = replace(FULL, title="x" * 3_000)
    body = TRACKS.pack(large)
    monkeypatch.setattr(answer_codec, "LARGEST_JSON", 2_000)
    assert TRACKS.pack(large) is None
    assert body is not None
    assert TRACKS.unpack(kept(body)) is None
