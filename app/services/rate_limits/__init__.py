"""Rate limits that hold: counted without blocking, exact over all processes when they share a Redis."""

from app.services.rate_limits.limiter import RateLimiter, Verdict

__all__ = ["RateLimiter", "Verdict"]
