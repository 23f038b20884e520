"""A sketch of who listened: distinct sessions in a few kilobytes, that can be merged without counting anybody twice."""

from collections.abc import Iterable

from datasketches import hll_sketch, hll_union, tgt_hll_type  # type: ignore[attr-defined]  # of its binary part

# 2^14 registers of 4 bits: 8 KiB at most, less while there are few. After any number of merges one standard error is
# 1.04 / sqrt(2^14) = 0.81 %, so 95 % of all estimates are within 1.6 % (Apache DataSketches, "HLL accuracy").
_LG_K = 14


class Listeners:
    """A HyperLogLog sketch of session ids."""

    __slots__ = ("_union",)

    def __init__(self) -> None:
        self._union = hll_union(_LG_K)

    @classmethod
    def of(cls, sessions: Iterable[str]) -> "Listeners":
        """The sketch of these sessions."""
        listeners = cls()
        for session in sessions:
            listeners.add(session)
        return listeners

    @classmethod
    def merged(cls, sketches: Iterable[bytes]) -> "Listeners":
        """The sketch of everybody in any of these."""
        listeners = cls()
        for sketch in sketches:
            listeners.merge(sketch)
        return listeners

    def add(self, session: str) -> None:
        """Take in one session; doing it twice changes nothing."""
        self._union.update(session)

    def merge(self, sketch: bytes) -> None:
        """Take in everybody of another sketch, as `to_bytes` gave it."""
        self._union.update(hll_sketch.deserialize(sketch))

    @property
    def estimate(self) -> int:
        """How many there are, within 1.6 % in 95 of 100 cases; nearly exact below some 1,000."""
        return round(float(self._union.get_estimate()))

    def to_bytes(self) -> bytes:
        """As it is stored."""
        return bytes(self._union.get_result(tgt_hll_type.HLL_4).serialize_compact())
