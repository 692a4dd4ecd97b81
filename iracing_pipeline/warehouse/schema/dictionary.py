"""The data dictionary: every table and column with type and comment, as Markdown.

In: the tables. Out: the text of docs/data-dictionary.md. A test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.dialects import postgresql

from iracing_pipeline.warehouse.schema.base import key_columns
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES, LEDGER_TABLES
from iracing_pipeline.warehouse.schema.tables import table as by_name

_HEAD = """# Data dictionary

Made by `make dictionary` from the tables in `iracing_pipeline/warehouse`; the same texts are COMMENTs in the
database (`\\d+ iracing.seasons`). Columns carry the API's own field names; where a unit is not the API's own
choice it stands in the name (`_c` degrees Celsius, `_ms` metres per second, `_mm_h`, `_pct`).

Not stored as columns, because they move at every fetch or depend on who asks: `reg_user_count`,
`next_race_session`, `weather_url`, `allowed_season_members`, `eligible`. They are in `responses`.

Rows are never deleted: what vanished has `retired_at` set, so a query of the tables wants
`WHERE retired_at IS NULL`. Views and functions show living rows only.

The function `iracing.race_sessions("from", "to")` returns the starts of all races in a span, UTC; the view
`iracing.upcoming_sessions` those of the next 24 hours with series and track (its columns are commented too).
It returns `season_id`, `race_week_num`, `descriptor_num`, `start_time`, `end_time`, `super_session`,
`registration_opens` (NULL where the API does not say).

Views of the calendar, with examples in [queries.md](queries.md): `season_calendar`, `current_weeks`,
`next_weeks`, `week_grid`, `week_cars`, `rain_weeks`, `season_status`, `series_by_license`, and the function
`playable_weeks(package_ids)`.

The view `iracing.schedule_changes` tells what changed in series, seasons and weeks in words: `changed_at`,
`series_id`, `series_name`, `season_id`, `season_name`, `race_week_num`, `kind`, `what`, `old`, `new`,
`table_name`, `change_id`, `run_id`; a line per column that changed (track name and configuration are one), or
per week, season, car class, licence, session or restriction that came, went or returned.
"""


def data_dictionary() -> str:
    """The whole document."""
    parts = [_HEAD, "## Data tables\n", *(_section(table) for table in DATA_TABLES)]
    parts += ["## The pipeline's own records\n", *(_section(table) for table in LEDGER_TABLES)]
    return "\n".join(parts)


class Column(NamedTuple):
    """A column as people read of it."""

    name: str
    type: str
    """In lower case, as psql prints it."""
    comment: str | None
    is_nullable: bool
    is_key: bool


def columns_of(name: str) -> list[Column]:
    """The columns of a table of schema `iracing`, in order."""
    found, dialect = by_name(name), postgresql.dialect()  # type: ignore[no-untyped-call]
    keys = set(key_columns(found))
    return [
        Column(
            column.name,
            column.type.compile(dialect=dialect).lower(),
            column.comment,
            bool(column.nullable),
            column.name in keys,
        )
        for column in found.columns
    ]


def _section(table: Table) -> str:
    lines = [f"### `{table.schema}.{table.name}`\n", f"{table.comment}\n"]
    lines += [f"References {text}.\n" for text in _references(table)]
    lines += ["| column | type | |", "|---|---|---|"]
    for column in columns_of(table.name):
        name = f"**`{column.name}`**" if column.is_key else f"`{column.name}`"
        needed = "" if column.is_nullable or column.is_key else " not null"
        lines.append(
            f"| {name} | {column.type}{needed} | {(column.comment or '').replace('|', '/')} |"
        )
    return "\n".join(lines) + "\n"


def _references(table: Table) -> list[str]:
    constraints = [c for c in table.constraints if isinstance(c, ForeignKeyConstraint)]
    return [
        f"`{constraint.referred_table.name}` by {', '.join(f'`{c.name}`' for c in constraint.columns)}"
        for constraint in constraints
    ]
