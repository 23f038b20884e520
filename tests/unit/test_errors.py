"""What domain errors carry."""

from datetime import timedelta

import pytest

from app.errors import (
    Allowance,
    DomainError,
    ErrorCode,
    Failed,
    FieldError,
    Invalid,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
)


def test_every_error_is_its_sentence() -> None:
    error = NotFound("Song not found")
    assert (str(error), error.message, error.code) == ("Song not found", "Song not found", ErrorCode.NOT_FOUND)
    assert str(Unauthorized()) == "Authentication required"


def test_codes_are_spelled_as_clients_read_them() -> None:
    assert all(code.name == code.value for code in ErrorCode)


def test_every_kind_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in DomainError.__subclasses__() if kind is not Failed and kind.__name__ != "RetryLater"]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert Failed("x").code is ErrorCode.SERVER_ERROR


def test_invalid_keeps_the_fields() -> None:
    faults = [FieldError("events.3.type", "is unknown")]
    assert Invalid("Bad", faults).errors == tuple(faults)
    assert Invalid("Bad").errors == ()


@pytest.mark.parametrize(("seconds", "shown"), [(-5, 1), (0, 1), (0.2, 1), (1, 1), (1.001, 2), (59.5, 60)])
def test_retry_after_is_whole_seconds_and_never_too_early(seconds: float, shown: int) -> None:
    assert Unavailable("Away", timedelta(seconds=seconds)).retry_after_seconds == shown


def test_a_refusal_by_a_rate_limit_ends_with_its_window() -> None:
    allowance = Allowance(100, 0, timedelta(seconds=90), timedelta(minutes=15))
    assert (RateLimited(allowance).retry_after, RateLimited(allowance).allowance) == (allowance.reset_after, allowance)
