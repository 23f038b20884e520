"""Senders: what is kept of an address, and which country it is in."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from app.config import SettingsError
from app.services.stats.addresses import Address, customer, read_address
from app.services.stats.geoip import CountryDatabase
from app.services.stats.senders import Senders
from tests.unit.stats.mmdb import write_countries


class FakeCountries:
    """Knows one address, and remembers what it was asked."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    def country_of(self, address: Address) -> str | None:
        self.asked.append(str(address))
        return self.known.get("everywhere")


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1234:5678:9abc:def0:1:2", "2001:db8:1234::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("unknown", None),
        ("203.0.113.999", None),
        ("1", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_truncated(host: str | None, kept: str | None) -> None:
    assert Senders("truncate").identify("u", host, "", None).address == kept


@pytest.mark.parametrize("host", ["203.0.113.77", "2001:db8:1234:5678::2"])
def test_an_address_is_kept_or_dropped_as_is_set(host: str) -> None:
    assert Senders("none").identify(None, host, "", None).address == host
    assert Senders("drop").identify(None, host, "", None).address is None


def test_the_user_agent_is_cut() -> None:
    assert Senders("drop").identify(None, None, "x" * 1000, None).user_agent == "x" * 512


@pytest.mark.parametrize(
    ("declared", "country"),
    [
        *(("DE", "DE"), ("de", "DE"), (" FR ", "FR"), ("DE\n", "DE"), (None, None), ("", None)),
        *((nowhere, None) for nowhere in ("XX", "T1", "DEU", "D", "1A", "ÄÖ", "ß")),
    ],
)
def test_a_declared_country_is_two_letters(declared: str | None, country: str | None) -> None:
    assert Senders("drop").identify(None, "203.0.113.77", "", declared).country == country


def test_the_proxy_knows_better_than_the_database() -> None:
    countries = FakeCountries(everywhere="NZ")
    senders = Senders("drop", countries)
    assert senders.identify(None, "203.0.113.77", "", "DE").country == "DE"
    assert senders.identify(None, "203.0.113.77", "", "XX").country == "NZ"
    assert senders.identify(None, "nonsense", "", None).country is None
    # The whole address, of which nothing is kept.
    assert countries.asked == ["203.0.113.77"]


@pytest.fixture
def database(tmp_path: Path) -> CountryDatabase:
    return CountryDatabase(
        write_countries(
            tmp_path / "countries.mmdb",
            {
                "203.0.113.0/24": {"country": {"iso_code": "DE"}},
                "198.51.100.0/25": {"registered_country": {"iso_code": "FR"}},
                "192.0.2.0/24": {"country": "somewhere"},
                "2001:db8::/32": {"country": {"iso_code": "JP"}},
            },
        )
    )


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("203.0.113.77", "DE"),
        ("::ffff:203.0.113.77", "DE"),
        ("198.51.100.3", "FR"),
        ("198.51.100.200", None),
        ("192.0.2.1", None),
        ("2001:db8:ffff::1", "JP"),
        ("2001:db9::1", None),
    ],
)
def test_the_database_is_asked(database: CountryDatabase, host: str, country: str | None) -> None:
    senders = Senders("truncate", database)
    for _ in range(2):
        assert senders.identify(None, host, "", None).country == country


def test_a_database_of_ipv4_knows_no_ipv6(tmp_path: Path) -> None:
    path = write_countries(tmp_path / "old.mmdb", {"203.0.113.0/24": {"country": {"iso_code": "DE"}}}, version=4)
    senders = Senders("drop", CountryDatabase(path))
    assert senders.identify(None, "203.0.113.77", "", None).country == "DE"
    assert senders.identify(None, "2001:db8::1", "", None).country is None


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^GEOIP_DATABASE: cannot read .*none\.mmdb: "):
        CountryDatabase(tmp_path / "none.mmdb")


@pytest.mark.parametrize("content", [b"", b"no database", b"\xab\xcd\xefMaxMind.com", b"\xab\xcd\xefMaxMind.com\xe0"])
def test_a_broken_database_is_named(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(content)
    with pytest.raises(SettingsError, match=r"^GEOIP_DATABASE: .*broken\.mmdb is no database"):
        CountryDatabase(broken)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^GEOIP_DATABASE: "):
        CountryDatabase(tmp_path)


def test_addresses_of_one_customer_count_together() -> None:
    assert customer(ip_address("2001:db8:1:2::1")) == customer(ip_address("2001:db8:1:2:ffff::9")) == "2001:db8:1:2::"
    assert customer(ip_address("2001:db8:1:3::1")) != customer(ip_address("2001:db8:1:2::1"))
    assert customer(ip_address("203.0.113.77")) == "203.0.113.77"


def test_an_ipv4_address_in_ipv6_clothes_is_recognised() -> None:
    assert read_address("::ffff:10.0.0.1") == ip_address("10.0.0.1")
