"""The simulated /data service and its object host keep iRacing's promises.

In: plain HTTP against a running simulator: tokens, links, limits, compression. Out: bodies,
faults (test_simulator_faults).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

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


# -- envelopes and links -------------------------------------------------------------------------


def test_an_answer_is_a_link_to_another_origin(wire: Wire) -> None:
    answer = wire.data("series/get")
    link = urlsplit(answer.json()["link"])
    query = parse_qs(link.query)
    assert set(answer.json()) == {"link", "expires"}
    assert answer.json()["expires"].endswith("Z")
    assert link.port == wire.sim.storage_port != wire.sim.port
    assert query["X-Amz-Expires"] == ["120"]
    assert query["X-Amz-Signature"][0]
    assert len(HTTP.get(answer.json()["link"]).json()) == 40


def test_the_envelope_says_when_the_object_goes_stale(wire: Wire) -> None:
    expires = datetime.fromisoformat(
        wire.data("series/get").json()["expires"].replace("Z", "+00:00")
    )
    assert 890 < (expires - datetime.now(timezone.utc)).total_seconds() <= 900


def test_constants_are_answered_at_once(wire: Wire) -> None:
    assert wire.data("constants/divisions").json() == [{"label": "ALL", "value": -1}]


def test_the_object_host_refuses_a_bearer_token(wire: Wire) -> None:
    answer = HTTP.get(wire.link("series/get"), headers=wire.bearer)
    assert answer.status_code == 400
    assert "<Code>InvalidArgument</Code>" in answer.text
    assert "Only one auth mechanism allowed" in answer.text
    assert wire.sim.requests[-1].had_authorization


def test_a_forged_link_is_refused(wire: Wire) -> None:
    link = wire.link("series/get")
    assert "SignatureDoesNotMatch" in HTTP.get(link[:-4] + "0000").text
    assert HTTP.get(link.partition("?")[0]).status_code == 403
    longer = HTTP.get(link.replace("X-Amz-Expires=120", "X-Amz-Expires=9999"))
    assert longer.status_code == 403


def test_a_link_dies_after_two_minutes_and_a_new_one_lives() -> None:
    with Simulator(TinySource()) as sim:
        wire = Wire(sim)
        link = wire.link("series/get")
        sim.wire_clock.advance(seconds=119)
        assert HTTP.get(link).status_code == 200
        sim.wire_clock.advance(seconds=2)
        answer = HTTP.get(link)
        assert answer.status_code == 403
        assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.text
        assert HTTP.get(wire.link("series/get")).status_code == 200


def test_links_inside_bodies_lead_to_the_object_host_and_differ_at_every_rebuild(
    wire: Wire,
) -> None:
    first = wire.body("series/seasons")[0]["weather_url"]
    second = wire.body("series/seasons")[0]["weather_url"]
    assert first != second
    assert first.partition("?")[0] == second.partition("?")[0]
    assert HTTP.get(first).json() == [{"time_offset": 0}]
    assert parse_qs(urlsplit(first).query)["X-Amz-Expires"] == ["604800"]


def test_the_registration_counter_moves_at_every_rebuild(wire: Wire) -> None:
    counts = {wire.body("series/seasons")[0]["reg_user_count"] for _ in range(8)}
    assert len(counts) > 1


def test_bodies_are_compressed_only_for_those_who_accept_it(wire: Wire) -> None:
    link = wire.link("series/get")
    packed = HTTP.get(link, headers={"Accept-Encoding": "gzip"})
    plain = HTTP.get(link, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


# -- tokens and errors ---------------------------------------------------------------------------


def test_without_a_token_there_is_no_data(wire: Wire) -> None:
    answer = HTTP.get(f"{wire.sim.api_url}/data/series/get")
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})
    unknown = {"Authorization": "Bearer nonsense"}
    answer = HTTP.get(f"{wire.sim.api_url}/data/series/get", headers=unknown)
    assert (answer.status_code, answer.json()["error"]) == (401, "access_denied")


def test_a_token_dies_after_ten_minutes() -> None:
    with Simulator(TinySource()) as sim:
        wire = Wire(sim)
        assert wire.data("series/get").status_code == 200
        sim.wire_clock.advance(seconds=601)
        assert wire.data("series/get").status_code == 401


def test_a_token_for_the_profile_only_opens_no_data(wire: Wire) -> None:
    token = wire.ask_token(scope="iracing.profile").json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert HTTP.get(f"{wire.sim.api_url}/data/series/get", headers=bearer).status_code == 403


def test_unknown_endpoints_and_missing_parameters_are_told_apart(wire: Wire) -> None:
    unknown = wire.data("series/nonsense")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "Not Found")
    missing = wire.data("series/past_seasons")
    assert (missing.status_code, missing.json()["error"]) == (400, "Bad Request")
    assert missing.json()["note"] == "series/past_seasons needs series_id."
    for params in ({"series_id": "abc"}, {"series_id": "1" * 5000}, {"event_types": "5,x"}):
        assert wire.data("series/past_seasons", **{"series_id": 1, **params}).status_code == 400
    for params in ({}, {"event_types": ""}, {"event_types": "2,5", "season_ids": "-1"}):
        assert wire.data("series/past_seasons", series_id=1, **params).status_code == 200


def test_the_old_login_is_gone(wire: Wire) -> None:
    assert HTTP.post(f"{wire.sim.api_url}/auth", json={}).status_code == 405
    assert HTTP.post(f"{wire.sim.api_url}/data/series/get").status_code == 405


# -- budget --------------------------------------------------------------------------------------


def test_every_data_answer_carries_the_budget(wire: Wire) -> None:
    for endpoint in ("series/get", "constants/divisions", "series/nonsense"):
        headers = wire.data(endpoint).headers
        assert headers["x-ratelimit-limit"] == "100000"
        assert int(headers["x-ratelimit-remaining"]) < 100000
        assert 0 <= int(headers["x-ratelimit-reset"]) - time.time() <= 61
    assert "x-ratelimit-limit" not in HTTP.get(wire.link("series/get")).headers


def test_beyond_the_budget_there_is_429_until_the_window_closes() -> None:
    with Simulator(TinySource(), rate_limit=3) as sim:
        wire = Wire(sim)
        link = wire.link("series/get")
        assert [wire.data("series/get").status_code for _ in range(3)] == [200, 200, 429]
        answer = wire.data("series/get")
        assert answer.text == "Rate limit exceeded"
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert HTTP.get(link).status_code == 200
        sim.wire_clock.advance(seconds=60)
        assert wire.data("series/get").status_code == 200


def test_somebody_else_can_spend_the_budget() -> None:
    with Simulator(TinySource(), rate_limit=10) as sim:
        wire = Wire(sim)
        HTTP.post(f"{sim.api_url}/_simulator/spend", json={"requests": 8})
        assert wire.data("series/get").headers["x-ratelimit-remaining"] == "1"


# -- life ----------------------------------------------------------------------------------------


def test_requests_are_recorded_with_what_budget_tests_need() -> None:
    with Simulator(TinySource()) as sim:
        wire = Wire(sim)
        wire.body("series/get")
        wire.data("series/past_seasons", series_id=3)
        assert [row.origin for row in sim.requests] == ["api", "storage", "api"]
        assert [row.had_authorization for row in sim.requests] == [True, False, True]
        assert [row.status for row in sim.calls()] == [200, 200]
        assert sim.calls("series/past_seasons")[0].params == {"series_id": "3"}


def test_a_busy_port_is_said_clearly(running: Simulator) -> None:
    with pytest.raises(SimulatorError, match=f"cannot listen on 127.0.0.1:{running.port}"):
        Simulator(TinySource(), port=running.port).start()


def test_a_stopped_simulator_frees_its_port_and_can_start_again() -> None:
    sim = Simulator(TinySource()).start()
    port = sim.port
    sim.stop()
    sim.stop()
    with Simulator(TinySource(), port=port) as again:
        assert Wire(again).data("series/get").status_code == 200
