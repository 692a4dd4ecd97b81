"""A real `dagster-daemon run` in a process of its own, and backfills through it.

In: a DAGSTER_HOME, an environment, a definitions module. Out: what became of each partition, and at
what cost. Every wait has a bound. Stays out: assertions, pytest, and the webserver.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import psutil
from dagster import AssetKey, DagsterInstance, DagsterRun, RunsFilter
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES, PartitionBackfill

REPOSITORY = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.2
STOP_SECONDS = 30.0

# What the `dagster-daemon` script does. Its two cadences, 30 s between looks for backfills and 5 s
# between looks for queued runs, are constants that no setting reaches.
DAEMON = """
import sys
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._daemon import controller
from dagster._daemon.cli import main
seconds = int(sys.argv.pop(1))
if seconds:
    controller.DEFAULT_DAEMON_INTERVAL_SECONDS = seconds
    QueuedRunCoordinator.dequeue_interval_seconds = seconds
main()
"""


class DaemonError(Exception):
    """The daemon died, or did not get there in time; with the end of its log."""


@dataclass(frozen=True)
class BackfillOutcome:
    """How a backfill ended, as the daemon keeps it."""

    status: str
    materialized: frozenset[str]
    failed: frozenset[str]
    runs: tuple[DagsterRun, ...]
    seconds: float = 0
    peak_run_mb: float = 0
    """Memory of the largest run process, as sampled: at least that much."""


class Daemon:
    """`with Daemon(home, environment) as daemon: daemon.backfill("past_seasons", keys)`."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        *,
        module: str = "iracing_pipeline.definitions",
        cadence_seconds: int = 1,
    ) -> None:
        """A home without dagster.yaml gets the project's. Cadence 0 is Dagster's own: 30 s and 5 s."""
        self.home = home
        self.module = module
        self.log = home / "daemon.log"
        self._environment = {**environment, "DAGSTER_HOME": str(home)}
        self._cadence = cadence_seconds
        self._left = ExitStack()

    def __enter__(self) -> Daemon:
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "dagster.yaml").exists():
            shutil.copy(REPOSITORY / "dagster.yaml", self.home)
        with ExitStack() as entered:
            # The storage reads its URL from the environment, once.
            with patch.dict(os.environ, self._environment):
                self.instance = entered.enter_context(DagsterInstance.from_config(str(self.home)))
            self._process = self._start()
            entered.callback(self._stop)
            self._left = entered.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()

    def backfill(
        self,
        asset: str,
        keys: Iterable[str],
        *,
        run_config: Mapping[str, Any] | None = None,
        timeout: float = 120,
    ) -> BackfillOutcome:
        """Ask for these partitions, as the UI would, and wait for the end."""
        began = time.monotonic()
        earlier = {process.pid for process in self._family()}
        peak = 0.0

        def look() -> None:
            nonlocal peak
            if self._process.poll() is not None:
                raise DaemonError(f"The daemon ended: {self._process.returncode}\n{self._tail()}")
            peak = max(peak, self._run_mb(earlier))

        backfill_id = self.request(asset, keys, run_config=run_config)
        ended = self.ended(backfill_id, asset, timeout=timeout, meanwhile=look)
        return replace(ended, seconds=time.monotonic() - began, peak_run_mb=peak)

    def request(
        self, asset: str, keys: Iterable[str], *, run_config: Mapping[str, Any] | None = None
    ) -> str:
        """Ask for these partitions and return the backfill's id at once."""
        return self._request([asset], list(keys), run_config)

    def request_all(self, *assets: str) -> str:
        """The same for several assets, with every partition of those that have some."""
        return self._request(assets, None, None)

    def _request(
        self,
        assets: Sequence[str],
        keys: Sequence[str] | None,
        run_config: Mapping[str, Any] | None,
    ) -> str:
        # The keys have to be in the instance by now. Policy and graph are read again by the daemon.
        backfill = PartitionBackfill.from_asset_partitions(
            backfill_id=uuid4().hex[:8],
            asset_graph=importlib.import_module(self.module).defs.resolve_asset_graph(),
            partition_names=keys,
            asset_selection=[AssetKey(asset) for asset in assets],
            backfill_timestamp=time.time(),
            tags={},
            dynamic_partitions_store=self.instance,
            all_partitions=keys is None,
            title=None,
            description=None,
            run_config=run_config,
        )
        self.instance.add_backfill(backfill)
        return backfill.backfill_id

    def ended(
        self,
        backfill_id: str,
        asset: str,
        *,
        timeout: float,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> BackfillOutcome:
        """How it ended, once it has; `meanwhile` is called until then."""
        limit = time.monotonic() + timeout
        while (outcome := self._outcome(backfill_id, asset)) is None:
            meanwhile()
            if time.monotonic() > limit:
                backfill = self.instance.get_backfill(backfill_id)
                raise DaemonError(f"{backfill} after {timeout} s\n{self._tail()}")
            time.sleep(POLL_SECONDS)
        return outcome

    def _outcome(self, backfill_id: str, asset: str) -> BackfillOutcome | None:
        backfill = self.instance.get_backfill(backfill_id)
        if backfill is None or backfill.status not in BULK_ACTION_TERMINAL_STATUSES:
            return None
        graph = importlib.import_module(self.module).defs.resolve_asset_graph()
        data = backfill.get_asset_backfill_data(graph)
        materialized, failed = (
            frozenset(
                entry.partition_key
                for entry in subset.iterate_asset_partitions()
                if entry.asset_key == AssetKey(asset) and entry.partition_key is not None
            )
            for subset in (data.materialized_subset, data.failed_and_downstream_subset)
        )
        runs = self.instance.get_runs(RunsFilter(tags={"dagster/backfill": backfill.backfill_id}))
        return BackfillOutcome(backfill.status.value, materialized, failed, tuple(runs))

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", DAEMON, str(self._cadence), "run", "-m", self.module],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # Its code server and runs end by themselves a moment later; or they do not.
        while (family := self._family()) and time.monotonic() < deadline:
            if self._process.returncode:
                break  # it died, and told nobody
            time.sleep(POLL_SECONDS)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(STOP_SECONDS)

    def _sessions(self) -> set[int]:
        return {self._process.pid}

    def _family(self) -> list[psutil.Process]:
        """The daemon, its code server and its runs: also after the daemon is gone."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, ProcessLookupError):
                is_ours = os.getsid(process.pid) in self._sessions()
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _run_mb(self, earlier: Container[int]) -> float:
        largest = 0.0
        for process in self._family():
            with suppress(psutil.Error):
                # A run is a child that the code server spawned through multiprocessing. Those of the
                # backfill before may still be leaving.
                is_run = any("spawn_main" in argument for argument in process.cmdline())
                if is_run and process.pid not in earlier:
                    largest = max(largest, process.memory_info().rss / 2**20)
        return largest

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])
