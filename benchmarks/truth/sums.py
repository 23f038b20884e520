"""What events add up to, counted one by one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.truth.events import Event

_COUNTS = (
    "plays", "likes", "unlikes", "saves", "unsaves", "shares", "downloads", "skipped", "replayed", "durations",
    "completions",
)  # fmt: skip
_FIELD_OF_KIND = {"share": "shares", "download": "downloads"}
_FIELD_OF_ACTION = {"like": "likes", "unlike": "unlikes", "save": "saves", "unsave": "unsaves"}


@dataclass(slots=True)
class Sums:
    """Numbers of events, sums of what plays say, and who played."""

    plays: int = 0
    likes: int = 0
    unlikes: int = 0
    saves: int = 0
    unsaves: int = 0
    shares: int = 0
    downloads: int = 0
    skipped: int = 0
    replayed: int = 0
    durations: int = 0
    completions: int = 0
    duration_sum: float = 0.0
    completion_sum: float = 0.0
    sources: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)

    def take(self, event: Event, country: str | None) -> None:
        """Count one event."""
        if event.kind == "play":
            self._take_play(event, country)
            return
        name = _FIELD_OF_ACTION[event.action] if event.action else _FIELD_OF_KIND[event.kind]
        setattr(self, name, getattr(self, name) + 1)
        if event.platform is not None:
            self.platforms[event.platform] += 1

    def _take_play(self, event: Event, country: str | None) -> None:
        self.plays += 1
        self.sources[event.counted_source] += 1
        if country is not None:
            self.countries[country] += 1
        self.sessions.add(event.session)
        self.skipped += event.was_skipped
        self.replayed += event.replayed
        if event.duration is not None:
            self.durations += 1
            self.duration_sum += event.duration
        if event.completion is not None:
            self.completions += 1
            self.completion_sum += event.completion

    @property
    def average_duration(self) -> float:
        """Seconds; 0 when no play says one."""
        return self.duration_sum / self.durations if self.durations else 0.0

    @property
    def average_completion(self) -> float:
        """0..100; 0 when no play says one."""
        return self.completion_sum / self.completions if self.completions else 0.0

    def percent_of_plays(self, part: float) -> float:
        """0 when there are no plays."""
        return 100 * part / self.plays if self.plays else 0.0


def together(parts: Iterable[Sums]) -> Sums:
    """What several sums add up to; who played in several of them is one listener."""
    whole = Sums()
    for part in parts:
        for name in (*_COUNTS, "duration_sum", "completion_sum"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        whole.sources.update(part.sources)
        whole.platforms.update(part.platforms)
        whole.countries.update(part.countries)
        whole.sessions |= part.sessions
    return whole
