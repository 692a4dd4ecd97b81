"""Migrations, applied: one process at a time, in one transaction.

In: a connection. Out: the revision reached. Alembic is imported here only: most runs need none of it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exc

from iracing_pipeline.warehouse.database import OLDEST_POSTGRES, DatabaseError
from iracing_pipeline.warehouse.locks import Lock, lock_for_transaction
from iracing_pipeline.warehouse.migrations import HEAD
from iracing_pipeline.warehouse.schema.base import PRIVATE_SCHEMA, SCHEMA


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    location = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> str:
    """Bring the schema to HEAD in one transaction and return HEAD.

    Raises DatabaseError for a server older than Postgres 14, for a database that a newer version of
    this project has upgraded, for one older than the baseline, and when the user may not create the
    schema.
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
            _refuse_unknown_revision(connection, config)
            command.upgrade(config, "head")
    except exc.DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseError(
            f"The schema {SCHEMA} cannot be brought up to date: {reason}\n"
            f"The user needs CREATE on the database, or ownership of the schemas {SCHEMA} and "
            f"{PRIVATE_SCHEMA}."
        ) from None
    return HEAD


def _refuse_unknown_revision(connection: Connection, config: Config) -> None:
    table = f"{SCHEMA}.alembic_version"
    if connection.exec_driver_sql("SELECT to_regclass(%s)", (table,)).scalar() is None:
        return
    version = connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalar()  # noqa: S608
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
