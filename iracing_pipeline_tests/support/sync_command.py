"""`sync` as the command line runs it, in this process: real Dagster runs, storage in the test's database.

In: a simulator's environment, flags. Out: Outcome: exit status, what was printed, calls made.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance
from rich.console import Console

from iracing_pipeline.commands.sync import SyncRequest, run_sync
from iracing_pipeline.core.options import SyncOptions
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator


@dataclass(frozen=True)
class Outcome:
    """What one command came to."""

    status: int
    text: str
    calls: Counter[str]
    """Requests to /data by endpoint."""

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
        for name, value in self._environment.items():
            self._patch.setenv(name, value)
        # Set first, so that the patch takes back what the command sets.
        self._patch.setenv("DAGSTER_HOME", "")
        self._patch.delenv("DAGSTER_HOME")
        chosen = {name: flags.pop(name, True) for name in ("sync_seasons", "sync_past_seasons")}
        request = SyncRequest(**chosen, options=SyncOptions(**flags))
        output = io.StringIO()
        before = len(self.simulator.calls())
        status = run_sync(
            Settings.from_environment(),
            request,
            Console(file=output, width=200),
            instance=None if kept else DagsterInstance.ephemeral(),
        )
        made = [
            call.path.removeprefix("/data/") + ("?" if call.params.get("season_year") else "")
            for call in self.simulator.calls()[before:]
        ]
        return Outcome(status, output.getvalue(), Counter(made))
