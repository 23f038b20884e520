"""What was compared, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose

_SHOWN = 12
# Quotients of exact sums; only the last bits may differ.
_PRECISION = 1e-9


@dataclass(slots=True)
class Section:
    """One kind of numbers; of the differences the first ones are kept."""

    name: str
    compared: int = 0
    different: int = 0
    shown: list[str] = field(default_factory=list)

    def equal(self, of: str, found: object, expected: object) -> None:
        """Compare one value."""
        self.compared += 1
        if not _is_equal(found, expected):
            self.differ(f"{of}: {found!r} instead of {expected!r}")

    def all_equal(self, of: str, found: Mapping[str, object], expected: Mapping[str, object]) -> None:
        """Compare every expected value; what is found besides is not looked at."""
        for name, value in expected.items():
            self.equal(f"{of} {name}", found.get(name), value)

    def differ(self, sentence: str) -> None:
        """Note a difference."""
        self.different += 1
        if len(self.shown) < _SHOWN:
            self.shown.append(sentence)


@dataclass(slots=True)
class Estimates:
    """How far estimates are off, as shares of the right number."""

    within: float
    at_most: float
    share_within: float
    errors: list[float] = field(default_factory=list)

    def take(self, found: int, expected: int) -> None:
        """Note one estimate."""
        self.errors.append(abs(found - expected) / max(1, expected))

    @property
    def worst(self) -> float:
        """The largest error; 0 without any."""
        return max(self.errors, default=0.0)

    @property
    def share(self) -> float:
        """Share of the estimates that are near enough."""
        near = sum(1 for one in self.errors if one <= self.within)
        return near / len(self.errors) if self.errors else 1.0

    @property
    def is_met(self) -> bool:
        """Whether enough are near, and none is far."""
        return self.share >= self.share_within and self.worst <= self.at_most


@dataclass(slots=True)
class Findings:
    """All sections of a comparison."""

    sections: list[Section] = field(default_factory=list)
    # The promise is 2 % in 95 of 100; 4.5 % is more than five standard errors.
    listeners: Estimates = field(default_factory=lambda: Estimates(0.02, 0.045, 0.95))

    def section(self, name: str) -> Section:
        """A new section."""
        self.sections.append(Section(name))
        return self.sections[-1]

    @property
    def is_right(self) -> bool:
        """Whether nothing differs."""
        return not any(one.different or not one.compared for one in self.sections) and self.listeners.is_met


def _is_equal(found: object, expected: object) -> bool:
    if isinstance(expected, float) or isinstance(found, float):
        is_number = isinstance(found, int | float) and isinstance(expected, int | float)
        return is_number and isclose(found, expected, rel_tol=_PRECISION, abs_tol=_PRECISION)  # type: ignore[arg-type]
    return found == expected
