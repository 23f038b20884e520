"""HookSounds: a shop's products, of which only words can be searched."""

from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.hooksounds import HookSoundsProvider
from tests.unit.licensing.providers.scripted import SECRET, Scripted, configured, example, reply

SETUP = configured(ProviderName.HOOKSOUNDS)


def _product(number: int, **info: Any) -> dict[str, Any]:
    product = example("hooksounds_products")["products"][0]
    product["info"] |= {"id": number, "bpm": 60 + number % 100} | info
    return product


def _shop(size: int, **info: Any) -> tuple[HookSoundsProvider, Scripted]:
    products = [_product(number, **info) for number in range(1, size + 1)]

    def answer(call: Call) -> Reply:
        params = dict(call.params)
        if "product" in params:
            found = [one for one in products if str(one["info"]["id"]) == params["product"]]
            return reply({"products": found}) if found else reply({"error": "Product not found!"}, 404)
        start = (int(params["page"]) - 1) * int(params["number"])
        return reply({"products": products[start : start + int(params["number"])]})

    outbound = Scripted(answer)
    return HookSoundsProvider(outbound), outbound


async def test_words_go_upstream_page_by_page_and_nobody_counts() -> None:
    shop, outbound = _shop(120)
    page = await shop.search(SETUP, SearchFilter("sun"), 3)
    assert outbound.sent[0].params == {
        "s": "sun", "number": "50", "page": "3", "key": f"{SECRET}key", "token": f"{SECRET}token",
    }  # fmt: skip
    assert (len(page.tracks), page.total, page.entry_count) == (20, None, 20)


async def test_filters_look_through_the_first_three_pages() -> None:
    shop, outbound = _shop(500)
    page = await shop.search(SETUP, SearchFilter(bpm_min=70, bpm_max=79), 1)
    assert [one.bpm for one in page.tracks] == [*range(70, 80), *range(70, 80)]
    assert [one.params["page"] for one in outbound.sent] == ["1", "2", "3"]
    assert page.total is None


async def test_pages_of_sifted_tracks_are_cut_from_what_was_found() -> None:
    shop, outbound = _shop(500)
    wanted = SearchFilter(genre="electronic")
    pages = [await shop.search(SETUP, wanted, number) for number in (1, 2, 3, 4)]
    ids = [one.id for page in pages for one in page.tracks]
    assert ids == [str(number) for number in range(1, 151)]
    assert pages[3].tracks == ()
    assert len(outbound.sent) == 1 + 2 + 3


async def test_a_short_page_ends_the_looking() -> None:
    shop, outbound = _shop(10)
    assert (await shop.search(SETUP, SearchFilter(mood="dark"), 1)).tracks == ()
    assert len(outbound.sent) == 1


@pytest.mark.parametrize("wanted", [SearchFilter(vocals=True), SearchFilter(vocals=False)])
async def test_what_is_never_said_is_not_worth_a_call(wanted: SearchFilter) -> None:
    shop, outbound = _shop(10)
    assert (await shop.search(SETUP, wanted, 1)).tracks == ()
    assert outbound.sent == []


async def test_a_walk_ends_at_a_page_that_is_not_full() -> None:
    shop, outbound = _shop(120)
    cursors, cursor = [], None
    while True:
        page = await shop.walk(SETUP, cursor)
        cursor = page.next_cursor
        cursors.append(cursor)
        if cursor is None:
            break
    assert cursors == ["2", "3", None]
    shop, _ = _shop(50)
    assert (await shop.walk(SETUP, None)).next_cursor == "2"
    assert (await shop.walk(SETUP, "2")).next_cursor is None
    assert all(one.background for one in outbound.sent)


async def test_drafts_are_left_out_and_secrets_stay_out_of_reports() -> None:
    shop, _ = _shop(1, status="draft")
    assert (await shop.search(SETUP, SearchFilter(), 1)).tracks == ()
    with pytest.raises(NotFound):
        await shop.track(SETUP, "1")
    shop, _ = _shop(1, bpm="fast")
    failed = (await shop.walk(SETUP, None)).failed
    assert [(one.track_id, one.query) for one in failed] == [("1", "GET /products/?number=50&page=1")]
    assert SECRET not in repr(failed)


async def test_one_track() -> None:
    shop, outbound = _shop(3)
    assert (await shop.track(SETUP, "2")).bpm == 62
    assert outbound.sent[0].params["product"] == "2"
    with pytest.raises(NotFound):
        await shop.track(SETUP, "77")
    other = HookSoundsProvider(Scripted(lambda _: reply({"products": [_product(5)]})))
    with pytest.raises(NotFound):
        await other.track(SETUP, "6")
    broken = HookSoundsProvider(Scripted(lambda _: reply({"products": [_product(5, title=None)]})))
    with pytest.raises(ProviderFailed):
        await broken.track(SETUP, "5")


async def test_a_shop_that_says_that_there_is_no_such_product() -> None:
    shop = HookSoundsProvider(Scripted(lambda _: reply({"error": "Product 7 not found!"})))
    with pytest.raises(NotFound):
        await shop.track(SETUP, "7")


@pytest.mark.parametrize(
    "body", [{"error": "Invalid key!"}, {"error": "Invalid key!", "products": []}, {"error": {"code": 1}}, {}]
)
async def test_an_error_with_a_good_status_is_no_word_on_what_there_is(body: object) -> None:
    shop = HookSoundsProvider(Scripted(lambda _: reply(body)))
    for ask in (shop.track(SETUP, "7"), shop.walk(SETUP, None), shop.search(SETUP, SearchFilter(), 1)):
        with pytest.raises(ProviderFailed):
            await ask


@pytest.mark.parametrize(
    ("sent", "names"), [(False, ()), (None, ()), ([], ()), ([{"name": "A"}, {"name": "A"}], ("A",))]
)
async def test_wordpress_says_false_for_nothing(sent: object, names: tuple[str, ...]) -> None:
    shop, _ = _shop(1, category=sent, tags=sent)
    track = await shop.track(SETUP, "1")
    assert (track.genres, track.moods) == (names, names)


async def test_an_answer_without_products_is_a_failure_and_there_is_no_download() -> None:
    shop = HookSoundsProvider(Scripted(lambda _: reply({"error": "Your request could not be authenticated!"})))
    with pytest.raises(ProviderFailed):
        await shop.search(SETUP, SearchFilter(), 1)
    with pytest.raises(NotSupported):
        await shop.download(SETUP, "1")
    with pytest.raises(NotSupported):
        await shop.similar(SETUP, "1")
