"""All that is compared once everything is sent; answers also before the rollup, as they must not wait for it."""

from datetime import datetime
from typing import Any

import aiohttp
from rich.progress import Progress

from app.config import Settings
from app.models.stats.periods import Interval
from app.repositories.mongo import Database
from benchmarks.rolling_up import opened, rebuild, roll_up
from benchmarks.truth.answers import Answers
from benchmarks.truth.calendar import RANGES, date_of, midnight
from benchmarks.truth.dashboards import Dashboards
from benchmarks.truth.documents import check_counters, check_rollups, check_rows
from benchmarks.truth.findings import Findings
from benchmarks.truth.moving_clock import MovingClock
from benchmarks.truth.setting import Accounts
from benchmarks.truth.truth import Truth

_BEFORE = "before the rollup"
_DRIFT = "/api/admin/stats/drift"


class Comparison:
    """Holds rows, counters, rollups, answers, dashboards and the service's own drift against the truth."""

    def __init__(
        self, truth: Truth, now: datetime, http: aiohttp.ClientSession, accounts: Accounts, findings: Findings
    ) -> None:
        self._truth = truth
        self._http = http
        self._accounts = accounts
        self._findings = findings
        self._answers = Answers(http, truth, now, accounts.admin)
        self._dashboards = Dashboards(http, truth, now, accounts.artists)

    async def run(self, settings: Settings, uri: str, clock: MovingClock, progress: Progress) -> None:
        """Compare everything."""
        task = progress.add_task("comparing", total=6 + 2 * len(RANGES))
        async with opened(settings, uri, clock) as house:
            await check_rows(house.mongo.db, self._truth, self._findings)
            await check_counters(house.mongo.db, self._truth, self._findings)
            progress.advance(task, 2)
            await self._answers.check_everything("30d", self._findings, _BEFORE)
            progress.advance(task)
            await roll_up(house)
            first, after = date_of(self._truth.first_day), date_of(self._truth.last_day + 1)
            await rebuild(house, Interval(midnight(first), midnight(after)))
            progress.advance(task)
            await self._compare_derived(house.mongo.db, progress, task)

    async def _compare_derived(self, db: Database, progress: Progress, task: Any) -> None:
        await check_rollups(db, self._truth, self._findings)
        progress.advance(task)
        for time_range in RANGES:
            await self._answers.check(time_range, self._findings)
            progress.advance(task)
            await self._dashboards.check(time_range, self._findings)
            progress.advance(task)
        await self._check_drift()
        progress.advance(task)

    async def _check_drift(self) -> None:
        """What the service itself finds when it looks."""
        section = self._findings.section("the service's own drift")
        async with self._http.get(_DRIFT, headers=self._accounts.admin) as answer:
            content = await answer.json()
        section.all_equal("drift", content.get("data") or content, {"drift": 0})
