"""What every object of an answer has in common: tolerance of drift, and the count of it.

In: JSON values. Out: Item, Optional, Drift. The objects themselves are in series_types and reference_types.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

T = TypeVar("T")


@dataclass
class Drift:
    """What an answer held that the types do not foresee, counted by `Class.field`."""

    unknown_fields: Counter[str] = field(default_factory=Counter)
    unexpected_types: Counter[str] = field(default_factory=Counter)


def _forgive(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """An optional field of an unexpected type is NULL and counted; it never costs its item."""
    try:
        return handler(value)
    except ValidationError:
        if isinstance(info.context, Drift):
            owner = info.config.get("title", "?") if info.config else "?"
            info.context.unexpected_types[f"{owner}.{info.field_name}: {type(value).__name__}"] += 1
        return None


Optional = Annotated[T | None, WrapValidator(_forgive)]


def _utc(moment: datetime) -> datetime:
    try:
        return (
            moment.replace(tzinfo=timezone.utc)
            if moment.tzinfo is None
            else moment.astimezone(timezone.utc)
        )
    except OverflowError:
        raise ValueError("lies beyond the calendar") from None


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is true or false, not a number")
    return value


def _no_number(value: Any) -> Any:
    # "20250915" is no moment: it would be read as seconds since 1970.
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("is a number, not a date or time")
    return value


_NotBool = BeforeValidator(_no_bool)
_NotNumber = BeforeValidator(_no_number)

# Values outside these bounds could not be stored, or would make every query over them fail: one
# item would take its neighbours down.
Int = Annotated[int, _NotBool, Field(ge=-(2**31), lt=2**31)]
BigInt = Annotated[int, _NotBool, Field(ge=-(2**63), lt=2**63)]
Count = Annotated[int, _NotBool, Field(ge=0, lt=2**31)]
Positive = Annotated[int, _NotBool, Field(gt=0, lt=2**31)]
DayOffset = Annotated[int, _NotBool, Field(ge=0, le=400)]
Minutes = Annotated[int, _NotBool, Field(ge=0, le=600_000)]
Year = Annotated[int, _NotBool, Field(ge=2008, lt=3000)]
Quarter = Annotated[int, _NotBool, Field(ge=1, le=4)]
Money = Annotated[Decimal, _NotBool, Field(gt=-(10**9), lt=10**9, allow_inf_nan=False)]
Real = Annotated[float, _NotBool, Field(allow_inf_nan=False)]
Day = Annotated[date, _NotNumber]
Moment = Annotated[datetime, _NotNumber, AfterValidator(_utc)]
"""A moment in UTC; the API's times without a zone are UTC too."""
LocalTime = Annotated[
    datetime, _NotNumber, AfterValidator(lambda moment: moment.replace(tzinfo=None))
]
"""Date and time at the track, without a zone."""
ClockTime = Annotated[time, _NotNumber, AfterValidator(lambda moment: moment.replace(tzinfo=None))]


class Item(BaseModel):
    """Base of every object: unknown fields are kept and counted, never an error."""

    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.model_config = {**cls.model_config, "title": cls.__name__}
        super().__init_subclass__(**kwargs)

    def model_post_init(self, context: Any) -> None:
        if self.model_extra and isinstance(context, Drift):
            for name in self.model_extra:
                context.unknown_fields[f"{type(self).__name__}.{name}"] += 1
