"""The data dictionary: every table, view, function and column with its comment, as Markdown.

In: the tables, the .sql files of views and functions. Out: the text of docs/data-dictionary.md. A test compares the two.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.dialects import postgresql

from iracing_pipeline.warehouse.migrations.sql_files import ORDER, statements_of
from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.schema.base import key_columns
from iracing_pipeline.warehouse.schema.tables import DATA_TABLES, LEDGER_TABLES
from iracing_pipeline.warehouse.schema.tables import table as by_name

_HEAD = """# Data dictionary

Made by `make dictionary` from the tables in `iracing_pipeline/warehouse`; the same texts are COMMENTs in the
database (`\\d+ iracing.seasons`). Columns carry the API's own field names; where a unit is not the API's own
choice it stands in the name (`_c` degrees Celsius, `_ms` metres per second, `_mm_h`, `_pct`).

Not stored as columns, because they move at every fetch or depend on who asks: `reg_user_count`,
`next_race_session`, `weather_url`, `eligible`. They are in `responses`. What concerns persons, such as
`allowed_season_members`, is stored nowhere.

Rows are never deleted: what vanished has `retired_at` set, so a query of the tables wants
`WHERE retired_at IS NULL`. Views and functions show living rows only.

[Views and functions](#views-and-functions) come after the tables; examples of them are in [queries.md](queries.md).

In the view `iracing.schedule_changes`, `importance` is `high` for what racers plan by. The webhook and the report tell of nothing else:

* what came, went or returned: `series`, `licence`, `season`, `car class`, `week`, `session times`. What did so with
  its series, season or week has no weight of its own. The first weeks of a season are one line, `schedule`, such as
  "12 weeks from 2026-12-08", and so are its first session times where they come later. A season that has ended is
  `season`, from its name to "over";
* of a series: `series name`, `category`, `lowest level` and `highest level` of a licence;
* of a season: `season name`, `season start`, `weeks`, `drops`, `race times`, `official`, `set-up`, `licence`,
  `multiclass`, `heats`, `driver changes`, `fewest drivers of a team`, `most drivers of a team`,
  `other licence categories`, `listed members only`, `one car for the season`;
* of a week: `track`, `week start`, `week end`, `race laps`, `race time`, `practice`, `qualifying laps`, `qualifying`,
  `warm-up`, `cars`, `car classes`, `chance of rain`, `strongest rain`;
* of session times: `repeating sessions`, `session length`, `super session`, `sessions from`, `session days`,
  `first session`, `a session every`, `session times`.

All else is `low`: counters, texts, codes, car restrictions, the rest of the weather, and whatever changes in a
season after its end. `changes` has every column under its own name.
"""


def data_dictionary() -> str:
    """The whole document."""
    parts = [_HEAD, "## Data tables\n", *(_section(table) for table in DATA_TABLES)]
    parts += ["## The pipeline's own records\n", *(_section(table) for table in LEDGER_TABLES)]
    parts += ["## Views and functions\n", *filter(None, map(_section_of_file, ORDER))]
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


_LITERAL = r"((?:'(?:[^']|'')*'\s*)+);"
_OBJECT = re.compile(rf"COMMENT ON (?:VIEW|FUNCTION) {SCHEMA}\.(\w+)[^']*? IS\s+{_LITERAL}")
_COLUMN = re.compile(rf"COMMENT ON COLUMN {SCHEMA}\.\w+\.(\w+) IS\s+{_LITERAL}")
_FUNCTION = re.compile(rf"FUNCTION {SCHEMA}\.\w+(\(.*\))\s+RETURNS TABLE \(([^)]*)\)")


def _section_of_file(name: str) -> str | None:
    """A view with its columns, or a function with what it returns; None for what is private."""
    statements = statements_of(name)
    if (found := _OBJECT.search(statements)) is None:
        return None
    function = _FUNCTION.search(statements)
    lines = [
        f"### `{SCHEMA}.{found[1]}{function[1] if function else ''}`\n",
        f"{_text(found[2])}\n",
    ]
    if function:
        lines += [f"Returns: `{' '.join(function[2].split())}`."]
    else:
        lines += ["| column | |", "|---|---|"]
        lines += [
            f"| `{column}` | {_text(comment)} |" for column, comment in _COLUMN.findall(statements)
        ]
    return "\n".join(lines) + "\n"


def _text(literal: str) -> str:
    """What a literal of SQL says, of which the parts may stand on lines of their own."""
    parts = re.findall(r"'((?:[^']|'')*)'(?!')", literal)
    return "".join(parts).replace("''", "'").replace("|", "/")


def _references(table: Table) -> list[str]:
    constraints = [c for c in table.constraints if isinstance(c, ForeignKeyConstraint)]
    return [
        f"`{constraint.referred_table.name}` by {', '.join(f'`{c.name}`' for c in constraint.columns)}"
        for constraint in constraints
    ]
