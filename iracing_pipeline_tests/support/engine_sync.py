"""The engine as a cron job or a notebook calls it, without Dagster: asset by asset, in one session.

In: services. Out: what every asset said last. As a module: the whole sync of a generated world, in a process
of its own, which prints the modules of Dagster that it has imported and the rows that it has stored.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from iracing_pipeline.api.limits import Limits
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.core.wording import rejected_in_words
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.sync.current_seasons import sync_current_seasons
from iracing_pipeline.sync.past_seasons import sync_past_seasons
from iracing_pipeline.sync.reference import sync_reference
from iracing_pipeline.sync.result import SyncEvent, SyncFailed, SyncResult
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.season_schedules import sync_season_schedules
from iracing_pipeline.sync.series import sync_series
from iracing_pipeline.sync.services import Services, utc_now
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


UPSTREAM = {
    "past_seasons": ("series",),
    "current_seasons": ("series",),
    "season_schedules": ("current_seasons",),
    "weather_forecasts": ("season_schedules",),
}
ALL = ("series", "current_seasons", "season_schedules", "tracks", "cars", "car_classes")
QUICK = Limits(attempts=2, total_seconds=10, backoff_seconds=0.01, breaker_seconds=0.2)


def known_series(run: SyncRun) -> list[int]:
    """Every series that is stored, as Dagster's partitions are."""
    with run.reading() as connection:
        return sorted(series_ids(connection))


def sync(
    settings: Settings,
    *assets: str,
    limits: Limits = QUICK,
    clock: Callable[[], datetime] = utc_now,
    partitions: Iterable[int] | None = None,
    **options: Any,
) -> EngineSync:
    """Sync assets (default: those of dagster_sync.ALL) in one session, each with the same options.

    As a Dagster run does it: what an asset is made of comes before it, and one whose upstream failed is
    left out. `partitions`: the series of past_seasons, by default all.
    """
    keys = None if partitions is None else sorted(partitions)
    names = [name for name in WORK if name in (assets or ALL)]
    services = Services(settings, limits=limits, clock=clock)
    session = Session(services.now())
    done = EngineSync()
    try:
        for name in names:
            if done.left_out.isdisjoint(UPSTREAM.get(name, ())) and done.failed.keys().isdisjoint(
                UPSTREAM.get(name, ())
            ):
                done.add(name, _last(services, session, name, SyncOptions.of(options), keys))
            else:
                done.left_out.add(name)
    finally:
        services.close()
    return done


@dataclass
class EngineSync:
    """What a sync came to; asked as dagster_sync.Sync is."""

    results: dict[str, SyncResult] = field(default_factory=dict)
    failed: dict[str, SyncFailed] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def add(self, asset: str, last: SyncResult | SyncFailed) -> None:
        if isinstance(last, SyncFailed):
            self.failed[asset] = last
            return
        self.results[asset] = last
        if last.failure is not None:
            self.failed[asset] = last.failure

    @property
    def success(self) -> bool:
        return not self.failed

    def counts(self) -> dict[str, dict[str, int]]:
        """What became of each table's rows; `rows` are those alive afterwards."""
        return {
            name: {**asdict(one), "rows": one.living}
            for result in self.results.values()
            for name, one in result.counts.items()
        }

    def written(self) -> int:
        """Rows inserted, updated or retired, over all tables."""
        return sum(
            counts[name]
            for counts in self.counts().values()
            for name in ("inserted", "updated", "retired")
        )

    def metadata(self, asset: str) -> dict[str, Any]:
        """What the asset's materialization would say, in plain values."""
        from iracing_pipeline.assets.metadata import table_metadata

        metadata = table_metadata(self.results[asset])
        return {name: getattr(value, "value", value) for name, value in metadata.items()}

    def failures(self) -> dict[str, str]:
        """Message by asset that failed."""
        return {asset: str(failure) for asset, failure in self.failed.items()}

    def failed_checks(self) -> dict[str, str]:
        """What makes an asset's checks red: items in quarantine, a response that was refused."""
        refused = {
            asset: str(failure)
            for asset, failure in self.failed.items()
            if failure.kind == "answer" and asset != "weather_forecasts"
        }
        return refused | {
            asset: rejected_in_words(result.rejected)
            for asset, result in self.results.items()
            if result.rejected
        }

    def warnings(self) -> dict[str, str]:
        """New drift, by asset."""
        return {
            asset: "\n".join(result.new_drift)
            for asset, result in self.results.items()
            if result.new_drift
        }


def run_assets(
    services: Services, *assets: str, session: Session | None = None, **options: Any
) -> dict[str, SyncResult | str]:
    """Sync these assets (default: all), in this order; the result of each, or the message of its failure."""
    session = session or Session(services.now())
    found = {
        asset: _last(services, session, asset, SyncOptions(**options)) for asset in assets or WORK
    }
    return {
        asset: str(last if isinstance(last, SyncFailed) else last.failure)
        if isinstance(last, SyncFailed) or last.failure
        else last
        for asset, last in found.items()
    }


def _last(
    services: Services,
    session: Session,
    asset: str,
    options: SyncOptions,
    partitions: list[int] | None = None,
) -> SyncResult | SyncFailed:
    run = SyncRun.of(services, session, RunInfo(f"engine {uuid.uuid4()}", asset), options)
    work = WORK[asset]
    if asset == "past_seasons" and partitions is not None:
        work = lambda run: sync_past_seasons(run, partitions)  # noqa: E731
    try:
        *_, last = work(run)
    except SyncFailed as failure:
        return failure
    assert isinstance(last, SyncResult)
    return last


def _main(database_url: str, folder: str) -> None:
    with Simulator(WorldSource(series=12, past_quarters=3)) as simulator:
        environment = {
            **simulator.environment,
            "IRACING_DATABASE_URL": database_url,
            "IRACING_DATA_DIR": str(Path(folder)),
        }
        services = Services(Settings.from_environment(environment))
        results = run_assets(services)
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
