"""What tests of the licensing wing share."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.services.licensing.access import provider_setups


@pytest.fixture(scope="module", autouse=True)
def _set_ups_of_others_are_forgotten() -> Iterator[None]:
    """The app is shared, and would go on for a while with what another test has set up: here it always reads."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(provider_setups, "READ_EVERY", timedelta(0))
        patches.setattr(provider_setups, "_READ_WITHIN_SECONDS", 30)
        yield
