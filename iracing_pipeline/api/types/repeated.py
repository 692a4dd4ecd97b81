"""Objects that stand twice in one response: each once, in the version that tells most.

In: objects that could be read, and what tells them apart. Out: the same without repetitions. What moves at
every fetch makes no difference, not even within one response.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from pydantic import BaseModel

from iracing_pipeline.core.drift import Drift

T = TypeVar("T")

# Counters, and links that are signed anew.
_MOVING = frozenset({"reg_user_count", "next_race_session", "weather_url"})


def once(
    objects: Iterable[T], key: tuple[str, ...], drift: Drift | None = None, within: str = ""
) -> list[T]:
    """Typed or raw objects, each key once, in the order in which it was met first.

    Of two versions that differ the one stays in which more is told, and the first where both tell as
    much. The repetition is counted as drift, by key; `within` is the key of what the objects belong to.
    """
    objects = list(objects)
    are_typed = all(isinstance(one, BaseModel) for one in objects)
    if are_typed and len(set(map(attrgetter(*key), objects))) == len(objects):
        # Nearly always.
        return objects
    found: dict[tuple[Any, ...], T] = {}
    for one in objects:
        identity = tuple(
            one.get(name) if isinstance(one, Mapping) else getattr(one, name) for name in key
        )
        known = found.setdefault(identity, one)
        if known is one or _lasting(known) == _lasting(one):
            continue
        if _told(_lasting(one)) > _told(_lasting(known)):
            found[identity] = one
        if drift is not None:
            named = [f"{name}={value}" for name, value in zip(key, identity, strict=True)]
            drift.repeated[" ".join([within, *named] if within else named)] += 1
    return list(found.values())


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in value.model_fields_set}
    return value if isinstance(value, Mapping) else {}


def _lasting(value: Any) -> Any:
    """The value as plain objects and lists, without what moves and what is null."""
    if isinstance(value, (list, tuple)):
        return [_lasting(one) for one in value]
    if isinstance(value, (BaseModel, Mapping)):
        return {
            name: _lasting(one)
            for name, one in _fields(value).items()
            if name not in _MOVING and one is not None
        }
    return value


def _told(value: Any) -> int:
    """How many values there are in it."""
    if isinstance(value, Mapping):
        return sum(map(_told, value.values()))
    return sum(map(_told, value)) if isinstance(value, list) else 1
