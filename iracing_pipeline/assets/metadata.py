"""What a materialization says about itself: counts, schema, preview, calls, and the quarantine check.

In: an AssetRun that has written. Out: MaterializeResult. Reads nothing from the database.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetObservation,
    MaterializeResult,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableConstraints,
    TableSchema,
)

from iracing_pipeline.assets.asset_run import items_in_words
from iracing_pipeline.assets.drift import drift_check, drift_metadata
from iracing_pipeline.assets.refusal import answer_taken

if TYPE_CHECKING:
    from sqlalchemy import Table

    from iracing_pipeline.api.types.parsing import Reject
    from iracing_pipeline.assets.asset_run import AssetRun
    from iracing_pipeline.core.rows import Extract

QUARANTINE_CHECK = "nothing_set_aside"
COUNTS_KEY = "rows_by_table"
WARNINGS_KEY = "warnings"
CHANGES_KEY = "first_changes"
_PREVIEW_ROWS = 8
_PREVIEW_COLUMNS = 7


def results(run: AssetRun, extract: Extract) -> Iterator[MaterializeResult | AssetCheckResult]:
    """The materialization with its metadata, and the checks; one is red while items are set aside.

    A dry run is an observation: it must not make the asset look fresh. (In an instance that is not
    kept, where nobody can mistake it, it materializes, so that the assets after it have their turn.)
    """
    from iracing_pipeline.warehouse.merge.batches import Counts
    from iracing_pipeline.warehouse.schema.tables import table

    main = next(iter(extract.rows))
    total = sum(run.counts.values(), Counts())
    counts = counts_by_table(run)
    metadata: dict[str, Any] = {
        "dagster/row_count": run.counts[main].living if main in run.counts else 0,
        "dagster/relation_identifier": f"iracing.{main}",
        "dagster/column_schema": table_schema(table(main)),
        "inserted": total.inserted,
        "updated": total.updated,
        "unchanged": total.unchanged,
        "retired": total.retired,
        "set_aside": len(extract.rejects),
        **calls_metadata(run),
        COUNTS_KEY: MetadataValue.json(counts),
        "rows": MetadataValue.md(_how_to_look(main)),
        "preview": MetadataValue.md(_preview(extract)),
    }
    metadata |= {
        **drift_metadata(run),
        **set_aside_metadata(extract.rejects),
        **warnings_metadata(run),
        **changes_metadata(run),
        **run.notes,
    }
    checks = [
        quarantine_check(extract.rejects),
        drift_check(run),
        *answer_taken(run.context),
    ]
    if run.options.dry_run:
        metadata["dry_run"] = True
    if run.options.dry_run and not run.context.instance.is_ephemeral:
        run.context.log_event(AssetObservation(run.context.asset_key, metadata=metadata))
        yield from checks
        return
    yield MaterializeResult(metadata=metadata, check_results=checks)


def calls_metadata(run: AssetRun) -> dict[str, Any]:
    """Requests made and saved, how long they took, how low the budget went: numbers that plot over time."""
    made, saved = run.made_calls(), run.saved_calls()
    metadata: dict[str, Any] = {"api_calls": made, "api_calls_saved": saved}
    if made + saved:
        metadata["api_calls_saved_share"] = round(saved / (made + saved), 3)
    for endpoint, durations in sorted(run.durations.items()):
        metadata[f"{endpoint} p50 ms"] = round(median(durations))
        # With few requests the 95th percentile is the slowest.
        metadata[f"{endpoint} p95 ms"] = sorted(durations)[math.ceil(len(durations) * 0.95) - 1]
    if run.lowest_budget is not None:
        metadata["budget_low_water_mark"] = run.lowest_budget
    return metadata


def _how_to_look(table_name: str) -> str:
    """Where the rows are: Dagster shows a few, the database all of them."""
    rows = f"SELECT * FROM iracing.{table_name} LIMIT 20"  # noqa: S608 - text for people
    changes = "SELECT * FROM iracing.schedule_changes ORDER BY changed_at DESC LIMIT 20"
    return (
        f'`iracing-pipeline db sql "{rows}"`, or any Postgres client (`iracing-pipeline db url`). '
        f"What changed: `{changes}`."
    )


def set_aside_metadata(rejects: Sequence[Reject]) -> dict[str, Any]:
    """The items that could not be read, as a list for people; nothing where there are none."""
    lines = [f"- {line}" for line in items_in_words(rejects).splitlines()]
    return {"set_aside_items": MetadataValue.md("\n".join(lines))} if lines else {}


def warnings_metadata(run: AssetRun) -> dict[str, Any]:
    """What a reader should know although the asset went on; nothing where there is nothing."""
    lines = [f"- {text}" for text in run.warnings]
    return {WARNINGS_KEY: MetadataValue.md("\n".join(lines))} if lines else {}


def changes_metadata(run: AssetRun) -> dict[str, Any]:
    """What changed, or in a dry run would, in words: the first few; nothing where there is nothing."""
    lines = [f"- {text}" for text in run.first_changes]
    return {CHANGES_KEY: MetadataValue.md("\n".join(lines))} if lines else {}


def counts_by_table(run: AssetRun) -> dict[str, dict[str, int]]:
    """What became of each table's rows; `rows` are those alive afterwards."""
    return {
        name: {
            "inserted": count.inserted,
            "updated": count.updated,
            "unchanged": count.unchanged,
            "retired": count.retired,
            "rows": count.living,
        }
        for name, count in run.counts.items()
    }


def in_words(run: AssetRun, extract: Extract) -> str:
    """What became of an asset in one line, such as `3 inserted, 0 updated, 524 unchanged`."""
    from iracing_pipeline.warehouse.merge.batches import Counts

    total = sum(run.counts.values(), Counts())
    parts = [f"{total.inserted:,} inserted", f"{total.updated:,} updated"]
    parts += [f"{total.unchanged:,} unchanged"]
    parts += [f"{total.retired:,} retired"] if total.retired else []
    parts += [f"{len(extract.rejects):,} set aside"] if extract.rejects else []
    return ", ".join(parts)


def quarantine_check(
    rejects: Sequence[Reject], metadata: Mapping[str, Any] | None = None
) -> AssetCheckResult:
    """Red while items could not be read; it names them."""
    words = items_in_words(rejects)
    return AssetCheckResult(
        check_name=QUARANTINE_CHECK,
        passed=not rejects,
        severity=AssetCheckSeverity.ERROR,
        description=f"{len(rejects)} items could not be read:\n{words}" if rejects else None,
        metadata={"set_aside": len(rejects), **(metadata or {})},
    )


def quarantine_as_stored(open_items: int) -> AssetCheckResult:
    """The same check where nothing was read: red while items are still set aside."""
    return AssetCheckResult(
        check_name=QUARANTINE_CHECK,
        passed=not open_items,
        severity=AssetCheckSeverity.ERROR,
        description=f"Nothing was read this time; {open_items} items are still set aside."
        if open_items
        else None,
        metadata={"set_aside": open_items},
    )


def table_schema(table: Table) -> TableSchema:
    """Columns with types and comments, as Dagster's UI shows them."""
    from sqlalchemy.dialects import postgresql

    dialect = postgresql.dialect()
    return TableSchema(
        columns=[
            TableColumn(
                name=column.name,
                type=column.type.compile(dialect=dialect).lower(),
                description=column.comment,
                constraints=TableColumnConstraints(nullable=bool(column.nullable)),
            )
            for column in table.columns
        ],
        constraints=TableConstraints(other=[f"primary key ({', '.join(_key(table))})"]),
    )


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _preview(extract: Extract) -> str:
    name, rows = next(iter(extract.rows.items()))
    if not rows:
        return f"No rows of `{name}` in this selection."
    columns = list(rows[0])[:_PREVIEW_COLUMNS]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows[:_PREVIEW_ROWS]:
        cells = [str(row.get(column, "")).replace("|", "\\|")[:60] for column in columns]
        lines.append(f"| {' | '.join(cells)} |")
    more = len(rows) - _PREVIEW_ROWS
    return "\n".join(lines + ([f"\n… and {more} more rows of `{name}`"] if more > 0 else []))
