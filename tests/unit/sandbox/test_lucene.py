"""The part of the Internet Archive's query language that is understood."""

import pytest

from app.sandbox.wire.lucene import clauses_of

ITEM = {
    "": "amber rivers 2 cleo brook garden broken rock calm",
    "identifier": "sbx-00001-garden",
    "title": "garden broken",
    "creator": "cleo brook",
    "subject": "rock calm",
    "licenseurl": "https://creativecommons.org/licenses/by/4.0/",
}


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("mediatype:audio AND collection:netlabels", True),
        ("amber cleo", True),
        ("amber nobody", False),
        ("title:(garden)", True),
        ("title:amber", False),
        ('creator:"cleo brook"', True),
        ("subject:(polka OR rock)", True),
        ("subject:(polka OR jazz)", False),
        (r"licenseurl:(*creativecommons.org\/publicdomain* OR *licenses\/by\/*)", True),
        (r"licenseurl:(*publicdomain*)", False),
        (r"licenseurl:(*licenses\/by-nc\/*)", False),
        ("amber AND -title:garden", False),
        ("amber AND NOT title:polka", True),
        ("identifier:sbx-00001-garden", True),
    ],
)
def test_items_are_told_apart(query: str, is_found: bool) -> None:
    assert all(clause.matches(ITEM) for clause in clauses_of(query)) is is_found


def test_an_item_without_a_licence_matches_no_licence() -> None:
    clauses = clauses_of(r"licenseurl:(*licenses\/by\/*)")
    assert not all(clause.matches(ITEM | {"licenseurl": ""}) for clause in clauses)
