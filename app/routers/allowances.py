"""The `RateLimit-*` headers of every answer to a call that was counted, whether it worked or not."""

from math import ceil

from starlette.datastructures import State
from starlette.types import Scope

from app.errors import Allowance

RATE_LIMIT_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")


def note_allowance(state: State, allowance: Allowance) -> None:
    """Let the answer to this request say what is left."""
    state.allowance = allowance


def noted_allowance(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers, in ASGI's form; the reset is whole seconds from now."""
    allowance: Allowance | None = scope["state"].get("allowance")
    if allowance is None:
        return []
    reset, window = ceil(allowance.reset_after.total_seconds()), int(allowance.window.total_seconds())
    return [
        (b"ratelimit-limit", b"%d" % allowance.limit),
        (b"ratelimit-remaining", b"%d" % allowance.remaining),
        (b"ratelimit-reset", b"%d" % reset),
        (b"ratelimit-policy", b"%d;w=%d" % (allowance.limit, window)),
    ]
