"""Seasons and episodes are never without what they belong to, whoever adds and removes at once, and however it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from app.clock import SystemClock
from app.config import Settings
from app.container.episodes import EpisodesWing
from app.errors import Conflict, FailureReason, NotFound, TransientFailure, Unavailable
from app.models.episodes.catalogue import Episode, EpisodeDraft, Season, SeasonDraft, Show, ShowDraft
from app.repositories.episode_catalogue import EpisodeRepository, SeasonRepository, ShowRepository
from app.repositories.episode_families import EpisodeFamilyRepository
from app.repositories.episode_sequences import SequenceRepository
from app.repositories.mongo import Mongo
from app.services.episodes.catalogue import EpisodeService, SeasonService, ShowService

T = TypeVar("T")

UNKNOWN, AWAY, CONFLICT = FailureReason.UNKNOWN, FailureReason.AWAY, FailureReason.CONFLICT


class FailingFamilies(EpisodeFamilyRepository):
    """Does it and does not know it, or is away, or has come too late: as often as is said."""

    reasons: list[FailureReason]

    async def add_season(self, season_id: int, tenant: str, draft: SeasonDraft, at: datetime) -> Season:
        return await self._failing(lambda: super(FailingFamilies, self).add_season(season_id, tenant, draft, at))

    async def add_episode(self, episode_id: int, tenant: str, draft: EpisodeDraft, at: datetime) -> Episode:
        return await self._failing(lambda: super(FailingFamilies, self).add_episode(episode_id, tenant, draft, at))

    async def remove(self, kind: str, tenant: str, row_id: int) -> None:
        await self._failing(lambda: super(FailingFamilies, self).remove(kind, tenant, row_id))

    async def _failing(self, write: Callable[[], Awaitable[T]]) -> T:
        reason = self.reasons.pop(0) if self.reasons else None
        if reason is UNKNOWN:
            await write()
        if reason is not None:
            raise TransientFailure(reason)
        return await write()


class Catalogue:
    """The three services over the same failures."""

    def __init__(self, mongo: Mongo, *reasons: FailureReason) -> None:
        self.families = FailingFamilies(mongo)
        self.families.reasons = list(reasons)
        parts = (self.families, SequenceRepository(mongo, "shows"), SystemClock())
        self.shows = ShowService(ShowRepository(mongo), *parts)
        self.seasons = SeasonService(SeasonRepository(mongo), *parts)
        self.episodes = EpisodeService(EpisodeRepository(mongo), *parts)


def wing(mongo: Mongo) -> EpisodesWing:
    return EpisodesWing(Settings(_env_file=None), mongo, SystemClock())


def film(season: int, number: int = 1) -> EpisodeDraft:
    return EpisodeDraft(season, f"Part {number}", "aqz-KE-bpKQ", 60, number, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
async def show(mongo: Mongo) -> Show:
    return await wing(mongo).shows.add("acme", ShowDraft("A show"))


async def counts(mongo: Mongo) -> list[int]:
    return [await mongo.db[kind].count_documents({}) for kind in ("shows", "seasons", "episodes")]


async def orphans(mongo: Mongo) -> int:
    """Rows whose parent is not there."""
    shows, seasons = await mongo.db["shows"].distinct("_id"), await mongo.db["seasons"].distinct("_id")
    lone = await mongo.db["seasons"].count_documents({"show": {"$nin": shows}})
    which = {"$or": [{"season": {"$nin": seasons}}, {"show": {"$nin": shows}}]}
    return lone + await mongo.db["episodes"].count_documents(which)


async def test_no_season_stays_behind_when_its_show_goes_at_the_same_time(mongo: Mongo) -> None:
    houses = [wing(mongo), wing(mongo)]
    for _ in range(8):
        show = await houses[0].shows.add("acme", ShowDraft("A show"))
        adding = [houses[at % 2].seasons.add("acme", SeasonDraft(show.id, at)) for at in range(4)]
        told = await asyncio.gather(
            *adding[:2], houses[0].shows.remove("acme", show.id), *adding[2:], return_exceptions=True
        )
        assert told[2] is None
        assert all(isinstance(one, Season | NotFound) for at, one in enumerate(told) if at != 2), told
        assert await counts(mongo) == [0, 0, 0]


@pytest.mark.parametrize("removed", ["season", "show"])
async def test_no_episode_stays_behind_when_what_is_above_it_goes_at_the_same_time(mongo: Mongo, removed: str) -> None:
    houses = [wing(mongo), wing(mongo)]
    for _ in range(8):
        show = await houses[0].shows.add("acme", ShowDraft("A show"))
        season = await houses[0].seasons.add("acme", SeasonDraft(show.id, 1))
        adding = [houses[at % 2].episodes.add("acme", film(season.id, at)) for at in range(4)]
        goes = (
            houses[1].seasons.remove("acme", season.id)
            if removed == "season"
            else houses[1].shows.remove("acme", show.id)
        )
        told = await asyncio.gather(*adding[:2], goes, *adding[2:], return_exceptions=True)
        assert told[2] is None
        assert all(isinstance(one, Episode | NotFound) for at, one in enumerate(told) if at != 2), told
        assert (await orphans(mongo), (await counts(mongo))[1:]) == (0, [0, 0])


async def test_an_addition_whose_outcome_was_unknown_is_there_once(mongo: Mongo, show: Show) -> None:
    season = await Catalogue(mongo, CONFLICT, UNKNOWN, UNKNOWN).seasons.add("acme", SeasonDraft(show.id, 1, "One"))
    episode = await Catalogue(mongo, UNKNOWN, CONFLICT).episodes.add("acme", film(season.id))
    assert await counts(mongo) == [1, 1, 1]
    assert await wing(mongo).seasons.get("acme", season.id) == season
    assert await wing(mongo).episodes.get("acme", episode.id) == episode


async def test_a_removal_whose_outcome_was_unknown_is_no_404(mongo: Mongo, show: Show) -> None:
    await Catalogue(mongo, UNKNOWN).shows.remove("acme", show.id)
    assert await counts(mongo) == [0, 0, 0]
    with pytest.raises(NotFound):
        await Catalogue(mongo).shows.remove("acme", show.id)


async def test_a_database_that_is_away_adds_nothing_and_can_be_asked_again(mongo: Mongo, show: Show) -> None:
    catalogue = Catalogue(mongo, AWAY)
    with pytest.raises(Unavailable):
        await catalogue.seasons.add("acme", SeasonDraft(show.id, 1))
    assert await counts(mongo) == [1, 0, 0]
    await catalogue.seasons.add("acme", SeasonDraft(show.id, 1))
    with pytest.raises(Conflict):
        await catalogue.seasons.add("acme", SeasonDraft(show.id, 1))
