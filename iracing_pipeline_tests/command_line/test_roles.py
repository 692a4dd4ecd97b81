"""deploy/roles.sql: an owner who upgrades, a writer who syncs, a reader who reads no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from iracing_pipeline_tests.support.places import ROOT
from iracing_pipeline_tests.support.shell import run

ROLES = (ROOT / "deploy/roles.sql").read_bytes()
LOGINS = {"roles_owner": "", "roles_sync": " IN ROLE iracing_writer"}
LOGINS |= {"roles_racer": " IN ROLE iracing_reader"}


def as_user(url: str, name: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{name}@{parts.netloc.rpartition('@')[2]}").geturl()


@pytest.fixture
def url(server_url: str, new_database_url: Callable[[str | None], str]) -> Iterator[str]:
    """A new database, its owner's. Roles are the server's: the logins go again; the groups may be in use."""
    found = new_database_url(None)
    name = urlsplit(found).path[1:]
    with psycopg.connect(found, autocommit=True) as admin:
        admin.execute("CREATE ROLE roles_owner LOGIN")
        admin.execute(f"ALTER DATABASE {name} OWNER TO roles_owner")
    yield found
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for login in LOGINS:
            admin.execute(f"DROP ROLE IF EXISTS {login}")


def test_the_owner_upgrades_the_writer_syncs_and_the_reader_reads_no_secret(
    url: str, environment: dict[str, str]
) -> None:
    def ours(name: str, *command: str, program: str = "iracing-pipeline") -> str:
        given = {**environment, "IRACING_DATABASE_URL": as_user(url, name)}
        done = run(*command, environment=given, program=program)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "permission denied" not in done.stdout + done.stderr
        return done.stdout

    home = Path(environment["IRACING_DATA_DIR"]) / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    environment["DAGSTER_HOME"] = str(home)
    ours("roles_owner", "db", "upgrade")
    ours("roles_owner", "instance", "migrate", program="dagster")
    with psycopg.connect(url, autocommit=True) as admin:
        for _ in range(2):
            admin.execute(ROLES)
        for login, member in LOGINS.items():
            if member:
                admin.execute(f"CREATE ROLE {login} LOGIN{member}")
        # As a later version would add it.
        admin.execute("SET ROLE roles_owner; CREATE TABLE iracing.later (n int PRIMARY KEY)")
    ours("roles_sync", "sync", "--sync-seasons")
    ours("roles_sync", "db", "maintain")
    ours("roles_sync", "db", "rebuild")
    assert "Healthy." in ours("roles_racer", "db", "status")
    with psycopg.connect(as_user(url, "roles_sync"), autocommit=True) as writer:
        writer.execute("INSERT INTO iracing.later VALUES (1)")
        tokens = writer.execute("SELECT count(*) FROM iracing_private.oauth_tokens").fetchone()
        assert tokens == (1,)
        for statement in (
            "DROP TABLE iracing.seasons",
            "TRUNCATE iracing.seasons",
            "ALTER TABLE iracing.seasons ADD COLUMN mine text",
            "CREATE TABLE iracing.mine (n int)",
            "CREATE SCHEMA mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute(statement)
    with psycopg.connect(as_user(url, "roles_racer"), autocommit=True) as reader:
        assert reader.execute("SELECT n FROM iracing.later").fetchone() == (1,)
        assert reader.execute("SELECT count(*) > 0 FROM iracing.current_weeks").fetchone()
        assert reader.execute("SELECT count(endpoint) > 0 FROM iracing.responses").fetchone()
        for statement in (
            "SELECT * FROM iracing_private.oauth_tokens",
            "SELECT body FROM iracing.responses",
            "SELECT count(*) FROM dagster.runs",
            "INSERT INTO iracing.later VALUES (2)",
            "DELETE FROM iracing.seasons",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)
