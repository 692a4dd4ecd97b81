"""The simulated OAuth service keeps iRacing's promises about tokens.

In: plain HTTP against a running simulator. Out: the pipeline's client.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from iracing_pipeline.simulator import SimCredentials, Simulator
from iracing_pipeline.simulator.credentials import masked
from iracing_pipeline_tests.support.simulator_client import HTTP, TinySource, Wire


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(TinySource(), login_limit=1000, rate_limit=10_000) as running:
        yield running


@pytest.fixture
def wire(sim: Simulator) -> Wire:
    sim.faults.clear()
    return Wire(sim)


@pytest.mark.parametrize(
    ("secret", "identifier", "expected"),
    [
        (
            "SuperSecretPassword",
            "test.user@example.com",
            "nXmEFCdpHheD1R3XBVkm6VQavR7ZLbW7SRmzo/MfFso=",
        ),
        (
            "SuperSecretPassword",
            " Test.User@Example.COM ",
            "nXmEFCdpHheD1R3XBVkm6VQavR7ZLbW7SRmzo/MfFso=",
        ),
        ("Secret-Client-Password", "UnitTestApp", "D2GfmYK/nC8zeQPkpV2uGkk13hL0/LTQH44hiJKawCo="),
    ],
)
def test_masking_gives_the_published_values(secret: str, identifier: str, expected: str) -> None:
    assert masked(secret, identifier) == expected


def test_a_login_gives_ten_minutes_and_a_refresh_token_of_seven_days(wire: Wire) -> None:
    before = wire.sim.logins
    answer = wire.ask_token()
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["x-request-id"]
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert body["refresh_token_expires_in"] == 604800
    assert body["scope"] == "iracing.auth"
    assert wire.sim.logins == before + 1


def test_an_unmasked_client_secret_is_refused_with_a_hint(wire: Wire) -> None:
    answer = wire.ask_token(client_secret=wire.sim.credentials.client_secret)
    assert answer.status_code == 403
    assert answer.json()["error"] == "invalid_client"
    assert "masked" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"username": ""}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 403, "invalid_client"),
        ({"client_secret": "wrong"}, 403, "invalid_client"),
        ({"password": "simulated-password"}, 400, "invalid_grant"),
        ({"username": "someone@example.com"}, 400, "invalid_grant"),
        ({"scope": "iracing.nonsense"}, 400, "invalid_scope"),
    ],
)
def test_a_bad_login_gets_the_documented_error_body(
    wire: Wire, change: dict[str, str], status: int, error: str
) -> None:
    answer = wire.ask_token(**change)
    body = answer.json()
    assert (answer.status_code, body["error"], body["status"]) == (status, error, status)
    assert {"status_reason", "error_description", "error_uri"} <= body.keys()
    assert answer.headers["x-request-id"]


def test_the_username_may_be_written_in_any_case(wire: Wire) -> None:
    assert wire.ask_token(username="Driver@Example.com").status_code == 200


def test_a_json_body_is_no_token_request(wire: Wire) -> None:
    answer = HTTP.post(f"{wire.sim.oauth_url}/token", json={"grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_refresh_token_works_once_and_is_replaced(wire: Wire) -> None:
    first = wire.ask_token().json()
    second = wire.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = wire.refresh(first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert wire.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_is_not_a_login(wire: Wire) -> None:
    token = wire.ask_token().json()["refresh_token"]
    before = (wire.sim.logins, wire.sim.refreshes)
    wire.refresh(token)
    assert (wire.sim.logins, wire.sim.refreshes) == (before[0], before[1] + 1)


def test_a_public_client_refreshes_without_a_secret(wire: Wire) -> None:
    token = str(wire.sim.issue_tokens()["refresh_token"])
    data = {
        "grant_type": "refresh_token",
        "client_id": wire.sim.credentials.client_id,
        "refresh_token": token,
    }
    assert HTTP.post(f"{wire.sim.oauth_url}/token", data=data).status_code == 200


def test_the_thirteenth_login_of_an_hour_must_wait() -> None:
    with Simulator(TinySource()) as sim:
        wire = Wire(sim)
        assert [wire.ask_token().status_code for _ in range(12)] == [200] * 12
        answer = wire.ask_token()
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
        assert 0 < int(answer.headers["retry-after"]) <= 3600
        # A refresh is still possible, and so is a login once the hour is over.
        assert wire.refresh(str(sim.issue_tokens()["refresh_token"])).status_code == 200
        sim.wire_clock.advance(seconds=3601)
        assert wire.ask_token().status_code == 200


@pytest.mark.parametrize("method", ["plain", "S256"])
def test_the_authorization_code_flow_works_with_pkce(wire: Wire, method: str) -> None:
    verifier = "v" * 50
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    challenge = verifier if method == "plain" else digest.decode().rstrip("=")
    query = {
        "client_id": wire.sim.credentials.client_id,
        "redirect_uri": "http://localhost/callback",
        "response_type": "code",
        "code_challenge": challenge,
        "code_challenge_method": method,
        "state": "xyz",
        "scope": "iracing.auth iracing.profile",
    }
    answer = HTTP.get(f"{wire.sim.oauth_url}/authorize", params=query)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, back["state"]) == (302, ["xyz"])
    form = {
        "grant_type": "authorization_code",
        "client_id": query["client_id"],
        "redirect_uri": query["redirect_uri"],
        "code": back["code"][0],
        "code_verifier": verifier,
    }
    token = HTTP.post(f"{wire.sim.oauth_url}/token", data=form)
    assert token.status_code == 200
    assert HTTP.post(f"{wire.sim.oauth_url}/token", data=form).status_code == 400
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    profile = HTTP.get(f"{wire.sim.oauth_url}/iracing/profile", headers=bearer)
    assert profile.json()["iracing_cust_id"] == 100001


def test_oauth_faults_strike_as_often_as_they_are_told(wire: Wire) -> None:
    wire.sim.faults.add("oauth_error", error="temporarily_unavailable", times=1)
    assert wire.ask_token().status_code == 503
    wire.sim.faults.add("oauth_error", error="unauthorized_client", retry_after=7, times=1)
    assert wire.ask_token().headers["retry-after"] == "7"
    wire.sim.faults.add("oauth_html", times=1)
    assert "text/html" in wire.ask_token().headers["content-type"]
    assert wire.ask_token().status_code == 200


def test_own_credentials_are_accepted_and_the_rest_is_default() -> None:
    known = SimCredentials.from_environment(
        {"IRACING_USERNAME": "me@example.org", "IRACING_PASSWORD": "pass word"}
    )
    assert known.client_id == SimCredentials().client_id
    with Simulator(TinySource(), credentials=known) as sim:
        assert sim.environment["IRACING_USERNAME"] == "me@example.org"
        assert Wire(sim).ask_token().status_code == 200


def test_no_secret_is_recorded(wire: Wire) -> None:
    wire.ask_token()
    last = wire.sim.requests[-1]
    assert (last.origin, last.params) == ("oauth", {"grant_type": "password_limited"})
