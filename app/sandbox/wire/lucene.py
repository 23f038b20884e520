"""As much of the Internet Archive's query language as it takes to tell items apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

_CLAUSE = re.compile(r'(?P<not>-|NOT\s+)?(?:(?P<field>\w+):)?(?P<value>\([^()]*\)|\[[^\]]*\]|"[^"]*"|[^\s()]+)')
_OPERATORS = {"AND", "OR", "NOT", "&&", "||"}
_ANYTHING = frozenset({"mediatype", "collection", "format"})
"""Fields by which all generated items are alike."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a query: `alternatives` of which one must match the field, unless it `is_excluded`."""

    field: str
    alternatives: tuple[str, ...]
    is_excluded: bool

    def matches(self, item: Mapping[str, str]) -> bool:
        """Whether an item, by its fields in lower case, is looked for; the empty field is all of its text."""
        if self.field in _ANYTHING:
            return not self.is_excluded
        has = item.get(self.field, item[""] if self.field != "licenseurl" else "")
        return any(_is_in(one, has) for one in self.alternatives) != self.is_excluded


def clauses_of(query: str) -> tuple[Clause, ...]:
    """The clauses of a query, all of which must hold; `OR` is understood within parentheses only."""
    found = []
    for match in _CLAUSE.finditer(query):
        if match["value"] in _OPERATORS:
            continue
        alternatives = tuple(_plain(one) for one in re.split(r"\s+OR\s+", match["value"].strip('()"')) if one)
        found.append(Clause(match["field"] or "", alternatives, bool(match["not"])))
    return tuple(found)


def _plain(text: str) -> str:
    return text.replace("\\", "").strip('" ').lower()


def _is_in(wanted: str, has: str) -> bool:
    if "*" in wanted:
        return fnmatchcase(has, wanted)
    return all(word in has for word in wanted.replace(" and ", " ").split())
