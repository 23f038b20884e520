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
async def test_no_stretch_of_a_window_has_more_hits_than_the_limit(steps: list[tuple[float, str]], limit: int) -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    allowed: dict[str, list[float]] = {"a": [], "b": []}
    for wait, key in steps:
        clock.at += wait
        free = sum(1 for hit in allowed[key] if hit > clock.at - 60) < limit
        assert await windows.acquire_entry(key, limit, 60) is free
        if free:
            allowed[key].append(clock.at)
        oldest, count = await windows.get_moving_window(key, limit, 60)
        current = [hit for hit in allowed[key] if hit > clock.at - 60]
        assert (oldest, count) == (current[0] if current else clock.at, len(current))


async def test_memory_follows_the_active_users() -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    for user in range(1_000):
        clock.at += 0.01
        await windows.acquire_entry(f"user-{user}", 5, 60)
    assert len(windows) == 1_000
    clock.at += 60
    for _ in range(300):
        await windows.acquire_entry("somebody", 1_000, 60)
    assert len(windows) == 1


async def test_a_refused_hit_does_not_keep_a_user_out_longer() -> None:
    clock = Hand()
    windows = MemoryWindows(clock)
    assert await windows.acquire_entry("a", 1, 60)
    clock.at += 59
    assert not await windows.acquire_entry("a", 1, 60)
    clock.at += 1
    assert await windows.acquire_entry("a", 1, 60)


async def test_the_rest_of_the_storage() -> None:
    windows = MemoryWindows(Hand())
    await windows.acquire_entry("a", 2, 60)
    await windows.acquire_entry("b", 2, 60)
    assert (await windows.get("a"), await windows.get("c")) == (1, 0)
    assert await windows.get_expiry("a") == 1_060.0
    assert await windows.check()
    await windows.clear("a")
    assert await windows.reset() == 1
