"""What is made of single values that providers send."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.licensing.tracks import LicenceCode
from app.services.licensing.providers.addresses import address
from app.services.licensing.providers.credits import credit
from app.services.licensing.providers.licence_urls import Licence, licence_of_slug, licence_of_url
from app.services.licensing.providers.moments import moment
from app.services.licensing.providers.quantities import bpm, count, flag, ms_of_milliseconds, ms_of_seconds, number
from app.services.licensing.providers.texts import joined, plain, storable


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Sun &amp; Rain", "Sun & Rain"),
        ("Sun & Rain", "Sun & Rain"),
        ("I <3 You", "I <3 You"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("<b>Bold</b> title", "Bold title"),
        ("<script>alert(1)</script>Title", "Title"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Title", "Title"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Title", "Title"),
        ("two\n lines\t here ", "two lines here"),
        ("a\x00b\x07c", "a b c"),
        ("a\u202eb\ufeffc\u200bd", "abcd"),
        ("half \ud800", "half"),
        ("&#0;&#8;x", "\ufffd x"),
        ("Ünïcödé 🎵 你好", "Ünïcödé 🎵 你好"),
        ("x" * 600, "x" * 512),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_plain(sent: str, expected: str) -> None:
    assert plain(sent) == expected


@given(st.text() | st.text(alphabet="<>&;ampltscri/!-b\"'= #0123x", max_size=80))
def test_plain_is_plain_already(sent: str) -> None:
    once = plain(sent)
    assert plain(once) == once
    assert len(once) <= 512
    once.encode()


def test_joined_and_storable() -> None:
    assert joined(["a", "b", "a"]) == "a, b"
    assert joined([]) is None
    assert storable("a\x00b\ud800c", 10) == "a\ufffdb?c"
    assert storable("abc", 2) == "ab"


@pytest.mark.parametrize(
    "sent",
    [
        "https://example.com/a.mp3",
        "http://127.0.0.1:8000/a?b=c#d",
        "https://example.com/mit%20umlaut/ü",
        "HTTPS://EXAMPLE.COM/A",
    ],
)
def test_addresses_that_pass(sent: str) -> None:
    assert address(sent) == sent


def test_spaces_in_an_address_are_written_as_they_must_be() -> None:
    assert address(" https://example.com/a b.mp3 ") == "https://example.com/a%20b.mp3"


@pytest.mark.parametrize(
    "sent",
    [
        "", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "ftp://example.com/a", "//example.com/a",
        "/a", "https://", "https:///a", "http://[::1", "https://x:99999/", "https://user:pw@example.com/",
        "https://user@example.com/", 'https://example.com/"><script>', "https://example.com/a\nb", "https://exa\x00mple.com",
        "https://example.com\\@evil.example/", "https://example.com/" + "x" * 2_048, "https://example.com/\u202e",
        "java\nscript:alert(1)", "https://example.com/\ud800",
    ],
)  # fmt: skip
def test_addresses_that_do_not(sent: str) -> None:
    assert address(sent) is None


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("http://creativecommons.org/licenses/by/3.0/", Licence(LicenceCode.BY, "3.0")),
        ("https://creativecommons.org/licenses/by/4.0", Licence(LicenceCode.BY, "4.0")),
        ("https://www.creativecommons.org/licenses/by/2.5/us/", Licence(LicenceCode.BY, "2.5")),
        ("https://creativecommons.org/licenses/by/4.0/deed.en", Licence(LicenceCode.BY, "4.0")),
        ("https://creativecommons.org/licenses/by/3.0/de/legalcode", Licence(LicenceCode.BY, "3.0")),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0/", Licence(LicenceCode.BY_NC_ND, "3.0")),
        ("https://creativecommons.org/licenses/by-sa/4.0/", Licence(LicenceCode.BY_SA, "4.0")),
        ("https://creativecommons.org/licenses/sampling+/1.0/", Licence(LicenceCode.SAMPLING, "1.0")),
        ("https://creativecommons.org/licenses/nc-sampling+/1.0/", Licence(LicenceCode.NC_SAMPLING, "1.0")),
        ("https://creativecommons.org/publicdomain/zero/1.0/", Licence(LicenceCode.CC0, "1.0")),
        ("http://creativecommons.org/publicdomain/mark/1.0/", Licence(LicenceCode.PDM, "1.0")),
    ],
)
def test_known_licences(sent: str, expected: Licence) -> None:
    assert licence_of_url(sent) == expected


@pytest.mark.parametrize(
    "sent",
    [
        "", "by", "https://creativecommons.org/", "https://creativecommons.org/licenses/by/", "https://creativecommons.org/licenses/by/9.9/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/", "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/4.0/?x=https://creativecommons.org/licenses/by-nc/4.0/",
        "https://creativecommons.org/licenses/by/4.0/ https://creativecommons.org/licenses/by-nc/4.0/",
        "https://creativecommons.org/licenses/BY/4.0/", "https://creativecommons.org/licenses/publicdomain/",
        "https://creativecommons.org/publicdomain/zero/4.0/", "https://creativecommons.org/publicdomain/by/1.0/",
        "https://creativecommons.org/licenses/contract/1.0/", "https://creativecommons.org/licenses/cc0/1.0/",
        "javascript:creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/#nc",
    ],
)  # fmt: skip
def test_everything_else_is_unknown(sent: str) -> None:
    assert licence_of_url(sent).code is LicenceCode.UNKNOWN


def test_slugs() -> None:
    assert licence_of_slug("cc0") is LicenceCode.CC0
    assert licence_of_slug("by-nc-sa") is LicenceCode.BY_NC_SA
    for sent in ("contract", "unknown", "BY", "cc-by", "", "by "):
        assert licence_of_slug(sent) is LicenceCode.UNKNOWN


def test_credits_name_what_they_can() -> None:
    url = "https://creativecommons.org/licenses/by/4.0/"
    whole = credit("T", "A", "https://x.example/1", Licence(LicenceCode.BY, "4.0"), url)
    assert whole == f'"T" by A (https://x.example/1) is licensed under CC BY 4.0 ({url})'
    assert credit("T", None, None, Licence(LicenceCode.PDM), None) == '"T" is marked with Public Domain Mark'
    assert credit("T", "A", None, licence_of_url("nonsense"), None) is None


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (20.18975, 20_190), ("182.0", 182_000), (272, 272_000), ("2:26", 146_000), ("00:02:17", 137_000),
        ("1:00:00", 3_600_000),
        ("90:00", 5_400_000), ("2:26.5", 146_500), (0, None), ("0:00", None), (-5, None), (None, None), ("", None),
        (10**9, None),
    ],
)  # fmt: skip
def test_durations(sent: object, expected: int | None) -> None:
    assert ms_of_seconds(sent) == expected


@pytest.mark.parametrize(
    "sent", ["2:60", "1:2:3:4", "long", True, [], {}, "NaN", "inf", "1" * 100, 10**400, float("inf")]
)
def test_what_is_no_duration(sent: object) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        ms_of_seconds(sent)


def test_numbers() -> None:
    assert ms_of_milliseconds(270_000) == 270_000
    assert number(" 12.5 ") == 12.5
    assert count("8000") == 8_000
    assert count(-1) is None
    assert count(2**60) is None
    assert bpm("118") == 118
    assert bpm(0) is None
    assert bpm(5_000) is None
    assert [flag(one) for one in (True, "true", 1, "0", False, None, "")] == [
        True,
        True,
        True,
        False,
        False,
        None,
        None,
    ]
    with pytest.raises(ValueError, match="true or false"):
        flag("perhaps")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2022-12-06T06:54:25Z", datetime(2022, 12, 6, 6, 54, 25, tzinfo=UTC)),
        ("2022-12-06T06:54:25.123456+02:00", datetime(2022, 12, 6, 4, 54, 25, 123_000, tzinfo=UTC)),
        ("2013-02-06 19:25:18", datetime(2013, 2, 6, 19, 25, 18, tzinfo=UTC)),
        ("2021-04-11", datetime(2021, 4, 11, tzinfo=UTC)),
        ("1709287200", datetime(2024, 3, 1, 10, tzinfo=UTC)),
        (1709287200, datetime(2024, 3, 1, 10, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None), ("", None), ("soon", None), (None, None), (True, None), ([], None),
        ("9999-12-31T23:59:59-23:00", None), ("0001-01-01T00:00:00+23:00", None), (1e300, None), (-1, None),
        (float("nan"), None), ("9" * 400, None), (10**4_000, None),
    ],
)  # fmt: skip
def test_moments(sent: object, expected: datetime | None) -> None:
    assert moment(sent) == expected
