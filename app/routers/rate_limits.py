"""Counts a call against a rate limit, and says in headers what is left of it."""

from fastapi import Request
from limits import RateLimitItem
from slowapi.errors import RateLimitExceeded
from slowapi.wrappers import Limit

from app.routers.allowances import note_allowance
from app.services.rate_limits import RateLimiter


async def spend(limiter: RateLimiter, limit: RateLimitItem, name: str, who: str, request: Request) -> None:
    """Count one call of `who` against the limit called `name`, and let the answer say what is left.

    Raises:
        RateLimitExceeded: it is used up; the answer is 429.
    """
    verdict = await limiter.hit(limit, name, who)
    if verdict is None:
        return
    note_allowance(request.state, verdict.allowance)
    if not verdict.is_allowed:
        raise RateLimitExceeded(_declared(limit, name))


def _declared(limit: RateLimitItem, name: str) -> Limit:
    """The limit as slowapi declares it, which its error carries."""
    return Limit(limit, lambda: "", name, False, None, None, None, 1, False)
