"""Which providers the demo points at its sandbox, and which it leaves as an admin has set them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.demo.providers import DEMO_ADMIN, DemoProvider, DemoSandbox, set_up_demo_providers
from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName, ProviderSetup
from tests.licensing.fake_provider import policy, setup

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAID = {ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST, ProviderName.HOOKSOUNDS}


class FakeSetups:
    def __init__(self) -> None:
        self.setups = {name: setup(policy(name), version=0) for name in ProviderName}
        self.changed: list[ProviderName] = []

    async def get(self, name: ProviderName) -> ProviderSetup:
        return self.setups[name]

    async def change(self, name: ProviderName, change: ProviderChange, by: str) -> ProviderSetup:
        assert by == DEMO_ADMIN
        self.changed.append(name)
        before = self.setups[name]
        self.setups[name] = replace(
            before,
            enabled=before.enabled if change.enabled is None else change.enabled,
            base_url=change.base_url or before.base_url,
            credentials={name: value for name, value in change.credentials.items() if value},
            version=before.version + 1,
        )
        return self.setups[name]


class FakeTerms:
    def __init__(self) -> None:
        self.drafts: dict[ProviderName, TermsDraft] = {}

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        draft = self.drafts.get(provider)
        return draft and LicenceTerms(provider, tenant_id, 1, draft, NOW, DEMO_ADMIN, "")

    async def set(self, provider: ProviderName, tenant_id: str | None, draft: TermsDraft, by: str) -> LicenceTerms:
        assert tenant_id is None
        self.drafts[provider] = draft
        return LicenceTerms(provider, tenant_id, 1, draft, NOW, by, "")


def sandbox(port: int) -> DemoSandbox:
    address = f"http://127.0.0.1:{port}"
    return DemoSandbox(address, {name: DemoProvider(f"{address}/{name}", {"key": "x"}) for name in ProviderName})


async def test_all_are_pointed_at_the_sandbox_and_the_paid_ones_have_terms() -> None:
    setups, terms = FakeSetups(), FakeTerms()
    assert set(await set_up_demo_providers(setups, terms, sandbox(9000), NOW)) == set(ProviderName)
    for name, one in setups.setups.items():
        assert (one.enabled, one.base_url, one.credentials) == (True, f"http://127.0.0.1:9000/{name}", {"key": "x"})
    assert set(terms.drafts) == PAID
    ends = {name: draft.expires_at for name, draft in terms.drafts.items()}
    assert ends[ProviderName.SOUNDSTRIPE] is None
    assert ends[ProviderName.HOOKSOUNDS] == NOW + timedelta(days=20)


async def test_set_ups_of_an_earlier_demo_follow_to_the_new_port_and_stay_off() -> None:
    setups, terms = FakeSetups(), FakeTerms()
    await set_up_demo_providers(setups, terms, sandbox(9000), NOW)
    setups.setups[ProviderName.ARTLIST] = replace(setups.setups[ProviderName.ARTLIST], enabled=False)
    terms.drafts[ProviderName.ARTLIST] = TermsDraft("other")
    assert await set_up_demo_providers(setups, terms, sandbox(9001), NOW) == []
    assert {one.base_url for one in setups.setups.values()} == {
        f"http://127.0.0.1:9001/{name}" for name in ProviderName
    }
    assert not setups.setups[ProviderName.ARTLIST].enabled
    assert terms.drafts[ProviderName.ARTLIST].type == "other"
    setups.changed.clear()
    await set_up_demo_providers(setups, terms, sandbox(9001), NOW)
    assert setups.changed == []


async def test_what_an_admin_has_set_up_stays() -> None:
    setups, terms = FakeSetups(), FakeTerms()
    before = replace(setups.setups[ProviderName.JAMENDO], version=1, base_url="https://api.jamendo.com/v3.0")
    setups.setups[ProviderName.JAMENDO] = before
    assert ProviderName.JAMENDO not in await set_up_demo_providers(setups, terms, sandbox(9000), NOW)
    assert setups.setups[ProviderName.JAMENDO] == before


async def test_terms_that_are_there_stay() -> None:
    setups, terms = FakeSetups(), FakeTerms()
    terms.drafts[ProviderName.SOUNDSTRIPE] = TermsDraft("mine")
    await set_up_demo_providers(setups, terms, sandbox(9000), NOW)
    assert terms.drafts[ProviderName.SOUNDSTRIPE].type == "mine"
