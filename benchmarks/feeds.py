"""What calendar feeds cost: all of a full quarter, two weeks ahead, step by step.

In: a database of its own. Out: a section with the seconds of each step, and sizes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from benchmarks.document import Section, seconds
from benchmarks.side_by_side import Tell
from benchmarks.simulated import BIN, Databases, Target, World, simulated
from iracing_pipeline.outputs.calendars import events as calendar_events
from iracing_pipeline.outputs.calendars.feeds import feeds_of, window
from iracing_pipeline.outputs.calendars.ical import Writer
from iracing_pipeline.outputs.files import FEEDS, open_directory
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.queries.series import series_names

DAYS = 14


def feeds(databases: Databases, tell: Tell) -> Section:
    """The steps of the asset `calendar_feeds`, each timed, and the size of what they make."""
    with simulated(World(300, 0)) as simulator:
        target = databases.fresh(simulator)
        target.run(BIN / "iracing-pipeline", "sync", "--sync-seasons")
    services = Services(Settings.from_environment(target.environment))
    try:
        section = _measured(services, target)
    finally:
        services.close()
    for row in section.rows:
        tell(" ".join(row))
    return section


def _measured(services: Services, target: Target) -> Section:
    database, now = services.database, services.now()
    span = window(now, DAYS)
    with database.begin() as connection:
        seasons, sessions = connection.exec_driver_sql(
            "SELECT count(DISTINCT season_id), count(*) FROM iracing.race_sessions(%s, %s)",
            (now, span.until),
        ).one()
    section = Section(
        "Calendar feeds",
        f"All feeds of {seasons} seasons with {sessions:,} sessions within {DAYS} days, step by step, once.",
        ("step", "seconds"),
    )

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        section.rows.append((name, seconds(time.perf_counter() - began)))

    def refresh(moment: datetime) -> None:
        with database.begin() as connection:
            calendar_events.refresh(connection, now=moment, since=span.since, until=span.until)

    with step("first refresh of calendar_events"):
        refresh(now)
    with step("refresh, nothing changed"):
        refresh(now)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.season_schedules SET track_name = track_name || ' II' "
            "WHERE mod(race_week_num, 2) = 0"
        )
    with step("refresh, half of the weeks changed"):
        refresh(now + timedelta(seconds=1))
    with database.begin() as connection:
        with step("read"):
            events = calendar_events.events(connection, since=span.since, until=span.until)
        with step("group"):
            found = feeds_of(
                events,
                series_names(connection),
                calendar_events.running(connection, now=now, until=span.until),
            )
    writer = Writer()
    with step(f"render {len(found)} feeds"):
        contents = {feed.file: writer.calendar(feed.title, feed.events) for feed in found}
    files = open_directory(str(target.folder / "calendars"), FEEDS)
    with step("write"):
        for name, content in contents.items():
            files.write(name, content)
    with step("compare, nothing changed"):
        assert all(files.read(name) == content for name, content in contents.items())
    sizes = sorted((len(content), name) for name, content in contents.items())
    series = [size for size, name in sizes if name.startswith("series")]
    with database.begin() as connection:
        stored = connection.exec_driver_sql(
            "SELECT pg_total_relation_size('iracing.calendar_events')"
        ).scalar_one()
    section.notes += [
        f"{sum(series) / 1e6:.1f} MB in feeds of series, the median {series[len(series) // 2]:,} bytes; "
        "the largest: "
        + ", ".join(f"{name} {size / 1e6:.1f} MB" for size, name in sizes[-4:])
        + ".",
        f"{len(events):,} events, {stored / 1e6:.1f} MB in `calendar_events`.",
    ]
    return section
