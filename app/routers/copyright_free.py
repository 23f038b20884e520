"""`/api/audio/copyright-free`: the catalogue, views, likes and bookmarks."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.models.catalogue import SongFilter, SongSort
from app.models.pages import CURSOR_PATTERN
from app.models.wire.base import Answer
from app.models.wire.songs import BookmarkState, LikeState, SongDetail, SongList, SongShown
from app.models.wire.views import AnalyticsShown, ViewReportBody, ViewState
from app.routers.bodies import JsonBody
from app.routers.dependencies import Bookmarks, Caller, Catalogue, Guest, Likes, ViewCaller, Views
from app.routers.documentation import errors, example
from app.routers.routing import Router

router = Router(prefix="/api/audio/copyright-free", tags=["Copyright-free music"])

SongId = Annotated[
    str, Path(alias="songId", description="The song's id or its slug.", examples=["song-in-the-name-of-jesus"])
]
Words = Annotated[str | None, Query(max_length=200, description="Words of the title or the artist; all must occur.")]
ArtistName = Annotated[str | None, Query(max_length=300, pattern=r"^[^\x00]*$", description="The artist, in any case.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=1024, pattern=CURSOR_PATTERN, description="`nextCursor` of the page before."),
]

_view_report = JsonBody(ViewReportBody, may_be_empty=True)


@router.get("", summary="List songs", responses=errors(400))
async def list_songs(
    catalogue: Catalogue,
    query: Words = None,
    artist: ArtistName = None,
    sort: SongSort = SongSort.RECENT,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Answer[SongList]:
    """Songs of the catalogue, in pages. A page neither repeats nor skips songs when others are added meanwhile."""
    page = await catalogue.page(SongFilter(query or None, artist or None, sort, limit, cursor))
    return Answer(data=SongList.of(page))


@router.get("/{songId}", summary="Show a song", responses=errors(401, 404), response_model_exclude_unset=True)
async def show_song(song_id: SongId, catalogue: Catalogue, guest: Guest) -> Answer[SongDetail]:
    """One song; with a token also `hasViewed`, `hasLiked` and `hasBookmarked`."""
    song = await catalogue.get(song_id)
    shown = SongShown.of(song).model_dump()
    if guest is None:
        return Answer(success=True, data=SongDetail(**shown))
    standing = await catalogue.standing(guest.user_id, song.key)
    return Answer(
        success=True,
        data=SongDetail(
            **shown,
            has_viewed=standing.has_viewed,
            has_liked=standing.has_liked,
            has_bookmarked=standing.has_bookmarked,
        ),
    )


@router.post(
    "/{songId}/view",
    summary="Record a view",
    responses=errors(400, 401, 404, 413, 429) | example({"viewCount": 1251, "hasViewed": True}),
    openapi_extra=_view_report.documentation,
)
async def record_view(
    song_id: SongId,
    caller: ViewCaller,
    report: Annotated[ViewReportBody, Depends(_view_report)],
    views: Views,
) -> Answer[ViewState]:
    """Count the caller's view of a song: one per user and song, whatever is repeated, retried or sent at once.

    A repeat raises `durationMs` and `progressPct` to their maximum and counts nothing. A report that reaches neither
    3,000 ms nor 25 % nor the end is not recorded. After a 503 the same report can be sent again.
    """
    view_count, has_viewed = await views.record(caller.user_id, song_id, report.to_engagement())
    return Answer(data=ViewState(view_count=view_count, has_viewed=has_viewed))


@router.get("/{songId}/analytics", summary="Analyse a song's audience", responses=errors(401, 403, 404))
async def analyse_song(song_id: SongId, caller: Caller, catalogue: Catalogue) -> Answer[AnalyticsShown]:
    """Who listens to a song and how far, for admins and for the song's artist; zeros when nobody does."""
    return Answer(data=AnalyticsShown.of(await catalogue.audience(caller, song_id)))


@router.put("/{songId}/like", summary="Like a song", responses=errors(401, 404))
async def like(song_id: SongId, caller: Caller, likes: Likes) -> Answer[LikeState]:
    """Like a song; doing it twice changes nothing."""
    return Answer(data=LikeState.of(await likes.put(caller.user_id, song_id, is_set=True)))


@router.delete("/{songId}/like", summary="Take back a like", responses=errors(401, 404))
async def unlike(song_id: SongId, caller: Caller, likes: Likes) -> Answer[LikeState]:
    """Take back a like; doing it twice changes nothing."""
    return Answer(data=LikeState.of(await likes.put(caller.user_id, song_id, is_set=False)))


@router.put("/{songId}/bookmark", summary="Bookmark a song", responses=errors(401, 404))
async def bookmark(song_id: SongId, caller: Caller, bookmarks: Bookmarks) -> Answer[BookmarkState]:
    """Bookmark a song; doing it twice changes nothing."""
    return Answer(data=BookmarkState.of(await bookmarks.put(caller.user_id, song_id, is_set=True)))


@router.delete("/{songId}/bookmark", summary="Take back a bookmark", responses=errors(401, 404))
async def unbookmark(song_id: SongId, caller: Caller, bookmarks: Bookmarks) -> Answer[BookmarkState]:
    """Take back a bookmark; doing it twice changes nothing."""
    return Answer(data=BookmarkState.of(await bookmarks.put(caller.user_id, song_id, is_set=False)))
