"""DAGSTER_HOME for people who have none: inside the data directory, so that every command shares it.

In: settings. Out: environment variables of this process, dagster.yaml in place, the instance itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import iracing_pipeline
from iracing_pipeline.settings import ConfigurationError, Settings
from iracing_pipeline.warehouse.database import CONNECT_TIMEOUT_SECONDS, DatabaseError, plain

if TYPE_CHECKING:
    from dagster import DagsterInstance


def provide_dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME as set, or `<data dir>/dagster` with the project's dagster.yaml in it.

    Child processes get absolute paths: they may have another working directory.
    Raises ConfigurationError where the directory cannot be written.
    """
    os.environ["IRACING_DATA_DIR"] = str(settings.data_dir)
    given = os.environ.get("DAGSTER_HOME", "").strip()
    if given:
        home = Path(given).expanduser().absolute()
        if not home.is_dir():
            raise ConfigurationError(f"DAGSTER_HOME names {home}, which is no directory.")
        os.environ["DAGSTER_HOME"] = str(home)
        return home
    home = settings.data_dir / "dagster"
    try:
        home.mkdir(parents=True, exist_ok=True)
        target, text = home / "dagster.yaml", _dagster_yaml().read_bytes()
        if not target.exists() or target.read_bytes() != text:
            aside = home / f"dagster.yaml.{os.getpid()}"
            aside.write_bytes(text)
            aside.replace(target)
    except OSError as error:
        raise ConfigurationError(
            f"{home} cannot be written ({error.strerror}). Set IRACING_DATA_DIR to a directory that can."
        ) from None
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def kept_instance() -> DagsterInstance:
    """Dagster's instance in DAGSTER_HOME. Raises DatabaseError where its storage cannot be used."""
    import psycopg
    from dagster import DagsterInstance
    from dagster_postgres.utils import DagsterPostgresException
    from sqlalchemy import event, exc
    from sqlalchemy.pool import QueuePool

    try:
        url = Settings.from_environment().dagster_postgres_url
        if url:
            # Dagster tries six times, for some twelve seconds, before it says what one try says.
            psycopg.connect(plain(url), connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
        instance = DagsterInstance.get()
        # Otherwise every event of a run is a connection of its own, some 300 in a sync.
        instance.optimize_for_webserver(statement_timeout=0, pool_recycle=-1, max_overflow=20)
        if not event.contains(QueuePool, "checkout", _see_that_it_lives):
            event.listen(QueuePool, "checkout", _see_that_it_lives)
        return instance
    except (psycopg.Error, DagsterPostgresException, exc.SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error.__cause__ or error).strip()
        raise DatabaseError(
            f"Dagster's own storage cannot be used: {reason.splitlines()[0] if reason else error}\n"
            "Check DAGSTER_POSTGRES_URL, or unset it: schema dagster of the data's database serves."
        ) from None


def _see_that_it_lives(connection: Any, _: Any, __: Any) -> None:
    """Before a kept connection serves again: the server, or somebody between, may have closed it.

    Dagster gives no way to have its pools do so. Of all pools only Dagster's hold psycopg2's connections.
    """
    import psycopg2
    from sqlalchemy import exc

    if not isinstance(connection, psycopg2.extensions.connection):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        raise exc.DisconnectionError from error  # the pool opens another


def _dagster_yaml() -> Path:
    package = Path(iracing_pipeline.__file__).parent
    inside = package / "dagster.yaml"
    # In a checkout the file stands at the root, where DAGSTER_HOME=$PWD finds it too.
    return inside if inside.exists() else package.parent / "dagster.yaml"
