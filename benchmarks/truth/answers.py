"""Holds what the service answers over HTTP against the truth."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from benchmarks.truth.calendar import RANGES
from benchmarks.truth.documents import check_uniques
from benchmarks.truth.findings import Findings, Section
from benchmarks.truth.moving_clock import to_ms
from benchmarks.truth.sums import Sums, together
from benchmarks.truth.truth import Key, Truth
from benchmarks.truth.world import artist_id, track_id

_PATH = "/api/stats/analytics"


class Answers:
    """Asks for everything, every artist and every track, in every range."""

    def __init__(self, http: aiohttp.ClientSession, truth: Truth, now: datetime, admin: Mapping[str, str]) -> None:
        self._http = http
        self._truth = truth
        self._now = now
        self._admin = admin

    async def check(self, time_range: str, findings: Findings) -> None:
        """All answers of one range."""
        section = findings.section(f"analytics, {time_range}")
        sums = self._sums(time_range)
        world = self._truth.world
        every = range(world.tracks)
        await self._ask_for_everything(findings, section, time_range, sums)
        for artist in range(world.artists):
            expected = _of(sums, world.tracks_of(artist))
            await self._ask(findings, section, time_range, {"artistId": artist_id(artist)}, expected)
        for track in every:
            await self._ask(findings, section, time_range, {"trackId": track_id(track)}, _of(sums, [track]))
        await self._ask_for_metrics(section, time_range, _of(sums, every))

    async def check_everything(self, time_range: str, findings: Findings, when: str) -> None:
        """Only the answers over everything."""
        section = findings.section(f"analytics, {time_range}, {when}")
        await self._ask_for_everything(findings, section, time_range, self._sums(time_range))

    def _sums(self, time_range: str) -> dict[Key, Sums]:
        days = RANGES[time_range]
        start = None if days is None else to_ms(self._now - timedelta(days=days))
        return self._truth.between(start, to_ms(self._now))

    async def _ask_for_everything(
        self, findings: Findings, section: Section, time_range: str, sums: Mapping[Key, Sums]
    ) -> None:
        every = range(self._truth.world.tracks)
        await self._ask(findings, section, time_range, {}, _of(sums, every))
        await self._ask(findings, section, time_range, {"bots": "include"}, _of(sums, every, with_bots=True))

    async def _ask(
        self, findings: Findings, section: Section, time_range: str, which: Mapping[str, str], expected: Sums
    ) -> None:
        data = await self._get({**which, "timeRange": time_range})
        name = " ".join(which.values()) or "everything"
        for part, fields in expected_parts(expected).items():
            section.all_equal(f"{name} {part}", _without_zeros(data.get(part) or {}), fields)
        check_uniques(findings, section, name, data.get("plays") or {}, len(expected.sessions))
        self._check_stretch(section, name, time_range, data)

    async def _ask_for_metrics(self, section: Section, time_range: str, expected: Sums) -> None:
        """One metric alone: its numbers, and no others."""
        for metric, fields in expected_parts(expected).items():
            data = await self._get({"timeRange": time_range, "metric": metric})
            section.all_equal(f"metric {metric}", _without_zeros(data.get(metric) or {}), fields)
            others = [name for name in expected_parts(expected) if name != metric and data.get(name) is not None]
            section.equal(f"other metrics than {metric}", others, [])

    def _check_stretch(self, section: Section, name: str, time_range: str, data: Mapping[str, Any]) -> None:
        section.equal(f"{name} to", _moment(data.get("to")), self._now)
        days = RANGES[time_range]
        if days is not None:
            section.equal(f"{name} from", _moment(data.get("from")), self._now - timedelta(days=days))

    async def _get(self, query: Mapping[str, str]) -> dict[str, Any]:
        async with self._http.get(_PATH, params=dict(query), headers=self._admin) as answer:
            if answer.status != 200:
                return {"status": answer.status}
            content = await answer.json()
        data: dict[str, Any] = content["data"]
        return data


def expected_parts(sums: Sums) -> dict[str, dict[str, object]]:
    """The parts of an answer, without the listeners."""
    return {
        "plays": {
            "totalPlays": sums.plays,
            "sourceBreakdown": dict(sums.sources),
            "countryBreakdown": dict(sums.countries),
            "avgDuration": sums.average_duration,
            "avgCompletionRate": sums.average_completion,
            "skipRate": sums.percent_of_plays(sums.skipped),
            "replayRate": sums.percent_of_plays(sums.replayed),
        },
        "likes": {"totalLikes": sums.likes, "totalUnlikes": sums.unlikes},
        "shares": {"totalShares": sums.shares, "platformBreakdown": dict(sums.platforms)},
        "downloads": {"totalDownloads": sums.downloads},
        "saves": {"totalSaves": sums.saves, "totalUnsaves": sums.unsaves},
    }


def _of(sums: Mapping[Key, Sums], tracks: Any, *, with_bots: bool = False) -> Sums:
    verdicts = ("counted", "bots") if with_bots else ("counted",)
    keys = (Key(track, verdict) for track in tracks for verdict in verdicts)  # type: ignore[arg-type]
    return together(sums[key] for key in keys if key in sums)


def _without_zeros(part: Mapping[str, Any]) -> dict[str, Any]:
    """A breakdown may name a source that nobody used."""
    return {
        name: {key: number for key, number in value.items() if number} if isinstance(value, dict) else value
        for name, value in part.items()
    }


def _moment(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
