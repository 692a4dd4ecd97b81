"""The one way in which a command runs assets: as Dagster runs in this process, with a person watching.

In: settings, a listener, names of assets. Out: the runs' results, what failed in them, an exit status. ^C and
SIGTERM end a run, with one message, and with what had landed before kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dagster import (
    AssetKey,
    DagsterEvent,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    ExecuteInProcessResult,
)
from rich.console import Console

from iracing_pipeline.commands.interrupts import InterruptWatch
from iracing_pipeline.core.errors import INTERRUPTED, Interrupted
from iracing_pipeline.definitions import build_definitions
from iracing_pipeline.resources import GivenEngine
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Listener, Services
from iracing_pipeline.sync.session import Session


@dataclass(frozen=True)
class Failed:
    """An asset that did not finish: its kind of failure (None for a bug) and the message."""

    asset: str
    kind: str | None
    text: str


@dataclass
class AssetRunner:
    """Runs assets one Dagster run after the other. They share services and session."""

    services: Services
    session: Session
    command: str
    """Tags the runs, so that the UI shows where they came from."""

    @property
    def is_interrupted(self) -> bool:
        return self.session.is_interrupted or self.services.was_interrupted()

    def run(
        self,
        instance: DagsterInstance,
        assets: Sequence[str],
        *,
        ops: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        log_level: str = "CRITICAL",
        calendar_checks: bool = True,
    ) -> ExecuteInProcessResult:
        """One Dagster run of these assets. `log_level`: what of the run's log the console shows."""
        given = GivenEngine(self.services, self.session)
        definitions = build_definitions(
            iracing=given, warehouse=given, calendar_checks=calendar_checks
        )
        return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            run_config={
                "ops": dict(ops or {}),
                "loggers": {"console": {"config": {"log_level": log_level}}},
            },
            instance=instance,
            asset_selection=[AssetKey(name) for name in assets],
            tags={"iracing/command": self.command, **(tags or {})},
            raise_on_error=False,
        )


@contextmanager
def asset_runner(settings: Settings, command: str, listener: Listener) -> Iterator[AssetRunner]:
    """Services and session for a command; closed at the end."""
    with InterruptWatch() as interrupts:
        services = Services(settings, listener=listener, was_interrupted=interrupts.heard)
        try:
            yield AssetRunner(services, Session(services.now()), command)
        finally:
            services.close()


def unless_interrupted(console: Console, work: Callable[[], int]) -> int:
    """The exit status of `work`; INTERRUPTED, with one message, where ^C or SIGTERM ended it."""
    try:
        return work()
    except (KeyboardInterrupt, DagsterExecutionInterruptedError, Interrupted):
        console.print(f"[yellow]{Interrupted()}[/]", highlight=False)
        return INTERRUPTED


def failures_in(results: Sequence[ExecuteInProcessResult]) -> list[Failed]:
    """What failed in these runs, in order."""
    events = [event for result in results for event in result.all_events]
    return [failed for event in events if (failed := failure_in(event)) is not None]


def failure_in(event: DagsterEvent) -> Failed | None:
    """The asset's failure that the event tells of, if it does."""
    if not event.is_step_failure:
        return None
    data = event.step_failure_data
    user = data.user_failure_data
    kind = user.metadata["kind"].value if user and "kind" in user.metadata else None
    text = user.description if user and user.description else _bug(data.error)
    return Failed(event.step_key or "?", str(kind) if kind else None, text)


def _bug(error: Any) -> str:
    while error is not None and error.cause is not None:
        error = error.cause
    return (
        f"unexpected {error.cls_name}: {error.message.strip()}" if error else "unexpected failure"
    )
