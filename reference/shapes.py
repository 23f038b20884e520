"""JSON Schemas as people read them: one row for each field, its name with dots, its kind and its bounds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": ">= {}",
    "exclusiveMinimum": "> {}",
    "maximum": "<= {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}
_LARGEST = 2**53 - 1
"""The bound of every count, which says nothing to a reader."""

_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a shape."""

    name: str
    kind: str
    is_required: bool
    notes: str


class Shapes:
    """Reads the schemas of one OpenAPI document."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self._components = components

    def fields(self, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[Field]:
        """All fields of an object, those of the objects in it behind them."""
        found = self._resolved(schema)
        required = found.get("required", ())
        for name, one in found.get("properties", {}).items():
            yield Field(f"{prefix}{name}", self.kind(one), name in required, self._notes(one))
            inner, suffix = self._inner(one)
            if depth < _DEPTH:
                yield from self.fields(inner, f"{prefix}{name}{suffix}", depth + 1)

    def kind(self, schema: Schema) -> str:
        """What a value is, in a word or two."""
        found = self._resolved(schema)
        if "enum" in found:
            return " \\| ".join(f"`{value}`" for value in found["enum"])
        if "const" in found:
            return f"`{json.dumps(found['const'])}`"
        if choices := found.get("anyOf") or found.get("oneOf"):
            return " \\| ".join(dict.fromkeys(self.kind(choice) for choice in choices))
        if found.get("type") == "array":
            return f"list of {self.kind(found.get('items', {}))}"
        if isinstance(values := found.get("additionalProperties"), Mapping) and "properties" not in found:
            return f"map of {self.kind(values)}"
        return str(found.get("format") or found.get("type") or "any")

    def _notes(self, schema: Schema) -> str:
        found = self._resolved(schema)
        parts = [found.get("description", ""), *self._bounds(found)]
        if "const" not in found and found.get("default") not in (None, [], {}):
            parts.append(f"default `{json.dumps(found['default'], ensure_ascii=False)}`")
        return "; ".join(" ".join(part.split()).rstrip(".") for part in parts if part)

    def _bounds(self, schema: Schema) -> Iterator[str]:
        choices = [self._resolved(choice) for choice in schema.get("anyOf", ())] or [schema]
        for choice in choices:
            for name, sentence in _BOUNDS.items():
                if name in choice and choice[name] != _LARGEST:
                    yield sentence.format(choice[name])

    def _inner(self, schema: Schema) -> tuple[Schema, str]:
        """The object whose fields are shown below a field, and what stands between their names."""
        found = self._resolved(schema)
        for choice in found.get("anyOf", ()):
            inner, suffix = self._inner(choice)
            if self._resolved(inner).get("properties"):
                return inner, suffix
        if found.get("type") == "array":
            return found.get("items", {}), "[]."
        if isinstance(values := found.get("additionalProperties"), Mapping):
            return values, ".*."
        return found, "."

    def _resolved(self, schema: Schema) -> Schema:
        name = schema.get("$ref", "").removeprefix("#/components/schemas/")
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**self._components[name], **beside} if name else schema
