"""Health as it is shown."""

from typing import Literal

from app.models.wire.base import CamelModel


class Alive(CamelModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(CamelModel):
    """Everything that requests need is there."""

    status: Literal["ready"] = "ready"
    checks: dict[str, Literal["ok"]]
