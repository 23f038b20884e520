"""How shows, seasons and episodes lie in the database, and in which order they are read."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.models.episodes.catalogue import Changes, Episode, EpisodeDraft, Order, Season, SeasonDraft, Show, ShowDraft
from app.repositories.mongo import Document

Sort = Sequence[tuple[str, int]]

BY_ID: Sort = (("_id", 1),)
BY_NUMBER: Sort = (("show", 1), ("season_number", 1), ("_id", 1))

# What MongoDB sorts first is null; these stand in for it, so that an index has it last.
_NO_NUMBER = 2**53
_NO_DATE = datetime(9999, 12, 31, tzinfo=UTC)
_LAST_IF_MISSING = {"episode_number": "order_number", "source_published_at": "order_published"}
_STORED = {"id": "_id"}


def episode_sort(orders: Sequence[Order]) -> Sort:
    """The order of a list, down to the id, so that every part of it is of the same whole."""
    keys = dict(_key(order) for order in orders)
    return list((keys | {"_id": keys.get("_id", 1)}).items())


def _key(order: Order) -> tuple[str, int]:
    if order.is_descending:  # null is the least there is, so that from the other end it is last by itself
        return _STORED.get(order.field, order.field), -1
    return _STORED.get(order.field) or _LAST_IF_MISSING.get(order.field, order.field), 1


def with_order(changes: Changes) -> Changes:
    """Together with what the list is sorted by."""
    ordered = dict(changes)
    if "episode_number" in changes:
        number = changes["episode_number"]
        ordered["order_number"] = _NO_NUMBER if number is None else number
    if "source_published_at" in changes:
        ordered["order_published"] = changes["source_published_at"] or _NO_DATE
    return ordered


def new_show(show_id: int, tenant: str, draft: ShowDraft, at: datetime) -> Document:
    """A row of `shows` to add."""
    row: Document = {"_id": show_id, "tenant": tenant, "title": draft.title, "cover_image": draft.cover_image}
    return row | {"created_at": at, "updated_at": at}


def new_season(season_id: int, tenant: str, draft: SeasonDraft, at: datetime) -> Document:
    """A row of `seasons` to add."""
    return {
        "_id": season_id,
        "tenant": tenant,
        "show": draft.show_id,
        "season_number": draft.season_number,
        "title": draft.title,
        "cover_image": draft.cover_image,
        "created_at": at,
        "updated_at": at,
    }


def new_episode(episode_id: int, tenant: str, draft: EpisodeDraft, at: datetime) -> Document:
    """A row of `episodes` to add, which gets its show from its season."""
    sorted_by = with_order({"episode_number": draft.episode_number, "source_published_at": draft.source_published_at})
    return {
        "_id": episode_id,
        "tenant": tenant,
        "season": draft.season_id,
        "title": draft.title,
        "video_id": draft.video_id,
        "duration_seconds": draft.duration_seconds,
        **sorted_by,
        "created_at": at,
        "updated_at": at,
    }


def to_show(row: Document) -> Show:
    """A row of `shows`."""
    return Show(row["_id"], row["title"], row["cover_image"], row["created_at"], row["updated_at"])


def to_season(row: Document) -> Season:
    """A row of `seasons`."""
    return Season(
        id=row["_id"],
        show_id=row["show"],
        season_number=row["season_number"],
        title=row["title"],
        cover_image=row["cover_image"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def to_episode(row: Document) -> Episode:
    """A row of `episodes`."""
    return Episode(
        id=row["_id"],
        show_id=row["show"],
        season_id=row["season"],
        title=row["title"],
        video_id=row["video_id"],
        duration_seconds=row["duration_seconds"],
        episode_number=row["episode_number"],
        source_published_at=row["source_published_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
