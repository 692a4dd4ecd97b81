"""The asset `past_seasons`, one partition per series: the index → seasons, their classes, week → track.

In: the landed index of all series, or series/past_seasons for a few. Out: rows, and for every series
that went well a materialization of its partition; the others are named in the failure.
"""

import warnings
from collections.abc import Iterator

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    BackfillPolicy,
    BetaWarning,
    ResourceParam,
    asset,
)

from iracing_pipeline.assets.attempt import attempt, skipped_checks
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.past_work import TABLES, PastWork
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.refusal import telling_refusals
from iracing_pipeline.assets.series import SERIES, series
from iracing_pipeline.core.options import SyncOptions


def _past_seasons(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[AssetCheckResult]:
    """All seasons of a series since 2008, with car classes and week → track, by series.

    Read from the landed index of all series: a backfill of every partition costs no call. Dates, session
    times and weather of past weeks are season_schedules' business.
    """
    yield from telling_refusals(context, _results(context, pipeline, config))


def _results(
    context: AssetExecutionContext, pipeline: Pipeline, config: SyncOptions
) -> Iterator[AssetCheckResult]:
    with attempt(context, pipeline, config) as (run, books):
        work = PastWork(run, books)
        work.do()
    yield from skipped_checks(run, books) if run.is_skipped else work.results()


with warnings.catch_warnings():
    # Backfill policies are marked beta; nobody who runs a sync can do anything about that.
    # One run for all partitions that lie side by side: it costs seconds to start, a partition
    # milliseconds. And `dagster asset materialize --partition-range` takes no other policy.
    warnings.simplefilter("ignore", BetaWarning)
    past_seasons = asset(
        **asset_options(
            "past_seasons",
            group="seasons",
            version="1",
            tables=TABLES,
            asks_api=True,
            deps=[series],
        ),
        partitions_def=SERIES,
        backfill_policy=BackfillPolicy.single_run(),
    )(_past_seasons)
