"""What Jamendo's words for singing and tempo tell; other providers pass them on as tags."""

from collections.abc import Iterable

from app.models.licensing.tracks import Energy

ENERGIES = {
    "verylow": Energy.VERY_LOW,
    "low": Energy.LOW,
    "medium": Energy.MEDIUM,
    "high": Energy.HIGH,
    "veryhigh": Energy.HIGH,
}
"""Speed is the only thing that Jamendo says of how lively a track is."""

VOCALS = {"vocal": True, "instrumental": False}
_SPEED = "speed_"


def energy_of(tags: Iterable[str]) -> Energy | None:
    """The energy of a tag such as `speed_high`."""
    named = (ENERGIES.get(tag.lower().removeprefix(_SPEED)) for tag in tags if tag.lower().startswith(_SPEED))
    return next((energy for energy in named if energy), None)


def vocals_of(tags: Iterable[str]) -> bool | None:
    """Whether somebody sings, as far as one of the tags says so and none the opposite."""
    said = {VOCALS[tag.lower()] for tag in tags if tag.lower() in VOCALS}
    return said.pop() if len(said) == 1 else None
