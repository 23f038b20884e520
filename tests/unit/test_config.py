"""Settings: every bad value is refused with one line that names it, and no secret is ever shown."""

import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import Settings, SettingsError, load_settings

Given = Callable[..., Settings]

SECRET = "a-secret-that-nobody-may-ever-read-anywhere"
GOOD_PRODUCTION = {
    "APP_ENV": "production",
    "MONGODB_URI": f"mongodb://ann:{SECRET}@db",
    "JWT_SECRET": SECRET,
    "CORS_ORIGINS": "https://app.example.com",
}


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("no-env-file"))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    def give(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return give


def lines(given: Given, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        given(**environment)
    assert str(refused.value) == "\n".join(refused.value.lines)
    return refused.value.lines


def test_defaults_are_those_of_the_contract(given: Given) -> None:
    settings = given()
    assert (settings.app_env, settings.host, settings.port, settings.web_concurrency) == (
        "development",
        "127.0.0.1",
        8000,
        1,
    )
    assert (str(settings.data_dir), settings.mongodb_database) == (".playledger", "playledger")
    assert (settings.view_rate_limit, settings.rate_limit_enabled) == ("100/15minutes", True)
    assert (settings.view_limit.amount, settings.view_limit.get_expiry()) == (100, 15 * 60)
    assert not settings.logs_are_json


BAD = [
    ("APP_ENV", "staging"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("PORT", "http"),
    ("WEB_CONCURRENCY", "0"),
    ("WEB_CONCURRENCY", "65"),
    ("MONGODB_DATABASE", "a.b"),
    ("MONGODB_DATABASE", "x" * 64),
    ("JWT_SECRET", "too-short"),
    ("JWT_JWKS_URL", "ftp://issuer"),
    ("CORS_ORIGINS", "app.example.com"),
    ("CORS_ORIGINS", "https://app.example.com/"),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", '["https://a.example.com"'),
    ("CORS_ORIGINS", "[1]"),
    ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ("TRUSTED_PROXIES", "proxy.example.com"),
    ("VIEW_RATE_LIMIT", "many"),
    ("VIEW_RATE_LIMIT", "5/fortnight"),
    ("RATE_LIMIT_ENABLED", "perhaps"),
    ("LOG_FORMAT", "xml"),
    ("LOG_LEVEL", "loud"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_one_line_that_names_the_variable(given: Given, name: str, value: str) -> None:
    [line] = lines(given, **{name: value})
    assert line.startswith(f"{name}: ")
    assert len(line) > len(f"{name}: ") + 5
    assert "\n" not in line


def test_several_faults_are_several_lines(given: Given) -> None:
    found = lines(given, PORT="0x", LOG_LEVEL="loud", CORS_ORIGINS="a")
    assert sorted(line.partition(":")[0] for line in found) == ["CORS_ORIGINS", "LOG_LEVEL", "PORT"]


def test_an_empty_value_is_no_value(given: Given) -> None:
    assert given(PORT="", JWT_SECRET="", MONGODB_URI="").port == 8000


@pytest.mark.parametrize("written", ["https://a.example.com, http://b:81,", '["https://a.example.com", "http://b:81"]'])
def test_lists_are_written_with_commas_or_as_json(given: Given, written: str) -> None:
    assert given(CORS_ORIGINS=written).cors_origins == ("https://a.example.com", "http://b:81")


def test_proxies_are_networks(given: Given) -> None:
    settings = given(TRUSTED_PROXIES="10.1.2.3/8,::1")
    assert settings.trusted_networks == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1"))


def test_more_processes_need_redis(given: Given) -> None:
    [line] = lines(given, WEB_CONCURRENCY="2")
    assert "REDIS_URL" in line
    assert given(WEB_CONCURRENCY="2", REDIS_URL="redis://localhost").web_concurrency == 2


def test_good_production_settings(given: Given) -> None:
    settings = given(**GOOD_PRODUCTION)
    assert settings.is_production
    assert settings.logs_are_json


def test_production_says_all_that_is_missing(given: Given) -> None:
    found = lines(given, APP_ENV="production", RATE_LIMIT_ENABLED="false")
    assert [line.split()[0] for line in found] == ["MONGODB_URI", "JWT_SECRET", "CORS_ORIGINS", "RATE_LIMIT_ENABLED"]
    assert all(line.endswith("when APP_ENV is production") for line in found)


def test_production_wants_its_keys_over_https(given: Given) -> None:
    changed = GOOD_PRODUCTION | {"JWT_SECRET": "", "JWT_JWKS_URL": "http://issuer/jwks"}
    assert lines(given, **changed) == ["JWT_JWKS_URL must be https when APP_ENV is production"]


def test_secrets_are_in_no_text(given: Given) -> None:
    settings = given(**GOOD_PRODUCTION, REDIS_URL=f"redis://:{SECRET}@redis")
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_secrets_are_in_no_refusal(given: Given) -> None:
    found = lines(
        given, MONGODB_URI=f"mongodb://:{SECRET}@db", REDIS_URL=f"redis://:{SECRET}@r", JWT_SECRET="short-one", PORT="x"
    )
    assert len(found) == 2
    assert not any(SECRET in line or "short-one" in line for line in found)


def test_the_environment_goes_before_the_env_file(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nLOG_LEVEL=debug\nUNKNOWN=ignored\n")
    monkeypatch.chdir(tmp_path)
    settings = given(PORT="9001")
    assert (settings.port, settings.log_level) == (9001, "debug")
