"""The copyright-free wing: everything concrete of it."""

from app.clock import Clock
from app.models.reactions import Reaction
from app.repositories.copyright_free_erasure import SongRowErasureRepository
from app.repositories.counter_audit import CounterAuditRepository
from app.repositories.mongo import Mongo
from app.repositories.reactions import ReactionRepository
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.view_analytics import ViewAnalyticsRepository
from app.repositories.views import ViewRepository
from app.services.copyright_free import personal_data
from app.services.copyright_free.announcements import Announcements
from app.services.copyright_free.catalogue import CatalogueService
from app.services.copyright_free.ports import CountsPublisher
from app.services.copyright_free.reactions import ReactionService
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.copyright_free.song_names import SongNames
from app.services.copyright_free.views import ViewService
from app.services.privacy import PersonalData


class CopyrightFreeWing:
    """Views, reactions and the catalogue that they are about."""

    def __init__(self, mongo: Mongo, publisher: CountsPublisher, clock: Clock) -> None:
        songs = SongRepository(mongo)
        views = ViewRepository(mongo)
        likes = ReactionRepository(mongo, Reaction.LIKE)
        bookmarks = ReactionRepository(mongo, Reaction.BOOKMARK)
        names = SongNames(songs)
        announcements = Announcements(publisher)

        self.views = ViewService(songs, names, views, announcements, clock)
        self.likes = ReactionService(Reaction.LIKE, names, likes, announcements, clock)
        self.bookmarks = ReactionService(Reaction.BOOKMARK, names, bookmarks, announcements, clock)
        self.catalogue = CatalogueService(
            songs, SongRemovalRepository(mongo), views, likes, bookmarks, ViewAnalyticsRepository(mongo), clock
        )
        self.reconciliation = ReconciliationService(CounterAuditRepository(mongo))
        self.personal_data = _personal_data(mongo, announcements)

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.views.close()
        await self.likes.close()
        await self.bookmarks.close()


def _personal_data(mongo: Mongo, announcements: Announcements) -> tuple[PersonalData, ...]:
    return personal_data.personal_data(
        views=SongRowErasureRepository(mongo, "views", "viewCount"),
        likes=SongRowErasureRepository(mongo, "likes", "likeCount"),
        bookmarks=SongRowErasureRepository(mongo, "bookmarks", "bookmarkCount"),
        announcements=announcements,
    )
