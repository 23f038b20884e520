"""Adds up, in the database, the daily buckets of nearly all tracks."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.models.stats.buckets import Split
from app.repositories.mongo import Document
from app.repositories.stats_rollup_documents import BREAKDOWN_FIELDS, SUM_FIELDS, to_split

_PREFIXES: Mapping[str, str] = {"counted": "", "bots": "bots.", "own": "own."}


def day_sums_pipeline(days: Mapping[datetime, Collection[str]]) -> list[Document]:
    """On each day, over all tracks but these. Two sums in one pass: numbers, and breakdowns by whatever names occur."""
    wanted = [{"date": day, "trackId": {"$nin": list(track_ids)}} for day, track_ids in days.items()]
    return [{"$match": {"$or": wanted}}, {"$facet": {"sums": [_sums()], "breakdowns": _breakdowns()}}]


def to_day_sums(answer: Document) -> dict[datetime, Split]:
    """What the pipeline found."""
    stored: dict[datetime, Document] = {}
    for row in answer["sums"]:
        parts = {name: {field: row[f"{name}_{field}"] for field in SUM_FIELDS.values()} for name in _PREFIXES}
        stored[row["_id"]] = parts
    for row in answer["breakdowns"]:
        of = row["_id"]
        stored[of["d"]][of["v"]].setdefault(of["f"], {})[of["k"]] = row["n"]
    return {day: to_split(parts) for day, parts in stored.items()}


def _sums() -> Document:
    fields = {
        f"{name}_{field}": {"$sum": f"${prefix}{field}"}
        for name, prefix in _PREFIXES.items()
        for field in SUM_FIELDS.values()
    }
    return {"$group": {"_id": "$date"} | fields}


def _breakdowns() -> list[Document]:
    entries = [
        _entries(name, prefix, field) for name, prefix in _PREFIXES.items() for field in BREAKDOWN_FIELDS.values()
    ]
    key = {"d": "$date", "v": "$entry.v", "f": "$entry.f", "k": "$entry.k"}
    return [
        {"$project": {"date": 1, "entry": {"$concatArrays": entries}}},
        {"$unwind": "$entry"},
        {"$group": {"_id": key, "n": {"$sum": "$entry.n"}}},
    ]


def _entries(name: str, prefix: str, field: str) -> Document:
    stored = {"$objectToArray": {"$ifNull": [f"${prefix}{field}", {}]}}
    shown = {"v": name, "f": field, "k": "$$one.k", "n": "$$one.v"}
    return {"$map": {"input": stored, "as": "one", "in": shown}}
