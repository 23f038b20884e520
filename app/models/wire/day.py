"""A day, as ISO 8601 writes it."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def _read(written: object) -> object:
    """Only the one form: a library would take a moment, a week or a number of seconds for a day as well."""
    if isinstance(written, str):
        if not _DAY.match(written):
            raise ValueError("must be a day such as 2026-01-31")
        return date.fromisoformat(written)
    return written


Day = Annotated[date, BeforeValidator(_read)]
"""A day of the calendar."""
