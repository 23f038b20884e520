"""Reading batches of events: every element is an event or gets a receipt that says why not."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid, PayloadTooLarge
from app.models.stats.events import EventStatus, EventType, Receipt, RejectionCode, StatsEvent
from app.services.stats.event_batches import read_events

NOW = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
MILLISECOND = timedelta(milliseconds=1)
PLAY: dict[str, object] = {"eventId": "e1", "type": "play", "trackId": "t1", "sessionId": "s1"}
SHARE = PLAY | {"type": "share", "platform": "embed"}
LIKE = PLAY | {"type": "like", "action": "like"}
SAVE = PLAY | {"type": "save", "action": "save", "playlistId": "p1"}


def accepted(raw: object, user_id: str | None = None) -> StatsEvent:
    events, refused = read_events([raw], NOW, user_id)
    assert refused == []
    return events[0]


def refused(raw: object) -> Receipt:
    events, refused = read_events([raw], NOW)
    assert events == []
    assert refused[0].status is EventStatus.REJECTED
    return refused[0]


def test_a_play_says_everything() -> None:
    said = {
        "timestamp": "2026-11-21T11:00:00.5Z",
        "source": "playlist",
        "duration": 187.5,
        "completionRate": 92.0,
        "replayed": True,
        "playlistId": "morning",
    }
    event = accepted(PLAY | said)
    assert event == StatsEvent(
        index=0,
        event_id="e1",
        type=EventType.PLAY,
        track_id="t1",
        session_id="s1",
        timestamp=datetime(2026, 11, 21, 11, 0, 0, 500_000, tzinfo=UTC),
        is_clamped=False,
        fingerprint=event.fingerprint,
        source="playlist",
        duration=187.5,
        completion_rate=92,
        skipped=False,
        replayed=True,
        playlist_id="morning",
    )
    assert type(event.completion_rate) is int


def test_little_needs_to_be_said() -> None:
    event = accepted(PLAY)
    assert (event.timestamp, event.is_clamped, event.source) == (NOW, False, "direct")
    assert (event.duration, event.completion_rate, event.skipped, event.replayed) == (None, None, False, False)


@pytest.mark.parametrize("field", ["timestamp", "source", "duration", "completionRate", "skipped", "replayed"])
def test_null_is_the_same_as_nothing(field: str) -> None:
    assert accepted(PLAY | {field: None}) == accepted(PLAY)


def test_the_other_types_say_what_is_theirs() -> None:
    assert accepted(LIKE | {"action": "unlike"}).action == "unlike"
    assert (accepted(SAVE).action, accepted(SAVE).playlist_id) == ("save", "p1")
    assert accepted(SHARE).platform == "embed"
    assert accepted(PLAY | {"type": "download"}).type is EventType.DOWNLOAD


def test_only_the_request_says_who_and_from_where() -> None:
    claimed = PLAY | {"userId": "somebody", "ip": "1.2.3.4", "userAgent": "x", "country": 5, "extra": {"a": [1]}}
    assert accepted(claimed) == accepted(PLAY)


@pytest.mark.parametrize(
    ("said", "skipped"),
    [
        ({}, False),
        ({"duration": 19.99}, True),
        ({"duration": 0}, True),
        ({"duration": 20}, False),
        ({"duration": 5, "skipped": False}, False),
        ({"duration": 50, "skipped": True}, True),
    ],
)
def test_a_short_play_is_skipped_unless_it_says_otherwise(said: dict[str, object], skipped: bool) -> None:
    assert accepted(PLAY | said).skipped is skipped


@pytest.mark.parametrize("value", ["x", "x" * 64, "ключ-🎵", "👩‍👩‍👧", "a b", "\u2028"])
def test_any_text_can_be_an_id(value: str) -> None:
    assert accepted(PLAY | {"eventId": value}).event_id == value


BAD_IDS: list[object] = ["", "x" * 257, "a\0b", "a\nb", "\x7f", "\x85", "\ud800", 5, True, [], {}, {"$gt": ""}, 1.5]


@pytest.mark.parametrize("value", BAD_IDS, ids=ascii)
@pytest.mark.parametrize(
    ("field", "event"),
    [("eventId", PLAY), ("trackId", PLAY), ("sessionId", PLAY), ("playlistId", PLAY), ("playlistId", SAVE)],
)
def test_an_id_that_cannot_be_kept_is_named(field: str, event: dict[str, object], value: object) -> None:
    receipt = refused(event | {field: value})
    assert receipt.code is RejectionCode.VALIDATION_ERROR
    assert receipt.error is not None
    assert receipt.error.startswith(f"{field} must be a text of 1 to ")
    assert receipt.event_id == (None if field == "eventId" else "e1")


def test_ids_have_their_lengths() -> None:
    assert refused(PLAY | {"eventId": "x" * 65}).error is not None
    assert accepted(PLAY | {"trackId": "x" * 256, "sessionId": "y" * 256}).track_id == "x" * 256


BAD_FIELDS: list[tuple[str, dict[str, object]]] = [
    *(("type", PLAY | {"type": value}) for value in ("pause", "PLAY", "", 5, [], {}, None, True)),
    *(("source", PLAY | {"source": value}) for value in ("radio", "", 5, [], {})),
    *(("duration", PLAY | {"duration": value}) for value in (-1, 86_401, "5", True, [], float("nan"), float("inf"))),
    *(("duration", PLAY | {"duration": value}) for value in (10**400, -(10**400), 1e300, -0.001)),
    *(("completionRate", PLAY | {"completionRate": value}) for value in (-1, 100.01, "5", False, float("nan"))),
    *(("skipped", PLAY | {"skipped": value}) for value in (0, 1, "true", [])),
    *(("replayed", PLAY | {"replayed": value}) for value in (0, 1, "false", {})),
    *(("action", LIKE | {"action": value}) for value in ("save", "Like", None, 5, [])),
    *(("action", SAVE | {"action": value}) for value in ("like", None, {})),
    ("playlistId", SAVE | {"playlistId": None}),
    *(("platform", SHARE | {"platform": value}) for value in ("myspace", None, 5, [])),
    *(("timestamp", PLAY | {"timestamp": value}) for value in ("", "now", "2026-13-01", True, [], {}, "١٢")),
    *(("timestamp", PLAY | {"timestamp": value}) for value in (float("nan"), float("inf"), -float("inf"))),
    *(("timestamp", PLAY | {"timestamp": f"2026-11-21{one}11:00:00Z"}) for one in ("\ud800", "é")),
    *((field, {key: value for key, value in PLAY.items() if key != field}) for field in ("type", "trackId")),
    ("sessionId", {key: value for key, value in PLAY.items() if key != "sessionId"}),
]


@pytest.mark.parametrize(("field", "raw"), BAD_FIELDS)
def test_a_wrong_field_is_named(field: str, raw: dict[str, object]) -> None:
    receipt = refused(raw)
    assert (receipt.code, receipt.event_id) == (RejectionCode.VALIDATION_ERROR, "e1")
    assert receipt.error is not None
    assert receipt.error.startswith(field)


@pytest.mark.parametrize("raw", [None, 5, "play", [], [PLAY], True])
def test_what_is_no_object_is_no_event(raw: object) -> None:
    assert refused(raw) == Receipt(
        0, None, EventStatus.REJECTED, RejectionCode.VALIDATION_ERROR, "An event must be an object"
    )


TOKYO = timezone(timedelta(hours=9))
GOOD_TIMES: list[tuple[object, datetime]] = [
    ("2026-11-21T11:00:00Z", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("2026-11-21T11:00:00", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("2026-11-21T20:00:00+09:00", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    ("2026-11-21T11:00:00.123999Z", datetime(2026, 11, 21, 11, 0, 0, 123_000, tzinfo=UTC)),
    ("20261121T110000Z", datetime(2026, 11, 21, 11, tzinfo=UTC)),
    (NOW_MS - 1, NOW - MILLISECOND),
    (NOW_MS - 0.5, NOW - MILLISECOND),
    (float(NOW_MS - 1000), NOW - timedelta(seconds=1)),
    (NOW.isoformat(), NOW),
    ((NOW - timedelta(days=7)).isoformat(), NOW - timedelta(days=7)),
    (NOW_MS - 7 * 86_400_000, NOW - timedelta(days=7)),
]


@pytest.mark.parametrize(("value", "moment"), GOOD_TIMES)
def test_a_time_is_read(value: object, moment: datetime) -> None:
    event = accepted(PLAY | {"timestamp": value})
    assert (event.timestamp, event.timestamp.tzinfo, event.is_clamped) == (moment, UTC, False)


@pytest.mark.parametrize(
    "value",
    [
        (NOW + MILLISECOND).isoformat(),
        (NOW + timedelta(minutes=5)).isoformat(),
        (NOW + timedelta(minutes=5)).astimezone(TOKYO).isoformat(),
        NOW_MS + 1,
        NOW_MS + 300_000,
    ],
)
def test_a_clock_that_is_a_little_ahead_is_set_back(value: object) -> None:
    event = accepted(PLAY | {"timestamp": value})
    assert (event.timestamp, event.is_clamped) == (NOW, True)


@pytest.mark.parametrize(
    "value",
    [
        (NOW + timedelta(minutes=5, milliseconds=1)).isoformat(),
        NOW_MS + 300_001,
        "9999-12-31T23:59:59-12:00",
        1e300,
        10**400,
    ],
)
def test_a_time_far_ahead_is_refused(value: object) -> None:
    assert refused(PLAY | {"timestamp": value}).code is RejectionCode.TOO_NEW


@pytest.mark.parametrize(
    "value",
    [
        (NOW - timedelta(days=7, milliseconds=1)).isoformat(),
        NOW_MS - 7 * 86_400_000 - 1,
        NOW_MS / 1000,  # seconds, by mistake
        "0001-01-01T00:00:00+14:00",
        0,
        -(10**400),
        -1e300,
    ],
)
def test_a_time_long_ago_is_refused(value: object) -> None:
    assert refused(PLAY | {"timestamp": value}).code is RejectionCode.TOO_OLD


@pytest.mark.parametrize("raw", [None, 5, "x", {}, {"events": None}, {"events": {}}, {"events": "x"}, [], PLAY])
def test_what_is_no_batch_is_invalid(raw: object) -> None:
    with pytest.raises(Invalid) as caught:
        read_events(raw, NOW)
    assert caught.value.errors[0].field == ("events" if isinstance(raw, dict) else "body")


def test_an_empty_batch_is_invalid() -> None:
    with pytest.raises(Invalid):
        read_events({"events": []}, NOW)


def test_a_batch_has_at_most_a_thousand_events() -> None:
    assert len(read_events({"events": [PLAY] * 1000}, NOW)[0]) == 1000
    with pytest.raises(PayloadTooLarge, match=r"1,000 events"):
        read_events([None] * 1001, NOW)


def test_the_fingerprint_is_of_what_was_said() -> None:
    full = PLAY | {"duration": 30, "source": "player", "timestamp": NOW_MS - 5}
    turned = dict(reversed(full.items())) | {"duration": 30.0, "timestamp": float(NOW_MS - 5), "eventId": "e2"}
    assert accepted(full).fingerprint == accepted(turned, user_id="u").fingerprint
    assert -(2**63) <= accepted(full).fingerprint < 2**63
    later = read_events([full], NOW + timedelta(hours=1))[0][0]
    assert later.fingerprint == accepted(full).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"trackId": "t2"},
        {"sessionId": "s2"},
        {"source": "player"},
        {"timestamp": NOW_MS},
        {"duration": 31},
        {"duration": 30.5},
        {"completionRate": 5},
        {"skipped": True},
        {"replayed": True},
        {"playlistId": "p"},
        {"type": "download"},
        {"trackId": "t1s", "sessionId": "1"},
    ],
)
def test_another_content_has_another_fingerprint(change: dict[str, object]) -> None:
    before = PLAY | {"duration": 30}
    assert accepted(before).fingerprint != accepted(before | change).fingerprint


def test_fingerprints_stay_the_same_from_release_to_release() -> None:
    # Keys in the database hold them: a change makes conflicts out of retries.
    assert accepted(PLAY | {"duration": 30, "timestamp": "2026-11-21T11:00:00Z"}).fingerprint == -4999118381527014817
    assert accepted(SAVE).fingerprint == 1006752638404230031


def test_an_event_without_an_id_gets_the_same_one_again() -> None:
    anonymous = {key: value for key, value in PLAY.items() if key != "eventId"}
    derived = accepted(anonymous).event_id
    assert derived.startswith("auto-")
    assert len(derived) <= 64
    assert accepted(dict(reversed(anonymous.items()))).event_id == derived
    assert read_events([anonymous], NOW + timedelta(days=1))[0][0].event_id == derived
    others = [accepted(anonymous, user_id="u"), accepted(anonymous, user_id=""), accepted(anonymous | {"trackId": "o"})]
    assert len({derived, *(event.event_id for event in others)}) == 4


OPTIONAL = ("timestamp", "source", "duration", "action", "platform", "playlistId", "skipped")
KEYS = st.sampled_from([*PLAY, *OPTIONAL])
WORDS = st.sampled_from(
    ["play", "like", "save", "share", "download", "unlike", "embed", "p", "direct", NOW.isoformat()]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(NOW_MS - 8 * 86_400_000, NOW_MS + 600_000)
    | st.floats()
    | st.text()
    | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=4)
    | st.datetimes(timezones=st.timezones()).map(datetime.isoformat)
)
JSON = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=8),
    max_leaves=20,
)
NEARLY = st.fixed_dictionaries(
    {"type": WORDS, "trackId": st.just("t") | JSON, "sessionId": st.just("s") | JSON},
    optional=dict.fromkeys(("eventId", *OPTIONAL), LEAVES | WORDS),
)


@given(st.lists(NEARLY | JSON, min_size=1, max_size=20), st.booleans())
def test_every_element_is_an_event_or_has_a_receipt(elements: list[object], wrapped: bool) -> None:
    events, refused = read_events({"events": elements} if wrapped else elements, NOW)
    places = [event.index for event in events] + [receipt.index for receipt in refused]
    assert sorted(places) == list(range(len(elements)))
    for event in events:
        assert NOW - timedelta(days=7) <= event.timestamp <= NOW
        assert event.timestamp.microsecond % 1000 == 0
        assert 1 <= len(event.event_id) <= 64
        # What is kept can be encoded, and shown again.
        json.dumps([event.event_id, event.track_id, event.session_id, event.playlist_id], ensure_ascii=False).encode()
    for receipt in refused:
        assert receipt.status is EventStatus.REJECTED
        assert receipt.code is not None
        assert receipt.error
        (receipt.event_id or "").encode()


@given(JSON)
def test_no_body_is_a_fault(raw: object) -> None:
    with suppress(Invalid):
        events, refused = read_events(raw, NOW)
        assert events or refused
