"""The licensing wing: everything concrete of it."""

from app.clock import Clock
from app.config import Settings
from app.repositories.mongo import Mongo
from app.services.privacy import PersonalData


class LicensingWing:
    """Provider catalogues, what is kept of them, and the licences under which they are used."""

    def __init__(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        self.personal_data: tuple[PersonalData, ...] = ()

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
