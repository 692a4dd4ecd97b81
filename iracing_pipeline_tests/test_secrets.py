"""Promise 8: everything a run leaves behind, searched for everything that must not be in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.simulator.credentials import SimCredentials, masked
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.dagster_sync import sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses

CREDENTIALS = SimCredentials(
    client_id="club-client",
    client_secret="cl13nt-S3cret-Kite",
    username="somebody@example.com",
    password="p4ss-W0rd-Heron",
)


@pytest.fixture
def simulator(answers: RecordedResponses) -> Iterator[Simulator]:
    with Simulator(CaptureSource(RECORDED), credentials=CREDENTIALS) as running:
        running.faults.transform = answers.transform
        yield running


def _everything_in(database: Database) -> str:
    """Every row of every table of every schema, Dagster's included, as text."""
    parts = []
    with database.begin() as connection:
        tables = connection.exec_driver_sql(
            """SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
               WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
        ).scalars()
        for name in tables.all():
            parts += map(str, connection.exec_driver_sql(f"SELECT t::text FROM {name} t").scalars())
    return "\n".join(parts)


@pytest.mark.parametrize("fails", [False, True], ids=["well", "every way it can fail"])
@pytest.mark.promise(8)
def test_nothing_a_run_leaves_behind_holds_a_secret(
    simulator: Simulator,
    answers: RecordedResponses,
    settings_for: Callable[..., Settings],
    database: Database,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    fails: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    logging.getLogger("httpcore").setLevel(logging.DEBUG)
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(
        "storage: {custom: {module: iracing_pipeline.instance.storage,"
        " class: PipelinePostgresStorage, config: {}}}\n"
    )
    monkeypatch.setenv("IRACING_DATABASE_URL", database_url)
    monkeypatch.setenv("IRACING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    if fails:
        simulator.faults.add("status", "car/get", status=403)
        simulator.faults.add("storage_malformed", "track/get")
        simulator.faults.add("storage_status", "carclass/get", status=403)
        simulator.faults.add("revoke", "series/get", times=1)
        del answers.season(1001)["schedules"][0]["track"]  # its payload holds a signed weather_url
    environment = dict(simulator.environment)
    done = sync(settings_for(environment), instance=DagsterInstance.get(), verbose=True)
    assert done.success is not fails
    wrong = {**environment, "IRACING_PASSWORD": "wr0ng-Pass-Crane"}
    refused = sync(settings_for(wrong), "tracks", instance=DagsterInstance.get(), refresh=True)
    assert refused.failures()

    out, err = capfd.readouterr()
    logs = "\n".join(record.getMessage() + str(record.exc_text) for record in caplog.records)
    left_behind = {
        "database": _everything_in(database),
        "logs": logs,
        "stdout": out,
        "stderr": err,
        "failures": str(done.failures()) + str(refused.failures()),
        "files": "\n".join(
            path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()
        ),
    }
    assert "series_name" in left_behind["database"]  # the search does look at something
    tokens = simulator.tokens
    secrets = {
        CREDENTIALS.client_secret,
        CREDENTIALS.password,
        "wr0ng-Pass-Crane",
        masked(CREDENTIALS.client_secret, CREDENTIALS.client_id),
        masked(CREDENTIALS.password, CREDENTIALS.username),
        "X-Amz-Signature",
        "Bearer ",
        *tokens.everything_issued(),
    }
    assert len(secrets) > 8
    for place, text in left_behind.items():
        for secret in secrets:
            assert secret not in text, f"{secret[:6]}… in {place}"


@pytest.mark.promise(8)
def test_the_bearer_token_reaches_the_api_host_only(
    simulator: Simulator, settings_for: Callable[..., Settings]
) -> None:
    assert sync(settings_for(dict(simulator.environment))).success
    by_origin = {call.origin: set() for call in simulator.requests}
    for call in simulator.requests:
        by_origin[call.origin].add(call.had_authorization)
    assert by_origin == {"api": {True}, "storage": {False}, "oauth": {False}}


@pytest.mark.promise(8)
def test_settings_and_credentials_show_none_in_their_repr() -> None:
    settings = Settings.from_environment(
        {
            "IRACING_CLIENT_ID": "id",
            "IRACING_CLIENT_SECRET": "s3cret-one",
            "IRACING_USERNAME": "me@example.com",
            "IRACING_PASSWORD": "s3cret-two",
            "IRACING_REFRESH_TOKEN": "s3cret-three",
            "IRACING_DATABASE_URL": "postgresql://u:s3cret-four@h/d",
            "IRACING_WEBHOOK_URL": "https://example.com/s3cret-five",
            "DAGSTER_POSTGRES_URL": "postgresql://u:s3cret-six@h/d",
        }
    )
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in repr(settings.credentials)
