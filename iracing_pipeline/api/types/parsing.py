"""From a list of raw items to typed ones, each standing or falling alone.

In: parsed JSON and a type. Out: items, those rejected with their reason, drift. No HTTP, no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from iracing_pipeline.api.types.items import Item
from iracing_pipeline.api.types.repeated import once
from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.rows import Rejected

ItemT = TypeVar("ItemT", bound=Item)


@dataclass
class Parsed(Generic[ItemT]):
    """Items that could be read, those that could not, and the drift seen on the way."""

    items: list[ItemT] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    drift: Drift = field(default_factory=Drift)


class UnusableResponse(ValueError):
    """The response as a whole is not what the endpoint promises; none of it can be used."""

    kind = "answer"


def parse_items(
    type_: type[ItemT],
    raw_items: Iterable[Any],
    key: tuple[str, ...],
    drift: Drift | None = None,
) -> Parsed[ItemT]:
    """Read items one by one: one that fails stands alone, one that is repeated is read once.

    `key` names the identifying fields, for `item_key` such as `season_id=5862 race_week_num=3`.
    """
    parsed: Parsed[ItemT] = Parsed(drift=drift if drift is not None else Drift())
    for position, raw in enumerate(raw_items):
        try:
            parsed.items.append(type_.model_validate(raw, context=parsed.drift))
        except ValidationError as error:
            parsed.rejected.append(Rejected(_item_key(raw, key, position), _reason(error), raw))
            parsed.drift.unread.clear()
    parsed.items = once(parsed.items, key, parsed.drift)
    return parsed


def expect_list(body: Any, endpoint: str, key: str | None = None) -> list[Any]:
    """The body as a list, or the list under `key`; UnusableResponse where it is neither."""
    found = body.get(key) if key is not None and isinstance(body, dict) else body
    if not isinstance(found, list):
        raise UnusableResponse(
            f"{endpoint} answered {type(found).__name__} where a list was expected."
        )
    return found


# A key is indexed, and read by people.
_LONGEST_KEY = 60


def _item_key(raw: Any, key: tuple[str, ...], position: int) -> str:
    if isinstance(raw, Mapping):
        known = [
            f"{name}={str(raw[name])[:_LONGEST_KEY]}"
            for name in key
            if isinstance(raw.get(name), (int, str))
        ]
        if len(known) == len(key):
            return " ".join(known)
        return " ".join([*known, f"position={position}"])
    return f"position={position}"


def _reason(error: ValidationError) -> str:
    # The input's value is not quoted: it stands in the payload, and may be long.
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'item'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False, include_context=False)[
            :5
        ]
    )
