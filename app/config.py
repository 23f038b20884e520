"""Settings: the one place that reads the environment, and that refuses a bad value with a clear line."""

import base64
import ipaddress
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIN_SECRET_BYTES = 32
_FERNET_BYTES = 32
_LONGEST_WINDOW_SECONDS = 366 * 24 * 3600
_MONGODB_OWN = ("admin", "config", "local")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Everything that can be set from outside; names are the environment variables in lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    app_env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    web_concurrency: int = Field(1, ge=1, le=64)
    data_dir: Path = Path(".playledger")

    mongodb_uri: SecretStr | None = None
    mongodb_database: str = Field("playledger", pattern=r"^[A-Za-z0-9_-]{1,63}$")
    mongod_binary: Path | None = None
    redis_url: SecretStr | None = None

    jwt_secret: SecretStr | None = None
    jwt_jwks_url: str | None = None
    jwt_algorithms: CommaSeparated = ()
    jwt_issuer: str | None = None
    jwt_audience: str | None = None

    cors_origins: CommaSeparated = ()
    trusted_proxies: CommaSeparated = ()

    view_rate_limit: str = "100/15minutes"
    stats_rate_limit: str = "600/minute"
    heartbeat_rate_limit: str = "4/minute"
    rate_limit_enabled: bool = True

    raw_event_retention_days: int = Field(400, ge=1, le=36_500)
    archive_url: str | None = None
    ip_anonymization: Literal["truncate", "drop", "none"] = "truncate"
    country_header: str = Field("CF-IPCountry", pattern=r"^[A-Za-z0-9-]{1,64}$")
    geoip_database: Path | None = None
    bot_plays_per_minute: int = Field(6_000, ge=1)

    provider_secrets_key: SecretStr | None = None
    allow_private_provider_urls: bool | None = None

    log_format: Literal["console", "json"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("jwt_algorithms", "cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return tuple(json.loads(value))
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!r} is not an origin; write it like https://app.example.com")
        return value

    @field_validator("view_rate_limit", "stats_rate_limit", "heartbeat_rate_limit")
    @classmethod
    def _check_rate(cls, value: str) -> str:
        limit = parse(value)
        if ";" in value or "," in value or limit.amount < 1 or not 1 <= limit.get_expiry() <= _LONGEST_WINDOW_SECONDS:
            raise ValueError("must be one limit of at least 1, in at most a year, such as 100/15minutes")
        return value

    @field_validator("redis_url")
    @classmethod
    def _check_redis(cls, value: SecretStr | None) -> SecretStr | None:
        # In words of our own: what the parsers say may hold the password.
        if value is not None and not _is_redis(value.get_secret_value()):
            raise ValueError("must look like redis://host:6379/0, rediss://… or unix://…")
        return value

    @field_validator("mongodb_database")
    @classmethod
    def _check_database(cls, value: str) -> str:
        if value.lower() in _MONGODB_OWN:
            raise ValueError(f"must not be one of MongoDB's own: {', '.join(_MONGODB_OWN)}")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes")
        return value

    @field_validator("provider_secrets_key")
    @classmethod
    def _check_secrets_key(cls, value: SecretStr | None) -> SecretStr | None:
        keys = value.get_secret_value().split(",") if value is not None else []
        if not all(_is_fernet_key(key.strip()) for key in keys):
            raise ValueError(
                "must be 32 bytes in URL-safe base64, or several of them with commas between, the newest first; "
                "make one with: python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
            )
        return value

    @field_validator("jwt_jwks_url")
    @classmethod
    def _check_jwks_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("must be an http(s) address")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> list[str]:
        faults = []
        if self.web_concurrency > 1 and self.redis_url is None:
            faults.append("WEB_CONCURRENCY above 1 needs REDIS_URL, which carries live counts between the processes")
        if self.is_production:
            faults += self._production_faults()
        return faults

    def _production_faults(self) -> list[str]:
        required = {
            "MONGODB_URI must be set": self.mongodb_uri,
            "JWT_SECRET or JWT_JWKS_URL must be set": self.jwt_secret or self.jwt_jwks_url,
            "CORS_ORIGINS must be set": self.cors_origins,
            "RATE_LIMIT_ENABLED must not be false": self.rate_limit_enabled,
            "JWT_JWKS_URL must be https": (self.jwt_jwks_url or "https").startswith("https"),
        }
        return [f"{sentence} when APP_ENV is production" for sentence, kept in required.items() if not kept]

    @property
    def is_production(self) -> bool:
        """Whether the strict rules hold."""
        return self.app_env == "production"

    @property
    def view_limit(self) -> RateLimitItem:
        """`VIEW_RATE_LIMIT` as the limiter reads it."""
        return parse(self.view_rate_limit)

    @property
    def stats_limit(self) -> RateLimitItem:
        """`STATS_RATE_LIMIT` as the limiter reads it."""
        return parse(self.stats_rate_limit)

    @property
    def heartbeat_limit(self) -> RateLimitItem:
        """`HEARTBEAT_RATE_LIMIT` as the limiter reads it."""
        return parse(self.heartbeat_rate_limit)

    @property
    def private_provider_urls_are_allowed(self) -> bool:
        """Whether an admin may point a provider, or a webhook, at a private address; not in production unless said."""
        return not self.is_production if self.allow_private_provider_urls is None else self.allow_private_provider_urls

    @property
    def archive_location(self) -> str:
        """Where raw events are archived: a folder, or any address that fsspec knows."""
        return self.archive_url or str((self.data_dir / "archive").resolve())

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """The proxies whose `X-Forwarded-For` is believed."""
        return tuple(ipaddress.ip_network(network, strict=False) for network in self.trusted_proxies)

    @property
    def logs_are_json(self) -> bool:
        """Whether a log line is one JSON object."""
        return (self.log_format or ("json" if self.is_production else "console")) == "json"


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == _FERNET_BYTES
    except ValueError:
        return False


def _is_redis(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    database = parts.path.strip("/")
    if parts.scheme == "unix":
        return bool(database)
    return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (database.isdecimal() or not database)


class SettingsError(Exception):
    """The environment holds bad values; `lines` has one for each fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: with one line per fault, never with the value of a secret.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([line for fault in error.errors() for line in _lines(fault)]) from None


def _lines(fault: Any) -> list[str]:
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    message = str(fault["msg"]).removeprefix("Value error, ")
    return [f"{name}: {message}"] if name else message.split("; ")
