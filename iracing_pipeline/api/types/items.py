"""What every object of a response has in common: tolerance of drift, which core/drift.py counts.

In: JSON values. Out: Item, Optional. The objects themselves are in the other files of this folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timezone
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticKnownError, core_schema

from iracing_pipeline.core.drift import Drift
from iracing_pipeline.core.numbers import LEAST, MOST, is_whole_text

T = TypeVar("T")


def _forgive(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """An optional field of an unexpected type is counted; None, and unread, where the type cannot read it."""
    drift = info.context
    pending = len(drift.unread) if isinstance(drift, Drift) else 0
    try:
        result = handler(value)
        if result is value or isinstance(result, BaseModel):
            return result
        is_read, is_expected = True, not _is_converted(value, result)
    except ValidationError:
        result, is_read, is_expected = None, False, False
    if not is_expected and isinstance(drift, Drift):
        owner, name = (info.config or {}).get("title") or "?", info.field_name or "?"
        drift.note_type(f"{owner}.{name}", value)
        if not is_read:
            # What could not be read of the objects inside goes with them.
            drift.unread[pending:] = [(owner, name)]
    return result


def _unreadable(value: Any, info: ValidationInfo, of: str) -> None:
    """An object, or a list of objects of the class `of`, that cannot be read: counted, None, and unread."""
    drift = info.context
    if isinstance(drift, Drift):
        # What could not be read of the objects inside goes with them.
        drift.take_unread(of)
        owner, name = (info.config or {}).get("title") or "?", info.field_name or "?"
        drift.note_type(f"{owner}.{name}", value)
        drift.unread.append((owner, name))


def _is_converted(value: Any, result: Any) -> bool:
    """Whether a value was not what it was read as: "4" for 4, or 4.5, rounded."""
    if isinstance(value, float) and isinstance(result, int):
        return result != value
    if isinstance(result, str):
        return not isinstance(value, str)
    if isinstance(result, bool):
        return not isinstance(value, bool)
    return isinstance(result, (int, float, Decimal)) and isinstance(value, str)


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


def _as_id(value: Any) -> Any:
    """What core/numbers.py reads as a whole number, too: ids are looked up in raw responses by it."""
    if isinstance(value, str) and not is_whole_text(value):
        raise PydanticKnownError("int_parsing")
    return _no_bool(value)


def _no_number(value: Any) -> Any:
    # "20250915" is no moment: it would be read as seconds since 1970.
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("is a number, not a date or time")
    return value


def _rounded(value: Any) -> Any:
    """A count or a code with a fraction, which means less than it seems to."""
    return round(value) if isinstance(value, float) and isfinite(value) else _no_bool(value)


_NotBool = BeforeValidator(_no_bool)
_AsId = BeforeValidator(_as_id)
_Rounded = BeforeValidator(_rounded)
_NotNumber = BeforeValidator(_no_number)

# Values outside these bounds could not be stored, or would make every query over them fail: one
# item would take its neighbours down.
Id = Annotated[int, Field(ge=LEAST, le=MOST), _AsId]
"""An id, or a part of a key: a fraction of it is nothing."""
Int = Annotated[int, Field(ge=LEAST, le=MOST), _Rounded]
"""A count or a code: a fraction is rounded. What is measured, minutes and percent included, is Real."""
BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63), _NotBool]
WeekNumber = Annotated[int, Field(ge=0, le=MOST), _AsId]
Count = Annotated[int, Field(ge=0, le=MOST), _Rounded]
DayOffset = Annotated[int, Field(ge=0, le=400), _NotBool]
Minutes = Annotated[float, Field(ge=0, le=600_000), _NotBool]
Interval = Annotated[float, Field(ge=1, le=600_000), _NotBool]
"""Minutes between two starts: a pattern of seconds would have millions of them."""
Year = Annotated[int, Field(ge=2008, lt=3000), _AsId]
Quarter = Annotated[int, Field(ge=1, le=4), _AsId]
Money = Annotated[Decimal, Field(gt=-(10**9), lt=10**9, allow_inf_nan=False), _NotBool]
Real = Annotated[float, Field(gt=-(10**12), lt=10**12, allow_inf_nan=False), _NotBool]
Day = Annotated[date, _NotNumber]
Moment = Annotated[datetime, _NotNumber, AfterValidator(_utc)]
"""A moment in UTC; the API's times without a zone are UTC too."""
LocalTime = Annotated[
    datetime, _NotNumber, AfterValidator(lambda moment: moment.replace(tzinfo=None))
]
"""Date and time at the track, without a zone."""
ClockTime = Annotated[time, _NotNumber, AfterValidator(lambda moment: moment.replace(tzinfo=None))]


# What is done about a value that is not of its type.
_LENIENT = (_no_bool, _as_id, _rounded)
# A text that can be no number: 2025-09-15…, 14:30:00.
_DATE_LIKE = core_schema.str_schema(strict=True, pattern=r"^[0-9]+[-:]")
_UTC_LIKE = core_schema.str_schema(strict=True, pattern=r"^[0-9]+-.*Z$")


def _strictly(schema: Any) -> Any:
    """The schema of a plain value, for values of its very type. None where it holds objects or decimals.

    pydantic checks it without a call of Python: nearly every field of every object is read by it.
    """
    kind = schema["type"]
    if kind == "function-before" and schema["function"]["function"] in _LENIENT:
        return _strictly(schema["schema"])
    if kind in {"int", "float", "str", "bool"}:
        return {**schema, "strict": True}
    if kind == "function-before" and schema["function"]["function"] is _no_number:
        return core_schema.chain_schema([_DATE_LIKE, schema["schema"]])
    if kind == "function-after" and schema["function"]["function"] is _utc:
        moment = schema["schema"]["schema"]
        return core_schema.chain_schema([_UTC_LIKE, moment])
    if kind == "function-after":
        strict = _strictly(schema["schema"])
        return strict and {**schema, "schema": strict}
    inner = {"nullable": "schema", "list": "items_schema"}.get(kind)
    if inner is not None and inner in schema:
        strict = _strictly(schema[inner])
        return strict and {**schema, inner: strict}
    return schema if kind in {"any", "dict"} else None


def _class_in(source: Any) -> str | None:
    """The class of the objects that a field holds: one, or a list of them; None where it holds others."""
    if isinstance(source, type) and issubclass(source, Item):
        return source.__name__
    return next(filter(None, map(_class_in, get_args(source))), None)


class Forgiven:
    """Reads a field strictly, and only what fails by `_forgive`; objects as they are."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        of, schema = _class_in(source), handler(source)
        forgiving: core_schema.CoreSchema
        if of is not None:
            # An object forgives inside itself: all that is left to do is to notice that it failed.
            strict, forgiving = (
                schema,
                core_schema.with_info_plain_validator_function(partial(_unreadable, of=of)),
            )
        else:
            strict = _strictly(schema)
            forgiving = WrapValidator(_forgive).__get_pydantic_core_schema__(source, handler)
        if strict is None:
            return forgiving
        return core_schema.union_schema([strict, forgiving], mode="left_to_right")


Optional = Annotated[T | None, Forgiven()]


_EVERYTHING_READ: frozenset[str] = frozenset()


class Item(BaseModel):
    """Base of every object: unknown fields are kept and counted, never an error."""

    # A private attribute of pydantic's costs every object a fifth of its time.
    __slots__ = ("_unread",)

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        coerce_numbers_to_str=True,
        # A validator is built when the first item of its type is read: the import takes a third of the time.
        defer_build=True,
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.model_config = {**cls.model_config, "title": cls.__name__}
        super().__init_subclass__(**kwargs)

    def model_post_init(self, context: Any) -> None:
        unread = _EVERYTHING_READ
        if isinstance(context, Drift):
            if context.unread:
                unread = context.take_unread(type(self).__name__)
            extra = self.__pydantic_extra__
            if extra or context.watches_fields:
                context.note_fields(type(self).__name__, self.model_fields_set, extra or {})
        object.__setattr__(self, "_unread", unread)

    @property
    def unread(self) -> frozenset[str]:
        """Fields that are None because they could not be read: they say nothing of what is stored."""
        found: frozenset[str] = object.__getattribute__(self, "_unread")
        return found


def readable(item: Item, names: Iterable[str]) -> dict[str, Any]:
    """The values of these fields. One that could not be read is left out: what is stored stays."""
    values, unread = item.__dict__, item.unread
    return {name: values[name] for name in names if name not in unread}


def given(item: Item, names: Iterable[str]) -> dict[str, Any]:
    """Those of them that the object has at all: to leave one out is not to say null."""
    return readable(item, (name for name in names if name in item.model_fields_set))
