"""Holds every stored number against the truth: counters, raw rows, and every document of the rollups."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.repositories.mongo import Database
from benchmarks.truth.calendar import GRAINS, midnight
from benchmarks.truth.events import KINDS
from benchmarks.truth.findings import Findings, Section
from benchmarks.truth.sums import Sums, together
from benchmarks.truth.truth import Key, Truth
from benchmarks.truth.world import track_id

Document = dict[str, Any]
ByVerdict = dict[str, Sums]

_COLLECTIONS = {
    "day": ("daily_stats", "date"),
    "week": ("weekly_stats", "weekStart"),
    "month": ("monthly_stats", "monthStart"),
    "year": ("yearly_stats", "year"),
}
_NOTHING = Sums()


async def check_rows(db: Database, truth: Truth, findings: Findings) -> None:
    """As many raw rows of each type as events happened, and as many keys."""
    section = findings.section("raw rows")
    for kind in KINDS:
        expected = sum(1 for event in truth.events if event.kind == kind)
        section.equal(f"{kind}_events", await db[f"{kind}_events"].count_documents({}), expected)
    section.equal("event_keys", await db["event_keys"].count_documents({}), len(truth.events))


async def check_counters(db: Database, truth: Truth, findings: Findings) -> None:
    """The counters on every track."""
    section = findings.section("counters of tracks")
    stored = {str(one["_id"]): one async for one in db["tracks"].find()}
    for track, sums in truth.counters().items():
        section.all_equal(track_id(track), stored.get(track_id(track), {}), counters_of(sums))


def counters_of(sums: Sums) -> Mapping[str, object]:
    """What a track counts."""
    return {
        "playCount": sums.plays,
        "likeCount": sums.likes - sums.unlikes,
        "shareCount": sums.shares,
        "downloadCount": sums.downloads,
    }


async def check_rollups(db: Database, truth: Truth, findings: Findings) -> None:
    """Every document of every track, and those of everything together."""
    for grain in GRAINS:
        collection, field = _COLLECTIONS[grain]
        expected = _by_period(truth.periods(grain))
        await _check_tracks(db, collection, field, expected, findings.section(collection))
        await _check_platform(db, grain, expected, findings)


def _by_period(periods: Mapping[tuple[Key, date], Sums]) -> dict[tuple[str, date], ByVerdict]:
    found: dict[tuple[str, date], ByVerdict] = defaultdict(dict)
    for (key, start), sums in periods.items():
        found[track_id(key.track), start][key.verdict] = sums
    return found


async def _check_tracks(
    db: Database, collection: str, field: str, expected: Mapping[tuple[str, date], ByVerdict], section: Section
) -> None:
    seen = set()
    async for stored in db[collection].find({}, {"listeners": 0, "bots.listeners": 0}):
        key = (stored["trackId"], _start_of(stored[field]))
        if key in seen:
            section.differ(f"{key} is there twice")
        seen.add(key)
        _check_document(section, f"{key[0]} {key[1]}", stored, expected.get(key, {}))
    for key in expected.keys() - seen:
        section.differ(f"{key} is missing")


def _start_of(stored: Any) -> date:
    if isinstance(stored, int):
        return date(stored, 1, 1)
    moment: date = stored.date()
    return moment if midnight(moment) == stored else date.min


def _check_document(section: Section, name: str, stored: Document, expected: ByVerdict) -> None:
    counted = expected.get("counted", _NOTHING)
    section.all_equal(name, stored, _sums(counted) | _quotients(counted))
    section.equal(f"{name} uniquePlays", stored.get("uniquePlays"), len(counted.sessions))
    section.equal(f"{name} uniquePlaysIsEstimate", stored.get("uniquePlaysIsEstimate"), False)
    for verdict in ("bots", "own"):
        found = stored.get(verdict) or {}
        if found or verdict in expected:
            section.all_equal(f"{name} {verdict}", _filled(found), _sums(expected.get(verdict, _NOTHING)))


async def _check_platform(
    db: Database, grain: str, expected: Mapping[tuple[str, date], ByVerdict], findings: Findings
) -> None:
    section = findings.section(f"platform_stats, {grain}")
    parts: dict[date, list[Sums]] = defaultdict(list)
    for (_track, start), verdicts in expected.items():
        parts[start] += [verdicts["counted"]] if "counted" in verdicts else []
    stored = {one["start"].date(): one async for one in db["platform_stats"].find({"granularity": grain})}
    for start, of_tracks in parts.items():
        whole, found = together(of_tracks), stored.get(start, {})
        section.all_equal(str(start), found, _sums(whole) | _quotients(whole))
        check_uniques(findings, section, f"{start}", found, len(whole.sessions))


def check_uniques(findings: Findings, section: Section, name: str, found: Mapping[str, Any], expected: int) -> None:
    """Exact, or flagged and near."""
    if found.get("uniquePlaysIsEstimate"):
        findings.listeners.take(int(found["uniquePlays"]), expected)
    else:
        section.equal(f"{name} uniquePlays", found.get("uniquePlays"), expected)


def _sums(sums: Sums) -> Document:
    return {
        "totalPlays": sums.plays,
        "totalLikes": sums.likes,
        "totalUnlikes": sums.unlikes,
        "totalSaves": sums.saves,
        "totalUnsaves": sums.unsaves,
        "totalShares": sums.shares,
        "totalDownloads": sums.downloads,
        "durationSum": sums.duration_sum,
        "durationCount": sums.durations,
        "completionSum": sums.completion_sum,
        "completionCount": sums.completions,
        "skippedPlays": sums.skipped,
        "replayedPlays": sums.replayed,
        "sourceBreakdown": dict(sums.sources),
        "platformBreakdown": dict(sums.platforms),
        "countryBreakdown": dict(sums.countries),
    }


def _quotients(sums: Sums) -> Document:
    return {
        "avgDuration": sums.average_duration,
        "avgCompletionRate": sums.average_completion,
        "skipRate": sums.percent_of_plays(sums.skipped),
        "replayRate": sums.percent_of_plays(sums.replayed),
    }


def _filled(stored: Document) -> Document:
    """A part of a document, in which zeros may be left out."""
    return _sums(_NOTHING) | stored
