"""What vanishes from complete answers: retired and restored, over by itself, or an answer nobody believes."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.simulator.world.calendar import midnight, quarter_at, start_of
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import dump, query
from iracing_pipeline_tests.support.engine_sync import ALL, EngineSync
from iracing_pipeline_tests.support.engine_sync import sync as sync_at

BEGAN = datetime.now(timezone.utc)
# Five weeks into the quarter, whatever today is: seasons run, and have weeks to come.
MOMENT = midnight(start_of(quarter_at(BEGAN.date()))) + timedelta(weeks=5, hours=2)


def clock() -> datetime:
    """Time as it passes in the world of these tests."""
    return MOMENT + (datetime.now(timezone.utc) - BEGAN)


def sync(settings: Settings, *assets: str, **options: Any) -> EngineSync:
    """As engine_sync.sync, at that time; by default what is of seasons."""
    return sync_at(settings, *assets or ("series", *SEASONS), clock=clock, **options)


def partition(settings: Settings, *series_ids: int) -> EngineSync:
    """Sync past_seasons of these series alone."""
    return sync_at(settings, "past_seasons", clock=clock, partitions=series_ids)


LIST = "series/seasons"
INDEX = "series/stats_series"
SEASONS = ("current_seasons", "season_schedules")


class World:
    """A generated world whose answers a test may change: each edit gets the body of an endpoint."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.edits: dict[str, Callable[[Any], Any]] = {}
        simulator.faults.transform = self._transform

    def _transform(self, endpoint: str, params: dict[str, str], body: Any) -> Any:
        if endpoint not in self.edits or "season_year" in params:
            return body
        edited = copy.deepcopy(body)
        result = self.edits[endpoint](edited)
        return edited if result is None else result

    def without_seasons(self, gone: set[int], *endpoints: str) -> None:
        """These seasons are in none of the endpoints' answers."""

        def from_list(body: Any) -> Any:
            return [season for season in body if season["season_id"] not in gone]

        def from_index(body: Any) -> Any:
            for series in body:
                series["seasons"] = from_list(series["seasons"])

        for endpoint in endpoints:
            self.edits[endpoint] = from_list if endpoint == LIST else from_index


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    source = WorldSource(series=20, past_quarters=2, now=lambda: MOMENT)
    with Simulator(source, rate_limit=100_000) as running:
        yield running


@pytest.fixture(scope="module")
def synced(
    simulator: Simulator,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Name of a database in which the world is stored as it is."""
    url = new_database_url(template)
    more = {"IRACING_DATABASE_URL": url, "IRACING_DATA_DIR": str(tmp_path_factory.mktemp("synced"))}
    settings = Settings.from_environment({**simulator.environment, **more})
    assert sync(settings, *ALL).success
    return urlsplit(url).path[1:]


@pytest.fixture
def nothing_stored() -> None:
    """For tests that do not begin with the world as it is."""


@pytest.fixture
def prototype(template: str, synced: str, request: pytest.FixtureRequest) -> str:
    return template if "nothing_stored" in request.fixturenames else synced


@pytest.fixture
def world(simulator: Simulator) -> Iterator[World]:
    yield World(simulator)
    simulator.faults.clear()


@pytest.fixture
def settings(world: World, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(world.simulator.environment)


def to_come(database: Database) -> list[int]:
    """Seasons that still have weeks to come."""
    return [
        row[0]
        for row in query(
            database,
            f"""SELECT DISTINCT season_id FROM iracing.season_schedules w JOIN iracing.seasons s
               USING (season_id) WHERE week_end_time > '{MOMENT}' AND NOT s.complete
               AND w.retired_at IS NULL AND s.retired_at IS NULL ORDER BY 1""",
        )
    ]


def kinds(database: Database, table: str) -> list[tuple[Any, ...]]:
    return query(
        database,
        f"SELECT kind, key FROM iracing.changes WHERE table_name = '{table}' ORDER BY change_id",
    )


def sessions(database: Database, season_id: int) -> int:
    ((count,),) = query(
        database,
        f"""SELECT count(*) FROM iracing.race_sessions('2008-01-01', '2040-01-01')
            WHERE season_id = {season_id}""",
    )
    return int(count)


@pytest.mark.promise(3)
def test_a_week_that_left_its_season_is_retired_and_restored(
    settings: Settings, world: World, database: Database
) -> None:
    ((season_id, week),) = query(
        database,
        """SELECT season_id, max(race_week_num) FROM iracing.season_schedules
           GROUP BY 1 HAVING count(*) > 4 ORDER BY 1 LIMIT 1""",
    )
    before, planned = dump(database), sessions(database, season_id)

    def without(body: Any) -> None:
        for season in body:
            if season["season_id"] == season_id:
                season["schedules"] = [
                    item for item in season["schedules"] if item["race_week_num"] != week
                ]

    world.edits[LIST] = without
    done = sync(settings, *SEASONS, refresh=True)
    assert done.success
    assert done.failed_checks() == {}
    key = {"season_id": season_id, "race_week_num": week}
    assert kinds(database, "season_schedules") == [("retired", key)]
    assert done.counts()["season_schedules"]["retired"] == 1
    # What belongs to it went with it.
    alive = f"season_id = {season_id} AND race_week_num = {week} AND retired_at IS NULL"
    for table in ("season_schedules", "race_time_descriptors", "car_restrictions"):
        assert query(database, f"SELECT count(*) FROM iracing.{table} WHERE {alive}") == [(0,)]
    assert sessions(database, season_id) < planned
    # Again the same answer: nothing more happens.
    assert sync(settings, *SEASONS, refresh=True).written() == 0

    world.edits.clear()
    assert sync(settings, *SEASONS, refresh=True).failed_checks() == {}
    assert kinds(database, "season_schedules") == [("retired", key), ("restored", key)]
    assert dump(database) == before
    assert query(
        database,
        """SELECT kind, what, old IS NULL, new IS NULL FROM iracing.schedule_changes
           WHERE table_name = 'season_schedules' ORDER BY change_id""",
    ) == [("retired", "week", False, True), ("restored", "week", True, False)]


def test_the_index_does_not_bring_back_a_week_that_a_schedule_has_dropped(
    settings: Settings, world: World, database: Database
) -> None:
    series_id, season_id = query(
        database,
        """SELECT s.series_id, season_id FROM iracing.seasons s
           JOIN iracing.season_schedules USING (season_id) WHERE s.active
           GROUP BY 1, 2 HAVING count(*) > 4 ORDER BY 2 LIMIT 1""",
    )[0]

    def without(body: Any) -> None:
        for season in body:
            if season["season_id"] == season_id:
                del season["schedules"][-1]

    world.edits[LIST] = without
    sync(settings, *SEASONS, refresh=True)
    retired = (
        "SELECT season_id, race_week_num FROM iracing.season_schedules WHERE retired_at IS NOT NULL"
    )
    dropped = query(database, retired)
    assert len(dropped) == 1
    partition(settings, series_id)
    assert query(database, retired) == dropped


@pytest.mark.promise(3)
def test_a_season_in_neither_list_nor_index_is_retired_and_restored(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    gone = set(to_come(database)[:2])
    # The list alone is no proof: the index still knows them.
    world.without_seasons(gone, LIST)
    assert sync(settings, refresh=True).success
    assert kinds(database, "seasons") == []
    world.without_seasons(gone, LIST, INDEX)
    done = sync(settings, refresh=True)
    assert done.success
    assert done.failed_checks() == {}
    assert {(kind, key["season_id"]) for kind, key in kinds(database, "seasons")} == {
        ("retired", one) for one in gone
    }
    for season_id in gone:
        assert sessions(database, season_id) == 0
        for table in ("season_schedules", "race_time_descriptors", "season_car_classes"):
            assert query(
                database,
                f"SELECT count(*) FROM iracing.{table} "
                f"WHERE season_id = {season_id} AND retired_at IS NULL",
            ) == [(0,)]
    assert sync(settings, refresh=True).written() == 0
    world.edits.clear()
    assert sync(settings, refresh=True).failed_checks() == {}
    assert dump(database) == before


@pytest.mark.promise(3)
def test_a_list_that_lacks_most_of_what_should_be_there_retires_nothing(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    expected = to_come(database)
    kept = set(expected[: len(expected) * 4 // 10])
    world.without_seasons(set(expected) - kept, LIST, INDEX)
    done = sync(settings, refresh=True)
    message = done.failures()["current_seasons"]
    assert f"{len(expected) - len(kept)} of {len(expected)} stored seasons" in message
    assert "--allow-shrink" in message
    assert dump(database) == before
    assert query(database, "SELECT count(*) FROM iracing.changes") == [(0,)]
    # Forced, it is believed.
    assert sync(settings, refresh=True, allow_shrink=True).success
    assert len(kinds(database, "seasons")) == len(expected) - len(kept)
    assert set(to_come(database)) == kept


@pytest.mark.promise(4)
def test_a_season_without_a_readable_id_retires_no_other(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    (season_id, *_) = to_come(database)

    def nameless(body: Any) -> None:
        for season in body:
            if season["season_id"] == season_id:
                season["season_id"] = None

    world.without_seasons({season_id}, INDEX)
    world.edits[LIST] = nameless
    done = sync(settings, refresh=True)
    assert "position=" in done.failed_checks()["current_seasons"]
    assert dump(database) == before
    assert kinds(database, "seasons") == []


def test_an_empty_list_is_believed_only_where_it_is_forced(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    world.edits[LIST] = list.clear
    done = sync(settings, "current_seasons", refresh=True)
    assert "--allow-shrink" in done.failures()["current_seasons"]
    assert dump(database) == before


@pytest.mark.promise(3)
def test_a_season_that_lacks_most_of_its_weeks_keeps_them_and_is_named(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    ((season_id, weeks),) = query(
        database,
        """SELECT season_id, count(*) FROM iracing.season_schedules
           GROUP BY 1 HAVING count(*) > 4 ORDER BY 1 LIMIT 1""",
    )

    def cut(body: Any) -> None:
        for season in body:
            if season["season_id"] == season_id:
                del season["schedules"][1:]

    world.edits[LIST] = cut
    done = sync(settings, *SEASONS, refresh=True)
    text = done.failed_checks()["season_schedules"]
    assert f"season_id={season_id}" in text
    assert f"lacks {weeks - 1} of {weeks} weeks" in text
    assert "--allow-shrink" in text
    assert dump(database) == before
    # It heals by itself; and forced, it is believed.
    forced = sync(settings, *SEASONS, refresh=True, allow_shrink=True)
    assert forced.failed_checks() == {}
    assert forced.counts()["season_schedules"]["retired"] == weeks - 1
    assert query(database, "SELECT count(*) FROM iracing.quarantine WHERE resolved_at IS NULL") == [
        (0,)
    ]


@pytest.mark.promise(3)
def test_week_13_shrinks_the_list_and_the_others_are_complete(
    nothing_stored: None, settings_for: Callable[..., Settings], database: Database
) -> None:
    today = datetime.now(timezone.utc)
    start = start_of(quarter_at(today.date()))
    in_week_12 = midnight(start) + timedelta(weeks=11, days=3, hours=2)
    with Simulator(
        WorldSource(series=40, past_quarters=1, now=lambda: in_week_12), rate_limit=100_000
    ) as simulator:
        settings = settings_for(simulator.environment)

        def run(moment: datetime) -> EngineSync:
            return sync_at(settings, "series", *SEASONS, refresh=True, clock=lambda: moment)

        assert run(in_week_12).success
        listed = "SELECT season_id FROM iracing.seasons WHERE has_rules AND NOT complete ORDER BY 1"
        before = query(database, listed)
        simulator.clock.advance(weeks=1)
        done = run(in_week_12 + timedelta(weeks=1))
        assert done.failures() == {}
        assert done.failed_checks() == {}
        left = sorted(set(before).difference(query(database, listed)))
    assert len(left) > len(before) / 2
    over = "SELECT season_id FROM iracing.seasons WHERE complete AND has_rules ORDER BY 1"
    assert query(database, over) == left
    assert query(
        database,
        "SELECT DISTINCT kind, after FROM iracing.changes WHERE table_name = 'seasons' "
        "AND kind <> 'inserted' AND after ? 'complete'",
    ) == [("updated", {"active": False, "complete": True})]
    for table in ("series", "seasons", "season_schedules", "race_time_descriptors"):
        assert query(
            database, f"SELECT count(*) FROM iracing.{table} WHERE retired_at IS NOT NULL"
        ) == [(0,)]


@pytest.mark.promise(3)
def test_a_series_goes_only_when_the_index_no_longer_knows_it(
    settings: Settings, world: World, database: Database
) -> None:
    series_id = query(database, "SELECT series_id FROM iracing.seasons ORDER BY 1 LIMIT 1")[0][0]
    before = dump(database)

    def without(body: Any) -> Any:
        return [item for item in body if item["series_id"] != series_id]

    for endpoint in ("series/get", LIST):
        world.edits[endpoint] = without
    assert sync(settings, refresh=True).success
    assert kinds(database, "series") == []
    world.edits[INDEX] = without
    done = sync(settings, refresh=True)
    assert done.success
    assert kinds(database, "series") == [("retired", {"series_id": series_id})]
    for table in ("series", "series_licenses", "seasons"):
        assert query(
            database,
            f"SELECT count(*) FROM iracing.{table} "
            f"WHERE series_id = {series_id} AND retired_at IS NULL",
        ) == [(0,)]
    world.edits.clear()
    assert sync(settings, refresh=True).success
    assert dump(database) == before


def test_an_index_that_lacks_most_series_fails_and_retires_none(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    world.edits["series/get"] = lambda body: body[:1]
    world.edits[INDEX] = lambda body: body[:5]
    done = sync(settings, "series", refresh=True)
    assert "--allow-shrink" in done.failures()["series"]
    assert dump(database) == before


@pytest.mark.parametrize(
    ("endpoint", "asset", "key"),
    [
        ("track/get", "tracks", "track_id"),
        ("car/get", "cars", "car_id"),
        ("carclass/get", "car_classes", "car_class_id"),
    ],
)
@pytest.mark.promise(3)
def test_reference_data_that_vanished(
    settings: Settings, world: World, database: Database, endpoint: str, asset: str, key: str
) -> None:
    before = dump(database, asset)
    world.edits[endpoint] = lambda body: body[1:]
    assert sync(settings, asset, refresh=True).counts()[asset]["retired"] == 1
    ((kind, gone),) = kinds(database, asset)
    assert (kind, list(gone)) == ("retired", [key])
    world.edits[endpoint] = lambda body: body[: len(body) // 3]
    done = sync(settings, asset, refresh=True)
    assert "--allow-shrink" in done.failures()[asset]
    world.edits.clear()
    assert sync(settings, asset, refresh=True).success
    assert dump(database, asset) == before


def test_past_seasons_that_left_their_series_are_retired_and_come_back_whole(
    settings: Settings, world: World, database: Database
) -> None:
    ids = [series["series_id"] for series in world.simulator.source.answer(INDEX)]
    assert partition(settings, *ids).success
    assert sync(settings, "season_schedules").success
    before = dump(database)
    series_id, season_id = query(
        database,
        """SELECT series_id, max(season_id) FROM iracing.seasons WHERE complete
           GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1""",
    )[0]
    world.without_seasons({season_id}, INDEX)
    assert sync(settings, "series", refresh=True).success
    assert partition(settings, *ids).success
    assert query(
        database, "SELECT season_id FROM iracing.seasons WHERE retired_at IS NOT NULL"
    ) == [(season_id,)]
    world.edits.clear()
    asked = len(world.simulator.calls("series/season_schedule"))
    assert sync(settings, "series", refresh=True).success
    assert partition(settings, *ids).success
    assert sync(settings, "season_schedules").success
    assert dump(database) == before
    # Its schedule came back with it: a season that is over is asked for once in a lifetime.
    assert len(world.simulator.calls("series/season_schedule")) == asked
    # An entry that lacks most of its seasons is not believed, and its partition fails.
    past = {
        row[0]
        for row in query(
            database,
            f"SELECT season_id FROM iracing.seasons WHERE complete AND series_id = {series_id}",
        )
    }
    world.without_seasons(past, INDEX)
    assert sync(settings, "series", refresh=True).success
    result = partition(settings, *ids)
    assert not result.success
    text = result.failures()["past_seasons"]
    assert f"series {series_id}" in text
    assert "--allow-shrink" in text
    assert dump(database) == before


@pytest.mark.promise(2)
def test_whatever_the_order_of_keys_and_of_lists_without_a_meaning(
    settings: Settings, world: World, database: Database
) -> None:
    before = dump(database)
    chance = random.Random(7)

    def stir(value: Any) -> Any:
        if isinstance(value, dict):
            pairs = [(name, stir(item)) for name, item in value.items()]
            chance.shuffle(pairs)
            return dict(pairs)
        if isinstance(value, list):
            items = [stir(item) for item in value]
            # A list of descriptors is in an order, and lists of numbers may be offsets.
            is_ordered = any(not isinstance(item, dict) or "repeating" in item for item in items)
            if not is_ordered:
                chance.shuffle(items)
            return items
        return value

    def move(body: Any) -> Any:
        for season in body:
            season["reg_user_count"] = chance.randrange(1000)
            season["next_race_session"] = {"at": chance.random()}
            chance.shuffle(season["car_class_ids"])
        return stir(body)

    world.edits = dict.fromkeys(("series/get", INDEX, "track/get", "car/get", "carclass/get"), stir)
    world.edits[LIST] = move
    done = sync(settings, *ALL, refresh=True)
    assert done.success
    assert query(database, "SELECT key, before, after FROM iracing.changes") == []
    assert done.written() == 0
    assert dump(database) == before


def begun(database: Database) -> list[int]:
    """Seasons that run: begun, and with weeks to come."""
    return [
        row[0]
        for row in query(
            database,
            f"""SELECT season_id FROM iracing.season_schedules w JOIN iracing.seasons s USING (season_id)
               WHERE NOT s.complete GROUP BY 1
               HAVING min(w.start_date) <= '{MOMENT}' AND max(week_end_time) > '{MOMENT}' ORDER BY 1""",
        )
    ]


def test_one_list_without_an_announced_season_does_not_end_it(
    nothing_stored: None, settings: Settings, world: World, database: Database
) -> None:
    announced = world.simulator.source.answer(LIST)[0]["season_id"]

    # The list calls it active, the index does not: that is how announced seasons look.
    def later(body: Any) -> None:
        for season in body:
            if season["season_id"] == announced:
                season["active"] = True
                for week in season["schedules"]:
                    for name in ("start_date", "week_end_time"):
                        moment = datetime.fromisoformat(week[name].replace("Z", "+00:00"))
                        shifted = (moment + timedelta(days=365)).isoformat()
                        week[name] = shifted[:10] if name == "start_date" else shifted

    world.edits[LIST] = later
    world.edits[INDEX] = lambda body: mark_inactive(body, {announced})
    assert sync(settings, refresh=True).success
    world.without_seasons({announced}, LIST)
    world.edits[INDEX] = lambda body: mark_inactive(body, {announced})
    assert sync(settings, refresh=True).success
    assert query(
        database,
        f"SELECT complete, retired_at FROM iracing.seasons WHERE season_id = {announced}",
    ) == [(False, None)]


def mark_inactive(body: Any, season_ids: set[int]) -> Any:
    for series in body:
        for season in series["seasons"]:
            if season["season_id"] in season_ids:
                season["active"] = False
    return body


def test_a_season_that_list_and_index_say_was_broken_off_is_complete(
    settings: Settings, world: World, database: Database
) -> None:
    season_id = begun(database)[0]
    world.without_seasons({season_id}, LIST)
    world.edits[INDEX] = lambda body: mark_inactive(body, {season_id})
    assert sync(settings, refresh=True).success
    assert query(
        database,
        f"SELECT complete, active, retired_at FROM iracing.seasons WHERE season_id = {season_id}",
    ) == [(True, False, None)]


def test_an_index_older_than_the_list_is_no_proof_that_a_season_is_gone(
    nothing_stored: None, settings: Settings, world: World, database: Database
) -> None:
    ((season_id,),) = [
        (season["season_id"],)
        for season in world.simulator.source.answer(LIST)
        if len(season["schedules"]) > 4
    ][:1]
    world.without_seasons({season_id}, INDEX)
    sync(settings)
    world.without_seasons({season_id}, INDEX, LIST)
    alive = (
        f"SELECT count(*) FROM iracing.seasons WHERE season_id = {season_id} AND retired_at IS NULL"
    )
    assert sync(settings, "current_seasons", refresh=True).success
    assert query(database, alive) == [(1,)]
    # Since then the index is due, and is proof.
    assert query(
        database, f"SELECT expires_at <= now() FROM iracing.responses WHERE endpoint = '{INDEX}'"
    ) == [(True,)]
    assert sync(settings, "series", "current_seasons", refresh=True).success
    assert query(database, alive) == [(0,)]


def test_what_was_forced_once_is_settled_though_the_index_still_knows_it(
    settings: Settings, world: World, database: Database
) -> None:
    kept, *rest = to_come(database)
    gone = set(rest)
    world.without_seasons(gone, LIST)
    failed = sync(settings, refresh=True)
    assert "--allow-shrink" in failed.failures()["current_seasons"]
    assert sync(settings, refresh=True, allow_shrink=True).success
    assert sync(settings, refresh=True).success
    assert to_come(database) == [kept]
    # Nor does the index bring them back before the list does.
    ids = [series["series_id"] for series in world.simulator.source.answer(INDEX)]
    assert partition(settings, *ids).success
    assert to_come(database) == [kept]
    world.edits.clear()
    assert sync(settings, refresh=True).success
    assert set(to_come(database)) == {kept, *gone}


@pytest.mark.parametrize("cut", [0, 5], ids=["empty", "cut short"])
def test_past_seasons_lets_no_bad_index_take_the_place_of_a_good_one(
    settings: Settings, world: World, database: Database, cut: int
) -> None:
    landed = f"SELECT sha256 FROM iracing.responses WHERE endpoint = '{INDEX}'"
    before = query(database, landed)
    ids = [series["series_id"] for series in world.simulator.source.answer(INDEX)]
    world.edits[INDEX] = lambda body: body[:cut] if cut else list.clear(body)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE iracing.responses SET expires_at = '2008-01-01'")
    # It is asked for; and series by series it goes well all the same.
    asked = len(world.simulator.calls())
    assert partition(settings, *ids).success
    paths = [call.path for call in world.simulator.calls()[asked:]]
    assert paths.count(f"/data/{INDEX}") == 1
    assert paths.count("/data/series/past_seasons") == len(ids)
    assert query(database, landed) == before
    done = sync(settings, "series", refresh=True)
    assert "--allow-shrink" in done.failures()["series"]
    world.edits.clear()
    assert sync(settings, "series", refresh=True).success


def test_a_season_that_moved_to_another_series_keeps_its_weeks_and_sessions(
    settings: Settings, world: World, database: Database
) -> None:
    ids = [series["series_id"] for series in world.simulator.source.answer(INDEX)]
    assert partition(settings, *ids).success
    assert sync(settings, "season_schedules").success
    before = dump(database, "season_schedules", "race_time_descriptors", "car_restrictions")
    old, season_id = query(
        database,
        """SELECT series_id, max(season_id) FROM iracing.seasons WHERE complete
           GROUP BY 1 HAVING count(*) > 2 ORDER BY 1 LIMIT 1""",
    )[0]
    new = max(ids)

    def move(body: Any) -> None:
        by_id = {series["series_id"]: series for series in body}
        (moved,) = [one for one in by_id[old]["seasons"] if one["season_id"] == season_id]
        by_id[old]["seasons"].remove(moved)
        by_id[new]["seasons"].append({**moved, "series_id": new})

    world.edits[INDEX] = move
    # The old series' batch first, as if there were many series between them.
    assert sync(settings, "series", refresh=True).success
    assert partition(settings, old).success
    assert partition(settings, *(one for one in ids if one != old)).success
    assert sync(settings, "season_schedules").success
    assert query(
        database, f"SELECT series_id, retired_at FROM iracing.seasons WHERE season_id = {season_id}"
    ) == [(new, None)]
    after = dump(database, "season_schedules", "race_time_descriptors", "car_restrictions")
    for name in ("race_time_descriptors", "car_restrictions"):
        assert after[name] == before[name]
    assert len(after["season_schedules"]) == len(before["season_schedules"])
    assert all(row[-1] for row in after["season_schedules"])


def test_a_few_series_teach_nothing_about_the_fields_of_all(
    settings: Settings, world: World, database: Database
) -> None:
    first, second = [series["series_id"] for series in world.simulator.source.answer(INDEX)][:2]

    def uneven(body: Any) -> None:
        for series in body:
            if series["series_id"] == second:
                for season in series["seasons"]:
                    season.pop("has_supersessions", None)

    world.edits[INDEX] = uneven
    assert sync(settings, "series", refresh=True).success
    for series_id in (first, second, first, second):
        assert partition(settings, series_id).success
    assert query(database, "SELECT kind, field FROM iracing.drift") == []
