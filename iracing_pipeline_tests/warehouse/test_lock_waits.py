"""A lock that somebody else holds: waited for, told, and in the end named with the session that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.sync.result import SyncFailed
from iracing_pipeline.sync.run import RunInfo, SyncRun
from iracing_pipeline.sync.services import Services, Silence
from iracing_pipeline.sync.session import Session
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.lock_waits import LockHeld, StrangersWait
from iracing_pipeline.warehouse.locks import Lock, NamedLock, held
from iracing_pipeline_tests.support.engine_sync import WORK
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

TIMEOUT = 4

HELD = {
    **{
        f"LOCK TABLE iracing.{name}": f"The table iracing.{name} is held by "
        for name in ("seasons", "responses", "sync_runs")
    },
    "SELECT pg_advisory_xact_lock(hashtextextended('iracing.seasons', 0))": (
        "The writers' lock of the table iracing.seasons is held by "
    ),
}


class Heard(Silence):
    """Keeps what it is warned of."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, asset: str, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def settings(
    answers: RecordedResponses, settings_for: Callable[..., Settings]
) -> Iterator[Settings]:
    with Simulator(CaptureSource(RECORDED), rate_limit=100_000) as simulator:
        simulator.faults.transform = answers.transform
        yield settings_for(simulator.environment, IRACING_LOCK_TIMEOUT=str(TIMEOUT))


@pytest.mark.parametrize("statement", HELD)
def test_a_lock_that_is_held_for_too_long_ends_the_run_with_the_table_and_the_session(
    settings: Settings, database_url: str, statement: str
) -> None:
    heard = Heard()
    services = Services(settings, listener=heard)

    def sync() -> None:
        run = SyncRun.of(services, Session(services.now()), RunInfo("run", "current_seasons"))
        list(WORK["current_seasons"](run))

    with psycopg.connect(database_url, application_name="a reader") as holder:
        holder.execute(statement)
        session = f"pid {holder.info.backend_pid}, user postgres, application a reader, since 2"
        with pytest.raises(SyncFailed) as failed:
            sync()
        assert failed.value.kind == "locked"
        assert HELD[statement] + session in str(failed.value)
        assert f"{TIMEOUT} s (IRACING_LOCK_TIMEOUT)" in str(failed.value)
        assert any(HELD[statement] + session in warning for warning in heard.warnings)
        # Whatever follows in this process hardly waits for it any more.
        with pytest.raises(SyncFailed, match=r"for 1 s \(IRACING_LOCK_TIMEOUT\)"):
            sync()
    sync()
    services.close()


@pytest.mark.parametrize("lock", [Lock.BACKFILL, (NamedLock.DAGSTER_SCHEMA, "dagster")])
def test_an_advisory_lock_of_ours_is_waited_for_only_so_long_where_a_stranger_holds_it(
    database_url: str, tmp_path: Path, lock: Lock | tuple[NamedLock, str]
) -> None:
    told: list[str] = []
    database = Database(database_url, tmp_path, lock_timeout=0.4)
    database.tell = told.append
    named, name = (lock, None) if isinstance(lock, Lock) else lock
    holds = "hashtextextended(%s, %s)" if name else "coalesce(%s::bigint, %s)"
    with psycopg.connect(database_url, application_name="a reader") as holder:
        holder.execute(f"SELECT pg_advisory_xact_lock({holds})", (name, int(named)))
        with (
            pytest.raises(LockHeld) as caught,
            held(database, lock, while_waiting=StrangersWait(database, lock)),
        ):
            pass
        session = (
            f"The advisory lock {named.name.lower()} is held by pid {holder.info.backend_pid}, "
        )
        assert str(caught.value).startswith(session)
    assert all(text.startswith(session) for text in told)
    with held(database, lock, while_waiting=StrangersWait(database, lock)):
        pass
    database.dispose()


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "86401", "9" * 30])
def test_the_setting_is_a_whole_number_of_seconds(value: str) -> None:
    assert Settings.from_environment({}).lock_timeout == 60
    with pytest.raises(ConfigurationError, match="IRACING_LOCK_TIMEOUT must be a whole number"):
        Settings.from_environment({"IRACING_LOCK_TIMEOUT": value})
