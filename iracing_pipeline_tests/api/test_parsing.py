"""A world in which some items are bad: exactly those are set aside, everything else is as in a good one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import sync


@pytest.mark.promise(4)
def test_exactly_the_bad_items_are_set_aside(
    settings_for: Callable[..., Settings], database: Database
) -> None:
    world = WorldSource(series=30, past_quarters=1)
    with Simulator(world, rate_limit=100_000) as simulator:
        settings = settings_for(simulator.environment)
        assert sync(settings).failed_checks() == {}
        good = dump(database)
        with database.begin() as connection:
            for name in reversed(good):
                connection.exec_driver_sql(f"DELETE FROM iracing.{name}")
            connection.exec_driver_sql("DELETE FROM iracing.responses")
            connection.exec_driver_sql("DELETE FROM iracing.installation")
        bad: dict[str, Any] = {}

        def spoil(endpoint: str, params: dict[str, str], body: Any) -> Any:
            if endpoint != "series/seasons" or "season_year" in params:
                return body
            seasons = [dict(season) for season in body]
            malformed, nameless, weeks_of, doubled = [
                season for season in seasons if len(season["schedules"]) > 3
            ][:4]
            malformed["season_year"] = "soon"
            nameless["season_name"] = None
            weeks_of["schedules"] = [dict(week) for week in weeks_of["schedules"]]
            weeks_of["schedules"][1]["track"] = "somewhere"
            weeks_of["schedules"][2]["track"] = {"track_id": 999_999, "track_name": "Brand New"}
            bad.update(
                malformed=malformed["season_id"],
                nameless=nameless["season_id"],
                weeks_of=weeks_of["season_id"],
                doubled=doubled["season_id"],
            )
            return [*seasons, {**doubled, "drops": 99}]

        simulator.faults.transform = spoil
        done = sync(settings)
    assert set(done.failures()) == set()
    assert set(done.failed_checks()) == {"current_seasons", "season_schedules"}
    assert f"season_id={bad['doubled']}" in "".join(done.results["current_seasons"].warnings)
    week = bad["weeks_of"]
    assert query(database, "SELECT item_key FROM iracing.quarantine ORDER BY quarantine_id") == [
        (f"season_id={bad['malformed']}",),
        (f"season_id={bad['nameless']}",),
        (f"season_id={week} race_week_num=1",),
    ]
    assert query(
        database, "SELECT count(*) FROM iracing.quarantine WHERE payload IS NULL OR reason = ''"
    ) == [(0,)]
    # A track nobody has heard of is kept: the catalogue may be older than the schedule.
    assert query(
        database,
        f"SELECT track_id, track_name FROM iracing.season_schedules "
        f"WHERE season_id = {week} AND race_week_num = 2",
    ) == [(999_999, "Brand New")]
    # Everything else is as in the good world.
    found = dump(database)
    gone = {bad["malformed"], bad["nameless"]}
    odd = {(week, 1), (week, 2)}
    for name in ("series", "tracks", "cars", "car_classes"):
        assert found[name] == good[name]
    for name in ("seasons", "season_car_classes"):
        assert found[name] == [row for row in good[name] if row[0] not in gone]
    for name in ("season_schedules", "race_time_descriptors", "car_restrictions"):
        expected = [row for row in good[name] if row[0] not in gone and row[:2] not in odd]
        assert [row for row in found[name] if row[:2] not in odd] == expected
