"""Events as players report them, drawn at random: for benchmarks of the statistics."""

from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from random import Random
from uuid import UUID

from app.clock import iso
from app.models.stats.events import Action, EventType, Platform, Sender, Source, StatsEvent

TRACKS = 1_000
ARTISTS = 100
SENDER = Sender(None, "127.0.0.0", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", None)

_TYPES, _WEIGHTS = tuple(EventType), (85, 6, 3, 3, 3)
_SOURCES, _PLATFORMS = tuple(one.value for one in Source), tuple(one.value for one in Platform)
_POPULARITY = tuple(accumulate(1 / (rank + 1) for rank in range(TRACKS)))
_PLAYS_A_SESSION = 4


class EventMaker:
    """Draws events: 85 % plays, tracks by Zipf's law. Likes and saves are never undone.

    Ids are UUIDs of version 7, as `@playledger/client` makes them; sessions begin with their moment, as players name
    them.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._session = ""
        self._drawn = 0

    def draw(self, at: datetime) -> StatsEvent:
        """The next event; every fourth begins a new session."""
        random = self._random
        if self._drawn % _PLAYS_A_SESSION == 0:
            self._session = f"session_{int(at.timestamp() * 1000)}_{random.getrandbits(36):09x}"
        self._drawn += 1
        kind = random.choices(_TYPES, _WEIGHTS)[0]
        track = random.choices(range(TRACKS), cum_weights=_POPULARITY)[0]
        event_id = _time_ordered_id(at, random)
        fingerprint = random.getrandbits(63)
        event = StatsEvent(0, event_id, kind, track_id(track), self._session, at, False, fingerprint)
        event.source = random.choice(_SOURCES)
        self._add_details(event)
        return event

    def shuffled(self, moments: list[datetime]) -> Iterator[StatsEvent]:
        """Events at these moments, in random order."""
        self._random.shuffle(moments)
        return (self.draw(at) for at in moments)

    def _add_details(self, event: StatsEvent) -> None:
        random = self._random
        if event.type is EventType.PLAY:
            event.duration = random.randrange(240)
            event.completion_rate = random.randrange(101)
            event.skipped = event.duration < 20
        elif event.type is EventType.LIKE:
            event.action = Action.LIKE.value
        elif event.type is EventType.SAVE:
            event.action, event.playlist_id = Action.SAVE.value, f"playlist-{random.randrange(50)}"
        elif event.type is EventType.SHARE:
            event.platform = random.choice(_PLATFORMS)


def _time_ordered_id(at: datetime, random: Random) -> str:
    number = (
        int(at.timestamp() * 1000) << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    )
    return str(UUID(int=number))


def to_wire(event: StatsEvent) -> dict[str, object]:
    """As a client sends it."""
    wire: dict[str, object] = {
        "eventId": event.event_id,
        "type": event.type.value,
        "trackId": event.track_id,
        "sessionId": event.session_id,
        "timestamp": iso(event.timestamp),
        "source": event.source,
    }
    details = {
        "duration": event.duration,
        "completionRate": event.completion_rate,
        "action": event.action,
        "playlistId": event.playlist_id,
        "platform": event.platform,
    }
    return wire | {name: value for name, value in details.items() if value is not None}


def track_id(track: int) -> str:
    """Track 0 is the most popular."""
    return f"track-{track:04}"


def artist_id(artist: int) -> str:
    """Artists have ten tracks each, dealt out like cards."""
    return f"artist-{artist:03}"
