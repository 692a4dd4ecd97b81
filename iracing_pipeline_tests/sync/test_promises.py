"""The assets end to end: simulator → real Dagster run → real Postgres, against the promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from iracing_pipeline.api.limits import Limits
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.schema.tables import ALL_TABLES
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses


@pytest.fixture
def simulator(answers: RecordedResponses) -> Iterator[Simulator]:
    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = answers.transform
        yield running


@pytest.fixture
def settings(simulator: Simulator, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(simulator.environment)


def data_calls(simulator: Simulator) -> list[str]:
    return [
        call.path.removeprefix("/data/") for call in simulator.requests if "/data/" in call.path
    ]


def test_one_sync_fills_every_table(settings: Settings, database: Database) -> None:
    done = sync(settings)
    assert done.success
    assert done.failed_checks() == {}
    assert {name: counts["inserted"] for name, counts in done.counts().items()} == {
        "series": 2,
        "series_licenses": 3,
        "seasons": 2,
        "season_car_classes": 3,
        "season_schedules": 3,
        "race_time_descriptors": 3,
        "car_restrictions": 2,
        "tracks": 2,
        "cars": 1,
        "car_classes": 2,
        "car_class_cars": 3,
    }
    assert query(
        database,
        """SELECT season_id, race_week_num, track_name, config_name, practice_length
           FROM iracing.season_schedules ORDER BY 1, 2""",
    ) == [
        (1001, 0, "Limestone Park", "Full Course", 3),
        (1001, 1, "The Bowl", None, 3),
        (1002, 0, "The Bowl", None, None),
    ]
    # The first load is a load, not a change per row.
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


@pytest.mark.promise(2)
def test_a_second_sync_with_refresh_writes_no_data_row(
    settings: Settings, simulator: Simulator, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    before = query(database, "SELECT xmin, * FROM iracing.season_schedules ORDER BY 4, 5")
    for season in answers["series/seasons"]:
        season["reg_user_count"] += 7
        season["next_race_session"] = {"start_time": "2026-03-18T01:00:00Z"}
        for week in season["schedules"]:
            week["weather"]["weather_url"] = week["weather"]["weather_url"].replace("sig", "other")
    again = sync(settings, refresh=True)
    assert again.success
    assert again.written() == 0
    assert query(database, "SELECT xmin, * FROM iracing.season_schedules ORDER BY 4, 5") == before
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]
    assert len(data_calls(simulator)) == 14


@pytest.mark.promise(6)
def test_landed_answers_serve_instead_of_the_api(
    settings: Settings, simulator: Simulator, database: Database
) -> None:
    sync(settings)
    first = data_calls(simulator)
    assert sorted(first) == [
        "car/get",
        "carclass/get",
        "series/assets",
        "series/get",
        "series/seasons",
        "series/stats_series",
        "track/get",
    ]
    again = sync(settings)
    assert data_calls(simulator) == first
    assert simulator.logins == 1
    assert again.metadata("current_seasons")["api_calls"] == 0
    assert again.metadata("current_seasons")["api_calls_saved"] == 1
    assert query(
        database, "SELECT count(*) FILTER (WHERE from_cache), count(*) FROM iracing.api_calls"
    ) == [(8, 15)]


@pytest.mark.parametrize(
    ("ttl", "age_seconds", "is_asked_again"),
    [("3600", 3000, False), ("3600", 3700, True), ("0", 600, False), ("0", 1000, True)],
)
def test_an_answer_serves_for_its_ttl_and_never_less_than_the_apis_own_900_seconds(
    simulator: Simulator,
    settings_for: Callable[..., Settings],
    database: Database,
    ttl: str,
    age_seconds: int,
    is_asked_again: bool,
) -> None:
    settings = settings_for(simulator.environment, IRACING_CACHE_TTL=ttl)
    sync(settings, "tracks")
    query_text = f"interval '{age_seconds} seconds'"
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.responses SET fetched_at = fetched_at - "
            f"{query_text}, expires_at = expires_at - {query_text}"
        )
    sync(settings, "tracks")
    assert len(data_calls(simulator)) == (2 if is_asked_again else 1)


def test_an_answer_that_never_expires_is_never_asked_for_again(
    settings: Settings, simulator: Simulator, database: Database
) -> None:
    sync(settings, "tracks")
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE iracing.responses SET fetched_at = '2020-01-01', expires_at = NULL"
        )
    sync(settings, "tracks")
    assert data_calls(simulator) == ["track/get"]


def test_season_schedules_reads_the_landed_answer_and_makes_no_call(
    settings: Settings, simulator: Simulator
) -> None:
    sync(settings, "current_seasons")
    done = sync(settings, "season_schedules", refresh=True)
    assert done.counts()["season_schedules"]["inserted"] == 3
    assert data_calls(simulator) == ["series/seasons"]


def test_season_schedules_alone_says_what_to_do_first(settings: Settings) -> None:
    done = sync(settings, "season_schedules")
    assert "materialize current_seasons first" in done.failures()["season_schedules"]


@pytest.mark.promise(1)
def test_a_track_swap_is_one_change_and_no_second_week(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    answers.season(1001)["schedules"][1]["track"] = answers.season(1001)["schedules"][0]["track"]
    done = sync(settings, refresh=True)
    assert done.written() == 1
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]
    (change,) = query(database, "SELECT table_name, key, before, after FROM iracing.changes")
    assert change[0] == "season_schedules"
    assert change[1] == {"season_id": 1001, "race_week_num": 1}
    assert change[2]["track_name"] == "The Bowl"
    assert change[3]["track_name"] == "Limestone Park"


@pytest.mark.promise(1)
def test_a_renamed_series_keeps_its_row(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    answers["series/get"][0]["series_name"] = "Beginners Cup"
    sync(settings, refresh=True)
    assert query(database, "SELECT series_id, series_name FROM iracing.series ORDER BY 1") == [
        (10, "Beginners Cup"),
        (20, "Oval Tour"),
    ]
    assert query(database, "SELECT kind, before, after FROM iracing.changes") == [
        ("updated", {"series_name": "Rookie Cup"}, {"series_name": "Beginners Cup"})
    ]


def test_a_moved_session_leaves_no_stale_one(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    (descriptor,) = answers.season(1002)["schedules"][0]["race_time_descriptors"]
    descriptor["session_times"] = ["2026-03-18T02:00:00Z"]
    done = sync(settings, refresh=True)
    assert done.written() == 1
    assert query(
        database,
        """SELECT to_char(start_time AT TIME ZONE 'UTC', 'MM-DD HH24:MI')
           FROM iracing.race_sessions('2026-01-01', '2027-01-01') WHERE season_id = 1002""",
    ) == [("03-18 02:00",)]


@pytest.mark.promise(3)
def test_a_dropped_car_restriction_is_retired_and_comes_back(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    restrictions = answers.season(1001)["schedules"][0]["car_restrictions"]
    kept = list(restrictions)
    restrictions.clear()
    assert sync(settings, refresh=True).counts()["car_restrictions"]["retired"] == 1
    restrictions.extend(kept)
    assert sync(settings, refresh=True).counts()["car_restrictions"]["updated"] == 1
    assert query(database, "SELECT kind FROM iracing.changes ORDER BY change_id") == [
        ("retired",),
        ("restored",),
    ]


@pytest.mark.promise(3)
def test_a_series_that_rests_keeps_its_row(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    del answers["series/get"][1]
    assert sync(settings, "series", refresh=True).written() == 0
    assert query(database, "SELECT count(*) FROM iracing.series WHERE retired_at IS NULL") == [(2,)]


@pytest.mark.parametrize(
    ("endpoint", "asset"),
    [
        ("series/get", "series"),
        ("series/seasons", "current_seasons"),
        ("track/get", "tracks"),
        ("car/get", "cars"),
        ("carclass/get", "car_classes"),
    ],
)
@pytest.mark.parametrize("body", [[], {"error": "odd"}], ids=["empty", "no list"])
@pytest.mark.promise(3)
def test_an_empty_answer_fails_the_asset_and_changes_nothing(
    settings: Settings,
    answers: RecordedResponses,
    database: Database,
    endpoint: str,
    asset: str,
    body: Any,
) -> None:
    sync(settings)
    before = dump(database)
    answers[endpoint] = body
    done = sync(settings, asset, refresh=True)
    assert not done.success
    assert endpoint in done.failures()[asset]
    assert dump(database) == before
    # Nor is such an answer landed: the next run asks again instead of believing it for an hour.
    ((landed,),) = query(
        database,
        f"SELECT jsonb_array_length(body) FROM iracing.responses WHERE endpoint = '{endpoint}'",
    )
    assert landed > 0
    assert query(
        database, f"SELECT status FROM iracing.sync_runs WHERE asset = '{asset}' ORDER BY 1"
    ) == [("failure",), ("success",)]


@pytest.mark.promise(8)
def test_nobody_s_name_lands_anywhere(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    before = dump(database)
    member = {"cust_id": 900001, "display_name": "Ayrton Prost", "car_id": 1, "car_num": "29"}
    # A season for members only, one that is set aside with its members, a class that a member made, news.
    for season in answers["series/seasons"]:
        season["allowed_season_members"] = {"900001": member}
        season["schedules"][0]["entry_list"] = [member]
    del answers.season(1002)["schedules"][0]["track"]
    answers["carclass/get"][0] |= {"cust_id": 900001, "owner": member}
    answers["series/get"][0]["host"] = member
    done = sync(settings, refresh=True)
    assert set(done.failed_checks()) == {"season_schedules"}
    for table in ALL_TABLES:
        marked = f"SELECT t::text FROM {table.fullname} t WHERE t::text ~ 'Prost|900001'"
        assert query(database, marked) == [], table.name
    assert dump(database, "seasons") == {"seasons": before["seasons"]}
    # The field is known, and has not gone: no drift. And the list of members moves without a change.
    del answers.season(1001)["allowed_season_members"]["900001"]
    kinds = query(database, "SELECT DISTINCT kind, field FROM iracing.drift ORDER BY 2")
    assert all(kind == "new_field" and "member" not in field for kind, field in kinds)
    assert sync(settings, refresh=True).written() == 0


@pytest.mark.promise(4)
def test_one_bad_season_and_one_bad_week_are_set_aside_and_all_else_lands(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    del answers.season(1002)["season_name"]
    del answers.season(1001)["schedules"][1]["track"]
    done = sync(settings)
    assert done.success
    assert set(done.failed_checks()) == {"current_seasons", "season_schedules"}
    assert "season_id=1002: season_name: Field required" in done.failed_checks()["current_seasons"]
    assert "race_week_num=1" in done.failed_checks()["season_schedules"]
    assert query(database, "SELECT season_id FROM iracing.seasons") == [(1001,)]
    assert query(database, "SELECT season_id, race_week_num FROM iracing.season_schedules") == [
        (1001, 0)
    ]
    quarantined = query(
        database,
        """SELECT asset, endpoint, params, item_key, reason, payload->>'season_id', resolved_at
           FROM iracing.quarantine ORDER BY asset""",
    )
    assert quarantined == [
        (
            "current_seasons",
            "series/seasons",
            {"include_series": "true"},
            "season_id=1002",
            "season_name: Field required",
            "1002",
            None,
        ),
        (
            "season_schedules",
            "series/seasons",
            {"include_series": "true"},
            "season_id=1001 race_week_num=1",
            "track: Field required",
            "1001",
            None,
        ),
    ]
    assert query(
        database,
        "SELECT status, quarantined FROM iracing.sync_runs WHERE asset = 'current_seasons'",
    ) == [("partial", 1)]


@pytest.mark.promise(4)
def test_an_item_that_heals_leaves_quarantine_by_itself(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    track = answers.season(1001)["schedules"][1].pop("track")
    sync(settings)
    sync(settings, refresh=True)
    assert query(
        database,
        "SELECT count(*), count(resolved_at), min(last_seen_at - first_seen_at) > '0' "
        "FROM iracing.quarantine",
    ) == [(1, 0, True)]
    answers.season(1001)["schedules"][1]["track"] = track
    healed = sync(settings, refresh=True)
    assert healed.failed_checks() == {}
    assert query(database, "SELECT count(*), count(resolved_at) FROM iracing.quarantine") == [
        (1, 1)
    ]
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]


@pytest.mark.promise(4)
def test_one_failing_endpoint_does_not_stop_the_others(
    settings: Settings, simulator: Simulator
) -> None:
    simulator.faults.add("status", "car/get", status=500)
    done = sync(settings)
    assert set(done.failures()) == {"cars"}
    assert {"seasons", "tracks", "car_classes"} <= set(done.counts())


@pytest.mark.promise(9)
def test_a_new_field_lands_and_is_reported(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    for season in answers["series/seasons"]:
        season["brand_new"] = 1
    done = sync(settings, "current_seasons", "season_schedules")
    assert done.failed_checks() == {}
    assert done.metadata("current_seasons")["drift"] == {"Season.brand_new": 2}
    assert query(database, "SELECT body->0->>'brand_new' FROM iracing.responses") == [("1",)]
    rows = "SELECT endpoint, kind, field, found, occurrences, resolved_at FROM iracing.drift"
    assert query(database, rows) == [
        ("series/seasons", "new_field", "Season.brand_new", "", 2, None)
    ]
    # Warned of once.
    assert "new field Season.brand_new" in done.warnings()["current_seasons"]
    again = sync(settings, "current_seasons", "season_schedules", refresh=True)
    assert again.warnings() == {}
    assert len(query(database, rows)) == 1


@pytest.mark.promise(9)
def test_a_field_that_vanished_is_one_row_and_null_and_may_come_back(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    assert sync(settings, "current_seasons").warnings() == {}
    kept = [season.pop("schedule_description") for season in answers["series/seasons"]]
    rows = "SELECT kind, field, occurrences, resolved_at IS NULL FROM iracing.drift"
    vanished = ("vanished_field", "Season.schedule_description", 2)
    for warnings in (1, 0):
        done = sync(settings, "current_seasons", refresh=True)
        assert done.failed_checks() == {}
        assert len(done.warnings()) == warnings
        assert query(database, rows) == [(*vanished, True)]
        assert query(
            database, "SELECT count(schedule_description), count(*) FROM iracing.seasons"
        ) == [(0, 2)]
    for season, text in zip(answers["series/seasons"], kept, strict=True):
        season["schedule_description"] = text
    assert sync(settings, "current_seasons", refresh=True).warnings() == {}
    assert query(database, rows) == [(*vanished, False)]
    for season in answers["series/seasons"]:
        del season["schedule_description"]
    again = sync(settings, "current_seasons", refresh=True)
    assert "vanished field Season.schedule_description" in again.warnings()["current_seasons"]
    assert query(database, rows) == [(*vanished, True)]


@pytest.mark.promise(9)
def test_a_value_of_a_new_type_is_one_row(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    first, second = answers["series/seasons"]
    # One can be read as the number it is meant to be, the other cannot.
    first["drops"], second["drops"] = "4", ["four"]
    done = sync(settings, "current_seasons")
    assert done.failed_checks() == {}
    assert query(database, "SELECT drops FROM iracing.seasons ORDER BY drops") == [(4,), (None,)]
    assert query(database, "SELECT kind, field, found FROM iracing.drift ORDER BY found") == [
        ("new_type", "Season.drops", "array"),
        ("new_type", "Season.drops", "string"),
    ]
    assert "new type Season.drops (string)" in done.warnings()["current_seasons"]


def test_a_dry_run_fetches_and_compares_and_writes_nothing_at_all(
    settings: Settings, simulator: Simulator, database: Database
) -> None:
    done = sync(settings, dry_run=True)
    assert done.success
    assert len(data_calls(simulator)) == 7
    assert done.counts()["season_schedules"]["inserted"] == 3
    # A table that is about something else than its asset is counted by itself.
    assert done.results["series"].summary == (
        "series: 2 inserted, 0 updated, 0 unchanged; series_licenses: 3 inserted, 0 updated, 0 unchanged"
    )
    for name in ("responses", "api_calls", "sync_runs", "changes", "quarantine"):
        assert query(database, f"SELECT count(*) FROM iracing.{name}") == [(0,)], name
    assert not any(rows for rows in dump(database).values())


def test_a_limit_is_honoured_everywhere(settings: Settings, database: Database) -> None:
    assert sync(settings, limit=1).success
    assert query(database, "SELECT series_id FROM iracing.series") == [(10,)]
    assert query(database, "SELECT season_id FROM iracing.seasons") == [(1001,)]
    assert query(database, "SELECT DISTINCT season_id FROM iracing.season_schedules") == [(1001,)]
    # Later without a limit: the rest arrives, from the same landed response.
    assert sync(settings).success
    assert query(database, "SELECT count(*) FROM iracing.season_schedules") == [(3,)]


def test_weeks_of_seasons_that_were_left_out_wait_for_their_season(
    settings: Settings, database: Database
) -> None:
    sync(settings, limit=1)
    assert sync(settings, "season_schedules").success
    assert query(database, "SELECT DISTINCT season_id FROM iracing.season_schedules") == [(1001,)]


def test_only_the_named_series_are_touched(settings: Settings, database: Database) -> None:
    assert sync(settings, series_ids=[20]).success
    assert query(database, "SELECT series_id FROM iracing.series") == [(20,)]
    assert query(database, "SELECT season_id FROM iracing.seasons") == [(1002,)]


def test_an_unknown_series_is_refused_with_those_that_exist(
    settings: Settings, database: Database
) -> None:
    done = sync(settings, "series", series_ids=[4711])
    assert done.failures()["series"] == "Unknown series: 4711. Known here: 10, 20."
    assert query(database, "SELECT count(*) FROM iracing.series") == [(0,)]


def test_year_and_quarter_are_sent_to_the_api(settings: Settings, simulator: Simulator) -> None:
    sync(settings, "current_seasons", "season_schedules", season_year=2026, season_quarter=2)
    (call,) = [call for call in simulator.requests if call.path.endswith("series/seasons")]
    assert call.params == {
        "include_series": "true",
        "season_year": "2026",
        "season_quarter": "2",
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": 0}, "limit must be at least 1"),
        ({"season_year": 2024}, "go together"),
        ({"season_year": 2024, "season_quarter": 9}, "1, 2, 3 or 4"),
    ],
)
def test_the_launchpad_refuses_what_the_command_line_refuses(
    settings: Settings, simulator: Simulator, options: dict[str, int], words: str
) -> None:
    done = sync(settings, "current_seasons", **options)
    assert words in done.failures()["current_seasons"]
    assert data_calls(simulator) == []


def test_missing_credentials_are_one_message_and_nothing_is_written(
    simulator: Simulator, settings_for: Callable[..., Settings], database: Database
) -> None:
    environment = {**simulator.environment, "IRACING_PASSWORD": ""}
    done = sync(settings_for(environment), "series")
    assert "IRACING_PASSWORD" in done.failures()["series"]
    assert "make demo" in done.failures()["series"]
    assert query(database, "SELECT count(*) FROM iracing.sync_runs") == [(0,)]
    assert simulator.requests == []


def test_a_wrong_password_is_one_login_attempt_for_the_whole_run(
    simulator: Simulator, settings_for: Callable[..., Settings]
) -> None:
    done = sync(settings_for({**simulator.environment, "IRACING_PASSWORD": "guess-again"}))
    assert set(done.failures()) == {"series", "tracks", "cars", "car_classes"}
    for text in done.failures().values():
        assert "IRACING_PASSWORD" in text
        assert "guess-again" not in text
    assert [call.path for call in simulator.requests] == ["/oauth2/token"]


@pytest.mark.promise(6)
@pytest.mark.parametrize(
    ("fault", "where", "options"),
    [
        ("status", "*", {"status": 429}),
        ("rate_limit_text", "*", {}),
        ("oauth_error", "*", {"error": "unauthorized_client", "retry_after": 75}),
    ],
)
def test_requests_or_logins_that_are_used_up_are_waited_for_once_in_a_sync(
    settings: Settings, simulator: Simulator, fault: str, where: str, options: dict[str, Any]
) -> None:
    simulator.faults.add(fault, where, **options)
    waiting = Limits(pause_seconds=1.2, breaker_seconds=30, backoff_seconds=0.01)
    done = sync(settings, "series", "tracks", "cars", "car_classes", limits=waiting)
    assert {name: failure.kind for name, failure in done.failed.items()} == dict.fromkeys(
        ("series", "tracks", "cars", "car_classes"), "limited"
    )
    assert set(data_calls(simulator)) <= {"series/get"}
    assert len(simulator.requests) <= 4
    assert all("not asked again" in str(done.failed[name]) for name in ("tracks", "cars"))


def test_simulated_data_never_mixes_with_real_data(
    settings: Settings, settings_for: Callable[..., Settings], simulator: Simulator
) -> None:
    sync(settings, "tracks")
    real = settings_for(
        {**simulator.environment, "IRACING_API_URL": "https://members-ng.iracing.com"}
    )
    done = sync(real, "tracks")
    assert "The database holds simulated data" in done.failures()["tracks"]


@pytest.mark.promise(5)
def test_rows_changes_and_landing_stand_or_fall_together(
    settings: Settings, answers: RecordedResponses, database: Database
) -> None:
    sync(settings)
    before, answered = (
        dump(database),
        query(database, "SELECT sha256 FROM iracing.responses ORDER BY 1"),
    )
    for season in answers["series/seasons"]:
        season["drops"] += 1
    with database.begin() as connection:
        # The books are closed last: when that fails, nothing before it may stay.
        connection.exec_driver_sql(
            """
            CREATE FUNCTION iracing.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF new.status = 'success' THEN RAISE 'no more room'; END IF; RETURN new; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON iracing.sync_runs
            FOR EACH ROW EXECUTE FUNCTION iracing.refuse()
            """
        )
    assert not sync(settings, "current_seasons", refresh=True).success
    assert dump(database) == before
    assert query(database, "SELECT sha256 FROM iracing.responses ORDER BY 1") == answered
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]


def test_the_ledger_knows_every_attempt_and_every_call(
    settings: Settings, simulator: Simulator, database: Database
) -> None:
    simulator.faults.add("status", "track/get", status=404)
    sync(settings, "tracks", "cars")
    assert query(
        database,
        """SELECT asset, status, api_calls, inserted, finished_at >= started_at, message IS NULL
           FROM iracing.sync_runs ORDER BY asset""",
    ) == [("cars", "success", 1, 1, True, True), ("tracks", "failure", 1, 0, True, False)]
    calls = query(
        database,
        """SELECT endpoint, status, from_cache, milliseconds >= 0, ratelimit_remaining IS NOT NULL
           FROM iracing.api_calls ORDER BY endpoint""",
    )
    assert calls == [("car/get", 200, False, True, True), ("track/get", 404, False, True, True)]


def test_metadata_says_what_happened(settings: Settings) -> None:
    done = sync(settings)
    metadata = done.metadata("season_schedules")
    assert metadata["dagster/row_count"] == 3
    assert metadata["dagster/relation_identifier"] == "iracing.season_schedules"
    assert (metadata["inserted"], metadata["updated"], metadata["unchanged"]) == (8, 0, 0)
    assert "| season_id | race_week_num |" in metadata["preview"]
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    assert columns["week_end_time"].type == "timestamp with time zone"
    assert "inclusive" in columns["week_end_time"].description


def test_order_of_assets_makes_no_difference(
    settings: Settings,
    database: Database,
    simulator: Simulator,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Any,
) -> None:
    sync(settings)
    url = new_database_url(template)
    other = Settings.from_environment(
        {
            **simulator.environment,
            "IRACING_DATABASE_URL": url,
            "IRACING_DATA_DIR": str(tmp_path),
        }
    )
    for asset in ("current_seasons", "car_classes", "season_schedules", "tracks", "cars", "series"):
        assert sync(other, asset).success
    assert dump(Database(url, tmp_path)) == dump(database)


def test_every_asset_explains_itself() -> None:
    from iracing_pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    assert {key.path[-1] for key in graph.materializable_asset_keys} == {
        *ALL,
        "past_seasons",
        "weather_forecasts",
        "calendar_feeds",
        "calendar_export",
        "season_report",
        "housekeeping",
    }
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.description
        assert node.group_name in {"series", "seasons", "reference", "calendar", "operations"}
        assert node.owners == ["team:iracing-pipeline"]
        assert "python" in node.kinds
        assert node.code_version
        retries = node.assets_def.op.retry_policy
        assert (retries.max_retries, retries.delay) == (3, 60)
        assert retries.jitter is not None
        assert retries.calculate_delay(1) > 0


def test_an_interrupted_step_is_not_waited_out_by_the_retry_policy() -> None:
    from dagster import DagsterExecutionInterruptedError

    from iracing_pipeline.assets.adapter import StepRetries

    retries = StepRetries(max_retries=3, delay=60)
    try:
        raise DagsterExecutionInterruptedError
    except DagsterExecutionInterruptedError:
        assert retries.calculate_delay(1) == 0
    finally:
        StepRetries.told_to_stop = False
    assert retries.calculate_delay(1) == 60
