"""Signing in to the demo, as it is sent."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from app.models.wire.base import CamelModel, Moment


class DemoSignIn(CamelModel):
    """Whom to be: `guest` is a listener whom nobody has been before."""

    model_config = ConfigDict(extra="forbid")

    who: Literal["listener", "artist", "admin", "guest"] = Field(alias="as")


class DemoTokenShown(CamelModel):
    """A token for the header `Authorization: Bearer …`."""

    token: str
    user_id: str
    expires_at: Moment

    @classmethod
    def of(cls, token: str, user_id: str, expires_at: datetime) -> "DemoTokenShown":
        """Show a token."""
        return cls(token=token, user_id=user_id, expires_at=expires_at)
