"""Which addresses may be called, however they are written."""

from ipaddress import ip_address

import pytest

from app.services.licensing.access.public_addresses import address_fault, is_public, literal_address

PRIVATE = [
    "127.0.0.1",
    "127.255.1.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "::127.0.0.1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "017700000001", "[::1]"]
)
def test_an_address_is_known_however_it_is_written(host: str) -> None:
    found = literal_address(host)
    assert found is not None
    assert found.is_loopback


@pytest.mark.parametrize("host", ["api.example.com", "1.example", "0x.example", "x"])
def test_names_are_no_addresses(host: str) -> None:
    assert literal_address(host) is None


GOOD = [
    "https://api.soundstripe.com/v1",
    "https://api.openverse.org/v1/",
    "https://example.com:8443",
    "https://8.8.8.8",
]


@pytest.mark.parametrize("url", GOOD)
def test_good_addresses(url: str) -> None:
    assert address_fault(url, private_allowed=False) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "http://localhost", "http://[::1]:9/", "http://10.0.0.1"])
def test_private_ones_where_they_are_allowed(url: str) -> None:
    assert address_fault(url, private_allowed=True) is None
    assert address_fault(url, private_allowed=False) is not None


BAD = [
    "",
    "/v1",
    "ftp://example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
    "https:///v1",
    "https://user:secret@example.com",
    "https://user@example.com",
    "https://@example.com",
    "https://example.com/v1?key=1",
    "https://example.com/v1?",
    "https://example.com/#x",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://example.com:abc/",
    "https://[::1/",
    "https://exa mple.com/",
    "https://example.com/a b",
    "https://example.com/\n",
    "https://exämple.com/",
    "https://example.com\\@evil.example/",
    "https://example.com/" + "x" * 2_048,
]


@pytest.mark.parametrize("url", BAD)
def test_bad_addresses(url: str) -> None:
    assert address_fault(url, private_allowed=True) is not None


INSIDE = [
    "http://api.example.com",
    "https://localhost",
    "https://LOCALHOST./",
    "https://x.localhost",
    "https://printer.local",
    "https://vault.internal",
    "https://127.0.0.1",
    "https://2130706433",
    "https://0x7f000001/",
    "https://127.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
]


@pytest.mark.parametrize("url", INSIDE)
def test_what_lies_inside_is_refused_where_it_is_not_allowed(url: str) -> None:
    assert address_fault(url, private_allowed=False) is not None
    assert address_fault(url, private_allowed=True) is None


def test_an_address_that_is_not_a_base_may_have_a_query() -> None:
    assert address_fault("https://example.com/hook?a=1", private_allowed=False, plain=False) is None
    assert address_fault("https://example.com/hook?a=1", private_allowed=False) is not None
