"""Responses that are no longer what the types foresee: counted while reading, then told apart from old news.

In: fields and types met by items.py, and what was known of the endpoint before. Out: findings. No I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

_JSON_TYPES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "NoneType": "null",
}
# Names are iRacing's text, and one is indexed.
_LONGEST_NAME = 100


@dataclass
class Drift:
    """What the objects of answers held; keys are `Class.field`."""

    watches_fields: bool = False
    """Whether to note which fields there are, so that one that goes missing is noticed."""
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unexpected_types: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (field, JSON type)."""
    repeated: Counter[str] = field(default_factory=Counter)
    """Objects that stood more than once in an answer, in versions that differ, by key."""
    objects: Counter[str] = field(default_factory=Counter)
    """Objects seen, by class."""
    always: dict[str, set[str]] = field(default_factory=dict)
    """Fields that every object of the class had."""
    ever: dict[str, set[str]] = field(default_factory=dict)
    """Fields that at least one had."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """(class, field) that could not be read, of objects whose reading is under way."""

    def add(self, other: Drift) -> None:
        """What was counted elsewhere, too: while it is counted, a drift belongs to one thread."""
        self.unknown_fields += other.unknown_fields
        self.unexpected_types += other.unexpected_types
        self.repeated += other.repeated
        self.objects += other.objects
        for owner, ever in other.ever.items():
            self.always[owner] = self.always.get(owner, ever) & other.always[owner]
            self.ever[owner] = self.ever.get(owner, set()) | ever

    def note_type(self, name: str, value: Any) -> None:
        """A value of a type that was not expected."""
        kind = type(value).__name__
        self.unexpected_types[name, _JSON_TYPES.get(kind, kind)] += 1

    def take_unread(self, owner: str) -> frozenset[str]:
        """The fields of an object just read that could not be; its objects have taken theirs before."""
        found: set[str] = set()
        while self.unread and self.unread[-1][0] == owner:
            found.add(self.unread.pop()[1])
        return frozenset(found)

    def note_fields(self, owner: str, fields: Collection[str], unknown: Collection[str]) -> None:
        """An object and its fields, those `unknown` to its type included."""
        for name in unknown:
            self.unknown_fields[f"{owner}.{name[:_LONGEST_NAME]}"] += 1
        if not self.watches_fields:
            return
        known = set(fields).difference(unknown)
        self.objects[owner] += 1
        if owner in self.ever:
            self.ever[owner] |= known
            self.always[owner] &= known
        else:
            self.ever[owner] = set(known)
            self.always[owner] = known


@dataclass(frozen=True)
class Finding:
    """One way in which answers drifted."""

    kind: str
    """new_field, vanished_field or new_type."""
    field: str
    """`Class.field`."""
    found: str
    """JSON type that was not expected; empty for fields that came or went."""
    occurrences: int


KnownFields = Mapping[str, Mapping[str, Collection[str]]]
"""By class: the fields that `always` were there, and those that were `sometimes`."""


def findings(drift: Drift, known: KnownFields) -> list[Finding]:
    """Everything that is not as the types foresee, or not as it was: news or not.

    A field has vanished when every object used to have it and none does.
    """
    found = [Finding("new_field", name, "", count) for name, count in drift.unknown_fields.items()]
    found += [
        Finding("new_type", name, kind, count)
        for (name, kind), count in drift.unexpected_types.items()
    ]
    found += [
        Finding("vanished_field", f"{owner}.{name}", "", count)
        for owner, count in drift.objects.items()
        for name in sorted(set(known.get(owner, {}).get("always", ())) - drift.ever[owner])
    ]
    return sorted(found, key=lambda finding: (finding.kind, finding.field, finding.found))


def fields_known(drift: Drift, known: KnownFields) -> dict[str, dict[str, list[str]]]:
    """What is known of the fields once these objects have been seen.

    A vanished field stays known: it is missed until it is back.
    """
    merged = {
        owner: {kind: sorted(names) for kind, names in kinds.items()}
        for owner, kinds in known.items()
    }
    for owner, ever in drift.ever.items():
        before = known.get(owner, {})
        always = drift.always[owner]
        sometimes = set(before.get("sometimes", ())) | (ever - always)
        merged[owner] = {
            "always": sorted((always | set(before.get("always", ()))) - sometimes),
            "sometimes": sorted(sometimes),
        }
    return merged
