"""Reads query parameters the way the providers do: what is no number is as if it were not there."""

from collections.abc import Mapping

from app.sandbox.wanted import Bounds


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number."""
    try:
        return int(query[name])
    except (KeyError, ValueError):
        return default


def number(query: Mapping[str, str], name: str) -> float | None:
    """A number, or none."""
    try:
        return float(query[name])
    except (KeyError, ValueError):
        return None


def flag(query: Mapping[str, str], name: str) -> bool | None:
    """Yes or no, in any of the ways in which it is written."""
    return {"true": True, "1": True, "false": False, "0": False}.get(query.get(name, "").lower())


def bounds(query: Mapping[str, str], low: str, high: str) -> Bounds:
    """Two numbers between which a value must lie."""
    return Bounds(number(query, low), number(query, high))
