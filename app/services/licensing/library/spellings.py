"""Words such as genres and moods, which every provider spells in a way of its own."""

import re
from collections.abc import Iterable

_BETWEEN = re.compile(r"[\s_-]+")


def plain(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, in small letters, with single spaces for hyphens; in the order in which they came."""
    return tuple(dict.fromkeys(filter(None, map(_plain, words))))


def spellings(words: Iterable[str]) -> tuple[str, ...]:
    """How plain words are usually written in a catalogue: with spaces or hyphens, small, capital or in between."""
    cases = (str.lower, str.capitalize, str.title, str.upper)
    written = (case(joined) for word in words for joined in (word, word.replace(" ", "-")) for case in cases)
    return tuple(dict.fromkeys(written))


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`; at least one word."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _plain(word: str) -> str:
    return _BETWEEN.sub(" ", word).strip().lower()
