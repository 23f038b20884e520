"""Keeps of a page what a search wants, where a provider cannot be asked for it."""

import re
from collections.abc import Iterable

from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import ProviderTrack

_NOT_A_WORD = re.compile(r"[\W_]+")


def matches(track: ProviderTrack, wanted: SearchFilter) -> bool:
    """Whether a track is what is wanted, by all but `query`, of which only the provider can tell.

    A genre or mood is found as whole words of one of the track's genres (moods) or tags, however they are spelled
    apart: "hip hop" finds "Hip-Hop / Rap" and "hiphop". What a track does not say does not match.
    """
    return (
        _within(track.bpm, wanted.bpm_min, wanted.bpm_max)
        and _within(_seconds(track), wanted.duration_min_s, wanted.duration_max_s)
        and wanted.vocals in {None, track.vocals}
        and wanted.energy in {None, track.energy}
        and wanted.license in {None, track.licence.code}
        and (wanted.genre is None or is_named(wanted.genre, (*track.genres, *track.tags)))
        and (wanted.mood is None or is_named(wanted.mood, (*track.moods, *track.tags)))
    )


def is_named(wanted: str, names: Iterable[str]) -> bool:
    """Whether one of the names is, or has among its words, what is wanted."""
    words = _words(wanted)
    squeezed = words.replace(" ", "")
    return any(f" {words} " in f" {_words(name)} " or squeezed == _words(name).replace(" ", "") for name in names)


def is_of_genres(track: ProviderTrack, genres: Iterable[str]) -> bool:
    """Whether a track is of one of the genres; any track is when none are named."""
    named = tuple(genres)
    return not named or any(is_named(genre, (*track.genres, *track.tags)) for genre in named)


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()


def _seconds(track: ProviderTrack) -> float | None:
    return None if track.duration_ms is None else track.duration_ms / 1000


def _within(value: float | None, least: float | None, most: float | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or least <= value) and (most is None or value <= most)
