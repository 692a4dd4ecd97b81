"""The asset `housekeeping`: the pipeline's own records kept short, statistics fresh, sizes watched.

What may go is decided in warehouse/ledger/retention.py and instance/run_retention.py. Data tables stay
as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, Config, DagsterInstance, MetadataValue, asset
from pydantic import Field

from iracing_pipeline.assets.adapter import AssetEvent, output_asset
from iracing_pipeline.assets.asset_factory import output_asset_options
from iracing_pipeline.core.errors import Interrupted
from iracing_pipeline.resources import WarehouseResource

if TYPE_CHECKING:
    from iracing_pipeline.instance.run_retention import RunsRemoved
    from iracing_pipeline.sync.run import SyncRun
    from iracing_pipeline.warehouse.ledger.retention import Retention, Sizes

# A run that Dagster's own views of a month still show.
_LEAST_RUN_DAYS = 30


class MaintenanceOptions(Config):
    """How long what is kept. No setting touches a data table or a landed response."""

    api_calls_days: int | None = Field(
        default=90, description="Days that api_calls are kept, at least 30; null: for ever."
    )
    sync_runs_days: int | None = Field(
        default=400,
        description="Days that sync_runs are kept, at least 30; null: for ever. Successes that no "
        "later one covers stay.",
    )
    quarantine_days: int | None = Field(
        default=90, description="Days that resolved quarantine is kept; null: for ever."
    )
    drift_days: int | None = Field(
        default=90, description="Days that resolved drift is kept; null: for ever."
    )
    changes_days: int | None = Field(
        default=None, description="Days that changes are kept, at least 30; null: for ever."
    )
    running_hours: int = Field(
        default=24,
        description="Hours after which an attempt that still says running is entered as failed; more than 4.",
    )
    analyze_share: float = Field(
        default=0.05,
        description="ANALYZE tables of which more than this share of the rows changed, 0 to 1.",
    )
    dagster_runs_days: int | None = Field(
        default=180,
        description="Days that Dagster's runs are kept, at least 30; null: for ever. Those that hold the "
        "last materialization or attempt of anything stay.",
    )
    dry_run: bool = Field(default=False, description="Only count what would be removed.")

    def retention(self) -> "Retention":
        """Of the ledger's rows. Raises RetentionError for whatever is out of its range."""
        from iracing_pipeline.warehouse.ledger.retention import Retention, RetentionError

        keep = Retention(
            api_calls_days=self.api_calls_days,
            sync_runs_days=self.sync_runs_days,
            quarantine_days=self.quarantine_days,
            drift_days=self.drift_days,
            changes_days=self.changes_days,
            running_hours=self.running_hours,
        )
        keep.check()
        if self.dagster_runs_days is not None and self.dagster_runs_days < _LEAST_RUN_DAYS:
            raise RetentionError(
                f"dagster_runs_days is {self.dagster_runs_days}: {_LEAST_RUN_DAYS} or more, or none to "
                "keep them for ever."
            )
        if not 0 <= self.analyze_share <= 1:
            raise RetentionError(f"analyze_share is {self.analyze_share:g}: 0 to 1.")
        return keep


@dataclass(frozen=True)
class Done:
    """What one housekeeping came to."""

    rows: dict[str, int]
    """Removed, by table."""
    killed: int
    """Attempts that were entered as failed."""
    runs: "RunsRemoved"
    analysed: list[str]
    sizes: "Sizes"


@asset(**output_asset_options("housekeeping", group="operations"), output_required=False)
def housekeeping(
    context: AssetExecutionContext, warehouse: WarehouseResource, config: MaintenanceOptions
) -> Iterator[AssetEvent]:
    """Expired rows of the ledger and old runs of Dagster removed, statistics brought up to date.

    Landed responses, data tables, the last success of each asset and everything that Dagster takes an
    asset's state from stay. Needs no credentials and asks the API nothing.
    """

    def keep_house(run: "SyncRun") -> Mapping[str, Any]:
        done = maintain(context.instance, run, config)
        run.recorder.succeed()
        run.say(in_words(done, is_dry=config.dry_run), ended=True)
        return _metadata(done)

    yield from output_asset(context, warehouse, keep_house, is_dry=config.dry_run)


def maintain(instance: DagsterInstance, run: "SyncRun", config: MaintenanceOptions) -> Done:
    """Do it, or only count (`dry_run`). Raises RetentionError before anything is removed."""
    from iracing_pipeline.instance.run_retention import RunsRemoved, remove_old_runs
    from iracing_pipeline.warehouse.ledger import retention, statistics

    def go_on() -> None:
        if run.is_interrupted:
            raise Interrupted

    keep = config.retention()
    now, dry, database = run.services.now(), config.dry_run, run.services.database
    with database.autocommit() as connection:
        run.say("removing expired rows of the ledger")
        killed = retention.end_killed_runs(connection, keep, now, dry_run=dry)
        rows = retention.remove_expired(connection, keep, now, dry_run=dry, between=go_on)
    runs = RunsRemoved()
    if config.dagster_runs_days is not None:
        run.say("removing old runs of Dagster")
        before = now - timedelta(days=config.dagster_runs_days)
        runs = remove_old_runs(instance, before, dry_run=dry, between=go_on)
    with database.autocommit() as connection:
        run.say("bringing statistics up to date")
        analysed = [] if dry else statistics.analyse_changed(connection, config.analyze_share)
        return Done(rows, killed, runs, analysed, retention.sizes(connection))


def _metadata(done: Done) -> dict[str, Any]:
    """Numbers, each by itself, so that Dagster's UI plots them."""
    biggest = [f"| `{name}` | {size / 1e6:,.1f} MB |" for name, size in done.sizes.tables.items()]
    runs = {f"dagster_runs_{name}": count for name, count in asdict(done.runs).items()}
    return {
        **{f"removed_{table}": count for table, count in done.rows.items()},
        "runs_entered_as_failed": done.killed,
        **runs,
        "analyzed_tables": MetadataValue.json(done.analysed),
        "database_bytes": done.sizes.database,
        "landed_answers": done.sizes.landed_answers,
        "landed_bytes": done.sizes.landed_bytes,
        "biggest_tables": MetadataValue.md("\n".join(["| table | size |", "|---|---|", *biggest])),
    }


def in_words(done: Done, *, is_dry: bool) -> str:
    """What became of it in one line."""
    found = [f"{count:,} of {table}" for table, count in done.rows.items() if count]
    found += [f"{done.runs.removed:,} runs of Dagster"] if done.runs.removed else []
    would = "would be removed" if is_dry else "removed"
    parts = [f"{', '.join(found) or 'nothing'} {would}"]
    parts += [f"{len(done.analysed)} tables analysed"] if done.analysed else []
    parts += [f"{done.killed:,} killed attempts entered as failed"] if done.killed else []
    return ", ".join(parts)
