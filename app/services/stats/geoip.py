"""Countries of addresses, out of a file in MaxMind's format."""

from functools import lru_cache
from pathlib import Path

import maxminddb

from app.config import SettingsError
from app.services.stats.addresses import Address


class CountryDatabase:
    """A GeoIP database with countries in it: GeoLite2, DB-IP and others have this shape."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            SettingsError: there is none, it cannot be read, or it is no such database.
        """
        try:
            self._reader = maxminddb.open_database(path)
        except OSError as error:
            raise SettingsError([f"GEOIP_DATABASE: cannot read {path}: {error.strerror or error}"]) from None
        except (maxminddb.InvalidDatabaseError, ValueError):
            raise SettingsError([f"GEOIP_DATABASE: {path} is no database in MaxMind's format"]) from None
        self._remembered = lru_cache(maxsize=10_000)(self._look_up)

    def country_of(self, address: Address) -> str | None:
        """Two letters, or nothing when the database does not know."""
        return self._remembered(address)

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def _look_up(self, address: Address) -> str | None:
        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            # An IPv6 address in a database of IPv4 only, or a damaged record: an event is worth more than its country.
            return None
        return _code_in(record, "country") or _code_in(record, "registered_country")


def _code_in(record: object, key: str) -> str | None:
    country = record.get(key) if isinstance(record, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else None
    return code if isinstance(code, str) else None
