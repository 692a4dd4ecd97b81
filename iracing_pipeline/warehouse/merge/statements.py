"""The statements of a merge: locks and stages, then compare, upsert, retire and record in one.

In: staged batches. Out: SQL. Runs nothing. The statement of a merge is composed once for batches of one form;
what differs from merge to merge is put in.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql
from sqlalchemy import Table

from iracing_pipeline.core.rows import EVERYTHING
from iracing_pipeline.warehouse.locks import NamedLock
from iracing_pipeline.warehouse.merge.batches import SHAPE, Staged
from iracing_pipeline.warehouse.merge.cascades import children, dependents
from iracing_pipeline.warehouse.merge.sql_parts import (
    WAS_AT,
    WAS_BY,
    any_of,
    equal,
    json_object,
    listed,
    name_of,
    parents_of,
)
from iracing_pipeline.warehouse.schema import SCHEMA
from iracing_pipeline.warehouse.schema.base import flags, key_columns, recorded_columns

# A batch is about few parents, whose rows lie together. By the default, 4, Postgres would rather read all
# of a table than look up some hundred of its rows.
_LOOK_ROWS_UP = sql.SQL("SET LOCAL random_page_cost = 1.1")


def prepare_statement(todo: Sequence[Staged]) -> sql.Composed:
    """One round trip: the tables' writer locks in a fixed order, then an empty stage per batch."""
    written = {staged.batch.table for staged in todo}
    for staged in todo:
        if staged.batch.coverage is not None and staged.batch.coverage.keys:
            written |= dependents(staged.batch.table)
    locks = lock_statements(written)
    stages = [
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {}{} FROM {} WITH NO DATA").format(
            sql.Identifier(staged.stage),
            listed(staged.columns),
            sql.SQL(", 0::int2 AS {}").format(sql.Identifier(SHAPE))
            if staged.is_mixed
            else sql.SQL(""),
            name_of(staged.batch.table),
        )
        for staged in todo
    ]
    return sql.SQL("; ").join([*locks, _LOOK_ROWS_UP, *stages])


def lock_statements(tables: Iterable[Table]) -> list[sql.Composed]:
    """The writer locks of these tables, in the order in which everybody takes them."""
    return [
        sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, {}))").format(
            sql.Literal(f"{SCHEMA}.{name}"), sql.Literal(int(NamedLock.TABLE))
        )
        for name in sorted(table.name for table in tables)
    ]


_UPSERT = sql.SQL(
    """
            INSERT INTO {table} ({columns}, first_seen_at, updated_at, run_id)
            SELECT {columns}, statement_timestamp(), statement_timestamp(), {run_id} FROM diff
            ON CONFLICT ({keys}) DO UPDATE
            SET {assignments} updated_at = statement_timestamp(), retired_at = NULL,
                run_id = excluded.run_id"""
)
_UPDATE = sql.SQL(
    """
            UPDATE {table} t
            SET {updates}, updated_at = statement_timestamp(), run_id = {run_id}
            FROM diff d WHERE {same_row}"""
)
_NOTHING = sql.SQL("NULL::jsonb")
_RESTORED = sql.SQL("jsonb_agg({row}) FILTER (WHERE was_retired)")
_LIVING = sql.SQL(
    """(SELECT count(*) FROM {table} WHERE retired_at IS NULL)
                   + count(*) FILTER (WHERE is_new OR was_retired) - (SELECT count(*) FROM retired)"""
)


# Stand in a composed statement for what differs from merge to merge.
_STAGE, _COVERED, _COMPLETED, _RUN_ID = "@stage@", "@covered@", "@completed@", "@run id@"


@dataclass(frozen=True)
class _Form:
    """What a merge's statement is composed of."""

    table: Table
    columns: tuple[str, ...]
    shapes: tuple[frozenset[str], ...]
    is_load: bool
    only_updates: bool
    restores: bool
    is_first_fill: bool
    covered: tuple[str, ...] | None
    """Columns of the coverage; None where there is none."""
    completed: tuple[str, ...] | None
    counts_living: bool

    @property
    def is_mixed(self) -> bool:
        return len(self.shapes) > 1


def merge_statement(staged: Staged, run_id: str, counts_living: bool) -> str:
    """Compare, upsert, retire and record in one statement.

    Returns (inserted, updated, retired, living, restored); `restored` are the keys of rows that are back,
    with when and by which run they had been retired, or None where nothing refers to the table.

    The anti-join comes first because ON CONFLICT DO UPDATE … WHERE locks, and logs, every row it
    then leaves alone. `updated` counts restored rows too: a retired row that is back.
    """
    batch = staged.batch
    completes = EVERYTHING if batch.is_first_fill else batch.completes
    form = _Form(
        batch.table,
        staged.columns,
        staged.shapes,
        batch.is_load,
        batch.only_updates,
        batch.restores,
        batch.is_first_fill,
        None if batch.coverage is None else batch.coverage.columns,
        None if completes is None else completes.columns,
        counts_living,
    )
    text = _composed(form).replace(_STAGE, staged.stage)
    for stand_in, coverage in ((_COVERED, batch.coverage), (_COMPLETED, completes)):
        if coverage is not None and stand_in in text:
            text = text.replace(stand_in, parents_of(coverage).as_string())
    return text.replace(_RUN_ID, run_id.replace("'", "''"))


# Of each table a few forms are met: what of a week was told makes its columns.
@functools.lru_cache(maxsize=200)
def _composed(form: _Form) -> str:
    columns, keys = form.columns, key_columns(form.table)
    values = [name for name in columns if name not in keys]
    recorded = [name for name in recorded_columns(form.table) if name in columns]
    compared = [
        sql.SQL("t.{0} IS DISTINCT FROM s.{0}").format(sql.Identifier(name)) for name in values
    ]
    parts: dict[str, sql.Composable] = {
        "stage": sql.Identifier(_STAGE),
        "table": name_of(form.table),
        "table_name": sql.Literal(form.table.name),
        "columns": listed(columns),
        "keys": listed(keys),
        "first_key": sql.Identifier(keys[0]),
        "key_object": json_object("d", keys),
        "old_key_object": json_object("t", keys),
        "new_values": _NOTHING if form.is_load else json_object("s", recorded),
        "old_values": _NOTHING if form.is_load else json_object("t", recorded),
        "is_different": any_of([sql.SQL("t.retired_at IS NOT NULL"), *compared]),
        "assignments": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in values
        )
        + sql.SQL(", " if values else ""),
        "is_recorded": sql.Literal(not form.is_load),
        "is_news": sql.Literal(not form.is_first_fill),
        "is_filled_in": _is_filled_in(form, recorded),
        "staged": sql.Identifier("r" if form.is_mixed else "s"),
        "join": sql.SQL("JOIN" if form.only_updates else "LEFT JOIN"),
        "completed": _completed(form) if form.is_mixed else sql.SQL(""),
        "candidates": sql.SQL(
            "t.retired_at IS NULL" if form.only_updates or not form.restores else "true"
        ),
        "same_row": equal("t", "d", keys),
        "updates": sql.SQL(", ").join(
            sql.SQL("{0} = d.{0}").format(sql.Identifier(name)) for name in values
        ),
        "retire": _retire(form, keys),
        "restored": _RESTORED.format(row=json_object("diff", [*keys, WAS_AT, WAS_BY]))
        if children(form.table)
        else _NOTHING,
        "was_at": sql.Identifier(WAS_AT),
        "was_by": sql.Identifier(WAS_BY),
        "run_id": sql.Literal(_RUN_ID),
    }
    parts["upsert"] = (_UPDATE if form.only_updates else _UPSERT).format(**parts)
    parts["living"] = _LIVING.format(**parts) if form.counts_living else sql.Literal(0)
    statement = sql.SQL(
        """
        WITH diff AS MATERIALIZED (
            SELECT s.*, t.{first_key} IS NULL AS is_new, t.retired_at IS NOT NULL AS was_retired,
                   {old_values} AS old_values, {new_values} AS new_values,
                   {is_filled_in} AS is_filled_in,
                   t.retired_at AS {was_at}, t.run_id AS {was_by}
            FROM {stage} {staged} {join} {table} t USING ({keys}) {completed}
            WHERE {candidates} AND (t.{first_key} IS NULL OR {is_different})
        ), upserted AS ({upsert}
        ), retired AS ({retire}
        ), recorded AS (
            INSERT INTO iracing.changes
                (table_name, key, kind, before, after, changed_at, run_id)
            SELECT {table_name}, {key_object},
                   CASE WHEN is_new THEN 'inserted' WHEN was_retired THEN 'restored'
                        ELSE 'updated' END,
                   CASE WHEN NOT is_new THEN (
                       SELECT coalesce(jsonb_object_agg(o.key, o.value), '{{}}')
                       FROM jsonb_each(d.old_values) o
                       WHERE o.value IS DISTINCT FROM d.new_values -> o.key) END,
                   CASE WHEN is_new THEN d.new_values ELSE (
                       SELECT coalesce(jsonb_object_agg(n.key, n.value), '{{}}')
                       FROM jsonb_each(d.new_values) n
                       WHERE n.value IS DISTINCT FROM d.old_values -> n.key) END,
                   statement_timestamp(), {run_id}
            FROM diff d
            -- Filling a table that was empty before this transaction is a load, not a change per row.
            -- Nor is it a change when more becomes known of a row, or of its parent.
            WHERE {is_recorded} AND CASE
                WHEN is_new THEN {is_news} AND NOT is_filled_in AND EXISTS (
                    SELECT FROM {table} WHERE xmin <> pg_current_xact_id()::xid)
                WHEN was_retired THEN true
                ELSE NOT is_filled_in AND old_values IS DISTINCT FROM new_values END
            UNION ALL
            SELECT {table_name}, key, 'retired', before, NULL, statement_timestamp(), {run_id}
            FROM retired WHERE {is_recorded}
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
               (SELECT count(*) FROM retired),
               {living},
               {restored}
        FROM diff
        """
    )
    return statement.format(**parts).as_string()


def _is_filled_in(form: _Form, recorded: Iterable[str]) -> sql.Composable:
    """Whether no more has happened than that more is known: of the row, or of its parent."""
    if form.is_load:
        return sql.SQL("false")
    table, told = form.table, [name for name in flags(form.table) if name in form.columns]
    parts: dict[str, sql.Composable] = {
        "first_key": sql.Identifier(key_columns(table)[0]),
        "is_found_out": _is_told_anew("t", told),
    }
    if form.completed is None:
        return sql.SQL("t.{first_key} IS NOT NULL AND ({is_found_out})").format(**parts)
    parts["had_another_value"] = any_of(
        sql.SQL("(t.{0} IS NOT NULL AND t.{0} IS DISTINCT FROM s.{0})").format(sql.Identifier(name))
        for name in recorded
    )
    parts["is_completed"] = sql.SQL("EXISTS (SELECT FROM {} WHERE {})").format(
        sql.SQL(_COMPLETED), equal("s", "l", form.completed)
    )
    parts["has_siblings"] = sql.SQL(
        "EXISTS (SELECT FROM {} AS k WHERE {} AND NOT ({}))" if form.completed else "true"
    ).format(
        name_of(table),
        equal("s", "k", _sibling_columns(table, form.completed)),
        _is_told_anew("k", told),
    )
    return sql.SQL(
        """CASE WHEN t.{first_key} IS NULL THEN {is_completed} AND NOT {has_siblings}
                        ELSE {is_found_out} OR ({is_completed} AND NOT ({had_another_value})) END"""
    ).format(**parts)


def _is_told_anew(alias: str, told: Iterable[str]) -> sql.Composable:
    """Whether the source of the staged row has not told of that row before."""
    return any_of(
        sql.SQL("{0}.{1} < s.{1}").format(sql.Identifier(alias), sql.Identifier(name))
        for name in told
    )


def _sibling_columns(table: Table, completed: tuple[str, ...]) -> Sequence[str]:
    """What rows have in common that a source tells together: the parent's key, if it is about parents."""
    parent = key_columns(table)[:-1]
    return parent if set(completed) <= set(parent) else completed


def _completed(form: _Form) -> sql.Composed:
    """The staged row with what it does not carry taken from the stored one, or by default."""
    table = form.table
    keys = key_columns(table)
    columns: list[sql.Composable] = []
    for name in form.columns:
        carrying = [number for number, shape in enumerate(form.shapes) if name in shape]
        parts = {
            "column": sql.Identifier(name),
            "shape": sql.Identifier(SHAPE),
            "carrying": sql.Literal(carrying),
            "default": _default(table, name),
        }
        is_carried = name in keys or len(carrying) == len(form.shapes)
        columns.append(
            sql.SQL(
                "r.{column}"
                if is_carried
                else "CASE WHEN r.{shape} = ANY ({carrying}) THEN r.{column} "
                "WHEN t.{first_key} IS NULL THEN {default} ELSE t.{column} END AS {column}"
            ).format(**parts, first_key=sql.Identifier(keys[0]))
        )
    return sql.SQL("CROSS JOIN LATERAL (SELECT {}) s").format(sql.SQL(", ").join(columns))


def _default(table: Table, name: str) -> sql.Composable:
    default = table.columns[name].server_default
    text = getattr(default, "arg", None)
    return sql.SQL("NULL" if text is None else str(text))


def _retire(form: _Form, keys: tuple[str, ...]) -> sql.Composable:
    if form.covered is None:
        return sql.SQL("SELECT NULL::jsonb AS key, NULL::jsonb AS before WHERE false")
    return sql.SQL(
        """
            UPDATE {table} t
            SET retired_at = statement_timestamp(), updated_at = statement_timestamp(),
                run_id = {run_id}
            FROM {covered} WHERE {is_covered} AND t.retired_at IS NULL
              AND NOT EXISTS (SELECT FROM {stage} s WHERE {same_row})
            RETURNING {key} AS key, {values} AS before"""
    ).format(
        table=name_of(form.table),
        covered=sql.SQL(_COVERED),
        is_covered=equal("t", "l", form.covered),
        stage=sql.Identifier(_STAGE),
        same_row=equal("t", "s", keys),
        key=json_object("t", keys),
        values=json_object("t", recorded_columns(form.table)),
        run_id=sql.Literal(_RUN_ID),
    )
