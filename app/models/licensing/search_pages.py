"""One page of a search over several providers: what is asked, and what is found."""

from dataclasses import dataclass

from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchAnswer, SearchFilter


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Page `page` (from 1) of `limit` tracks; of one provider, or, with `None`, of all that can be asked."""

    wanted: SearchFilter
    provider: ProviderName | None = None
    page: int = 1
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A page; `pages` is how many there are, as far as the providers say."""

    answer: SearchAnswer
    page: int
    limit: int
    pages: int
