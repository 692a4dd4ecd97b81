"""A cold history while a fifth of all answers fail on both hops, and tokens live for seconds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline_tests.chaos.bench import DATA, FILES, bench, command, tables
from iracing_pipeline_tests.chaos.promises import HISTORY
from iracing_pipeline_tests.chaos.test_faults import SEED, same_tables
from iracing_pipeline_tests.support.faulty_hop import Action, Answer, Line, body, cut, reset, say

SHARE = 0.2
TOKEN_SECONDS = 6
API: list[Action] = [
    say(500, b"{}"),
    say(502, "<html>Bad gateway</html>"),
    say(200, b""),
    reset("before"),
    cut("in the head"),
    cut("in the body"),
]
STORAGE: list[Action] = [
    say(503, b"<Error/>"),
    say(404, b"<Error/>"),
    body(lambda sent: sent[: len(sent) // 2]),
    reset("in the body"),
    cut("after the head"),
]


def one_of(actions: list[Action], dice: random.Random) -> Action:
    def action(line: Line, ask: Callable[[], Answer]) -> None:
        dice.choice(actions)(line, ask)

    return action


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.promise(5)
@pytest.mark.promise(6)
def test_a_history_of_60_series_and_12_quarters_is_complete_at_twice_the_calls(
    prepared: None,
    new_database_url: Callable[[str | None], str],
    template: str,
    tmp_path: Path,
    frozen: Callable[..., WorldSource],
) -> None:
    world = frozen(series=60, past_quarters=12, past_mode="list")
    with bench(world, new_database_url(template), tmp_path, SEED) as calm:
        ended = command(calm, *HISTORY)
        assert ended.status == 0, ended.text
        expected, calls = tables(calm), len(calm.simulator.calls())
    url = new_database_url(template)
    with bench(world, url, tmp_path, SEED, token_seconds=TOKEN_SECONDS) as rough:
        rough.api.strike(one_of(API, rough.dice), DATA, share=SHARE, times=None)
        rough.storage.strike(one_of(STORAGE, rough.dice), FILES, share=SHARE, times=None)
        # Of seven hundred seasons one or two fail five times in a row: the next sync asks for those.
        for _ in range(4):
            ended = command(rough, *HISTORY)
            if ended.status == 0:
                break
        assert ended.status == 0, ended.text
        assert rough.simulator.refreshes > 1
        asked = [passing for passing in rough.api.seen if passing.path.startswith("/data/")]
        same_tables(tables(rough), expected)
    assert len(asked) <= 2 * calls
