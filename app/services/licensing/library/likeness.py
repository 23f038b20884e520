"""How alike two tracks are, by what their providers say about them; no store, no clock, no chance."""

from collections.abc import Iterable, Iterator

from app.models.licensing.recommendations import Proposal
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.library.spellings import listed, plain

_GENRES, _MOODS, _INSTRUMENTS, _TEMPO, _ENERGY = 0.35, 0.25, 0.15, 0.15, 0.10
_TEMPO_RANGE = 30.0  # beats a minute; what is farther off is not alike at all
_CLOSE = 10.0
_DIGITS = 4


def alike(seed: ProviderTrack, other: ProviderTrack) -> Proposal:
    """How alike `other` is to `seed`, from 0 to 1. What the seed does not say has no weight."""
    parts = list(_parts(seed, other))
    weight = sum(part[0] for part in parts)
    score = sum(part[0] * part[1] for part in parts) / weight if weight else 0.0
    return Proposal(other, round(score, _DIGITS), tuple(reason for _, _, reason in parts if reason))


def closeness(bpm: float, other: float) -> float:
    """How close two tempos are, from 0 to 1."""
    return max(0.0, 1.0 - abs(bpm - other) / _TEMPO_RANGE)


def is_close(bpm: float, other: float) -> bool:
    """Whether two tempos are close enough to be worth a word."""
    return abs(bpm - other) <= _CLOSE


def _parts(seed: ProviderTrack, other: ProviderTrack) -> Iterator[tuple[float, float, str | None]]:
    """Each trait of the seed: its weight, how much of it the other has, and the words for that."""
    yield from _shared(_GENRES, seed.genres, other.genres, "Is {} too")
    yield from _shared(_MOODS, seed.moods, other.moods, "Has the same mood: {}")
    yield from _shared(_INSTRUMENTS, seed.instruments, other.instruments, "Has {} too")
    if seed.bpm is not None:
        near = 0.0 if other.bpm is None else closeness(seed.bpm, other.bpm)
        is_worth_it = other.bpm is not None and is_close(seed.bpm, other.bpm)
        yield _TEMPO, near, f"Is close in tempo, at {other.bpm:g} bpm" if is_worth_it else None
    if seed.energy is not None:
        is_same = seed.energy is other.energy
        yield _ENERGY, float(is_same), "Is as lively" if is_same else None


def _shared(
    weight: float, wanted: Iterable[str], found: Iterable[str], words: str
) -> Iterator[tuple[float, float, str | None]]:
    ours, theirs = plain(wanted), plain(found)
    if ours:
        both = [word for word in ours if word in theirs]
        yield weight, len(both) / len({*ours, *theirs}), words.format(listed(both)) if both else None
