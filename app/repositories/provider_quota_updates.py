"""The one update by which calls get their places in a provider's quotas, as a pipeline."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from app.models.licensing.quotas import LONGEST_CALL, CountedWindow, Leaving, Wish
from app.repositories.mongo import Document

SERVER_TIME = "$$NOW"


def turn(
    windows: Sequence[CountedWindow], wishes: Sequence[Wish], leaving: Sequence[Leaving], now: object = SERVER_TIME
) -> list[Document]:
    """Forget what counts no more, let calls end, then grant wish after wish what all of its windows have room for.

    `granted` of the document becomes the places for each wish.
    """
    return [
        {"$set": {"asOf": now, "granted": []}},
        {"$set": {_path(window): _still_counted(window, leaving) for window in windows}},
        *(stage for wish in wishes for stage in _grant(wish, [one for one in windows if one.counts(wish.kind)])),
    ]


def block(wait: timedelta, now: object = SERVER_TIME) -> list[Document]:
    """Let nobody call for so long, or for as long as somebody has said before."""
    return [{"$set": {"blockedUntil": {"$max": ["$blockedUntil", {"$add": [now, _ms(wait)]}]}}}]


def _grant(wish: Wish, windows: Sequence[CountedWindow]) -> Iterator[Document]:
    is_blocked = {"$gt": [{"$ifNull": ["$blockedUntil", "$asOf"]}, "$asOf"]}
    free = {"$max": [0, {"$min": [wish.count, *_room(wish, windows)]}]}
    yield {"$set": {"granted": {"$concatArrays": ["$granted", [{"$cond": [is_blocked, 0, free]}]]}}}
    granted = {"$last": "$granted"}
    yield {"$set": {_path(one): _added(f"${_path(one)}", _held_until(one, LONGEST_CALL), granted) for one in windows}}


def _room(wish: Wish, windows: Sequence[CountedWindow]) -> Iterator[Document]:
    for window in windows:
        cap = window.cap(background=wish.background)
        if cap is not None:
            yield {"$subtract": [cap, {"$sum": f"${_path(window)}.calls"}]}


def _still_counted(window: CountedWindow, leaving: Sequence[Leaving]) -> Document:
    live = {
        "$filter": {
            "input": {"$ifNull": [f"${_path(window)}", []]},
            "as": "one",
            "cond": {"$gt": ["$$one.until", "$asOf"]},
        }
    }
    ended = [one for one in leaving if window.counts(one.kind)]
    return _moved(window, live, ended) if ended else live


def _moved(window: CountedWindow, live: Document, ended: Sequence[Leaving]) -> Document:
    """What ended counts from now on, and no longer from the latest moment at which it might have ended."""
    left = {"$filter": {"input": _without(window, ended), "as": "one", "cond": {"$gt": ["$$one.calls", 0]}}}
    count = {"$subtract": [{"$sum": "$$live.calls"}, {"$sum": "$$left.calls"}]}
    moved = _added("$$left", _held_until(window, timedelta(0)), count)
    return {"$let": {"vars": {"live": live}, "in": {"$let": {"vars": {"left": left}, "in": moved}}}}


def _without(window: CountedWindow, ended: Sequence[Leaving]) -> Document:
    gone = [
        {"$cond": [{"$eq": ["$$one.until", window.held_until(one.reserved_at + LONGEST_CALL)]}, one.count, 0]}
        for one in ended
    ]
    calls = {"$subtract": ["$$one.calls", {"$add": gone}]}
    return {"$map": {"input": "$$live", "as": "one", "in": {"until": "$$one.until", "calls": calls}}}


def _added(entries: str, until: Document, calls: object) -> Document:
    """The entries with so many calls more that count until then."""
    more = {"until": "$$one.until", "calls": {"$add": ["$$one.calls", "$$more"]}}
    raised = {
        "$map": {"input": entries, "as": "one", "in": {"$cond": [{"$eq": ["$$one.until", "$$until"]}, more, "$$one"]}}
    }
    appended = {"$concatArrays": [entries, [{"until": "$$until", "calls": "$$more"}]]}
    changed = {"$cond": [{"$in": ["$$until", f"{entries}.until"]}, raised, appended]}
    unless_none = {"$cond": [{"$gt": ["$$more", 0]}, changed, entries]}
    return {"$let": {"vars": {"until": until, "more": calls}, "in": unless_none}}


def _held_until(window: CountedWindow, ends_in: timedelta) -> Document:
    """`CountedWindow.held_until` of a moment so far ahead of the document's `asOf`."""
    ended = {"$add": [{"$toLong": "$asOf"}, _ms(ends_in)]}
    slot = _ms(window.slot)
    return {"$toDate": {"$add": [{"$subtract": [ended, {"$mod": [ended, slot]}]}, slot + _ms(window.length)]}}


def _path(window: CountedWindow) -> str:
    return f"windows.{window.name}"


def _ms(time: timedelta) -> Any:
    return time // timedelta(milliseconds=1)
