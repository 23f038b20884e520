"""Reads licences out of Creative Commons addresses and slugs; what is not exactly one of them is unknown."""

import re
from typing import NamedTuple

from app.models.licensing.tracks import LicenceCode

_URL = re.compile(
    r"(?i:https?://(?:www\.)?creativecommons\.org)/"
    r"(?P<group>licenses|publicdomain)/(?P<slug>[a-z+-]{2,12})/(?P<version>1\.0|2\.0|2\.1|2\.5|3\.0|4\.0)"
    r"(?:/(?P<port>[a-z]{2,3}))?(?:/(?:legalcode|deed)(?:\.[a-zA-Z-]{2,8})?)?/?"
)
_LICENSES: dict[str, LicenceCode] = {
    code.value: code
    for code in LicenceCode
    if code not in {LicenceCode.CC0, LicenceCode.PDM, LicenceCode.CONTRACT, LicenceCode.UNKNOWN}
}
# Of both there is one version, and no ports: https://creativecommons.org/publicdomain/
_PUBLIC_DOMAIN = {"zero": LicenceCode.CC0, "mark": LicenceCode.PDM}
_SLUGS = {**_LICENSES, "cc0": LicenceCode.CC0, "pdm": LicenceCode.PDM}


class Licence(NamedTuple):
    """A licence and its version, as far as it is known."""

    code: LicenceCode
    version: str | None = None


UNKNOWN = Licence(LicenceCode.UNKNOWN)


def licence_of_url(sent: str) -> Licence:
    """What a licence's address names; unknown unless it is one of Creative Commons', letter for letter."""
    found = _URL.fullmatch(sent.strip())
    if found is None:
        return UNKNOWN
    if found["group"] == "licenses":
        code = _LICENSES.get(found["slug"])
    else:
        code = _PUBLIC_DOMAIN.get(found["slug"]) if found["version"] == "1.0" and found["port"] is None else None
    return UNKNOWN if code is None else Licence(code, found["version"])


def licence_of_slug(sent: str) -> LicenceCode:
    """What a slug such as `by-nc` or `cc0` names."""
    return _SLUGS.get(sent, LicenceCode.UNKNOWN)
