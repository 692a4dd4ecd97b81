"""Alerts: the second failure in a row is told, not the first, and so is recovery; each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dagster import (
    AssetSelection,
    DagsterInstance,
    Definitions,
    Failure,
    Output,
    asset,
    define_asset_job,
    job,
    op,
)

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.announcing import watch_runs
from iracing_pipeline_tests.support.dagster_sync import query, sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.webhook_receiver import TOKEN, Receiver


class Fate:
    """How the runs of the little assets below end."""

    def __init__(self) -> None:
        self.of: dict[str, str | None] = {}
        """Kind of failure by asset; "bug" raises, "skip" materializes nothing."""

    def meet(self, name: str) -> bool:
        kind = self.of.get(name)
        if kind == "bug":
            raise KeyError("an unexpected key")
        if kind not in {None, "skip"}:
            raise Failure(f"It failed: {kind}.\nSecond line.", metadata={"kind": kind or ""})
        return kind != "skip"


@pytest.fixture
def fate() -> Fate:
    return Fate()


@pytest.fixture
def run(fate: Fate, instance: DagsterInstance) -> Callable[[str], str]:
    """Run a job, or all assets without one; returns the run's id."""

    @asset(output_required=False)
    def first() -> Iterator[Output[None]]:
        if fate.meet("first"):
            yield Output(None)

    @asset(output_required=False)
    def second() -> Iterator[Output[None]]:
        if fate.meet("second"):
            yield Output(None)

    @op
    def look() -> None:
        fate.meet("look")

    @job
    def housekeeping() -> None:
        look()

    defs = Definitions(
        [first, second],
        jobs=[define_asset_job("daily", AssetSelection.assets(first, second)), housekeeping],
    )

    def execute(name: str = "__ASSET_JOB") -> str:
        found = (
            defs.resolve_implicit_global_asset_job_def()
            if name == "__ASSET_JOB"
            else defs.resolve_job_def(name)
        )
        return found.execute_in_process(instance=instance, raise_on_error=False).run_id

    return execute


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as opened:
        yield opened


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def settings(hook: Receiver, settings_for: Callable[..., Settings], database: Database) -> Settings:
    return settings_for({"IRACING_WEBHOOK_URL": hook.url})


@pytest.fixture
def look(settings: Settings, instance: DagsterInstance) -> Callable[[], str]:
    """A tick; one has been already."""
    assert watch_runs(settings, instance).startswith("No runs have ended")
    return lambda: watch_runs(settings, instance)


def told(hook: Receiver) -> list[tuple[str, str]]:
    return [(post.body["type"], post.body["subject"]) for post in hook.acknowledged]


def test_the_first_failure_is_silent_the_second_told_the_third_silent_and_recovery_told(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    fate.of["first"] = "credentials"
    first = run("daily")
    assert look() == "1 run has ended since the last look."
    assert hook.posts == []
    second = run("daily")
    assert look() == "1 run has ended since the last look; 1 message posted, 0 left."
    run("daily")
    look()
    (post,) = hook.posts
    assert post.key == f"run_failure job daily {first}"
    assert post.body["type"] == "run_failure"
    assert post.body["subject"] == "job daily"
    assert post.body["failures_in_a_row"] == 2
    assert post.body["failed_assets"] == ["first"]
    assert post.body["run_id"] == second
    assert post.body["kind"] == "credentials"
    assert post.body["reason"] == "first: It failed: credentials.\nSecond line."
    assert post.body["failing_since"] < post.body["failed_at"]
    assert post.body["headline"].startswith("Job daily has failed 2 times in a row, since 20")
    for words in ("IRACING_CLIENT_ID", f"/runs/{second}", "iracing-pipeline db status"):
        assert words in post.body["text"]
    fate.of.clear()
    run("daily")
    look()
    run("daily")
    look()
    assert told(hook) == [("run_failure", "job daily"), ("run_recovered", "job daily")]
    assert hook.posts[-1].body["failures_in_a_row"] == 3
    assert hook.posts[-1].body["headline"] == "Job daily is well again, after 3 failures in a row"


def test_one_failure_between_successes_is_never_told(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    for kind in ("transient", None, "transient", None):
        fate.of["first"] = kind
        run("daily")
        look()
    assert hook.posts == []


def test_runs_without_a_job_are_told_by_asset(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    fate.of["first"] = "unreachable"
    run("__ASSET_JOB")
    fate.of["second"] = "bug"
    run("__ASSET_JOB")
    look()
    fate.of.clear()
    fate.of["second"] = "bug"
    run("__ASSET_JOB")
    look()
    assert told(hook) == [
        ("run_failure", "asset first"),
        ("run_recovered", "asset first"),
        ("run_failure", "asset second"),
    ]
    bug = next(post.body for post in hook.posts if post.body["subject"] == "asset second")
    # What an unexpected error says may be anything: it stays in Dagster.
    assert bug["reason"] == "Unexpected KeyError."
    assert "traceback" in bug["what_to_do"]


def test_maintenance_counts_neither_as_failure_nor_as_success(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    for kind in ("maintenance", "maintenance", "answer", "maintenance", "interrupted"):
        fate.of["first"] = kind
        run("daily")
        look()
    assert hook.posts == []
    fate.of["first"] = "answer"
    run("daily")
    look()
    assert told(hook) == [("run_failure", "job daily")]


def test_a_run_that_made_nothing_of_what_failed_is_no_recovery(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    fate.of["first"] = "answer"
    run("daily")
    run("daily")
    # Skipped, as in maintenance: the run succeeds, and has shown nothing.
    for skipped in ({"first": "skip"}, {"first": "skip", "second": "skip"}):
        fate.of = dict(skipped)
        run("daily")
    look()
    assert told(hook) == [("run_failure", "job daily")]
    fate.of.clear()
    run("daily")
    look()
    assert told(hook)[1:] == [("run_recovered", "job daily")]


def test_a_job_without_assets_is_watched_too(
    run: Callable[[str], str], fate: Fate, look: Callable[[], str], hook: Receiver
) -> None:
    fate.of["look"] = "database"
    run("housekeeping")
    run("housekeeping")
    fate.of.clear()
    run("housekeeping")
    look()
    assert told(hook) == [
        ("run_failure", "job housekeeping"),
        ("run_recovered", "job housekeeping"),
    ]


def test_a_run_whose_process_died_is_a_failure(
    run: Callable[[str], str], instance: DagsterInstance, look: Callable[[], str], hook: Receiver
) -> None:
    for _ in range(2):
        dead = instance.create_run_for_job(_dies)
        instance.report_run_failed(dead, "The run's worker ended unexpectedly.")
    look()
    (post,) = hook.posts
    assert post.body["kind"] == "broke_off"
    assert post.body["subject"] == "job _dies"
    assert "memory" in post.body["what_to_do"]


@op
def _nothing() -> None: ...


@job
def _dies() -> None:
    _nothing()


def test_what_ended_before_the_webhook_was_set_is_not_told(
    run: Callable[[str], str],
    fate: Fate,
    settings: Settings,
    settings_for: Callable[..., Settings],
    instance: DagsterInstance,
    hook: Receiver,
) -> None:
    fate.of["first"] = "answer"
    run("daily")
    run("daily")
    assert watch_runs(settings_for({}), instance).startswith("IRACING_WEBHOOK_URL is not set")
    watch_runs(settings, instance)
    run("daily")
    watch_runs(settings, instance)
    assert hook.posts == []
    run("daily")
    watch_runs(settings, instance)
    assert told(hook) == [("run_failure", "job daily")]


def test_a_dead_webhook_delays_alerts_and_each_comes_once(
    run: Callable[[str], str],
    fate: Fate,
    look: Callable[[], str],
    hook: Receiver,
    database: Database,
) -> None:
    hook.answers = [500, "drop", 404]
    fate.of["first"] = "unreachable"
    run("daily")
    run("daily")
    assert "answered 500" in look()
    fate.of.clear()
    run("daily")
    assert "broke off" in look()
    assert "check IRACING_WEBHOOK_URL" in look()
    look()
    # Forgotten how far it had looked, as after a kill: the runs are known, the messages too.
    with database.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM iracing.installation WHERE name = 'alerts_seen_until'"
        )
    look()
    assert told(hook) == [("run_failure", "job daily"), ("run_recovered", "job daily")]
    assert len({post.key for post in hook.posts[:4]}) == 1


def test_real_assets_that_fail_twice_are_told_with_their_own_words(
    settings_for: Callable[..., Settings],
    hook: Receiver,
    database: Database,
    instance: DagsterInstance,
) -> None:
    with Simulator(CaptureSource(RECORDED)) as simulator:
        more = {"IRACING_WEBHOOK_URL": hook.url}
        settings = settings_for(simulator.environment, **more)
        watch_runs(settings, instance)
        wrong = settings_for({**simulator.environment, "IRACING_PASSWORD": "wr0ng-Crane"}, **more)
        none = settings_for({"IRACING_API_URL": simulator.environment["IRACING_API_URL"]}, **more)
        for bad in (none, wrong):
            sync(bad, "tracks", instance=_kept(instance))
            watch_runs(settings, instance)
        (post,) = hook.posts
        assert post.body["subject"] == "asset tracks"
        assert post.body["kind"] == "credentials"
        assert "iRacing refused the login" in post.body["reason"]
        assert "wr0ng-Crane" not in str(post.body)
        assert TOKEN not in str(query(database, "SELECT a::text FROM iracing.announcements a"))
        sync(settings, "tracks", instance=_kept(instance))
        watch_runs(settings, instance)
        sync(settings, "tracks", instance=_kept(instance), dry_run=True, refresh=True)
        watch_runs(settings, instance)
    assert told(hook) == [("run_failure", "asset tracks"), ("run_recovered", "asset tracks")]


def _kept(instance: DagsterInstance) -> Any:
    """The instance, not closed by the run that uses it."""
    from contextlib import nullcontext

    return nullcontext(instance)


def test_discord_gets_an_alert_in_its_own_shape(
    run: Callable[[str], str],
    fate: Fate,
    instance: DagsterInstance,
    settings_for: Callable[..., Settings],
    database: Database,
    hook: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hook.address)  # the receiver stands in for Discord
    settings = settings_for({"IRACING_WEBHOOK_URL": f"http://discord.com/api/webhooks/7/{TOKEN}"})
    watch_runs(settings, instance)
    fate.of["first"] = "unreachable"
    run("daily")
    run("daily")
    watch_runs(settings, instance)
    body = hook.posts[0].body
    assert body["content"].startswith("Job daily has failed 2 times in a row")
    assert "What to do: iRacing, or the network to it, is down" in body["embeds"][0]["description"]
    assert body["allowed_mentions"] == {"parse": []}
