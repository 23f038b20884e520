"""Made-up listening for the demo: what players would have sent in some weeks, the same each time it is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

WEEKS = 9
_DAYS = WEEKS * 7
_SEED = 20_261_128
_PEOPLE = 700
_REGULAR = 0.45
"""How often somebody who has listened before comes again."""
_STAYS = 0.34
"""How often the next play is by somebody who has listened today."""

Event = dict[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemoTrend:
    """How a song does: plays on the first and on the last day, the day of its release, and where it is found."""

    slug: str
    seconds: int
    first: float
    last: float
    sources: Mapping[str, int]
    released: int = 0

    def plays_on(self, day: int) -> float:
        """How many plays are to be expected on a day."""
        if day < self.released:
            return 0.0
        return self.first + (self.last - self.first) * day / _DAYS


# One song of the catalogue is left alone: its counts begin with what the visitor does.
DEMO_TRENDS = (
    DemoTrend("paper-boats", 20, 14, 34, {"playlist": 46, "search": 18, "player": 16, "share": 12, "direct": 8}),
    DemoTrend("northern-tram", 22, 4, 30, {"search": 30, "landing": 26, "share": 22, "player": 12, "playlist": 10}, 30),
    DemoTrend("first-light", 24, 20, 17, {"landing": 34, "player": 30, "search": 20, "playlist": 10, "direct": 6}),
    DemoTrend("count-me-in", 18, 15, 9, {"playlist": 40, "player": 32, "search": 18, "direct": 10}),
    DemoTrend("slow-harbour", 30, 5, 8, {"search": 38, "direct": 24, "player": 22, "landing": 16}),
)

_HOURS = (3, 2, 1, 1, 1, 2, 5, 9, 11, 9, 8, 9, 11, 10, 9, 9, 11, 15, 18, 21, 22, 19, 13, 7)
_PLATFORMS = {"whatsapp": 34, "copy_link": 24, "instagram": 19, "twitter": 10, "facebook": 8, "embed": 5}
_WEEKEND = 1.3
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DemoListener:
    """Where somebody sits, and what they call themselves; `user_id` when they are signed in."""

    country: str
    user_agent: str
    user_id: str | None = None


_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile Safari/604.1"
_ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
_DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
_PEOPLE_FROM = {
    DemoListener("DE", _DESKTOP): 26,
    DemoListener("US", _IPHONE): 22,
    DemoListener("GB", _ANDROID): 13,
    DemoListener("BR", _ANDROID): 11,
    DemoListener("NL", _IPHONE): 8,
    DemoListener("FR", _DESKTOP): 7,
    DemoListener("JP", _IPHONE): 5,
}
_PROGRAMS = {
    DemoListener("US", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"): 5,
    DemoListener("US", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"): 3,
    DemoListener("IE", "facebookexternalhit/1.1"): 2,
    DemoListener("FR", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"): 2,
}


@dataclass(frozen=True, slots=True)
class DemoBatch:
    """What one kind of listeners sent on one day, in the shape in which players send it."""

    listener: DemoListener
    arrived_at: datetime
    events: list[Event] = field(default_factory=list)


def demo_listening(now: datetime, artist_user_id: str) -> Iterator[DemoBatch]:
    """Nine weeks up to now, day by day, the oldest first: plays, likes, saves, shares, downloads, and some programs."""
    making = _Making(Random(_SEED), now, DemoListener("DE", _DESKTOP, artist_user_id))  # noqa: S311 - nothing secret
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(_DAYS + 1):
        yield from making.day(midnight - timedelta(days=_DAYS - day), day)


class _Making:
    """Draws one day after the other."""

    def __init__(self, chance: Random, now: datetime, artist: DemoListener) -> None:
        self._chance = chance
        self._now = now
        self._artist = artist
        self._regulars: list[tuple[str, DemoListener]] = []
        self._today: list[tuple[str, DemoListener]] = []
        self._number = 0

    def day(self, start: datetime, number: int) -> list[DemoBatch]:
        arrived_at = min(start + timedelta(days=1), self._now)
        batches: dict[DemoListener, DemoBatch] = {}
        self._today = []
        for trend in DEMO_TRENDS:
            expected = trend.plays_on(number) * (_WEEKEND if start.weekday() >= _SATURDAY else 1)
            for _ in range(round(expected * self._chance.uniform(0.82, 1.18))):
                session, listener = self._somebody()
                events = self._listened(trend, session, start, listener)
                batches.setdefault(listener, DemoBatch(listener, arrived_at)).events.extend(events)
        return [batch for batch in batches.values() if batch.events]

    def _somebody(self) -> tuple[str, DemoListener]:
        dice = self._chance.random()
        if dice < 0.03:  # noqa: PLR2004 - three of a hundred plays are programs', and one the artist's own
            return f"demo-bot-{self._chance.randrange(6)}", _one_of(self._chance, _PROGRAMS)
        if dice < 0.04:  # noqa: PLR2004
            return "demo-artist-at-home", self._artist
        if self._today and self._chance.random() < _STAYS:
            return self._chance.choice(self._today)
        person = self._newcomer()
        self._today.append(person)
        return person

    def _newcomer(self) -> tuple[str, DemoListener]:
        if self._regulars and self._chance.random() < _REGULAR:
            return self._chance.choice(self._regulars)
        self._number += 1
        person = (f"demo-session-{self._number}", _one_of(self._chance, _PEOPLE_FROM))
        if len(self._regulars) < _PEOPLE:
            self._regulars.append(person)
        return person

    def _listened(self, trend: DemoTrend, session: str, day: datetime, who: DemoListener) -> list[Event]:
        chance = self._chance
        (hour,) = chance.choices(range(24), _HOURS)
        at = day + timedelta(hours=hour, seconds=chance.uniform(0, 3_500))
        heard = chance.triangular(4, 30, 9) if chance.random() < 0.19 else min(100.0, chance.triangular(45, 118, 104))  # noqa: PLR2004
        source = _one_of(chance, trend.sources)
        common: Event = {"trackId": trend.slug, "sessionId": session, "source": source}
        events = [common | _play(chance, trend, heard)]
        if who.user_id is None and heard > 60:  # noqa: PLR2004 - who has heard most of it may like it
            events += [common | reaction for reaction in _reactions(chance)]
        stamped = [
            event | {"timestamp": (at + timedelta(seconds=4 * place)).isoformat()} for place, event in enumerate(events)
        ]
        return stamped if at + timedelta(minutes=1) < self._now else []


def _play(chance: Random, trend: DemoTrend, heard: float) -> Event:
    return {
        "type": "play",
        "duration": round(trend.seconds * heard / 100, 1),
        "completionRate": round(heard, 1),
        "skipped": heard < 30,  # noqa: PLR2004 - these songs are too short for the rule of twenty seconds
        "replayed": chance.random() < 0.11,  # noqa: PLR2004
    }


def _reactions(chance: Random) -> Iterator[Event]:
    if chance.random() < 0.11:  # noqa: PLR2004
        yield {"type": "like", "action": "unlike" if chance.random() < 0.07 else "like"}  # noqa: PLR2004
    if chance.random() < 0.06:  # noqa: PLR2004
        yield {"type": "save", "action": "save", "playlistId": f"demo-playlist-{chance.randrange(9)}"}
    if chance.random() < 0.045:  # noqa: PLR2004
        yield {"type": "share", "platform": _one_of(chance, _PLATFORMS)}
    if chance.random() < 0.03:  # noqa: PLR2004
        yield {"type": "download"}


def _one_of(chance: Random, weights: Mapping[T, int]) -> T:
    (chosen,) = chance.choices(list(weights), list(weights.values()))
    return chosen
