"""What one provider contributes to a page of a search."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from app.errors import QuotaExceeded, UpstreamFailed
from app.models.licensing.cache import Kept, Shelf
from app.models.licensing.providers import CacheKind, ProviderSetup
from app.models.licensing.search import ProviderState, SearchFilter, SearchPage, Source
from app.models.licensing.search_pages import SearchRequest
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.answers.codec import Codec
from app.services.licensing.answers.questions import Question
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.finding.interleaving import Turns, cut, pages_within, total_of, upstream_pages
from app.services.licensing.ports import Provider

PATIENCE = timedelta(seconds=8)
"""How long a search waits for one provider, which may need several calls of up to ten seconds for a page."""

Refusal = UpstreamFailed | QuotaExceeded | NotSupported

_CODEC: Codec[SearchPage] = Codec(SearchPage)
_FILTER: TypeAdapter[SearchFilter] = TypeAdapter(SearchFilter)


@dataclass(frozen=True, slots=True)
class Part:
    """The tracks of one provider, each with its number among all; or why there are none.

    `kept_pages` is how many kept answers it is made of, all of them fresh until `fresh_until`.
    """

    state: ProviderState
    shelf: Shelf
    tracks: tuple[tuple[int, ProviderTrack], ...] = ()
    total: int = 0
    pages: int = 0
    kept_pages: int = 0
    fresh_until: datetime | None = None
    refusal: Refusal | None = None


class PartSearch:
    """Asks one provider, by pages of its own size that are kept one by one."""

    def __init__(self, provider: Provider, cache: AnswerCache, patience: timedelta = PATIENCE) -> None:
        self._provider = provider
        self._cache = cache
        self._patience = patience

    async def part(self, setup: ProviderSetup, request: SearchRequest, turns: Turns) -> Part:
        """What it has for its turns on the page; a provider that fails has nothing, nor has one that takes too long.

        Its calls go on then, and what they bring is kept for whoever asks next.

        Raises:
            Unavailable: the database is away.
        """
        shelf = Shelf(setup.name, CacheKind.SEARCH)
        stretch = turns.stretch(request.page, request.limit)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                found = await self._pages(setup, request.wanted, stretch)
        except TimeoutError:
            return Part(ProviderState.ERROR, shelf, refusal=_slow(setup))
        except (UpstreamFailed, QuotaExceeded, NotSupported) as refusal:
            return Part(ProviderState.ERROR, shelf, refusal=refusal)
        size = setup.policy.search_page_size
        pages = [(number, kept.value) for number, kept in found]
        total = total_of(pages, size)
        return Part(
            state=_state([kept.source for _, kept in found]),
            shelf=shelf,
            tracks=tuple((turns.number(item), track) for item, track in cut(pages, stretch, size)),
            total=total,
            pages=turns.pages(total, request.limit),
            kept_pages=len(found),
            fresh_until=min(kept.fresh_until for _, kept in found),
        )

    async def _pages(
        self, setup: ProviderSetup, wanted: SearchFilter, stretch: range
    ) -> list[tuple[int, Kept[SearchPage]]]:
        """Page 1, which tells how far the list goes and is nearly always kept, and those of the stretch that exist.

        Each call is paid out of a quota: without page 1, a list that has ended would be asked again for every page
        that the others go on for.
        """
        size = setup.policy.search_page_size
        head = await self._page(setup, wanted, 1)
        others = pages_within(head.value, upstream_pages(stretch, size), size)
        kept = await asyncio.gather(*(self._page(setup, wanted, number) for number in others))
        return [(1, head), *zip(others, kept, strict=True)]

    async def _page(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> Kept[SearchPage]:
        text = f"{page} {_FILTER.dump_json(wanted, exclude_none=True).decode()}"
        question = Question(CacheKind.SEARCH, text, _CODEC)
        return await self._cache.get(question, setup, lambda: self._provider.search(setup, wanted, page))


def _slow(setup: ProviderSetup) -> ProviderFailed:
    return ProviderFailed(setup.name, f"{setup.policy.title} takes long to answer, please ask again in a moment")


def _state(sources: Sequence[Source]) -> ProviderState:
    if Source.STALE in sources:
        return ProviderState.STALE
    return ProviderState.OK if Source.MISS in sources else ProviderState.CACHED
