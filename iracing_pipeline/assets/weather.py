"""The asset `weather_forecasts`: the files behind weather.weather_url → hourly forecasts of weeks.

In: signed links that this run has just learned. Out: rows. The work is forecasts.py's.
"""

from collections.abc import Iterator

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, ResourceParam, asset

from iracing_pipeline.assets.attempt import attempt, skipped_checks
from iracing_pipeline.assets.defaults import asset_options
from iracing_pipeline.assets.forecasts import TABLE, Forecasts
from iracing_pipeline.assets.pipeline import Pipeline
from iracing_pipeline.assets.schedules import season_schedules
from iracing_pipeline.core.options import SyncOptions


@asset(
    **asset_options(TABLE, group="seasons", version="1", tables=[TABLE], deps=[season_schedules])
)
def weather_forecasts(
    context: AssetExecutionContext, pipeline: ResourceParam[Pipeline], config: SyncOptions
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Hourly forecasts of the weeks that are not over, in degrees Celsius, m/s, %, mm/h.

    The links come with the list of seasons and die within days, so the forecasts are fetched in the run
    that asks for the list; a run that is served by a landed list has none. They cost no request of the
    account's budget. A dead link is noted, never a failure. Materialized alone, it asks for the list.
    """
    from iracing_pipeline.assets.metadata import in_words, results

    with attempt(context, pipeline, config) as (run, books):
        forecasts = Forecasts(run, books)
        forecasts.do()
    if run.is_skipped:
        yield from skipped_checks(run, books)
        return
    run.say(in_words(run, forecasts.extract), ended=not forecasts.extract.rejects)
    yield from results(run, forecasts.extract)
