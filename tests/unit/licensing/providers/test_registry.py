"""What holds for every provider's policy."""

from datetime import timedelta

import pytest

from app.models.licensing.providers import WEBHOOK_SECRET, ProviderName
from app.services.licensing.providers.registry import POLICIES, build_providers
from tests.unit.licensing.providers.scripted import Scripted, reply


def test_there_is_one_of_each_in_order() -> None:
    assert list(POLICIES) == list(ProviderName)
    providers = build_providers(Scripted(lambda _: reply({})))
    assert list(providers) == list(ProviderName)
    assert all(providers[name].policy is POLICIES[name] for name in ProviderName)
    assert all(POLICIES[name].name is name for name in ProviderName)


@pytest.mark.parametrize(
    ("name", "required", "optional"),
    [
        (ProviderName.SOUNDSTRIPE, {"apiKey"}, {"authScheme"}),
        (ProviderName.ARTLIST, {"clientId", "clientSecret"}, {"tokenUrl", "categoryIds"}),
        (ProviderName.HOOKSOUNDS, {"key", "token"}, set()),
        (ProviderName.OPENVERSE, set(), {"clientId", "clientSecret"}),
        (ProviderName.INTERNET_ARCHIVE, set(), set()),
        (ProviderName.JAMENDO, {"clientId"}, set()),
    ],
)
def test_credentials(name: ProviderName, required: set[str], optional: set[str]) -> None:
    assert set(POLICIES[name].required_credentials) == required
    assert set(POLICIES[name].optional_credentials) == optional | {WEBHOOK_SECRET}


def test_what_terms_forbid() -> None:
    copied = {name for name in ProviderName if POLICIES[name].capabilities.can_walk}
    assert copied == {
        ProviderName.SOUNDSTRIPE,
        ProviderName.ARTLIST,
        ProviderName.HOOKSOUNDS,
        ProviderName.INTERNET_ARCHIVE,
    }
    assert [name for name in ProviderName if not POLICIES[name].capabilities.may_cache_metadata] == [
        ProviderName.JAMENDO
    ]


def test_published_limits() -> None:
    def windows(name: ProviderName) -> set[tuple[timedelta, int, str | None]]:
        policy = POLICIES[name]
        return {(one.length, one.limit, one.path) for one in (*policy.extra_windows, *policy.rate_limit.windows())}

    minute, day = timedelta(minutes=1), timedelta(days=1)
    assert (timedelta(seconds=1), 25, None) in windows(ProviderName.SOUNDSTRIPE)
    assert windows(ProviderName.ARTLIST) == {(minute, 100, None), (minute, 50, "search"), (minute, 20, "download")}
    assert windows(ProviderName.OPENVERSE) == {(minute, 20, None), (day, 200, None)}
    assert (timedelta(days=31), 35_000, None) in windows(ProviderName.JAMENDO)
