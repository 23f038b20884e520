"""All providers: what is fixed for each, and who speaks to it."""

from collections.abc import Mapping

from app.models.licensing.providers import ProviderName, ProviderPolicy
from app.services.licensing.ports import Outbound, Provider, Providers
from app.services.licensing.providers.artlist import ArtlistProvider
from app.services.licensing.providers.hooksounds import HookSoundsProvider
from app.services.licensing.providers.internet_archive import InternetArchiveProvider
from app.services.licensing.providers.jamendo import JamendoProvider
from app.services.licensing.providers.openverse import OpenverseProvider
from app.services.licensing.providers.soundstripe import SoundstripeProvider

_ADAPTERS = (
    SoundstripeProvider,
    ArtlistProvider,
    HookSoundsProvider,
    OpenverseProvider,
    InternetArchiveProvider,
    JamendoProvider,
)

POLICIES: Mapping[ProviderName, ProviderPolicy] = {adapter.policy.name: adapter.policy for adapter in _ADAPTERS}
"""In the order of `ProviderName`."""


def build_providers(outbound: Outbound) -> Providers:
    """One adapter for each name, all calling through `outbound`."""
    adapters: list[Provider] = [adapter(outbound) for adapter in _ADAPTERS]
    return {adapter.policy.name: adapter for adapter in adapters}
