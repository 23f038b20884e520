"""What a request to the sandbox looks for, whichever provider's filters it came in."""

from dataclasses import dataclass

from app.sandbox.tracks import SandboxTrack

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """At least `low` and at most `high`; `None` is no bound."""

    low: float | None = None
    high: float | None = None

    def hold(self, value: float) -> bool:
        """Whether the value lies between."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Every filter that any provider has; empty and `None` look for anything.

    `words` must all occur in the text. Of genres, moods and instruments one must be named, in any case.
    """

    words: Words = ()
    genres: Words = ()
    moods: Words = ()
    instruments: Words = ()
    key: str = ""
    mode: str = ""
    energy: str = ""
    bpm: Bounds = Bounds()
    duration: Bounds = Bounds()
    vocals: bool | None = None
    licences: frozenset[str] | None = None
    content_id_free: bool | None = None

    def matches(self, track: SandboxTrack, text: str) -> bool:
        """Whether a track is looked for; `text` is its text, kept so as not to make it each time."""
        return (
            all(word in text for word in self.words)
            and self._has_what_it_is_called(track)
            and self._is_in_bounds(track)
            and (self.licences is None or track.indexed_licence in self.licences)
            and (self.content_id_free is None or track.content_id_free == self.content_id_free)
        )

    def _has_what_it_is_called(self, track: SandboxTrack) -> bool:
        return (
            _any_of(self.genres, track.genres)
            and _any_of(self.moods, track.moods)
            and _any_of(self.instruments, track.instruments)
            and (not self.key or self.key.lower() == track.key.lower())
            and (not self.mode or self.mode.lower() == track.mode)
            and (not self.energy or self.energy == track.energy)
        )

    def _is_in_bounds(self, track: SandboxTrack) -> bool:
        return (
            self.bpm.hold(track.bpm)
            and self.duration.hold(track.duration)
            and (self.vocals is None or self.vocals == track.vocals)
        )


def words_of(text: str | None) -> Words:
    """The words of a query, in lower case."""
    return tuple((text or "").lower().split())


def listed(text: str | None) -> Words:
    """What stands between commas, in lower case."""
    return tuple(part.strip().lower() for part in (text or "").split(",") if part.strip())


def _any_of(wanted: Words, has: Words) -> bool:
    return not wanted or any(one in has for one in wanted)
