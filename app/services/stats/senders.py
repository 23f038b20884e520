"""Who sent a batch, as far as it may be kept."""

import re
from collections.abc import Callable
from typing import Protocol

from app.models.stats.events import Sender
from app.services.stats.addresses import Address, Anonymization, anonymizer, read_address
from app.services.stats.user_agents import LONGEST_USER_AGENT

_COUNTRY = re.compile(r"[A-Za-z]{2}")
# What Cloudflare says of an unknown place and of Tor.
_NOWHERE = ("XX", "T1")


class Countries(Protocol):
    """Knows where addresses are."""

    def country_of(self, address: Address, /) -> str | None:
        """Two letters, or nothing when it is not known."""
        ...


class Senders:
    """Makes a `Sender` out of what a request says of its origin."""

    def __init__(self, anonymization: Anonymization, countries: Countries | None = None) -> None:
        self._anonymized: Callable[[Address], str | None] = anonymizer(anonymization)
        self._countries = countries

    def identify(self, user_id: str | None, host: str | None, user_agent: str, declared_country: str | None) -> Sender:
        """The sender at `host`, which is no address at all when a proxy passed nonsense on.

        `declared_country` is what a trusted proxy found; without one the whole address is looked up, before it is
        anonymised.
        """
        address = read_address(host)
        country = _known(declared_country)
        if country is None and address is not None and self._countries is not None:
            country = _known(self._countries.country_of(address))
        kept = None if address is None else self._anonymized(address)
        return Sender(user_id, kept, user_agent[:LONGEST_USER_AGENT], country)


def _known(code: str | None) -> str | None:
    letters = (code or "").strip()
    # Before it is in upper case: that of a single "ß" is the two letters of South Sudan.
    if not _COUNTRY.fullmatch(letters) or letters.upper() in _NOWHERE:
        return None
    return letters.upper()
