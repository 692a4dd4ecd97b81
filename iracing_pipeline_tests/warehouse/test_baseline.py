"""The baseline: databases from before it stay valid, or are refused in words; every object has its file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.core.landable import landable
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError
from iracing_pipeline.warehouse.ledger.state import LIST_MERGED
from iracing_pipeline.warehouse.migrations import HEAD, sql_files
from iracing_pipeline.warehouse.responses.landing import digest
from iracing_pipeline.warehouse.schema.tables import ALL_TABLES
from iracing_pipeline_tests.support.catalogue import catalogue
from iracing_pipeline_tests.support.places import RECORDED

BEFORE = RECORDED / "database_at_0011.sql"
SINCE = {"dead_links", "owned_packages"}
"""Tables of later revisions, which such a database has only once it is upgraded."""
SCHEMAS = "('iracing', 'iracing_private')"
# Those that tell of weeks relative to the present moment: the stored weeks lie in 2026.
TOUCHED = {f"iracing.{name}" for name in ("seasons", "season_schedules", "tracks", "cars")}
OF_THE_MOMENT = {"current_weeks", "next_weeks", "rain_weeks", "upcoming_sessions"}


@pytest.fixture
def before_url(new_database_url: Callable[[str | None], str]) -> str:
    """A database with the rows of real syncs, as the migrations 0001 to 0011 left it."""
    url = new_database_url(None)
    with psycopg.connect(url) as connection:
        connection.execute(BEFORE.read_bytes())
    return url


def test_a_database_from_before_the_baseline_is_current_and_has_the_schema_of_a_new_one(
    before_url: str, database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(before_url) as connection:
        rows = _rows(connection)
    opened = Database(before_url, tmp_path)
    opened.ensure_current()
    assert opened.schema_version() == HEAD
    opened.dispose()
    with psycopg.connect(before_url) as connection:
        found = catalogue(connection)
        for name, after in _rows(connection).items():
            before = rows[name]
            if name in TOUCHED:
                # Empty lists have become NULL.
                assert len(after) == len(before)
                before = [row for row in before if not re.search(r"\{\}|\[\]", row[0])]
                after = [row for row in after if row in before]
            if name == "iracing.installation":
                # It has merged the list of current seasons.
                news = [row for row in after if row not in before]
                assert [row[0].strip("(").split(",")[0] for row in news] == [
                    *sorted(LIST_MERGED.values())
                ]
                after = [row for row in after if row in before]
            assert after == before
    with psycopg.connect(database_url) as connection:
        assert catalogue(connection) == found


@pytest.mark.promise(8)
def test_an_upgrade_cuts_out_the_names_that_have_landed_before(
    before_url: str, tmp_path: Path
) -> None:
    member = '{"cust_id": 900001, "display_name": "Ayrton Prost"}'
    with psycopg.connect(before_url) as connection:
        plain = connection.execute(
            "SELECT body FROM iracing.responses WHERE endpoint = 'series/seasons' LIMIT 1"
        ).fetchone()
        assert plain is not None
        for statement in (
            f"""UPDATE iracing.responses SET sha256 = 'other', body = jsonb_set(
                body, '{{0,allowed_season_members}}', '{{"900001": {member}}}')
                WHERE endpoint = 'series/seasons'""",
            f"UPDATE iracing.responses SET body = body || '{member}' WHERE endpoint = 'track/get'",
            f"UPDATE iracing.quarantine SET payload = '{{\"owner\": {member}}}'",
            f"UPDATE iracing.changes SET before = before || '{member}' WHERE kind <> 'inserted'",
            f"UPDATE iracing.changes SET after = after || '{member}' WHERE kind <> 'retired'",
            'UPDATE iracing.seasons SET heat_ses_info = \'{"cust_id": 900001, "heat_laps": 10}\'',
            "UPDATE iracing.car_classes SET cust_id = 900001",
        ):
            assert connection.execute(statement).rowcount > 0, statement
    opened = Database(before_url, tmp_path)
    opened.ensure_current()
    opened.dispose()
    with psycopg.connect(before_url) as connection:
        for table in ALL_TABLES:
            marked = f"SELECT t::text FROM {table.fullname} t WHERE t::text ~ 'Prost|900001'"
            assert connection.execute(marked).fetchall() == [], table.name
        assert connection.execute(
            "SELECT DISTINCT heat_ses_info FROM iracing.seasons"
        ).fetchall() == [({"cust_id": None, "heat_laps": 10},)]
        now = "SELECT body, sha256 FROM iracing.responses WHERE endpoint = 'series/seasons'"
        # As the same answer would land today.
        assert (*plain, digest(landable(plain[0]))[1]) in connection.execute(now).fetchall()


@pytest.mark.promise(10)
def test_an_upgrade_gives_back_who_may_read_a_view_or_call_a_function(
    before_url: str, tmp_path: Path
) -> None:
    """Also where a function takes other arguments than before, as playable_weeks does."""
    with psycopg.connect(before_url) as connection:
        connection.execute(
            """CREATE ROLE "Upgrade reader";
               GRANT SELECT ON iracing.current_weeks TO "Upgrade reader" WITH GRANT OPTION;
               GRANT SELECT ON iracing.seasons TO "Upgrade reader";
               GRANT SELECT ON iracing.week_grid TO PUBLIC;
               REVOKE ALL ON FUNCTION iracing.playable_weeks FROM PUBLIC;
               GRANT EXECUTE ON FUNCTION iracing.playable_weeks TO "Upgrade reader" """
        )
        rights = _rights(connection)
        assert len(rights) == 5
    opened = Database(before_url, tmp_path)
    opened.ensure_current()
    opened.dispose()
    with psycopg.connect(before_url) as connection:
        assert _rights(connection) == rights
        connection.execute("""DROP OWNED BY "Upgrade reader"; DROP ROLE "Upgrade reader" """)


def test_an_upgrade_names_the_views_of_others_that_are_in_its_way_and_changes_nothing(
    before_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(before_url) as connection:
        connection.execute("CREATE VIEW mine AS SELECT * FROM iracing.current_weeks")
        before = catalogue(connection), _rows(connection)
    database = Database(before_url, tmp_path)
    with pytest.raises(DatabaseError) as caught:
        database.ensure_current()
    assert str(caught.value).splitlines() == [
        "An upgrade makes the views and functions of the schema iracing anew, but others use them:",
        "  view mine depends on view iracing.current_weeks",
        "Nothing was changed. Drop what uses them, run `iracing-pipeline db upgrade`, and create it again.",
    ]
    database.dispose()
    with psycopg.connect(before_url) as connection:
        assert (catalogue(connection), _rows(connection)) == before
        connection.execute("DROP VIEW mine")
    database.ensure_current()
    database.dispose()


def _rights(connection: psycopg.Connection) -> list[tuple[str, ...]]:
    """Who, beside the owner, has which right on what."""
    return connection.execute(
        f"""SELECT name, pg_get_userbyid(grantee), privilege_type, is_grantable FROM (
                SELECT oid::regclass::text AS name, relnamespace AS schema, relowner AS owner, relacl AS acl
                FROM pg_class
                UNION ALL
                SELECT oid::regproc::text, pronamespace, proowner, proacl FROM pg_proc
            ) o, aclexplode(acl) WHERE schema::regnamespace::text IN {SCHEMAS} AND grantee <> owner
            UNION ALL
            SELECT 'anybody calls playable_weeks', '', '', has_function_privilege(
                'pg_monitor', 'iracing.playable_weeks'::regproc, 'EXECUTE')
            ORDER BY 1, 2"""
    ).fetchall()


def _rows(connection: psycopg.Connection) -> dict[str, list[tuple[str]]]:
    """All rows of every table as text."""
    return {
        table.fullname: connection.execute(
            f"SELECT t::text FROM {table.fullname} t ORDER BY 1"
        ).fetchall()
        for table in ALL_TABLES
        if table.name not in SINCE
    }


def test_the_rows_of_a_database_from_before_the_baseline_are_there_and_every_view_reads_them(
    before_url: str, tmp_path: Path
) -> None:
    database = Database(before_url, tmp_path)
    with database.begin() as connection:
        execute = connection.exec_driver_sql
        empty = {
            table.name
            for table in ALL_TABLES
            if not execute(f"SELECT count(*) FROM {table.fullname}").scalar()
        }
        assert empty == {"oauth_tokens", *SINCE}
        views = execute(
            f"SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname IN {SCHEMAS}"
        ).scalars()
        counts = {
            view.partition(".")[2]: execute(f"SELECT count(v) FROM {view} v").scalar()
            for view in views
        }
        assert {view for view, count in counts.items() if not count} <= OF_THE_MOMENT
        # The functions too, at a moment when races took place.
        assert execute(
            """SELECT count(*) > 10, count(DISTINCT season_id)
               FROM iracing.race_sessions('2026-03-18', '2026-03-20')"""
        ).one() == (True, 2)
        execute("SELECT * FROM iracing.playable_weeks('{1}')").all()
        track_swaps = execute(
            "SELECT old, new FROM iracing.schedule_changes WHERE what = 'track' AND race_week_num = 0"
        ).all()
        assert track_swaps == [("Limestone Park \N{EN DASH} Full Course", "The Bowl")]
    database.dispose()


def test_every_view_and_function_has_a_file_of_its_name(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            f"""SELECT 'views/' || viewname FROM pg_views WHERE schemaname IN {SCHEMAS}
                UNION ALL
                SELECT 'functions/' || proname FROM pg_proc
                WHERE pronamespace::regnamespace::text IN {SCHEMAS}
                ORDER BY 1"""
        ).fetchall()
    files = [
        path.relative_to(sql_files.FOLDER).with_suffix("").as_posix()
        for folder in ("views", "functions")
        for path in (sql_files.FOLDER / folder).glob("*.sql")
    ]
    assert sorted(files) == sorted(name for (name,) in found)


@pytest.mark.parametrize("revision", ["0001", "0005", "0010"])
def test_a_database_older_than_the_baseline_is_refused_in_one_sentence_and_left_alone(
    revision: str, before_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(before_url) as connection:
        connection.execute("UPDATE iracing.alembic_version SET version_num = %s", (revision,))
        before = catalogue(connection), _rows(connection)
    database = Database(before_url, tmp_path)
    with pytest.raises(DatabaseError) as caught:
        database.ensure_current()
    assert str(caught.value) == (
        f"The database is at migration {revision}, which is older than the oldest one that this version of "
        f"iracing_pipeline can upgrade (0011): upgrade it with the last version that knows migration "
        f"{revision}, or use a new database."
    )
    database.dispose()
    with psycopg.connect(before_url) as connection:
        assert (catalogue(connection), _rows(connection)) == before
