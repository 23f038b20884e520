"""Asks the Internet Archive's search for releases, in the Lucene syntax that it takes.

Sources: archive.org/advancedsearch.php (parameters, shape of the answer); only the collection of netlabels is searched,
which holds music that its makers gave away. The search narrows by licence roughly; what counts is the list of exact
addresses that each release is checked against.
"""

import re

from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import LicenceCode

_ZERO = r"*creativecommons.org\/publicdomain\/zero*"
_MARK = r"*creativecommons.org\/publicdomain\/mark*"
_PUBLIC_DOMAIN = r"*creativecommons.org\/publicdomain*"
_BY = r"*licenses\/by\/*"
_LICENCES = {
    None: f"({_PUBLIC_DOMAIN} OR {_BY})",
    LicenceCode.CC0: f"({_ZERO})",
    LicenceCode.PDM: f"({_MARK})",
    LicenceCode.BY: f"({_BY})",
}
_WORD = re.compile(r"\w+")
_MOST_WORDS = 20

EVERYTHING = SearchFilter()


def can_be_asked(wanted: SearchFilter) -> bool:
    """Whether any track can match: tempo, energy and singing are never said, and other licences are not usable."""
    unsaid = (wanted.bpm_min, wanted.bpm_max, wanted.energy, wanted.vocals)
    return wanted.license in _LICENCES and all(one is None for one in unsaid)


def lucene(wanted: SearchFilter) -> str:
    """The query; words of people go in as words only, never as syntax."""
    parts = ["mediatype:audio", "collection:netlabels", f"licenseurl:{_LICENCES[wanted.license]}"]
    parts += _words(wanted.query)
    parts += [f'subject:"{" ".join(_words(one))}"' for one in (wanted.genre, wanted.mood) if _words(one)]
    return " AND ".join(parts)


def asked(wanted: SearchFilter, rows: int, page: int) -> tuple[tuple[str, str], ...]:
    """The parameters of one page; sorted, so that pages follow each other."""
    order = (("sort[]", "identifier asc"),) if wanted == EVERYTHING else ()
    return (
        ("q", lucene(wanted)),
        ("fl[]", "identifier"),
        *order,
        ("rows", str(rows)),
        ("page", str(page)),
        ("output", "json"),
    )


def _words(text: str | None) -> list[str]:
    # In lower case AND, OR and NOT are words like others.
    return _WORD.findall((text or "").lower())[:_MOST_WORDS]
