"""What is known of the changes of stored data."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """A migration that was applied, and the checksum of the text that did it."""

    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class MigrationState:
    """One migration: its name, when it was applied (`None`: pending), and whether its text has changed since."""

    name: str
    applied_at: datetime | None
    is_changed: bool

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be applied."""
        return self.applied_at is None
