"""Credentials are sealed, open with every key that is known, and say nothing when they do not."""

import base64
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.errors import Conflict
from app.services.licensing.access.credentials import CredentialVault, provider_secrets_keys
from tests.serving import settings_for

LABEL = "soundstripe.apiKey"


def key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def vault(*keys: str) -> CredentialVault:
    return CredentialVault(lambda: keys)


def test_what_is_sealed_opens_and_does_not_show() -> None:
    one = vault(key())
    sealed = one.seal(LABEL, "s3cret-ä")
    assert "s3cret" not in sealed
    assert one.open(LABEL, sealed) == "s3cret-ä"
    assert one.seal(LABEL, "s3cret-ä") != sealed


def test_older_keys_open_until_all_is_sealed_with_the_newest() -> None:
    old, new = key(), key()
    sealed = vault(old).seal(LABEL, "s3cret")
    both = vault(new, old)
    assert both.open(LABEL, sealed) == "s3cret"
    assert not both.is_newest(sealed)
    again = both.seal(LABEL, "s3cret")
    assert both.is_newest(again)
    assert vault(new).open(LABEL, again) == "s3cret"


class NotedLog:
    def __init__(self) -> None:
        self.lines: list[dict[str, str]] = []

    def warning(self, event: str, **said: str) -> None:
        self.lines.append({"event": event, **said})


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> NotedLog:
    noted = NotedLog()
    monkeypatch.setattr("app.services.licensing.access.credentials.log", noted)
    return noted


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAAA", "ä", vault(key()).seal(LABEL, "s3cret")])
def test_what_does_not_open_counts_as_missing_and_is_logged_once(sealed: str, log: NotedLog) -> None:
    one = vault(key())
    assert [one.open(LABEL, sealed) for _ in range(3)] == [None] * 3
    assert log.lines == [{"event": "credential_does_not_open", "credential": LABEL}]


def test_what_is_moved_to_another_field_does_not_open() -> None:
    one = vault(key())
    assert one.open("soundstripe.webhookSecret", one.seal(LABEL, "s3cret")) is None


def test_without_a_key_nothing_is_sealed_and_nothing_opens() -> None:
    empty = vault()
    with pytest.raises(Conflict, match="PROVIDER_SECRETS_KEY is not set"):
        empty.seal(LABEL, "s3cret")
    assert empty.open(LABEL, vault(key()).seal(LABEL, "s3cret")) is None
    assert not empty.is_newest("x")


def test_keys_are_asked_for_when_they_are_needed() -> None:
    asked: list[int] = []

    def keys() -> Sequence[str]:
        asked.append(1)
        return [key()]

    one = CredentialVault(keys)
    assert asked == []
    one.open(LABEL, one.seal(LABEL, "s3cret"))
    assert asked == [1]


def test_the_keys_of_the_settings_come_first(tmp_path: Path) -> None:
    keys = [key(), key()]
    settings = settings_for("mongodb://x", "y", data_dir=tmp_path, provider_secrets_key=f"{keys[0]}, {keys[1]}")
    assert provider_secrets_keys(settings) == keys
    assert list(tmp_path.iterdir()) == []


def test_a_development_machine_makes_a_key_once(tmp_path: Path) -> None:
    settings = settings_for("mongodb://x", "y", data_dir=tmp_path / "data")
    (made,) = provider_secrets_keys(settings)
    assert provider_secrets_keys(settings) == [made]
    assert vault(made).open(LABEL, vault(made).seal(LABEL, "s3cret")) == "s3cret"
    file = tmp_path / "data" / "provider-secrets-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_production_has_no_key_of_its_own(tmp_path: Path) -> None:
    settings = settings_for(
        "mongodb://x", "y", data_dir=tmp_path, app_env="production", cors_origins=("https://app.example.com",)
    )
    assert provider_secrets_keys(settings) == []
