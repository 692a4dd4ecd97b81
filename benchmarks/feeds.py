"""What calendar feeds cost: all of a full quarter, two weeks ahead, step by step.

In: a folder for a database of its own. Out: a table of seconds and sizes, printed. `make bench` runs it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from simulated import World, simulated

DAYS = 14


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {name:<48} {time.perf_counter() - began:6.2f} s")


def feeds(folder: Path) -> None:
    """The steps of the asset `calendar_feeds`, each timed, and the size of what they make."""

    from iracing_pipeline.outputs.calendars import events as calendar_events
    from iracing_pipeline.outputs.calendars.feeds import feeds_of, window
    from iracing_pipeline.outputs.calendars.ical import Writer
    from iracing_pipeline.outputs.files import FEEDS, open_directory
    from iracing_pipeline.settings import Settings
    from iracing_pipeline.sync.services import Services
    from iracing_pipeline_tests.support.dagster_sync import sync

    with simulated(World(300, 0)) as simulator:
        settings = Settings.from_environment(
            {**simulator.environment, "IRACING_DATA_DIR": str(folder / "data")}
        )
        assert sync(settings).success
    services = Services(settings)
    database, now = services.database, services.now()
    span = window(now, DAYS)
    with database.begin() as connection:
        counts = connection.exec_driver_sql(
            "SELECT count(DISTINCT season_id), count(*) FROM iracing.race_sessions(%s, %s)",
            (now, span.until),
        ).one()
    print(f"feeds: {counts[0]} seasons with {counts[1]:,} sessions within {DAYS} days")

    def refresh(moment: datetime) -> None:
        with database.begin() as connection:
            calendar_events.refresh(connection, now=moment, since=span.since, until=span.until)

    with _step("first refresh of calendar_events"):
        refresh(now)
    with _step("refresh, nothing changed"):
        refresh(now)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET track_name = track_name || ' II' "
            "WHERE mod(race_week_num, 2) = 0"
        )
    with _step("refresh, half of the weeks changed"):
        refresh(now + timedelta(seconds=1))
    with database.begin() as connection:
        with _step("read"):
            events = calendar_events.events(connection, since=span.since, until=span.until)
        with _step("group"):
            found = feeds_of(
                events,
                calendar_events.series_names(connection),
                calendar_events.running(connection, now=now, until=span.until),
            )
    writer = Writer()
    with _step(f"render {len(found)} feeds"):
        contents = {feed.file: writer.calendar(feed.title, feed.events) for feed in found}
    files = open_directory(str(folder / "calendars"), FEEDS)
    with _step("write"):
        for name, content in contents.items():
            files.write(name, content)
    with _step("compare, nothing changed"):
        assert all(files.read(name) == content for name, content in contents.items())
    sizes = sorted((len(content), name) for name, content in contents.items())
    series = [size for size, name in sizes if name.startswith("series")]
    print(
        f"  {sum(series) / 1e6:.1f} MB in feeds of series, the median {series[len(series) // 2]:,} bytes"
    )
    print(f"  the largest: {', '.join(f'{name} {size / 1e6:.1f} MB' for size, name in sizes[-4:])}")
    with database.begin() as connection:
        size = connection.exec_driver_sql(
            "SELECT pg_total_relation_size('iracing.calendar_events')"
        ).scalar_one()
    print(f"  {len(events):,} events, {size / 1e6:.1f} MB in calendar_events")
    services.close()
