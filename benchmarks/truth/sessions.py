"""What one listener does in one session: plays, often several, and now and then a like, save, share or download."""

from collections.abc import Iterator
from random import Random

from benchmarks.truth.events import PLATFORMS, SOURCES, Event, Form
from benchmarks.truth.world import World, track_seconds

_BOT_SHARE, _OWNER_SHARE = 0.01, 0.005
_GOES_ON = 0.62
_SAME_ARTIST, _SAME_TRACK = 0.5, 0.15
_KINDS, _KIND_WEIGHTS = ("play", "like", "save", "share", "download"), (80, 8, 4, 5, 3)
_FORMS = (Form.ISO, Form.EPOCH, Form.UNDATED, Form.AHEAD, Form.NAMELESS)
_FORM_WEIGHTS = (60, 36, 1, 1, 2)
_TAKEN_BACK = 0.15
_SILENT = 0.1
"""Share of the plays that say no duration, and of those that say no completion rate."""


class Sessions:
    """Draws sessions; the same `random` gives the same ones."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._sessions = 0
        self._events = 0

    def draw(self, start: int, end: int) -> Iterator[Event]:
        """The events of one more session, all from `start` up to and without `end`, in ms since 1970."""
        random = self._random
        self._sessions += 1
        sender = self._sender()
        at = random.randrange(start, end)
        track = self._track(sender)
        heard: set[int] = set()
        while True:
            yield self._event(sender, track, at, track in heard)
            heard.add(track)
            at += random.randrange(1_000, 400_000)
            if at >= end or random.random() > _GOES_ON:
                return
            track = self._next(track)

    def one(self, start: int, end: int) -> Event:
        """An event of a person in a session of its own, to be broken."""
        self._sessions += 1
        sender = self._random.choice(self._world.people)
        return self._event(sender, self._track(sender), self._random.randrange(start, end), was_heard=False)

    def _sender(self) -> int:
        dice = self._random.random()
        world = self._world
        if dice < _BOT_SHARE:
            return self._random.choice(world.bots)
        return self._random.choice(world.owners if dice < _BOT_SHARE + _OWNER_SHARE else world.people)

    def _track(self, sender: int) -> int:
        own = self._world.senders[sender].own_artist
        if own is not None and self._random.random() < 0.7:
            return self._random.choice(self._world.tracks_of(own))
        return self._random.choices(range(self._world.tracks), cum_weights=self._world.popularity)[0]

    def _next(self, track: int) -> int:
        dice = self._random.random()
        if dice < _SAME_TRACK:
            return track
        if dice < _SAME_TRACK + _SAME_ARTIST:
            return self._random.choice(self._world.tracks_of(self._world.artist_of(track)))
        return self._random.choices(range(self._world.tracks), cum_weights=self._world.popularity)[0]

    def _event(self, sender: int, track: int, at: int, was_heard: bool) -> Event:
        random = self._random
        self._events += 1
        kind = random.choices(_KINDS, _KIND_WEIGHTS)[0]
        form = random.choices(_FORMS, _FORM_WEIGHTS)[0]
        source = random.choice(SOURCES) if random.random() < 0.9 else None
        begun = Event(self._events, kind, track, self._sessions, at, sender, form, source)
        if kind == "play":
            return self._play(begun, was_heard)
        if kind in {"like", "save"}:
            return self._action(begun)
        return begun._replace(platform=random.choice(PLATFORMS)) if kind == "share" else begun

    def _play(self, begun: Event, was_heard: bool) -> Event:
        random = self._random
        length = track_seconds(begun.track)
        quarters = random.randrange(0, 4 * length) if random.random() < 0.8 else 4 * length
        return begun._replace(
            duration=None if random.random() < _SILENT else quarters / 4,
            completion=None if random.random() < _SILENT else float(round(25 * quarters / length)),
            skipped=random.random() < 0.1 if random.random() < 0.2 else None,
            replayed=was_heard,
            playlist=random.randrange(50) if begun.source == "playlist" else None,
        )

    def _action(self, begun: Event) -> Event:
        action = ("un" if self._random.random() < _TAKEN_BACK else "") + begun.kind
        return begun._replace(action=action, playlist=self._random.randrange(50) if begun.kind == "save" else None)
