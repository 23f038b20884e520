"""Artlist's categories, as far as their numbers are public.

The dictionary (98 numbers: developer.artlist.io/dictionaries) is shown to customers only. These are the ones that
clients of others show; an admin sets the rest as the credential `categoryIds`, like `rock=17, calm=33`.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from app.models.licensing.providers import ProviderSetup


class CategoryKind(StrEnum):
    """What a category tells of a song."""

    GENRE = "genre"
    MOOD = "mood"
    INSTRUMENT = "instrument"
    THEME = "theme"


_PUBLIC = {
    CategoryKind.GENRE: {"cinematic": "62", "electronic": "64"},
    CategoryKind.MOOD: {"dramatic": "13", "tense": "15", "hopeful": "78", "dark": "92"},
    CategoryKind.INSTRUMENT: {"piano": "40", "orchestra": "86"},
    CategoryKind.THEME: {"trailer": "551", "commercial": "552", "vlog": "553"},
}
_KINDS = {number: kind for kind, numbers in _PUBLIC.items() for number in numbers.values()}
_NUMBERS = {name: number for numbers in _PUBLIC.values() for name, number in numbers.items()}
_SET = re.compile(r"\s*([^=,]{1,64}?)\s*=\s*(\d{1,9})\s*")


def kind_of(number: str) -> CategoryKind:
    """What a category tells; of one that is not public that it is a genre, as Artlist's own field name has it."""
    return _KINDS.get(number, CategoryKind.GENRE)


def numbers_of(setup: ProviderSetup) -> Mapping[str, str]:
    """The number of each category that is known, by its name in lower case."""
    said = (_SET.fullmatch(part) for part in setup.credentials.get("categoryIds", "").split(","))
    return {**_NUMBERS, **{found[1].lower(): found[2] for found in said if found}}
