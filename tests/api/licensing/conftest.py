"""What tests of the licensing wing share."""

import asyncio

import pytest

from app.services.licensing.access.provider_setups import READ_EVERY


@pytest.fixture(scope="module", autouse=True)
async def _set_ups_of_others_are_forgotten() -> None:
    """The app is shared, and knows for a second longer what another module has set up."""
    await asyncio.sleep(READ_EVERY.total_seconds())
