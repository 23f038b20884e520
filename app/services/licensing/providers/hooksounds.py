"""Speaks to HookSounds, whose shop is Easy Digital Downloads; licences are bought there.

Sources: docs.hooksounds.com (shape of a track) and easydigitaldownloads.com/docs/edd-rest-api-introduction and
-authentication (paging, `key` and `token`); base address, `s` and `number` are seen in clients of others. The address
of one product is how EDD has it. No limits are published: one call a second on average is a guess on the careful side.
No call for the full file or for a licence is published, so there is none here.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.errors import NotFound
from app.models.licensing.providers import (
    WEBHOOK_SECRET,
    Capabilities,
    ProviderName,
    ProviderPolicy,
    ProviderSetup,
    RateLimit,
)
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, LicenceCode, ProviderTrack
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import Entries, read, read_entries
from app.services.licensing.providers.asking import (
    MISSING,
    NOTHING,
    WithoutSimilar,
    checked_id,
    credential,
    described,
    place,
)
from app.services.licensing.providers.hooksounds_wire import Product, ProductPage
from app.services.licensing.providers.sifting import is_of_genres, matches

_PAGE_SIZE = 50
POLICY = ProviderPolicy(
    name=ProviderName.HOOKSOUNDS,
    title="HookSounds",
    base_url="https://www.hooksounds.com/edd-api",
    capabilities=Capabilities(can_walk=True),
    required_credentials=("key", "token"),
    optional_credentials=(WEBHOOK_SECRET,),
    rate_limit=RateLimit(per_minute=60, per_hour=1_000, per_day=10_000),
    search_page_size=_PAGE_SIZE,
)
_SIFTED_PAGES = 3
"""Upstream pages that a search with filters looks through: HookSounds has only words to search by."""


class HookSoundsProvider(WithoutSimilar):
    """Tracks of a shop: words are searched there, everything else is sifted here, and nobody counts."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """One page of what is wanted; see `Provider`.

        With filters, pages are cut from what is found in the first 150 tracks. Neither singing nor energy is said.
        """
        said_nowhere = wanted.vocals is not None or wanted.energy is not None
        if wanted.license not in {None, LicenceCode.CONTRACT} or said_nowhere:
            return NOTHING
        if replace(wanted, query=None, license=None) != SearchFilter():
            return await self._sifted(setup, wanted, page)
        count, entries = await self._page(setup, _products("search", page, wanted.query))
        return SearchPage(entries.tracks, None, count)

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One track; see `Provider`."""
        call = Call("track", "/products/", (("product", checked_id(track_id)),), accepts=MISSING)
        answer = await self._answer(setup, call, background=background)
        found = read_entries(POLICY, answer.products or (), _published, described(call))
        if found.failed:
            raise ProviderFailed(POLICY.name, f"HookSounds sent a track of an unknown shape: {found.failed[0].error}")
        for track in found.tracks:
            if track.id == track_id:
                return track
        raise NotFound("Track not found")

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """Fifty tracks, by page number, up to a page that is not full; see `Provider`."""
        at = place(POLICY, cursor, _PAGE_SIZE)
        count, entries = await self._page(setup, _products("walk", at.page), background=True)
        kept = tuple(track for track in entries.tracks if is_of_genres(track, genres))
        return CataloguePage(kept, at.after(POLICY, count, None), None, entries.failed)

    async def download(
        self,
        setup: ProviderSetup,  # noqa: ARG002
        track_id: str,  # noqa: ARG002
        file_format: str | None = None,  # noqa: ARG002
    ) -> DownloadAddress:
        """Never.

        Raises:
            NotSupported: always.
        """
        raise NotSupported("HookSounds publishes no call for full files; they are in the account that bought them")

    async def _sifted(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        found: list[ProviderTrack] = []
        start, end = (page - 1) * _PAGE_SIZE, page * _PAGE_SIZE
        if page > _SIFTED_PAGES:
            return NOTHING
        for number in range(1, _SIFTED_PAGES + 1):
            count, entries = await self._page(setup, _products("search", number, wanted.query))
            found += (track for track in entries.tracks if matches(track, wanted))
            if count < _PAGE_SIZE or len(found) >= end:
                break
        shown = tuple(found[start:end])
        return SearchPage(shown, None, len(shown))

    async def _page(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> tuple[int, Entries]:
        answer = await self._answer(setup, call, background=background)
        if answer.products is None:
            raise ProviderFailed(POLICY.name, "HookSounds sent no list of products")
        return len(answer.products), read_entries(POLICY, answer.products, _published, described(call))

    async def _answer(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> ProductPage:
        secrets = (("key", credential(setup, "key")), ("token", credential(setup, "token")))
        signed = replace(call, params=(*call.params, *secrets))
        answer = read(POLICY, await self._outbound.send(setup, signed, background=background), ProductPage)
        if answer.is_refusal:
            raise ProviderFailed(POLICY.name, "HookSounds answered with an error")
        if answer.products is None and not answer.error:
            raise ProviderFailed(POLICY.name, "HookSounds sent no list of products")
        return answer


def _products(kind: str, page: int, query: str | None = None) -> Call:
    asked = (("s", query),) if query else ()
    return Call(kind, "/products/", (*asked, ("number", str(_PAGE_SIZE)), ("page", str(page))))


def _published(entry: object) -> ProviderTrack | None:
    product = Product.model_validate(entry)
    return product.to_track() if product.is_published else None
