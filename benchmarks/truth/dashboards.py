"""Holds the dashboards of artists against the truth, number by number."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

import aiohttp

from benchmarks.truth.calendar import RANGES
from benchmarks.truth.documents import check_uniques
from benchmarks.truth.events import Event
from benchmarks.truth.findings import Findings, Section
from benchmarks.truth.moving_clock import EPOCH, to_ms
from benchmarks.truth.sums import Sums, together
from benchmarks.truth.truth import Key, Truth
from benchmarks.truth.world import artist_id, track_id, track_title

_PATH = "/api/dashboard/stats"
_TOP, _RECENT_PLAYS, _RECENT_LIKES = 5, 10, 5


class Dashboards:
    """What artists see; `headers` are those of each artist's account."""

    def __init__(
        self, http: aiohttp.ClientSession, truth: Truth, now: datetime, headers: Mapping[int, Mapping[str, str]]
    ) -> None:
        self._http = http
        self._truth = truth
        self._now = now
        self._headers = headers
        self._activity = {artist: self._latest_of(artist) for artist in headers}

    async def check(self, time_range: str, findings: Findings) -> None:
        """The dashboards of one range."""
        section = findings.section(f"dashboards, {time_range}")
        days = RANGES[time_range]
        now = to_ms(self._now)
        length = None if days is None else to_ms(EPOCH + timedelta(days=days))
        current = self._truth.between(None if length is None else now - length, now)
        before = {} if length is None else self._truth.between(now - 2 * length, now - length)
        for artist, headers in self._headers.items():
            data = await self._get(time_range, headers)
            self._check_sums(section, artist, data, current)
            check_uniques(
                findings, section, artist_id(artist), _listeners(data), len(self._sums(artist, current).sessions)
            )
            self._check_set_aside(section, artist, data, current)
            self._check_growth(section, artist, data, current, before)
            self._check_activity(section, artist, data)

    async def _get(self, time_range: str, headers: Mapping[str, str]) -> dict[str, Any]:
        async with self._http.get(_PATH, params={"timeRange": time_range}, headers=dict(headers)) as answer:
            content = await answer.json()
        data: dict[str, Any] = content.get("data") or content
        return data

    def _sums(self, artist: int, sums: Mapping[Key, Sums]) -> Sums:
        keys = (Key(track, "counted") for track in self._truth.world.tracks_of(artist))
        return together(sums[key] for key in keys if key in sums)

    def _check_sums(self, section: Section, artist: int, data: dict[str, Any], sums: Mapping[Key, Sums]) -> None:
        name, whole = artist_id(artist), self._sums(artist, sums)
        tracks = self._truth.world.tracks_of(artist)
        section.all_equal(f"{name} overview", data.get("overview") or {}, {"totalTracks": len(tracks)} | _totals(whole))
        section.all_equal(f"{name} engagement", data.get("engagement") or {}, _engagement(whole))
        section.equal(f"{name} profile", (data.get("artistProfile") or {}).get("name"), f"Artist {artist}")
        playlists = data.get("playlistStats") or {}
        section.all_equal(f"{name} playlistStats", playlists, {"playlists": 0, "submissions": 0})
        self._check_tops(section, name, data.get("topTracks") or [], {track: _of(sums, track) for track in tracks})

    def _check_tops(
        self, section: Section, name: str, shown: Sequence[dict[str, Any]], tracks: Mapping[int, Sums]
    ) -> None:
        """The most played in order, each with its own numbers; of equals any may be shown."""
        most = sorted((sums.plays for sums in tracks.values()), reverse=True)[:_TOP]
        section.equal(f"{name} topTracks", [one.get("totalPlays") for one in shown], most)
        by_id = {track_id(track): (track, sums) for track, sums in tracks.items()}
        for one in shown:
            track, sums = by_id.get(str(one.get("trackId")), (-1, Sums()))
            expected = {"title": track_title(track)} | _totals(sums)
            section.all_equal(f"{name} topTracks {track}", one, expected)

    def _check_set_aside(self, section: Section, artist: int, data: dict[str, Any], sums: Mapping[Key, Sums]) -> None:
        found = (data.get("overview") or {}).get("setAside") or {}
        tracks = self._truth.world.tracks_of(artist)
        expected = {
            "bots": sum(sums[key].plays for key in (Key(one, "bots") for one in tracks) if key in sums),
            "ownPlays": sum(sums[key].plays for key in (Key(one, "own") for one in tracks) if key in sums),
        }
        section.all_equal(f"{artist_id(artist)} setAside", found, expected)

    def _check_growth(
        self, section: Section, artist: int, data: dict[str, Any], now: Mapping[Key, Sums], before: Mapping[Key, Sums]
    ) -> None:
        current, previous = self._sums(artist, now), self._sums(artist, before)
        expected = {
            "playsGrowth": _growth(current.plays, previous.plays),
            "likesGrowth": _growth(current.likes, previous.likes),
            "sharesGrowth": _growth(current.shares, previous.shares),
        }
        section.all_equal(f"{artist_id(artist)} growth", data.get("growth") or {}, expected)

    def _check_activity(self, section: Section, artist: int, data: dict[str, Any]) -> None:
        """The latest events, whatever the range."""
        activity = data.get("recentActivity") or {}
        for name, latest in self._activity[artist].items():
            section.equal(f"{artist_id(artist)} latest {name}", _shown(activity.get(name) or []), latest)

    def _latest_of(self, artist: int) -> dict[str, list[tuple[int, str]]]:
        tracks, key_of = set(self._truth.world.tracks_of(artist)), self._truth.key_of
        counted = [one for one in self._truth.events if one.track in tracks and key_of(one).verdict == "counted"]
        return {
            "plays": _latest([one for one in counted if one.kind == "play"], _RECENT_PLAYS),
            "likes": _latest([one for one in counted if one.action == "like"], _RECENT_LIKES),
        }


def _totals(sums: Sums) -> dict[str, object]:
    return {
        "totalPlays": sums.plays,
        "totalLikes": sums.likes,
        "totalShares": sums.shares,
        "totalDownloads": sums.downloads,
        "totalSaves": sums.saves,
        "avgDuration": sums.average_duration,
        "avgCompletionRate": sums.average_completion,
    }


def _engagement(sums: Sums) -> dict[str, object]:
    return {
        "likeRate": sums.percent_of_plays(sums.likes),
        "shareRate": sums.percent_of_plays(sums.shares),
        "saveRate": sums.percent_of_plays(sums.saves),
        "downloadRate": sums.percent_of_plays(sums.downloads),
        "completionRate": sums.average_completion,
    }


def _growth(current: int, previous: int) -> float | None:
    return 100 * (current - previous) / previous if previous else None


def _listeners(data: dict[str, Any]) -> dict[str, Any]:
    overview = data.get("overview") or {}
    return {
        "uniquePlays": overview.get("uniqueListeners"),
        "uniquePlaysIsEstimate": overview.get("uniqueListenersIsEstimate"),
    }


def _of(sums: Mapping[Key, Sums], track: int) -> Sums:
    return sums.get(Key(track, "counted")) or Sums()


def _latest(events: Sequence[Event], number: int) -> list[tuple[int, str]]:
    return sorted(((one.at, track_id(one.track)) for one in nlargest(number, events, key=_when)), reverse=True)


def _when(event: Event) -> tuple[int, str]:
    return event.at, track_id(event.track)


def _shown(rows: Sequence[dict[str, Any]]) -> list[tuple[int, str]]:
    found = ((to_ms(datetime.fromisoformat(one["timestamp"])), one["trackId"]) for one in rows)
    return sorted(found, reverse=True)
