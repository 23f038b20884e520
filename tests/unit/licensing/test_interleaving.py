"""Several lists are dealt into pages: every track once, no page longer than asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.licensing.search import SearchPage
from app.services.licensing.finding.interleaving import Turns, cut, pages_within, total_of, upstream_pages
from tests.licensing.fake_provider import track

TRACKS = [track(number) for number in range(20)]


def upstream(total: int, size: int, page: int, *, says_total: bool = True) -> SearchPage:
    numbers = range(total)[(page - 1) * size : page * size]
    return SearchPage(tuple(TRACKS[number] for number in numbers), total if says_total else None, len(numbers))


@settings(deadline=None, max_examples=60)
@given(
    totals=st.lists(st.integers(0, 20), min_size=1, max_size=4),
    limit=st.integers(1, 15),
    size=st.integers(1, 12),
    says_total=st.booleans(),
)
def test_every_track_is_on_one_page(totals: list[int], limit: int, size: int, says_total: bool) -> None:
    shown: list[tuple[int, str]] = []
    page, pages = 1, 1
    while page <= pages:
        on_page: list[int] = []
        for place, total in enumerate(totals):
            turns = Turns(place, len(totals))
            stretch = turns.stretch(page, limit)
            head = upstream(total, size, 1, says_total=says_total)
            others = pages_within(head, upstream_pages(stretch, size), size)
            numbered = [(1, head)] + [(one, upstream(total, size, one, says_total=says_total)) for one in others]
            shown += [(place, one.id) for _, one in cut(numbered, stretch, size)]
            on_page += [turns.number(item) for item, _ in cut(numbered, stretch, size)]
            pages = max(pages, turns.pages(total_of(numbered, size), limit))
        assert len(on_page) == len(set(on_page)) <= limit
        assert all((page - 1) * limit <= number < page * limit for number in on_page)
        page += 1
    assert sorted(shown) == sorted((place, str(item)) for place, total in enumerate(totals) for item in range(total))
    assert pages <= sum(totals) * len(totals) + len(totals) + 1


@pytest.mark.parametrize(
    ("place", "page", "limit", "expected"),
    [
        (0, 1, 20, range(4)),
        (1, 1, 20, range(4)),
        (2, 1, 20, range(3)),
        (5, 1, 20, range(3)),
        (0, 2, 20, range(4, 7)),
        (0, 1, 1, range(1)),
        (1, 1, 1, range(0)),
        (1, 2, 1, range(1)),
    ],
)
def test_turns_of_six(place: int, page: int, limit: int, expected: range) -> None:
    assert Turns(place, 6).stretch(page, limit) == expected


def test_sifted_pages_leave_gaps_and_repeat_nothing() -> None:
    first = SearchPage((track(1), track(2)), 20, 10)
    second = SearchPage((track(11),), 20, 10)
    found = cut([(1, first), (2, second)], range(20), 10)
    assert [(item, one.id) for item, one in found] == [(0, "1"), (1, "2"), (10, "11")]


def test_a_total_that_nobody_says_goes_on_while_pages_are_full() -> None:
    assert total_of([(1, SearchPage((), None, 10))], 10) == 11
    assert total_of([(2, SearchPage((), None, 4))], 10) == 14
    assert total_of([(3, SearchPage((), None, 0))], 10) == 0
    assert total_of([(1, SearchPage((), 7, 10))], 10) == 7
