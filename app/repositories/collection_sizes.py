"""How many documents collections have, as the database itself keeps count."""

from collections.abc import Sequence

from app.repositories.mongo import Mongo, driver_errors


class CollectionSizes:
    """Asks for sizes, each of which costs the same whatever the size."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.db

    async def of(self, names: Sequence[str]) -> dict[str, int]:
        """The number of documents of each; zero of one that does not exist.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return {name: await self._db[name].estimated_document_count() for name in names}
