"""The ground every table stands on: the schema's metadata, column shorthand, bookkeeping columns.

In: names, types, comments. Out: SQLAlchemy Core tables. The tables themselves are in the other files of this folder.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from iracing_pipeline.warehouse.schema import SCHEMA

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    },
)

BOOKKEEPING = ("first_seen_at", "updated_at", "retired_at", "run_id")

TIMESTAMPTZ = DateTime(timezone=True)


EMPTY_IS_A_VALUE = "an empty list is a value"
"""In a column's info; everywhere else an empty list and NULL are one state, stored as NULL."""


def column(name: str, type_: Any, comment: str, **options: Any) -> Column[Any]:
    """A column that cannot be declared without a comment; nullable unless said otherwise."""
    return Column(name, type_, comment=comment, **options)


def key(name: str, type_: Any, comment: str) -> Column[Any]:
    """A column of the natural key; the API gives its value, so nothing is generated."""
    return Column(name, type_, comment=comment, primary_key=True, autoincrement=False)


def required(name: str, type_: Any, comment: str, **options: Any) -> Column[Any]:
    """A column an item cannot be stored without."""
    return Column(name, type_, comment=comment, nullable=False, **options)


def flag(name: str, comment: str) -> Column[Any]:
    """What we know of a row, not what the API says: false until found out, and never a change.

    Nor is it a change what else becomes known of the row at the moment when a flag is set.
    """
    return Column(
        name,
        Boolean,
        comment=comment,
        nullable=False,
        server_default=text("false"),
        info={"is_recorded": False},
    )


def references(names: list[str], targets: list[Column[Any]]) -> ForeignKeyConstraint:
    """A foreign key. Deferrable, so that a dry run can merge children of parents it rolled back."""
    return ForeignKeyConstraint(names, targets, deferrable=True)


def check(name: str, condition: str) -> CheckConstraint:
    """A CHECK that holds for every row; the naming convention adds the table's name."""
    return CheckConstraint(condition, name=name)


def data_table(name: str, comment: str, *parts: Any) -> Table:
    """A table of the product: natural key, API columns, then the four bookkeeping columns."""
    return Table(
        name,
        metadata,
        *parts,
        required("first_seen_at", TIMESTAMPTZ, "When this row was first stored here."),
        required("updated_at", TIMESTAMPTZ, "When a value of this row last changed."),
        column(
            "retired_at",
            TIMESTAMPTZ,
            "When the row vanished from a complete response of the API; NULL while it is alive.",
        ),
        required("run_id", Text, "Dagster run that last changed this row."),
        comment=comment,
        info={"kind": "data"},
    )


def ledger_table(name: str, comment: str, *parts: Any, schema: str = SCHEMA) -> Table:
    """A table about the pipeline itself: what landed, was called, ran, changed or failed."""
    return Table(name, metadata, *parts, comment=comment, schema=schema, info={"kind": "ledger"})


def key_columns(table: Table) -> tuple[str, ...]:
    """Names of the primary key columns, in key order."""
    return tuple(c.name for c in table.primary_key.columns)


def value_columns(table: Table) -> tuple[str, ...]:
    """Names of the columns the API's values go into: neither key nor bookkeeping."""
    keys = set(key_columns(table))
    return tuple(c.name for c in table.columns if c.name not in keys and c.name not in BOOKKEEPING)


def recorded_columns(table: Table) -> tuple[str, ...]:
    """The value columns whose change is one: what `changes` tells of."""
    return tuple(
        name for name in value_columns(table) if table.columns[name].info.get("is_recorded", True)
    )


def flags(table: Table) -> tuple[str, ...]:
    """The columns declared by `flag`."""
    recorded = set(recorded_columns(table))
    return tuple(name for name in value_columns(table) if name not in recorded)


def is_json(table: Table, name: str) -> bool:
    """Whether a column holds jsonb (its values are wrapped before they are sent)."""
    return isinstance(table.columns[name].type, JSONB)


def is_nothing_if_empty(table: Table, name: str) -> bool:
    """Whether a list or an object without anything in it is stored as NULL: sources tell both for the same."""
    declared = table.columns[name]
    return isinstance(declared.type, (ARRAY, JSONB)) and not declared.info.get(EMPTY_IS_A_VALUE)
