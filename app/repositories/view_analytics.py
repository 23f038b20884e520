"""What a song's views say about its audience."""

from app.models.songs import SongKey
from app.models.views import DayOfViews, ViewAnalytics
from app.repositories.mongo import Document, Mongo, driver_errors

_STEPS = 10


class ViewAnalyticsRepository:
    """Aggregates views over `song_index`."""

    def __init__(self, mongo: Mongo) -> None:
        self._views = mongo.db["views"]

    async def of_song(self, song_key: SongKey) -> ViewAnalytics:
        """The audience of one song; zeros when there is none.

        Raises:
            Unavailable: the database is away, or the answer took too long.
        """
        with driver_errors():
            [facets] = await self._views.aggregate(_pipeline(song_key)).to_list(1)
        totals = facets["totals"][0] if facets["totals"] else {}
        return ViewAnalytics(
            total_views=totals.get("views", 0),
            avg_duration_ms=totals.get("duration") or 0.0,
            avg_progress_pct=totals.get("progress") or 0.0,
            completion_rate=100 * (totals.get("complete") or 0.0),
            views_by_day=tuple(DayOfViews(row["_id"].date(), row["views"]) for row in facets["days"]),
            progress_histogram=_histogram(facets["progress"]),
        )


def _pipeline(song_key: SongKey) -> list[Document]:
    step = {"$toInt": {"$min": [_STEPS - 1, {"$floor": {"$divide": ["$progressPct", 100 / _STEPS]}}]}}
    return [
        {"$match": {"songId": song_key}},
        {
            "$facet": {
                "totals": [
                    {
                        "$group": {
                            "_id": None,
                            "views": {"$sum": 1},
                            "duration": {"$avg": "$durationMs"},
                            "progress": {"$avg": "$progressPct"},
                            "complete": {"$avg": {"$cond": ["$isComplete", 1, 0]}},
                        }
                    }
                ],
                "days": [
                    {"$group": {"_id": {"$dateTrunc": {"date": "$viewedAt", "unit": "day"}}, "views": {"$sum": 1}}},
                    {"$match": {"_id": {"$ne": None}}},
                    {"$sort": {"_id": 1}},
                ],
                "progress": [{"$group": {"_id": step, "views": {"$sum": 1}}}],
            }
        },
    ]


def _histogram(rows: list[Document]) -> tuple[int, ...]:
    counts = {row["_id"] or 0: row["views"] for row in rows}
    return tuple(counts.get(step, 0) for step in range(_STEPS))
