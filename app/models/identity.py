"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a token can allow beyond listening."""

    ADMIN = "admin"
    ARTIST = "artist"


@dataclass(frozen=True, slots=True)
class Identity:
    """The bearer of a verified token."""

    user_id: str
    roles: frozenset[Role]
    tenants: frozenset[str]
    expires_at: datetime

    @property
    def is_admin(self) -> bool:
        """Whether the bearer may do what only admins may."""
        return Role.ADMIN in self.roles


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who acts for a tenant that is theirs."""

    identity: Identity
    tenant: str

    @property
    def user_id(self) -> str:
        """Who it is."""
        return self.identity.user_id
