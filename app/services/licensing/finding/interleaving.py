"""Deals the lists of several providers into one: a track of each in turn, every track on exactly one page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.models.licensing.search import SearchPage
from app.models.licensing.tracks import ProviderTrack


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of one of `count` lists, the one at `place` (from 0): its item k is number `k * count + place` of all.

    So a page of L has L // count items of each list and one more of some, and a page shorter than the number of lists
    is still no longer than L.
    """

    place: int
    count: int

    def stretch(self, page: int, limit: int) -> range:
        """The items of the list that are on a page (from 1) of the whole."""
        return range(self._first_from((page - 1) * limit), self._first_from(page * limit))

    def pages(self, total: int, limit: int) -> int:
        """On how many pages of the whole a list of `total` items goes on."""
        return ((total - 1) * self.count + self.place) // limit + 1 if total > 0 else 0

    def number(self, item: int) -> int:
        """Where an item of the list stands among all."""
        return item * self.count + self.place

    def _first_from(self, number: int) -> int:
        return max(0, -(-(number - self.place) // self.count))


def upstream_pages(stretch: range, size: int) -> range:
    """The pages (from 1) of `size` entries that have the items of a stretch; the one it would begin on, if empty."""
    first = stretch.start // size
    last = (stretch.stop - 1) // size if stretch else first
    return range(first + 1, last + 2)


def pages_within(head: SearchPage, numbers: Iterable[int], size: int) -> list[int]:
    """Those of the numbered pages behind the first that exist, as far as the first page tells."""
    end = head.total
    if end is None and head.entry_count < size:
        end = head.entry_count
    return [number for number in numbers if number > 1 and (end is None or (number - 1) * size < end)]


def cut(pages: Iterable[tuple[int, SearchPage]], stretch: range, size: int) -> list[tuple[int, ProviderTrack]]:
    """The tracks of numbered upstream pages that belong to a stretch, each with its item number.

    The tracks of a page stand on its first places: what was sifted out of it leaves gaps at its end, so that no page
    has to be known to tell where the next one begins.
    """
    return [
        (item, track)
        for number, page in pages
        for item, track in enumerate(page.tracks[:size], start=(number - 1) * size)
        if item in stretch
    ]


def total_of(pages: Sequence[tuple[int, SearchPage]], size: int) -> int:
    """How many entries a provider has: what it says, or as many as were seen, and one more while pages are full."""
    said = [page.total for _, page in pages if page.total is not None]
    if said:
        return max(said)
    return max(
        (number - 1) * size + page.entry_count + (page.entry_count >= size) if page.entry_count else 0
        for number, page in pages
    )
