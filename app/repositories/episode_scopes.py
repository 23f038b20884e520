"""What can be measured: shows, seasons and episodes of tenants, in the collections of these names."""

from app.errors import NotFound
from app.models.episodes.metrics import Scope, ScopeKind
from app.repositories.mongo import Document, Mongo, driver_errors

_COLLECTIONS = {ScopeKind.SHOW: "shows", ScopeKind.SEASON: "seasons", ScopeKind.EPISODE: "episodes"}
_FIELDS = {"tenant": 1, "show": 1, "season": 1, "duration_seconds": 1}


class EpisodeScopeRepository:
    """Finds each by its id; what belongs to another tenant is not there."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.db

    async def scope(self, tenant: str, kind: ScopeKind, scope_id: int) -> Scope:
        """The show, season or episode of this id.

        Raises:
            NotFound: the tenant has none.
            Unavailable: the database is away.
        """
        row = await self._get(tenant, kind, scope_id)
        season = scope_id if kind is ScopeKind.SEASON else row.get("season")
        return Scope(kind, scope_id, tenant, row.get("show", scope_id), season)

    async def duration(self, tenant: str, episode: int) -> int:
        """How many seconds an episode lasts.

        Raises:
            NotFound: the tenant has none.
            Unavailable: the database is away.
        """
        return int((await self._get(tenant, ScopeKind.EPISODE, episode))["duration_seconds"])

    async def tenant_of(self, episode: int) -> str:
        """Whose an episode is.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        return str((await self._get(None, ScopeKind.EPISODE, episode))["tenant"])

    async def _get(self, tenant: str | None, kind: ScopeKind, scope_id: int) -> Document:
        with driver_errors():
            row: Document | None = await self._db[_COLLECTIONS[kind]].find_one({"_id": scope_id}, _FIELDS)
        if row is None or tenant not in (None, row["tenant"]):
            raise NotFound(f"{kind.value.capitalize()} not found")
        return row
