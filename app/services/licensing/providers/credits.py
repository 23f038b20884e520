"""Writes the credit that a licence asks for, where a provider sends only its parts."""

from app.models.licensing.tracks import LicenceCode
from app.services.licensing.providers.licence_urls import Licence

_WORDS = {LicenceCode.CC0: "is licensed under CC0", LicenceCode.PDM: "is marked with Public Domain Mark"}


def credit(
    title: str, artist: str | None, page_url: str | None, licence: Licence, licence_url: str | None
) -> str | None:
    """Title, author, source and licence, as Creative Commons asks for them:
    https://wiki.creativecommons.org/wiki/Recommended_practices_for_attribution. None for an unknown licence."""
    if licence.code is LicenceCode.UNKNOWN:
        return None
    work = f'"{title}"' + (f" by {artist}" if artist else "") + (f" ({page_url})" if page_url else "")
    words = _WORDS.get(licence.code, f"is licensed under CC {licence.code.value.upper()}")
    version = f" {licence.version}" if licence.version else ""
    return f"{work} {words}{version}" + (f" ({licence_url})" if licence_url else "")
