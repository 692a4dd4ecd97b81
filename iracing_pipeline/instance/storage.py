"""Dagster's own storage: DAGSTER_POSTGRES_URL, or schema `dagster` of the data's database.

In: the environment, named by dagster.yaml. Out: a dagster-postgres storage, and the instance that keeps its
runs there. No iRacing data.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg
from dagster import DagsterEventType, DagsterInstance, EventLogEntry
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy import create_engine, exc

from iracing_pipeline.core.errors import kind_of, message_of
from iracing_pipeline.instance.engines import dagster_url
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.connecting import connect
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.door import DatabaseError, plain, resolve_url
from iracing_pipeline.warehouse.lock_waits import StrangersWait
from iracing_pipeline.warehouse.locks import NamedLock, held

SCHEMA = "dagster"
_PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
_ABSENT = "absent"
_UNFINISHED = "Dagster storage, being set up by iracing_pipeline"
_READY = "Dagster storage, set up by iracing_pipeline"


class PipelinePostgresStorage(DagsterPostgresStorage):
    """dagster-postgres, provisioned by itself: the same dagster.yaml serves laptop and server."""

    def __init__(
        self, postgres_url: str, inst_data: Any = None, *, has_tables: bool = False
    ) -> None:
        """`has_tables`: they need not be looked for, three times over."""
        super().__init__(postgres_url, should_autocreate_tables=not has_tables, inst_data=inst_data)
        # By itself, Dagster connects anew for each query: some 300 times in a sync, 50 times a
        # second in a daemon whose sensors are busy.
        self._share_engine()
        for storage in self._storages:
            # Not the storages' own: it sets the timeout for the session, which behind a pooler is
            # everybody's. An instance tells all three, one after the other.
            storage.optimize_for_webserver = self._share_engine
        events = self._event_log_storage
        events.store_event_batch = partial(_store_batch, events, events.store_event_batch)  # type: ignore[method-assign]
        # Dagster's switch for batches of events: a run about every series plans, and makes, 450 partitions.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "500")
        # A hundred times in a sync, Dagster looks up in the catalogue which of its migrations were made.
        for owner, question in (
            (events, "has_table"),
            (events, "_has_asset_key_col_on_connection"),
            (self._run_storage, "has_run_stats_index_cols"),
        ):
            setattr(owner, question, _until_yes(getattr(owner, question)))
        # An instance tells this storage alone when it ends.
        events.dispose = partial(self._close, events.dispose)  # type: ignore[method-assign]

    @property
    def _storages(self) -> Sequence[Any]:
        return (self._run_storage, self._event_log_storage, self._schedule_storage)

    def _share_engine(
        self, statement_timeout: int = 0, pool_recycle: int = -1, max_overflow: int = 20
    ) -> None:
        """From now on one engine, and so few connections, serves runs, events and schedules, and keeps them.

        `statement_timeout`: in milliseconds, 0 for none. `max_overflow`: as Dagster means it, of each of the
        three; negative for no bound.
        """
        url = dagster_url(self.postgres_url, statement_timeout=str(statement_timeout))
        engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            # One holds its connection while it asks another.
            pool_size=len(self._storages),
            pool_recycle=pool_recycle,
            max_overflow=max(-1, max_overflow * len(self._storages)),
        )
        for storage in self._storages:
            storage._engine.dispose()
            storage._engine = engine

    def _close(self, dispose: Callable[[], None]) -> None:
        """With the instance its connections end: a code server opens one for each look of a sensor."""
        dispose()
        self._run_storage._engine.dispose()

    @classmethod
    def config_type(cls) -> Any:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> PipelinePostgresStorage:
        settings = Settings.from_environment()
        if settings.dagster_postgres_url:
            url = dagster_url(settings.dagster_postgres_url)
            return cls(inst_data=inst_data, postgres_url=url)
        data_url = resolve_url(settings.database_url, settings.data_dir)
        url = dagster_url(data_url, search_path=SCHEMA)
        database = Database(data_url, settings.data_dir, settings.lock_timeout)
        mark = _mark(database)
        if mark in {_ABSENT, _UNFINISHED}:
            return _set_up(database, partial(cls, inst_data=inst_data, postgres_url=url))
        return cls(inst_data=inst_data, postgres_url=url, has_tables=mark == _READY)


def kept_instance() -> DagsterInstance:
    """Dagster's instance in DAGSTER_HOME. Raises DatabaseError where its storage cannot be used."""
    try:
        url = Settings.from_environment().dagster_postgres_url
        if url:
            # Dagster tries six times, for some twelve seconds, before it says what one try says.
            connect(plain(url)).close()
        return DagsterInstance.get()
    except (psycopg.Error, DagsterPostgresException, exc.SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error.__cause__ or error).strip()
        raise DatabaseError(
            f"Dagster's own storage cannot be used: {reason.splitlines()[0] if reason else error}\n"
            "Check DAGSTER_POSTGRES_URL, or unset it: schema dagster of the data's database serves."
        ) from None


def _until_yes(question: Callable[..., bool]) -> Callable[..., bool]:
    """The question, asked until it has been answered with yes: what has been migrated stays so."""
    answered = set()

    def ask(*subject: Any) -> bool:
        # The answer does not depend on the connection that is used.
        about = tuple(one for one in subject if isinstance(one, str))
        if about not in answered and question(*subject):
            answered.add(about)
        return about in answered

    return ask


def _store_batch(
    storage: Any,
    store: Callable[[Sequence[EventLogEntry]], None],
    events: Sequence[EventLogEntry],
) -> None:
    """Events in one transaction; planned ones too, which dagster-postgres writes one by one."""
    planned = [event for event in events if event.dagster_event_type == _PLANNED]
    if planned:
        insert = storage.prepare_insert_event_batch(planned).returning(SqlEventLogStorageTable.c.id)
        with storage._connect() as connection:
            ids = connection.execute(insert).scalars().all()
        last = {
            event.get_dagster_event().asset_key: (event, id_)
            for event, id_ in zip(planned, ids, strict=True)
        }
        with storage.index_transaction() as connection:
            storage._store_asset_event_tags(connection, planned, ids)
            for event, id_ in last.values():
                storage._store_asset_event(connection, event, id_)
    if len(planned) < len(events):
        store([event for event in events if event.dagster_event_type != _PLANNED])


def _mark(database: Database) -> str | None:
    """What the schema's comment says; None where somebody else made it."""
    with database.plain_connection() as connection:
        row = connection.execute(
            "SELECT to_regnamespace(%s), obj_description(to_regnamespace(%s), 'pg_namespace')",
            (SCHEMA, SCHEMA),
        ).fetchone()
    assert row is not None
    return _ABSENT if row[0] is None else row[1]


def _set_up(
    database: Database, create: Callable[[], PipelinePostgresStorage]
) -> PipelinePostgresStorage:
    """Create the schema, and Dagster's tables in it, as if at once.

    Dagster creates its tables statement by statement: a process that is stopped in between leaves
    some, and no later one mends that. So what is not marked as ready is begun again.
    """
    # One process at a time.
    lock = (NamedLock.DAGSTER_SCHEMA, SCHEMA)
    with held(database, lock, while_waiting=StrangersWait(database, lock)):
        if _mark(database) not in {_ABSENT, _UNFINISHED}:
            return create()
        _execute(
            database,
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; "
            f"COMMENT ON SCHEMA {SCHEMA} IS '{_UNFINISHED}'",
        )
        storage = create()
        _execute(database, f"COMMENT ON SCHEMA {SCHEMA} IS '{_READY}'")
        return storage


def _execute(database: Database, statements: str) -> None:
    """In one transaction. Raises DatabaseError."""
    try:
        with database.plain_connection() as connection:
            connection.execute(statements)
    except psycopg.Error as error:
        if kind_of(error) is not None:
            raise DatabaseError(message_of(error)) from None
        raise DatabaseError(
            f"Dagster's schema {SCHEMA} cannot be created: {str(error).strip().splitlines()[0]}\n"
            "The user needs CREATE on the database, or ownership of that schema; or set "
            "DAGSTER_POSTGRES_URL."
        ) from None
