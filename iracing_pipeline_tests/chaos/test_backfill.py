"""A backfill of everything through the daemon, under faults of the table that the seed chooses."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline_tests.chaos.bench import Bench, bench, rows, tables
from iracing_pipeline_tests.chaos.faults import FAULTS
from iracing_pipeline_tests.chaos.promises import SEASONS, Fault
from iracing_pipeline_tests.chaos.test_faults import SEED, same_tables
from iracing_pipeline_tests.support.daemon import BackfillOutcome
from iracing_pipeline_tests.support.engine_sync import WORK
from iracing_pipeline_tests.support.forked_daemon import ForkedDaemon

BACKFILL = "iracing_pipeline_tests.support.backfill_definitions"
DONE = "COMPLETED_SUCCESS"
MANY = 18
FAMILIES = {
    *("limits", "statuses", "maintenance", "redirects", "links", "logins", "tokens", "bodies"),
    *("resets", "closed connections", "silence", "drips", "down", "forecasts"),
}
# Those that a command under the fault survives, or of which it says why it does not.
ELIGIBLE = [
    fault
    for fault in FAULTS
    if fault.family in FAMILIES
    and fault.command == SEASONS
    and fault.play is None
    and not (fault.ends.then or fault.is_second or fault.has_own_server or fault.is_kept)
    and not fault.environment
    and fault.seconds < 100
]
CHOSEN = random.Random(SEED).sample(ELIGIBLE, MANY)


@dataclass
class Orchestra:
    """A daemon whose runs read each of their variables from a file, so that it serves fault after fault."""

    daemon: ForkedDaemon
    folder: Path

    def lead_to(self, place: Bench, **more: str) -> None:
        """The next runs are about this place."""
        for name, value in {**place.variables, **place.environment, **more}.items():
            if (self.folder / name).exists():
                (self.folder / name).write_text(value)

    def backfill(self) -> BackfillOutcome:
        """Of every asset and partition, to its end."""
        backfill_id = self.daemon.request_all(*WORK)
        # A step is tried four times, a minute apart.
        return self.daemon.ended(backfill_id, "past_seasons", timeout=600)

    def said(self, outcome: BackfillOutcome) -> str:
        """All that its runs have logged."""
        logs = (self.daemon.instance.all_logs(run.run_id) for run in outcome.runs)
        return "\n".join(f"{log.message} {log.dagster_event}" for one in logs for log in one)


@pytest.fixture(scope="module")
def world(frozen: Callable[..., WorldSource]) -> WorldSource:
    return frozen(series=3, past_quarters=1, past_mode="list")


@pytest.fixture(scope="module")
def orchestra(
    prepared: None,
    world: WorldSource,
    new_database_url: Callable[[str | None], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Orchestra]:
    folder = tmp_path_factory.mktemp("variables")
    with Simulator(world) as simulator:
        variables = {
            **simulator.environment,
            "IRACING_DATABASE_URL": "postgresql://nobody@127.0.0.1/not_yet",
            "IRACING_DATA_DIR": str(folder / "data"),
        }
    for name, value in variables.items():
        (folder / name).write_text(value)
    environment = {
        **os.environ,
        **{f"{name}_FILE": str(folder / name) for name in variables},
        "DAGSTER_POSTGRES_URL": new_database_url(None),
    }
    with ForkedDaemon(folder / "home", environment, module=BACKFILL) as daemon:
        yield Orchestra(daemon, folder)


@pytest.fixture(scope="module")
def undisturbed(
    orchestra: Orchestra,
    world: WorldSource,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Any]]:
    """What a backfill leaves where nothing goes wrong."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with bench(world, new_database_url(template), folder, SEED) as place:
        orchestra.lead_to(place)
        # The keys are known from then on: the first backfill brings them, the second uses them.
        for _ in range(2):
            outcome = orchestra.backfill()
            assert outcome.status == DONE, orchestra.said(outcome)
        assert len(outcome.materialized) == 3
        return tables(place)


@pytest.mark.chaos
@pytest.mark.timeout(1500)
@pytest.mark.promise(5)
@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.id) for fault in CHOSEN])
def test_a_backfill_under_a_fault(
    fault: Fault,
    orchestra: Orchestra,
    world: WorldSource,
    undisturbed: dict[str, list[Any]],
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
) -> None:
    with bench(world, new_database_url(template), tmp_path, f"{SEED} {fault.id}") as place:
        place.command = fault.command
        fault.inject(place)
        orchestra.lead_to(place)
        outcome = orchestra.backfill()
        place.clear()
        said = orchestra.said(outcome)
        # Where a command gives up, a run of Dagster's tries its steps again, and may get through.
        if outcome.status != DONE:
            assert fault.ends.status, said
            assert fault.ends.words in said
        assert place.simulator.credentials.password not in said
        if outcome.status != DONE:
            place.environment.clear()
            orchestra.lead_to(place)
            again = orchestra.backfill()
            assert again.status == DONE, orchestra.said(again)
        same_tables(tables(place), undisturbed)
        unresolved = "SELECT item_key, reason FROM iracing.quarantine WHERE resolved_at IS NULL"
        assert rows(place, unresolved) == []
