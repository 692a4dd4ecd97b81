"""From the engine's events to Dagster's: materializations, observations, checks, metadata, failures.

In: a Dagster context, the resources, an engine function. Out: what an asset yields. The one place where the
engine is called from assets, and where its failures become Dagster's.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetExecutionContext,
    AssetMaterialization,
    AssetObservation,
    DagsterEvent,
    DagsterExecutionInterruptedError,
    Failure,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
)
from dagster._core.events import DagsterEventBatchMetadata, generate_event_batch_id

from iracing_pipeline.assets.metadata import (
    RESPONSE_CHECK,
    drift_check,
    quarantine_as_stored,
    quarantine_check,
    response_check,
    run_metadata,
    table_metadata,
)
from iracing_pipeline.core.errors import failure_kind, kind_of, message_of
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.sync.result import (
    SeriesFailed,
    SeriesListed,
    SeriesSynced,
    SyncEvent,
    SyncFailed,
    SyncResult,
    SyncSkipped,
)

if TYPE_CHECKING:
    from iracing_pipeline.resources import IRacingResource, WarehouseResource
    from iracing_pipeline.sync.run import SyncRun
    from iracing_pipeline.sync.services import Listener

AssetEvent = MaterializeResult[Any] | AssetCheckResult

SKIPPED_TAG = "iracing/skipped"
"""Tag of a run that did nothing because the API was in maintenance."""
SERIES_TAG = "iracing/series_name"
"""Tag of a run of one partition: partition keys are numbers."""
_BY_ITSELF = ("dagster/schedule_name", "dagster/sensor_name")
_STEP, _STEP_SECONDS = 0.1, 30.0
_INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)


class StepRetries(RetryPolicy):
    """A retry policy that does not take ^C for a failure to be waited out.

    Dagster asks the policy for a delay also when a step was interrupted, and would sleep it, deaf to
    further signals. So the delay is none then, and the step's next attempt ends at once.
    """

    told_to_stop = False
    """Whether this process was interrupted inside a step. It does not come back from that."""

    def calculate_delay(self, attempt_num: int) -> Any:
        if isinstance(sys.exc_info()[1], _INTERRUPTS):
            StepRetries.told_to_stop = True
            return 0
        return super().calculate_delay(attempt_num)


class Milestones:
    """Chooses of many reports of progress those for people: one a tenth of the way, or in 30 seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._at, self._share = monotonic(), 0.0

    def is_due(self, share: float) -> bool:
        """Whether to tell that so much is done."""
        now = self._monotonic()
        if share - self._share < _STEP and now - self._at < _STEP_SECONDS:
            return False
        self._at, self._share = now, share
        return True


class _DagsterListener:
    """Tells the run's log, and whoever hosts the process."""

    def __init__(self, context: AssetExecutionContext, host: Listener, *, verbose: bool) -> None:
        self._log = context.log
        # dagster.yaml keeps DEBUG off the terminal; in the UI it is there for whoever asks for it.
        self._log.setLevel(logging.DEBUG)
        self._host = host
        self._is_due = Milestones().is_due
        self._verbose = verbose

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        self._host.say(asset, text, ended=ended)
        self._log.info(text)

    def progress(self, asset: str, text: str, share: float) -> None:
        self._host.progress(asset, text, share)
        (self._log.info if self._is_due(share) or self._verbose else self._log.debug)(text)

    def warn(self, asset: str, text: str) -> None:
        self._host.warn(asset, text)
        self._log.warning(text)


def sync_asset(
    context: AssetExecutionContext,
    iracing: IRacingResource | None,
    warehouse: WarehouseResource,
    options: SyncOptions,
    sync: Callable[[SyncRun], Iterator[SyncEvent]],
    *,
    on_listed: Callable[[SeriesListed], None] | None = None,
) -> Iterator[AssetEvent]:
    """Run an engine function, and yield its events as Dagster's, each as it comes.

    Raises dagster.Failure with one message for whatever stops the asset as a whole, and at the end
    for items that failed.
    """
    run, retries_steps = _sync_run(context, iracing, warehouse, options)
    told = _Told(context, is_dry=options.dry_run)

    def handle(event: SyncEvent) -> Iterator[AssetEvent]:
        if isinstance(event, SyncSkipped):
            yield from told.skipped(event)
        elif isinstance(event, SeriesSynced):
            told.partition(
                event.series_id,
                event.series_name,
                {"seasons": event.seasons, "weeks": event.weeks},
                is_last=event.is_last,
            )
        elif isinstance(event, SeriesFailed):
            told.name_of_partition(event.series_name)
        elif isinstance(event, SeriesListed) and on_listed is not None:
            on_listed(event)
        elif isinstance(event, SyncResult):
            yield from told.result(event, table_metadata(event))
            if event.failure is not None:
                raise event.failure

    try:
        yield from _consumed(sync(run), handle)
    except SyncFailed as error:
        # The other checks of a step that fails stay as they were: without this, an API that answers an
        # empty list would leave nothing but green checks.
        if error.kind == "answer" and not told.has_result and told.has_response_check:
            yield response_check(False, str(error))
        details = {name: MetadataValue.json(found) for name, found in error.details.items()}
        raise _failure(str(error), error.kind, retries_steps, details) from error.__cause__


def output_asset(
    context: AssetExecutionContext,
    warehouse: WarehouseResource,
    work: Callable[[SyncRun], Mapping[str, Any]],
    *,
    is_dry: bool = False,
) -> Iterator[AssetEvent]:
    """Run what is made of stored rows alone: `work` returns the metadata of its materialization.

    It closes the sync run itself, with `run.recorder.succeed()`.
    """
    from iracing_pipeline.sync.run import engine

    run, retries_steps = _sync_run(context, None, warehouse, SyncOptions(dry_run=is_dry))
    metadata: dict[str, Any] = {}

    def only(run: SyncRun) -> Iterator[SyncEvent]:
        metadata.update(work(run))
        yield from ()

    try:
        for _ in engine(run, only, asks_api=False):
            pass
    except SyncFailed as error:
        raise _failure(str(error), error.kind, retries_steps) from error.__cause__
    yield from _Told(context, is_dry=is_dry).materialized(metadata, [])


def check_failure(error: Exception) -> Failure:
    """The failure of an asset check that could not be evaluated."""
    return _failure(message_of(error), kind_of(error), retries_steps=False)


def is_of_partitions(context: AssetExecutionContext) -> bool:
    """Whether the run names partitions; one that names none is about all there are."""
    return context.has_partition_key or context.has_partition_key_range


def _sync_run(
    context: AssetExecutionContext,
    iracing: IRacingResource | None,
    warehouse: WarehouseResource,
    options: SyncOptions,
) -> tuple[SyncRun, bool]:
    from iracing_pipeline.sync.run import RunInfo, SyncRun

    try:
        engine = warehouse.engine(iracing, context.run.run_id)
    except Exception as error:  # noqa: BLE001 - one message for everything
        raise check_failure(error) from (error if kind_of(error) is None else None)
    if StepRetries.told_to_stop:
        engine.session.is_interrupted = True
    info = RunInfo(
        run_id=context.run.run_id,
        asset=context.asset_key.path[-1],
        partition=_partition(context),
        is_scheduled=any(tag in context.run.tags for tag in _BY_ITSELF),
    )
    listener = _DagsterListener(context, engine.services.listener, verbose=options.verbose)
    run = SyncRun.of(engine.services, engine.session, info, options, listener)
    return run, engine.retries_steps


def _partition(context: AssetExecutionContext) -> str | None:
    if context.assets_def.partitions_def is None or not is_of_partitions(context):
        return None
    keys = context.partition_keys
    return keys[0] if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"


def _consumed(
    events: Iterator[SyncEvent], handle: Callable[[SyncEvent], Iterator[AssetEvent]]
) -> Iterator[AssetEvent]:
    """Handle each event as it comes. What strikes while Dagster does its part (^C, say) is told to the
    engine, which enters it in sync_runs and says how it ended."""
    for event in events:
        try:
            yield from handle(event)
        except (GeneratorExit, SystemExit):
            raise
        except BaseException as error:
            if isinstance(error, Exception) and kind_of(error) is not None:
                raise
            events.throw(error)  # type: ignore[attr-defined]  # engine functions are generators
            raise


def _failure(
    text: str, kind: str | None, retries_steps: bool, details: Mapping[str, Any] | None = None
) -> Failure:
    """Only what a later attempt may mend is left to the step's retry policy."""
    return Failure(
        description=text,
        metadata={"kind": MetadataValue.text(kind or "bug"), **(details or {})},
        allow_retries=retries_steps and failure_kind(kind).is_retried,
    )


class _Told:
    """What an asset tells Dagster."""

    def __init__(self, context: AssetExecutionContext, *, is_dry: bool) -> None:
        self._context = context
        # A dry run is an observation: it must not make the asset look fresh. (In an instance that is
        # not kept, where nobody can mistake it, it materializes, so that later assets have their turn.)
        self._is_observed = is_dry and not context.instance.is_ephemeral
        self._is_dry = is_dry
        self._is_partitioned = context.assets_def.partitions_def is not None
        self.has_response_check = any(
            spec.name == RESPONSE_CHECK for spec in context.assets_def.check_specs
        )
        self.has_result = False
        self._batch = generate_event_batch_id()

    def partition(
        self, series_id: int, name: str | None, metadata: Mapping[str, Any], *, is_last: bool
    ) -> None:
        """A partition that went well. With the last of its commit all are told, whatever comes after it.

        As context.log_event does it, but for the batch.
        """
        context = self._context
        told = {"series_name": name or "", **metadata}
        step, batch = (
            context.get_step_execution_context(),
            DagsterEventBatchMetadata(self._batch, is_last),
        )
        key, partition = context.asset_key, str(series_id)
        if self._is_observed:
            observation = AssetObservation(key, partition=partition, metadata=told)
            event = DagsterEvent.asset_observation(step, observation, batch)
        else:
            materialization = AssetMaterialization(key, partition=partition, metadata=told)
            event = DagsterEvent.asset_materialization(step, materialization, batch)
        context.op_execution_context._events.append(event)
        self.name_of_partition(name)

    def name_of_partition(self, name: str | None) -> None:
        """The series that a run of one partition is about, as a tag: runs are looked for by tags."""
        context = self._context
        if name and context.has_partition_key:
            context.instance.add_run_tags(context.run.run_id, {SERIES_TAG: name})

    def result(self, result: SyncResult, metadata: Mapping[str, Any]) -> Iterator[AssetEvent]:
        self.has_result = True
        checks = [drift_check(result.new_drift)]
        checks += [response_check(True)] if self.has_response_check else []
        if self._is_partitioned:
            # Its materializations are the partitions': what the run as a whole came to, the check tells.
            yield quarantine_check(result.rejected, run_metadata(result))
            yield from checks
        else:
            yield from self.materialized(metadata, [quarantine_check(result.rejected), *checks])

    def materialized(
        self, metadata: Mapping[str, Any], checks: list[AssetCheckResult]
    ) -> Iterator[AssetEvent]:
        told = {**metadata, **({"dry_run": True} if self._is_dry else {})}
        if self._is_observed:
            self._context.log_event(AssetObservation(self._context.asset_key, metadata=told))
            yield from checks
        else:
            yield MaterializeResult(metadata=told, check_results=checks)

    def skipped(self, event: SyncSkipped) -> Iterator[AssetEvent]:
        """The run is no failure, and must not be taken for a success either: nothing is materialized."""
        context = self._context
        context.log.warning(f"Skipped: {event.reason} A sensor tries again when it may be over.")
        context.instance.add_run_tags(context.run.run_id, {SKIPPED_TAG: "API in maintenance"})
        context.log_event(
            AssetObservation(context.asset_key, metadata={"skipped_because": event.reason})
        )
        yield quarantine_as_stored(event.open_items)
        yield drift_check(event.new_drift)
        if self.has_response_check:
            text = "Nothing was read: the API is in maintenance. A sensor tries again."
            yield response_check(False, text, AssetCheckSeverity.WARN)
