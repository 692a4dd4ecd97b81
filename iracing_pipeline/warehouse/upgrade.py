"""Migrations, applied: one process at a time, in one transaction.

In: a connection. Out: the revision reached. Alembic is imported here only: most runs need none of it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import errors
from sqlalchemy import Connection, exc

from iracing_pipeline.core.errors import kind_of, message_of
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError, Door
from iracing_pipeline.warehouse.locks import Lock, lock_for_transaction
from iracing_pipeline.warehouse.migrations import HEAD, sql_files
from iracing_pipeline.warehouse.schema import PRIVATE_SCHEMA, SCHEMA

OLDEST_POSTGRES = 140000


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    location = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def bring_up_to_date(door: Door) -> None:
    """Bring the schema behind the door to HEAD. Raises DatabaseError as `upgrade` does."""
    if isinstance(door, Database):
        door.upgrade(upgrade)
        return
    database = Database(door.configured_url, door.data_dir, door.lock_timeout)
    database.tell = door.tell
    try:
        database.upgrade(upgrade)
    finally:
        database.dispose()


def upgrade(connection: Connection) -> str:
    """Bring the schema to HEAD in one transaction and return HEAD.

    Raises DatabaseError for a server older than Postgres 14, for a database that a newer version of
    this project has upgraded, for one older than the baseline, when the user may not create the
    schema, and when somebody else's views use those of the schema.
    """
    try:
        with connection.begin():
            number = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0)
            if number < OLDEST_POSTGRES:
                raise DatabaseError(f"Postgres 14 or newer is needed; this is {number // 10000}.")
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
            if encoding != "UTF8":
                raise DatabaseError(
                    f"The database's encoding is {encoding}; names of tracks and series need UTF8. "
                    "Create it with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
                )
            lock_for_transaction(connection, Lock.UPGRADE)
            for schema in (SCHEMA, PRIVATE_SCHEMA):
                if connection.exec_driver_sql("SELECT to_regnamespace(%s)", (schema,)).scalar():
                    continue
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            config = alembic_config(connection)
            version = _revision(connection)
            if version is None:
                _refuse_foreign_schema(connection)
            if version == HEAD:
                return HEAD
            _refuse_unknown_revision(version, config)
            rights = sql_files.drop_all(connection)
            command.upgrade(config, "head")
            sql_files.create_all(connection, rights)
    except exc.DBAPIError as error:
        if isinstance(error.orig, errors.DependentObjectsStillExist):
            raise DatabaseError(_used_by_others(error.orig)) from None
        if kind_of(error) is not None:
            raise DatabaseError(message_of(error)) from None
        if isinstance(error.orig, errors.LockNotAvailable):
            raise
        reason = str(error.orig).strip().splitlines()[0]
        text = f"The schema {SCHEMA} cannot be brought up to date: {reason}"
        if isinstance(error.orig, errors.InsufficientPrivilege):
            text += (
                f"\nThe user needs CREATE on the database, or ownership of the schemas {SCHEMA} and "
                f"{PRIVATE_SCHEMA}."
            )
        raise DatabaseError(text) from None
    return HEAD


def _used_by_others(error: errors.DependentObjectsStillExist) -> str:
    """Postgres names what depends on what, a line each: such as "view mine depends on view iracing.x"."""
    uses = "\n".join(f"  {line}" for line in (error.diag.message_detail or str(error)).splitlines())
    return (
        f"An upgrade makes the views and functions of the schema {SCHEMA} anew, but others use them:\n"
        f"{uses}\n"
        "Nothing was changed. Drop what uses them, run `iracing-pipeline db upgrade`, and create it again."
    )


def _revision(connection: Connection) -> str | None:
    table = f"{SCHEMA}.alembic_version"
    if connection.exec_driver_sql("SELECT to_regclass(%s)", (table,)).scalar() is None:
        return None
    return connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalar()  # noqa: S608


def _refuse_foreign_schema(connection: Connection) -> None:
    """A schema that holds things although no migration has ever run is somebody else's."""
    found = connection.exec_driver_sql(
        """
        SELECT n.nspname, min(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') GROUP BY 1
        """,
        ([SCHEMA, PRIVATE_SCHEMA],),
    ).first()
    if found:
        raise DatabaseError(
            f"The schema {found[0]} of this database is not iracing_pipeline's: it holds {found[1]}, and "
            f"no {SCHEMA}.alembic_version says which migration made it. Use another database, or rename "
            f"that schema. Nothing was changed."
        )


def _refuse_unknown_revision(version: str | None, config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    if version is None or version in {script.revision for script in scripts.walk_revisions()}:
        return
    baseline = scripts.get_base()
    # Revisions are numbered; those below the baseline were never part of a release.
    if baseline is not None and version.isdigit() and int(version) < int(baseline):
        raise DatabaseError(
            f"The database is at migration {version}, which is older than the oldest one that this "
            f"version of iracing_pipeline can upgrade ({baseline}): upgrade it with the last version "
            f"that knows migration {version}, or use a new database."
        )
    raise DatabaseError(
        f"The database is at migration {version}, which this version of iracing_pipeline "
        f"does not know (it knows up to {HEAD}). Upgrade iracing_pipeline."
    )
