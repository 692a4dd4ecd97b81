"""`sync` as the command line runs it, in this process, by real Dagster runs; or the same by the engine alone.

In: a simulator's environment, flags. Out: Outcome: exit status, what was said, calls made.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance
from rich.console import Console

from iracing_pipeline.commands.sync import SyncRequest, run_sync
from iracing_pipeline.core.errors import DONE, SOME_FAILED, exit_status
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator
from iracing_pipeline_tests.support.engine_sync import sync


@dataclass(frozen=True)
class Outcome:
    """What one command came to."""

    status: int
    text: str
    calls: Counter[str]
    """Requests to /data by endpoint; a `?` marks those about one quarter."""

    @property
    def total(self) -> int:
        return sum(self.calls.values())


class Command:
    """Runs `sync` against one simulator and one database."""

    def __init__(
        self, simulator: Simulator, database_url: str, folder: Path, patch: pytest.MonkeyPatch
    ) -> None:
        self.simulator = simulator
        self._environment = {
            **simulator.environment,
            "IRACING_DATABASE_URL": database_url,
            "IRACING_DATA_DIR": str(folder / "data"),
        }
        self._patch = patch

    def sync(self, *, kept: bool = False, **flags: Any) -> Outcome:
        """`iracing-pipeline sync --sync-seasons --sync-past-seasons`, unless the flags say otherwise.

        `kept`: in Dagster's storage in the test's database, which takes seconds to set up.
        """
        request = _request(flags)
        output = io.StringIO()
        before = len(self.simulator.calls())
        status = run_sync(
            self._settings(),
            request,
            Console(file=output, width=200),
            instance=None if kept else DagsterInstance.ephemeral(),
        )
        return Outcome(status, output.getvalue(), self._calls_since(before))

    def fill(self, **flags: Any) -> Outcome:
        """The same assets by the engine, at a third of the cost: where what lands is the point.

        The text says what failed, what was set aside, and how many rows were written.
        """
        request = _request(flags)
        before = len(self.simulator.calls())
        options = asdict(request.options) | {"sync_past_seasons": request.sync_past_seasons}
        done = sync(self._settings(), *request.assets, **options)
        bad = {**done.failed_checks(), **done.failures()}
        kinds = [failure.kind for failure in done.failed.values()]
        return Outcome(
            exit_status(kinds) or (SOME_FAILED if bad or done.left_out else DONE),
            "\n".join([*bad.values(), f"{done.written()} rows written"]),
            self._calls_since(before),
        )

    def _settings(self) -> Settings:
        """Of the environment, which is the command's from now on."""
        for name, value in self._environment.items():
            self._patch.setenv(name, value)
        # Set first, so that the patch takes back what the command sets.
        self._patch.setenv("DAGSTER_HOME", "")
        self._patch.delenv("DAGSTER_HOME")
        return Settings.from_environment()

    def _calls_since(self, number: int) -> Counter[str]:
        return Counter(
            call.path.removeprefix("/data/") + ("?" if call.params.get("season_year") else "")
            for call in self.simulator.calls()[number:]
        )


def _request(flags: dict[str, Any]) -> SyncRequest:
    chosen = {name: flags.pop(name, True) for name in ("sync_seasons", "sync_past_seasons")}
    return SyncRequest(**chosen, options=SyncOptions(**flags))
