"""Moving windows in memory."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.services.rate_limits.memory import MemoryWindows


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ab")), max_size=120), st.integers(1, 5))
def test_no_stretch_of_a_window_has_more_hits_than_the_limit(steps: list[tuple[float, str]], limit: int) -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    allowed: dict[str, list[float]] = {"a": [], "b": []}
    for wait, key in steps:
        clock.at += wait
        free = sum(1 for hit in allowed[key] if hit > clock.at - 60) < limit
        if free:
            allowed[key].append(clock.at)
        current = [hit for hit in allowed[key] if hit > clock.at - 60]
        assert windows.hit(key, limit, 60) == (free, current[0], len(current))


def test_memory_follows_the_active_users() -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    for user in range(1_000):
        clock.at += 0.01
        windows.hit(f"user-{user}", 5, 60)
    assert len(windows) == 1_000
    clock.at += 60
    for _ in range(300):
        windows.hit("somebody", 1_000, 60)
    assert len(windows) == 1


def test_a_refused_hit_does_not_keep_a_user_out_longer() -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    assert windows.hit("a", 1, 60).is_allowed
    clock.at += 59
    assert not windows.hit("a", 1, 60).is_allowed
    clock.at += 1
    assert windows.hit("a", 1, 60).is_allowed
