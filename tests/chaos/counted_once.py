"""What must hold of the events in a database, whatever has happened to whom."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import pymongo.database

from app.models.stats.events import EventType
from app.repositories.stats_event_keys import key_of
from app.repositories.stats_tallies import RAW_COLLECTIONS
from tests.integration.stats.ledger import COUNTERS

Database = pymongo.database.Database[dict[str, Any]]


def raw_rows(db: Database) -> list[tuple[EventType, dict[str, Any]]]:
    return [(kind, row) for kind, name in RAW_COLLECTIONS.items() for row in db[name].find({})]


def counted(rows: Collection[tuple[EventType, dict[str, Any]]]) -> Mapping[str, Counter[str]]:
    """By track, what these rows count."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, row in rows:
        counter = COUNTERS.get(kind)
        if counter is not None and "excluded" not in row:
            found[row["trackId"]][counter] += -1 if row.get("action") == "unlike" else 1
    return found


def assert_counters_are_right(db: Database) -> None:
    """Each counter of each track is its rows."""
    of_rows = counted(raw_rows(db))
    stored = {track["_id"]: track for track in db["tracks"].find({})}
    assert set(of_rows) <= set(stored)
    for track_id, track in stored.items():
        shown = {counter: track.get(counter, 0) for counter in COUNTERS.values()}
        assert shown == {counter: of_rows[track_id][counter] for counter in COUNTERS.values()}, track_id


def assert_counted_once(db: Database, event_ids: Collection[str]) -> None:
    """These events are there and no others but the demo's, each once, with its key, and in the counters."""
    rows = [row for _, row in raw_rows(db)]
    there = [row["eventId"] for row in rows if not row["sessionId"].startswith("demo-")]
    assert len(there) == len(set(there)), "an event is there twice"
    assert not set(event_ids) - set(there), "an event is lost"
    assert not set(there) - set(event_ids), "an event is there that was never acknowledged"
    # The demo's are older than keys are kept, and may be gone already.
    assert db["event_keys"].count_documents({"_id": {"$in": [key_of(one) for one in there]}}) == len(there)
    assert_counters_are_right(db)
