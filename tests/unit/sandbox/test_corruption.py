"""What spoiled answers look like."""

import json

import pytest

from app.sandbox import corruption

BODY = json.dumps(
    {"data": [{"id": "1", "title": "A", "bpm": 110.0, "explicit": False, "tags": ["x"]}], "url": "https://a/b"}
).encode()


def test_half_of_json_is_no_json() -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        json.loads(corruption.broken_json(BODY))


def test_wrong_types_keep_the_outer_shape() -> None:
    spoiled = json.loads(corruption.wrong_types(BODY))
    assert spoiled["data"][0] == {
        "id": 1, "title": 1, "bpm": "110.0 or so", "explicit": [False], "tags": {"0": "x"},
    }  # fmt: skip


def test_titles_hold_scripts_and_addresses_are_scripts() -> None:
    assert json.loads(corruption.script_titles(BODY))["data"][0]["title"] == "<script>alert(1)</script><b>A</b>"
    assert json.loads(corruption.javascript_urls(BODY))["url"] == "javascript:alert(1)"


def test_what_is_no_json_is_spoiled_all_the_same() -> None:
    assert corruption.wrong_types(b"Not found") == b"9"
    assert corruption.script_titles(b"Not found") == b'"Not found"'
