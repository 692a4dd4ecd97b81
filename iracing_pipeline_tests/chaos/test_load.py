"""A whole history filled by three syncs at once, and years of books over it, read within bounds.

The bounds are for a machine that others use too: several times what two quiet cores need.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline_tests.chaos.bench import Bench, bench, command, rows
from iracing_pipeline_tests.chaos.processes import ended, started
from iracing_pipeline_tests.chaos.promises import HISTORY

SERIES = int(os.environ.get("CHAOS_SERIES", 450))
PAST_QUARTERS = 14
CHANGES = int(os.environ.get("CHAOS_CHANGES", 1_000_000))
CALLS = int(os.environ.get("CHAOS_CALLS", 10_000_000))
VIEWS = {
    "schedule_changes": "WHERE changed_at > now() - interval '7 days'",
    "upcoming_sessions": "",
    "current_weeks": "",
    "season_calendar": "",
    "season_status": "",
    "series_by_license": "",
}
VIEW_SECONDS = 20
QUARTER_SECONDS = 10
COMMAND_SECONDS = 120
HISTORY_SECONDS = 900
MAINTENANCE_SECONDS = 600


@pytest.fixture(scope="module")
def grown(
    prepared: None,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    frozen: Callable[..., WorldSource],
) -> Iterator[Bench]:
    """A synced world, whose books go back for three years: a tenth of the changes are of the last week."""
    world = frozen(series=SERIES, past_quarters=PAST_QUARTERS, past_mode="full")
    folder = tmp_path_factory.mktemp("load")
    with bench(world, new_database_url(template), folder, "load") as made:
        began = time.monotonic()
        running = [started(made, *HISTORY) for _ in range(3)]
        for done in [ended(process, began) for process in running]:
            assert done.status == 0, done.text
        print(
            f"three syncs of {SERIES} x {PAST_QUARTERS} at once: {time.monotonic() - began:.0f} s"
        )
        assert time.monotonic() - began < HISTORY_SECONDS
        quarters = Counter(
            tuple(sorted(call.params.items()))
            for call in made.simulator.calls("series/seasons")
            if call.params.get("season_year")
        )
        assert len(quarters) >= PAST_QUARTERS
        assert set(quarters.values()) == {1}, "a quarter was asked for twice"
        made.execute(
            f"""
            INSERT INTO iracing.changes (table_name, key, kind, before, after, changed_at, run_id)
            SELECT 'season_schedules',
                   jsonb_build_object('season_id', w.season_id, 'race_week_num', w.race_week_num),
                   'updated', jsonb_build_object('track_id', n % 300),
                   jsonb_build_object('track_id', n % 299),
                   now() - CASE WHEN n % 10 = 0 THEN 7 * random() ELSE 1000 * random() END * interval '1 day',
                   'run ' || n / 100
            FROM generate_series(1, {CHANGES}) AS n
            JOIN (SELECT row_number() OVER () - 1 AS place, season_id, race_week_num
                  FROM iracing.season_schedules) AS w
                ON w.place = n % (SELECT count(*) FROM iracing.season_schedules)
            """
        )
        made.execute(
            f"""
            INSERT INTO iracing.api_calls (at, endpoint, params, status, milliseconds, bytes, from_cache,
                                           ratelimit_remaining, run_id)
            SELECT now() - 1000.0 * n / {CALLS} * interval '1 day',
                   (ARRAY['series/seasons', 'series/get', 'track/get', 'weather_url'])[1 + n % 4],
                   '{{}}', 200, n % 3000, n % 100000, n % 5 = 0, n % 240, 'run ' || n / 100
            FROM generate_series(1, {CALLS}) AS n
            """
        )
        # As autovacuum would by now, which the tests' server does without.
        made.execute("ANALYZE")
        yield made


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_what_is_read_of_years_stays_within_bounds(grown: Bench) -> None:
    took: dict[str, tuple[float, float]] = {}
    for view, condition in VIEWS.items():
        began = time.monotonic()
        rows(grown, f"SELECT count(*) FROM (SELECT * FROM iracing.{view} {condition}) AS v")
        took[view] = (time.monotonic() - began, VIEW_SECONDS)
    began = time.monotonic()
    quarter = "race_sessions(now() - interval '45 days', now() + interval '46 days')"
    ((sessions,),) = rows(grown, f"SELECT count(*) FROM iracing.{quarter}")
    took["race_sessions over a quarter"] = (time.monotonic() - began, QUARTER_SECONDS)
    for arguments, bound, statuses in (
        (("db", "status"), COMMAND_SECONDS, (0, 1)),
        (("report",), COMMAND_SECONDS, (0,)),
        (("sync", "--sync-seasons", "--refresh"), COMMAND_SECONDS, (0,)),
        (("db", "maintain"), MAINTENANCE_SECONDS, (0,)),
        (("db", "status"), COMMAND_SECONDS, (0, 1)),
    ):
        ended = command(grown, *arguments, is_kept=True)
        assert ended.status in statuses, ended.text
        took[" ".join(arguments)] = (ended.seconds, bound)
    for name, (seconds, bound) in took.items():
        print(f"{name}: {seconds:.1f} s of {bound}")
    assert sessions > 1000
    # Calls go after their time; changes stay.
    assert rows(grown, "SELECT min(at) > now() - interval '91 days' FROM iracing.api_calls") == [
        (True,)
    ]
    assert not {name: times for name, times in took.items() if times[0] > times[1]}
