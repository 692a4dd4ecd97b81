"""Every fault that can be switched on looks on the wire as documented, and as often as told.

In: plain HTTP against a running simulator. Out: the remote control (test_simulator_control), the
OAuth service's faults (test_simulator_oauth).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from iracing_pipeline.simulator import Simulator, SimulatorError
from iracing_pipeline_tests.support.simulator_client import HTTP, TinySource, Wire


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(TinySource(), rate_limit=100_000) as sim:
        yield sim


@pytest.fixture
def wire(running: Simulator) -> Wire:
    running.faults.clear()
    return Wire(running)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_every_status_comes_with_its_documented_body(wire: Wire, status: int) -> None:
    wire.sim.faults.add("status", "series/get", status=status, times=1)
    answer = wire.data("series/get")
    assert answer.status_code == status
    if status in (502, 504):
        assert "text/html" in answer.headers["content-type"]
    elif status == 429:
        assert answer.text == "Rate limit exceeded"
    else:
        assert answer.json()["error"]
    assert wire.data("series/get").status_code == 200


def test_maintenance_has_two_json_shapes_and_a_page(wire: Wire) -> None:
    wire.sim.faults.add("maintenance", times=1)
    assert wire.data("series/get").json()["error"] == "Site Maintenance"
    wire.sim.faults.add("maintenance", shape="old", times=1)
    assert wire.data("series/get").json()["errorCode"] == "Site Maintenance"
    wire.sim.faults.add("maintenance", shape="html", times=1)
    answer = wire.data("series/get")
    assert (answer.status_code, answer.text[:9]) == (503, "<!DOCTYPE")


def test_a_200_may_hold_the_rate_limit_text_or_nothing(wire: Wire) -> None:
    wire.sim.faults.add("rate_limit_text", times=1)
    answer = wire.data("series/get")
    assert (answer.status_code, answer.text) == (200, "Rate limit exceeded")
    wire.sim.faults.add("empty", times=1)
    answer = wire.data("series/get")
    assert (answer.status_code, answer.content) == (200, b"")


def test_storage_faults_strike_the_object_not_the_envelope(wire: Wire) -> None:
    link = wire.link("series/get")
    whole = HTTP.get(link).content
    wire.sim.faults.add("storage_truncated", "series/get", times=1)
    assert HTTP.get(link).content == whole[: len(whole) // 2]
    wire.sim.faults.add("storage_empty", "series/get", times=1)
    assert HTTP.get(link).content == b""
    wire.sim.faults.add("storage_status", "series/get", status=503, times=1)
    assert "<Code>SlowDown</Code>" in HTTP.get(link).text
    wire.sim.faults.add("storage_malformed", "series/get", times=1)
    with pytest.raises(ValueError, match="Expecting value"):
        HTTP.get(link).json()
    wire.sim.faults.add("storage_cut", "series/get", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        HTTP.get(link)
    assert HTTP.get(link).content == whole


def test_an_expired_link_can_be_handed_out(wire: Wire) -> None:
    wire.sim.faults.add("expired_link", "series/get", times=1)
    assert "Request has expired" in HTTP.get(wire.link("series/get")).text
    assert HTTP.get(wire.link("series/get")).status_code == 200


def test_a_slow_answer_takes_its_time(wire: Wire) -> None:
    wire.sim.faults.add("slow", "series/get", seconds=0.3, times=1)
    began = time.monotonic()
    wire.data("series/get")
    assert time.monotonic() - began >= 0.3


def test_revoked_tokens_stay_dead_until_the_next_login(wire: Wire) -> None:
    wire.data("series/get")
    wire.sim.faults.add("revoke", times=1)
    assert wire.data("series/get").status_code == 401
    assert wire.data("series/get").status_code == 401
    assert Wire(wire.sim).data("series/get").status_code == 200


def test_a_fault_strikes_only_its_endpoint_and_parameters(wire: Wire) -> None:
    wire.sim.faults.add("status", "series/past_seasons", params={"series_id": "7"}, status=500)
    assert wire.data("series/past_seasons", series_id=1).status_code == 200
    assert wire.data("series/past_seasons", series_id=7).status_code == 500
    assert wire.data("series/past_seasons", series_id=7).status_code == 500
    assert wire.data("series/get").status_code == 200


def test_a_fault_can_wait_for_its_turn(wire: Wire) -> None:
    wire.sim.faults.add("status", "series/*", status=500, after=2, times=1)
    assert [wire.data("series/get").status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_body_can_be_replaced_or_transformed(wire: Wire) -> None:
    wire.sim.faults.add("body", "series/get", body=[], times=1)
    assert wire.body("series/get") == []
    wire.sim.faults.transform = lambda endpoint, params, body: body[:3]
    assert len(wire.body("series/get")) == 3
    wire.sim.faults.clear()
    assert len(wire.body("series/get")) == 40


def test_keys_can_come_in_another_order(wire: Wire) -> None:
    wire.sim.faults.add("shuffle_keys", "series/get")
    bodies = [wire.body("series/get") for _ in range(3)]
    assert bodies[0] == bodies[1]
    assert len({tuple(row) for body in bodies for row in body}) == 2


def test_an_unknown_fault_is_refused(wire: Wire) -> None:
    with pytest.raises(SimulatorError, match="no fault of kind 'meteor'"):
        wire.sim.faults.add("meteor")
    with pytest.raises(SimulatorError, match="unexpected keyword"):
        wire.sim.faults.add("status", sttus=500)


def test_faults_queue_up_in_the_order_in_which_they_were_added(wire: Wire) -> None:
    wire.sim.faults.add("status", status=503, times=1)
    wire.sim.faults.add("status", status=429, times=1)
    wire.sim.faults.add("slow", seconds=0.05, times=1)
    assert [wire.data("series/get").status_code for _ in range(3)] == [503, 429, 200]


def test_a_mistake_in_a_transform_is_a_500_that_is_logged_and_a_connection_cut_on_purpose_is_not(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.sim.faults.add("storage_cut", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        wire.body("series/get")
    wire.sim.faults.transform = lambda endpoint, params, body: body["no such key"]
    assert wire.data("series/get").status_code == 500
    # The answer goes out before the server logs why.
    deadline = time.monotonic() + 10
    while "TypeError" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "TypeError" in caplog.text
    assert "ConnectionCut" not in caplog.text
