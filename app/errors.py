"""Domain errors: what went wrong, said without HTTP and without Socket.IO."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil


class ErrorCode(StrEnum):
    """The `code` of the one error shape; clients switch on it, so a code never changes its meaning."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    RATE_LIMITED = "RATE_LIMITED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    LICENSE_INVALID = "LICENSE_INVALID"
    SERVER_ERROR = "SERVER_ERROR"
    UPSTREAM_ERROR = "UPSTREAM_ERROR"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of one field; `field` is a dotted path such as `events.3.type`."""

    field: str
    message: str


class DomainError(Exception):
    """Something a caller can be told about; the message is a sentence for a person."""

    code = ErrorCode.SERVER_ERROR

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """The input is wrong; `errors` names each wrong field."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class Unauthorized(DomainError):
    """Nobody, or nobody we can believe, is asking."""

    code = ErrorCode.UNAUTHORIZED

    def __init__(self, message: str = "Authentication required") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """We know who is asking, and the answer is no."""

    code = ErrorCode.FORBIDDEN


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    code = ErrorCode.NOT_FOUND


class Conflict(DomainError):
    """The state of things does not allow it."""

    code = ErrorCode.CONFLICT


class StaleVersion(Conflict):
    """Somebody else changed it meanwhile; `version` is the current one, which the caller has to start from."""

    def __init__(self, what: str, version: int) -> None:
        super().__init__(f"{what} was changed meanwhile, and is at version {version}")
        self.version = version


class PayloadTooLarge(DomainError):
    """More was sent than is read."""

    code = ErrorCode.PAYLOAD_TOO_LARGE


class RetryLater(DomainError):
    """A refusal that ends by itself after `retry_after`."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def retry_after_seconds(self) -> int:
        """Whole seconds, at least one: a client that obeys must not come back too early."""
        return max(1, ceil(self.retry_after.total_seconds()))


class Unavailable(RetryLater):
    """Something that we need is away, or more waits than we hold; nothing was lost, the same call can be made again."""

    code = ErrorCode.UNAVAILABLE

    def __init__(self, message: str, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(message, retry_after)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a rate limit: of `limit` calls a `window`, `remaining` now, and one more after `reset_after`."""

    limit: int
    remaining: int
    reset_after: timedelta
    window: timedelta


class RateLimited(RetryLater):
    """The caller has used up its allowance."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many requests, please try again later", allowance.reset_after)
        self.allowance = allowance


class QuotaExceeded(RetryLater):
    """What may be asked of somebody else is used up; `retry_after` is when the next call is free.

    `allowance` is the quota that is used up, when one of ours is; the provider itself may have refused as well.
    """

    code = ErrorCode.QUOTA_EXCEEDED

    def __init__(self, message: str, retry_after: timedelta, allowance: Allowance | None = None) -> None:
        super().__init__(message, retry_after)
        self.allowance = allowance


class UpstreamFailed(DomainError):
    """Somebody else's service did not give what was asked, and nothing that was kept can stand in for it."""

    code = ErrorCode.UPSTREAM_ERROR


class LicenseInvalid(Conflict):
    """There is no valid licence for this use; `reasons` has a sentence for each thing that is in the way."""

    code = ErrorCode.LICENSE_INVALID

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("Not licensed for this use: " + "; ".join(reasons))
        self.reasons = tuple(reasons)


class FailureReason(StrEnum):
    """Why a write did not go through this time."""

    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    AWAY = "away"


class TransientFailure(Exception):
    """A write that may succeed when it is made again; with `UNKNOWN` it may also have gone through already."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Failed(DomainError):
    """We are at fault; the message says what did not work, and the log says why."""
