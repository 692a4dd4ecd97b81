"""The engine as a cron job or a notebook calls it, without Dagster: asset by asset, in one session.

In: services. Out: what every asset said last. As a module: the whole sync of a generated world, in a process
of its own, which prints the modules of Dagster that it has imported and the rows that it has stored.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync.current_seasons import sync_current_seasons
from iracing_pipeline.sync.past_seasons import sync_past_seasons
from iracing_pipeline.sync.reference import sync_reference
from iracing_pipeline.sync.result import SeriesFailed, SyncEvent, SyncFailed, SyncResult
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.season_schedules import sync_season_schedules
from iracing_pipeline.sync.series import sync_series
from iracing_pipeline.sync.services import Services
from iracing_pipeline.sync.session import Session
from iracing_pipeline.sync.weather_forecasts import sync_weather_forecasts
from iracing_pipeline.warehouse.queries.series import series_ids

Work = Callable[[SyncRun], Iterator[SyncEvent]]
WORK: Mapping[str, Work] = {
    "series": sync_series,
    "past_seasons": lambda run: sync_past_seasons(run, known_series(run)),
    "current_seasons": sync_current_seasons,
    "season_schedules": sync_season_schedules,
    "weather_forecasts": sync_weather_forecasts,
    "tracks": sync_reference,
    "cars": sync_reference,
    "car_classes": sync_reference,
}


def known_series(run: SyncRun) -> list[int]:
    """Every series that is stored, as Dagster's partitions are."""
    with run.reading() as connection:
        return sorted(series_ids(connection))


def sync(
    services: Services, *assets: str, session: Session | None = None, **options: Any
) -> dict[str, SyncResult | str]:
    """Sync these assets (default: all), in this order; the result of each, or the message of its failure."""
    session = session or Session(services.now())
    return {
        asset: _last(services, session, asset, SyncOptions(**options)) for asset in assets or WORK
    }


def _last(
    services: Services, session: Session, asset: str, options: SyncOptions
) -> SyncResult | str:
    run = SyncRun.of(services, session, RunInfo(f"engine {uuid.uuid4()}", asset), options)
    try:
        *_, last = WORK[asset](run)
    except SyncFailed as failure:
        return str(failure)
    assert isinstance(last, SyncResult)
    return last if last.failure is None else str(last.failure)


def failed_series(events: Sequence[SyncEvent]) -> dict[int, str]:
    """Why, by series."""
    return {event.series_id: event.reason for event in events if isinstance(event, SeriesFailed)}


def _main(database_url: str, folder: str) -> None:
    with Simulator(WorldSource(series=12, past_quarters=3)) as simulator:
        environment = {
            **simulator.environment,
            "IRACING_DATABASE_URL": database_url,
            "IRACING_DATA_DIR": str(Path(folder)),
        }
        services = Services(Settings.from_environment(environment))
        results = sync(services)
        services.close()
    said = {asset: one if isinstance(one, str) else one.summary for asset, one in results.items()}
    rows: Counter[str] = Counter()
    for one in results.values():
        if isinstance(one, SyncResult):
            rows.update({name: counts.inserted for name, counts in one.counts.items()})
    dagster = sorted(name for name in sys.modules if name.split(".")[0].startswith("dagster"))
    print(json.dumps({"said": said, "rows": rows, "dagster": dagster}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
