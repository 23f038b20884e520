"""The reference in `docs/reference/` is what the application says of itself."""

from collections.abc import Mapping
from typing import Any

import pytest

from reference.__main__ import pages
from reference.http import page
from reference.shapes import Field, Shapes

COMPONENTS: Mapping[str, Any] = {
    "Point": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 0}}, "required": ["x"]},
    "Kind": {"enum": ["round", "flat"], "type": "string"},
}


def test_the_pages_are_up_to_date() -> None:
    outdated = [path.name for path, text in pages().items() if not path.exists() or path.read_text() != text]
    assert outdated == [], "say: make docs"


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    return list(Shapes(COMPONENTS).fields({"properties": {"a": schema}, "required": ["a"]}))


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "format": "date"}, "date"),
        ({"$ref": "#/components/schemas/Kind"}, "`round` \\| `flat`"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string \\| null"),
        ({"type": "array", "items": {"type": "number"}}, "list of number"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "map of integer"),
        ({"const": True}, "`true`"),
        ({}, "any"),
    ],
)
def test_kinds(schema: Mapping[str, Any], kind: str) -> None:
    assert fields_of(schema)[0].kind == kind


def test_fields_of_objects_in_lists_have_rows_of_their_own() -> None:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Point"}, "description": "Where.", "maxItems": 3}
    assert fields_of(listed) == [
        Field("a", "list of object", True, "Where; at most 3 items"),
        Field("a[].x", "integer", True, ">= 0"),
    ]


def test_a_route_says_who_may_call_what_it_takes_and_how_it_refuses() -> None:
    route = {
        "tags": ["Songs"],
        "summary": "Show",
        "security": [{"bearer": []}],
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"204": {}, "404": {}, "503": {}},
    }
    document = {
        "components": {"schemas": COMPONENTS},
        "tags": [{"name": "Songs", "description": "All of them."}],
        "paths": {"/songs/{id}": {"get": route}},
    }
    written = page(document)
    assert "### `GET /songs/{id}`" in written
    assert "**Show** (token)" in written
    assert "| `id` (path) | string |  |" in written
    assert "Answer 204: nothing." in written
    assert "Errors: 404, 503." in written
