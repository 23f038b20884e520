"""What a user's taste is, and how well a track fits it; no store, no clock, no chance."""

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median

from app.models.licensing.recommendations import Proposal, Taste
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.library.likeness import closeness, is_close
from app.services.licensing.library.spellings import listed, plain

_GENRES, _MOODS, _TEMPO = 0.45, 0.35, 0.20
_MOST_NAMED = 2
_AGAIN = 0.7  # what each track of an artist leaves of the score of the next one
_CHOICE = 5
_DIGITS = 4


def taste_of(liked: Iterable[tuple[ProviderTrack, int]]) -> Taste:
    """The taste of somebody who likes these tracks, each so much (a weight of at least 1)."""
    genres: Counter[str] = Counter()
    moods: Counter[str] = Counter()
    tempos: list[float] = []
    for track, weight in liked:
        genres.update(dict.fromkeys(plain(track.genres), weight))
        moods.update(dict.fromkeys(plain(track.moods), weight))
        tempos += [track.bpm] * weight if track.bpm is not None else []
    return Taste(_shares(genres), _shares(moods), median(tempos) if tempos else None)


def favourites_of(shares: Mapping[str, float], count: int) -> tuple[str, ...]:
    """The words with the largest shares, the largest first."""
    return tuple(sorted(shares, key=lambda word: (-shares[word], word))[:count])


def fit(taste: Taste, track: ProviderTrack) -> Proposal:
    """How well a track fits, from 0 to 1. What is not known of the taste has no weight."""
    genres, why_genre = _fit_words(taste.genres, track.genres, "You often choose {}")
    moods, why_mood = _fit_words(taste.moods, track.moods, "You often choose this mood: {}")
    tempo, why_tempo = _fit_tempo(taste.tempo, track.bpm)
    weights = (_GENRES * bool(taste.genres), _MOODS * bool(taste.moods), _TEMPO * (taste.tempo is not None))
    score = (weights[0] * genres + weights[1] * moods + weights[2] * tempo) / (sum(weights) or 1.0)
    return Proposal(track, round(score, _DIGITS), tuple(filter(None, (why_genre, why_mood, why_tempo))))


def diversified(proposals: Iterable[Proposal], limit: int) -> tuple[Proposal, ...]:
    """The best ones, where each further track of the same artist counts for less; scores are as they count."""
    waiting = sorted(proposals, key=_rank)[: limit * _CHOICE]
    picked: list[Proposal] = []
    heard: Counter[str] = Counter()
    while waiting and len(picked) < limit:
        best = min((_counted(one, heard) for one in waiting), key=_rank)
        waiting = [one for one in waiting if one.track is not best.track]
        picked.append(best)
        heard[best.track.artist or ""] += 1
    return tuple(picked)


def _rank(proposal: Proposal) -> tuple[float, str, str]:
    return -proposal.score, proposal.track.provider, proposal.track.id


def _counted(proposal: Proposal, heard: Counter[str]) -> Proposal:
    artist = proposal.track.artist
    if artist is None or not heard[artist]:
        return proposal
    return Proposal(proposal.track, round(proposal.score * _AGAIN ** heard[artist], _DIGITS), proposal.reasons)


def _shares(counted: Counter[str]) -> dict[str, float]:
    most = max(counted.values(), default=0)
    return {word: count / most for word, count in counted.items()}


def _fit_words(shares: Mapping[str, float], words: Iterable[str], why: str) -> tuple[float, str | None]:
    known = {word: shares[word] for word in plain(words) if word in shares}
    if not known:
        return 0.0, None
    return min(1.0, sum(known.values())), why.format(listed(favourites_of(known, _MOST_NAMED)))


def _fit_tempo(tempo: float | None, bpm: float | None) -> tuple[float, str | None]:
    if tempo is None or bpm is None:
        return 0.0, None
    why = f"Is close to your usual tempo, at {bpm:g} bpm" if is_close(tempo, bpm) else None
    return closeness(tempo, bpm), why
