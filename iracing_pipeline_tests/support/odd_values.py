"""Every field of every object of a response, with every odd value.

In: a type of api/types and how a raw item of it is made. Out: items, each with one field that is odd, or with
all fields of one of its objects that forgive.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic.fields import FieldInfo

from iracing_pipeline.api.types.index import IndexedSeason, IndexedWeek
from iracing_pipeline.api.types.items import Forgiven, Item
from iracing_pipeline.api.types.series import Week

ODD: Mapping[str, Any] = {
    "2^31": 2**31,
    "-2^31-1": -(2**31) - 1,
    "2^63": 2**63,
    "10^30": 10**30,
    "10^400": 10**400,
    "negative": -1,
    "fraction": 0.5,
    "1e308": 1e308,
    "infinity": float("inf"),
    "NaN": float("nan"),
    "NaN text": "NaN",
    "digits": "3000000000",
    "text": "text",
    "NUL": "nul\x00",
    "surrogate": "\ud800",
    "null": None,
    "list": [],
    "list of a number": [1],
    "list of a huge number": [10**30],
    "list of null": [None],
    "object": {},
    "object with a field": {"a": 1},
    "boolean": True,
}
Path = tuple[str | int, ...]
# Lists that the types leave raw, so that each of their objects fails alone.
_RAW: Mapping[str, type[Item]] = {
    "schedules": Week,
    "seasons": IndexedSeason,
    "race_weeks": IndexedWeek,
}


@dataclass(frozen=True)
class OddItem:
    """A raw item, and what of it is odd: `weather.*`, or the field alone where it does not forgive."""

    field: str
    value: str
    raw: Any


def odd_items(
    type_: type[Item], make: Callable[[int], dict[str, Any]], first: int
) -> dict[int, OddItem]:
    """The odd items by the id that each was made with: `first`, and so on."""
    found: dict[int, OddItem] = {}
    for path, fields, name, value in _variants(type_, make(first), ()):
        item = copy.deepcopy(make(first + len(found)))
        holder = item
        for step in path:
            holder = holder[step]
        holder |= dict.fromkeys(fields, value)
        words = [step for step in path if isinstance(step, str)]
        words.append(fields[0] if len(fields) == 1 else "*")
        found[first + len(found)] = OddItem(".".join(words), name, item)
    return found


def unreadable(type_: type[Item], raw: Mapping[str, Any], *, to_the_leaves: bool) -> dict[str, Any]:
    """The item with a value that cannot be read in every field that forgives.

    `to_the_leaves`: objects inside stay objects, and it is their fields that cannot be read.
    """
    changed = dict(raw)
    for name, field in type_.model_fields.items():
        if name in raw and _forgives(field) and field.annotation is not Any:
            # Nearly every object can be read as one of which nothing is said.
            is_object = "dict" in str(field.annotation) or _item_in(field.annotation)
            changed[name] = "text" if is_object else {"a": 1}
    for path, nested, _ in _nested(type_, raw):
        name = str(path[0])
        if to_the_leaves or not _forgives(type_.model_fields[name]):
            items = raw[name] if isinstance(raw[name], list) else [raw[name]]
            found = [unreadable(nested, one, to_the_leaves=to_the_leaves) for one in items]
            changed[name] = found if isinstance(raw[name], list) else found[0]
    return changed


def types_in(type_: type[Item], raw: Mapping[str, Any]) -> set[type[Item]]:
    """The types whose fields `odd_items` goes through."""
    inner = (types_in(nested, value) for _, nested, value in _nested(type_, raw))
    return {type_}.union(*inner)


def _variants(
    type_: type[Item], raw: Mapping[str, Any], above: Path
) -> Iterator[tuple[Path, Sequence[str], str, Any]]:
    """(path of an object, its fields that are odd together, name of the value, value)."""
    forgiving = [name for name, field in type_.model_fields.items() if _forgives(field)]
    alone = [[name] for name in type_.model_fields if name not in forgiving]
    for fields in [*alone, *([forgiving] if forgiving else [])]:
        for name, value in ODD.items():
            yield above, fields, name, value
    for path, nested, value in _nested(type_, raw):
        yield from _variants(nested, value, above + path)


def _forgives(field: FieldInfo) -> bool:
    return field.annotation is Any or any(isinstance(one, Forgiven) for one in field.metadata)


def _nested(
    type_: type[Item], raw: Mapping[str, Any]
) -> Iterator[tuple[Path, type[Item], Mapping[str, Any]]]:
    """Objects inside the item; of a list of objects the first."""
    for name, field in type_.model_fields.items():
        nested, value = _RAW.get(name) or _item_in(field.annotation), raw.get(name)
        is_list = isinstance(value, list) and bool(value)
        first = value[0] if is_list else value
        if nested is not None and isinstance(first, dict):
            yield ((name, 0) if is_list else (name,)), nested, first


def _item_in(annotation: Any) -> type[Item] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Item) else None
    return next(filter(None, map(_item_in, get_args(annotation))), None)
