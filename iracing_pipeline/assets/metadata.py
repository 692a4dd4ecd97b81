"""What a materialization says about itself: counts, schema, preview, calls; and the checks of a sync.

In: a SyncResult. Out: metadata and check results. Reads nothing from the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableConstraints,
    TableSchema,
)

from iracing_pipeline.core.rows import Counts
from iracing_pipeline.core.wording import in_markdown, rejected_in_words

if TYPE_CHECKING:
    from iracing_pipeline.core.rows import Rejected
    from iracing_pipeline.sync.result import SyncResult

QUARANTINE_CHECK = "nothing_set_aside"
DRIFT_CHECK = "no_new_drift"
RESPONSE_CHECK = "answer_is_whole"

COUNTS_KEY = "rows_by_table"
PLAN_KEY = "plan"
REJECTED_KEY = "set_aside_items"
WARNINGS_KEY = "warnings"
NEW_DRIFT_KEY = "new_drift"
CHANGES_KEY = "first_changes"
_PREVIEW_COLUMNS = 7


def table_metadata(result: SyncResult) -> dict[str, Any]:
    """Everything about an asset that is one table, and what came with it."""
    total, name = result.total, result.main_table
    return {
        "dagster/row_count": result.counts[name].living if name in result.counts else 0,
        "dagster/relation_identifier": f"iracing.{name}",
        "dagster/column_schema": _table_schema(result.main_table),
        "inserted": total.inserted,
        "updated": total.updated,
        "unchanged": total.unchanged,
        "retired": total.retired,
        "set_aside": len(result.rejected),
        "rows": MetadataValue.md(_how_to_look(name)),
        "preview": MetadataValue.md(_preview(result)),
        **run_metadata(result),
        **{name: _note(value) for name, value in result.notes.items()},
    }


def run_metadata(result: SyncResult) -> dict[str, Any]:
    """What every sync run tells: counts by table, calls, drift, and lists for people."""
    return {
        COUNTS_KEY: MetadataValue.json(counts_by_table(result.counts)),
        **_calls(result),
        **({"drift": MetadataValue.json(dict(result.drift))} if result.drift else {}),
        **_list(NEW_DRIFT_KEY, result.new_drift),
        **_list(REJECTED_KEY, rejected_in_words(result.rejected).splitlines()),
        **_list(WARNINGS_KEY, result.warnings),
        **_list(CHANGES_KEY, result.first_changes),
    }


def _list(key: str, lines: Sequence[str]) -> dict[str, Any]:
    """Lines for people; nothing where there are none."""
    return (
        {key: MetadataValue.md("\n".join(f"- {in_markdown(line)}" for line in lines))}
        if lines
        else {}
    )


def _note(value: Any) -> Any:
    return (
        MetadataValue.md("\n".join(f"- {in_markdown(line)}" for line in value))
        if isinstance(value, list)
        else value
    )


def _calls(result: SyncResult) -> dict[str, Any]:
    """Requests made and saved, how long they took, how low the budget went: numbers that plot over time."""
    made, saved = result.api_calls, result.api_calls_saved
    metadata: dict[str, Any] = {"api_calls": made, "api_calls_saved": saved}
    if made + saved:
        metadata["api_calls_saved_share"] = round(saved / (made + saved), 3)
    for endpoint, durations in sorted(result.durations.items()):
        metadata[f"{endpoint} p50 ms"] = round(median(durations))
        # With few requests the 95th percentile is the slowest.
        metadata[f"{endpoint} p95 ms"] = sorted(durations)[math.ceil(len(durations) * 0.95) - 1]
    if result.lowest_budget is not None:
        metadata["budget_low_water_mark"] = result.lowest_budget
    return metadata


def counts_by_table(counts: Mapping[str, Counts]) -> dict[str, dict[str, int]]:
    """What became of each table's rows; `rows` are those alive afterwards."""
    return {
        name: {
            "inserted": count.inserted,
            "updated": count.updated,
            "unchanged": count.unchanged,
            "retired": count.retired,
            "rows": count.living,
        }
        for name, count in counts.items()
    }


# -- checks ----------------------------------------------------------------------------------------


def quarantine_check(
    rejected: Sequence[Rejected], metadata: Mapping[str, Any] | None = None
) -> AssetCheckResult:
    """Red while items could not be read; it names them."""
    words = rejected_in_words(rejected)
    return AssetCheckResult(
        check_name=QUARANTINE_CHECK,
        passed=not rejected,
        severity=AssetCheckSeverity.ERROR,
        description=f"{len(rejected)} items could not be read:\n{words}" if rejected else None,
        metadata={"set_aside": len(rejected), **(metadata or {})},
    )


def quarantine_as_stored(open_items: int) -> AssetCheckResult:
    """The same check where nothing was read: red while items are still in quarantine."""
    return AssetCheckResult(
        check_name=QUARANTINE_CHECK,
        passed=not open_items,
        severity=AssetCheckSeverity.ERROR,
        description=f"Nothing was read this time; {open_items} items are still set aside."
        if open_items
        else None,
        metadata={"set_aside": open_items},
    )


def drift_check(new_drift: Sequence[str]) -> AssetCheckResult:
    """Warns of drift in the run that sees it first; it names it. Afterwards it is in table drift."""
    words = "\n".join(new_drift)
    return AssetCheckResult(
        check_name=DRIFT_CHECK,
        passed=not new_drift,
        severity=AssetCheckSeverity.WARN,
        description=(
            f"The API's responses changed; nothing is lost, landed bodies keep everything:\n{words}"
            if new_drift
            else None
        ),
        metadata={"new": len(new_drift)},
    )


def response_check(
    passed: bool,
    description: str | None = None,
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR,
) -> AssetCheckResult:
    """Whether the API's response was taken."""
    return AssetCheckResult(
        check_name=RESPONSE_CHECK, passed=passed, severity=severity, description=description
    )


# -- tables for people -------------------------------------------------------------------------------


def _how_to_look(table_name: str) -> str:
    """Where the rows are: Dagster shows a few, the database all of them."""
    rows = f"SELECT * FROM iracing.{table_name} LIMIT 20"  # noqa: S608 - text for people
    changes = "SELECT * FROM iracing.schedule_changes ORDER BY changed_at DESC LIMIT 20"
    return (
        f'`iracing-pipeline db sql "{rows}"`, or any Postgres client (`iracing-pipeline db url`). '
        f"What changed: `{changes}`."
    )


def _table_schema(table_name: str) -> TableSchema:
    """Columns with types and comments, as Dagster's UI shows them."""
    from iracing_pipeline.warehouse.schema.dictionary import columns_of

    columns = columns_of(table_name)
    key = ", ".join(column.name for column in columns if column.is_key)
    return TableSchema(
        columns=[
            TableColumn(
                name=column.name,
                type=column.type,
                description=column.comment,
                constraints=TableColumnConstraints(nullable=column.is_nullable),
            )
            for column in columns
        ],
        constraints=TableConstraints(other=[f"primary key ({key})"]),
    )


def _preview(result: SyncResult) -> str:
    rows = result.preview
    if not rows and result.row_total:
        return f"Nothing new: {result.row_total} rows of `{result.main_table}` stay as they were read before."
    if not rows:
        return f"No rows of `{result.main_table}` in this selection."
    columns = list(rows[0])[:_PREVIEW_COLUMNS]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        cells = [in_markdown(str(row.get(column, ""))[:60]) for column in columns]
        lines.append(f"| {' | '.join(cells)} |")
    more = result.row_total - len(rows)
    lines += [f"\n… and {more} more rows of `{result.main_table}`"] if more > 0 else []
    return "\n".join(lines)
