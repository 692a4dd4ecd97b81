"""Clients of iracing.com, pointed at the simulator: every method whose endpoint it serves gives its answer.

In: iracingdataapi and authlib from PyPI, iracing-api from npm. Out: bodies in detail
(simulator/test_shapes.py).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from iracing_pipeline.simulator import Simulator, WorldSource
from iracing_pipeline.simulator.credentials import masked
from iracing_pipeline_tests.support.places import ROOT

INSTALLED = ROOT / ".clients"
NOW = datetime(2026, 2, 11, 12, 7, tzinfo=timezone.utc)
# Counters and signed links are others at every answer.
_MOVING = re.compile(r'"(?:reg_?user_?count|weather_?url)": [^,}]+', re.IGNORECASE)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    source = WorldSource(series=30, past_quarters=1, now=lambda: NOW)
    with Simulator(source, rate_limit=100_000, login_limit=1000) as running:
        yield running


def installed(name: str) -> Any:
    """A module that `make test-clients` installs. What the environment has comes from there."""
    sys.path.append(str(INSTALLED / "python"))
    try:
        # The process that gathers the tests' warnings knows none of the modules that they are of.
        with warnings.catch_warnings(record=True):
            return import_module(name)
    except ImportError:
        pytest.skip(f"{name.partition('.')[0]} is not installed: `make test-clients` installs it")
    finally:
        sys.path.pop()


def body(simulator: Simulator, endpoint: str, params: Mapping[str, Any]) -> Any:
    asked = {name: str(value) for name, value in params.items()}
    return json.loads(simulator.source.answer_json(endpoint, asked, NOW))


def same(one: Any, other: Any) -> bool:
    """Whether two answers are, but for what moves."""
    return _still(one) == _still(other)


def _still(answer: Any) -> str:
    return _MOVING.sub("", json.dumps(answer, sort_keys=True))


def in_scope(simulator: Simulator) -> list[tuple[str, str, dict[str, Any]]]:
    """Methods of iracingdataapi, what they ask, and with what."""
    season = simulator.source.answer("series/seasons")[0]
    quarter = {name: season[name] for name in ("season_year", "season_quarter")}
    one_series = {"series_id": season["series_id"]}
    return [
        ("constants_categories", "constants/categories", {}),
        ("constants_divisions", "constants/divisions", {}),
        ("constants_event_types", "constants/event_types", {}),
        ("get_cars", "car/get", {}),
        ("get_cars_assets", "car/assets", {}),
        ("get_carclasses", "carclass/get", {}),
        ("get_tracks", "track/get", {}),
        ("get_tracks_assets", "track/assets", {}),
        ("get_series", "series/get", {}),
        ("get_series_assets", "series/assets", {}),
        ("series_stats", "series/stats_series", {}),
        ("series_seasons", "series/seasons", {}),
        ("series_past_seasons", "series/past_seasons", one_series),
        (
            "series_season_schedule",
            "series/season_schedule",
            {"season_id": season["season_id"]},
        ),
        ("season_list", "season/list", quarter),
        ("season_race_guide", "season/race_guide", {}),
        ("season_spectator_subsessionids", "season/spectator_subsessionids", {}),
        ("season_spectator_subsessions_detail", "season/spectator_subsessionids_detail", {}),
        ("lookup_countries", "lookup/countries", {}),
        ("lookup_flairs", "lookup/flairs", {}),
        ("lookup_get", "lookup/get", {}),
        ("lookup_licenses", "lookup/licenses", {}),
        ("league_seasons", "league/seasons", {"league_id": 3}),
        ("member_info", "member/info", {}),
    ]


def test_iracingdataapi_gets_every_answer_that_is_served(simulator: Simulator) -> None:
    module = installed("iracingdataapi.client")
    with warnings.catch_warnings():
        # Of dictionaries, which are what is compared.
        warnings.simplefilter("ignore", DeprecationWarning)
        client = module.irDataClient(
            access_token=simulator.issue_tokens()["access_token"], silent=True
        )
    client.base_url = simulator.api_url
    client.session.trust_env = False
    wrong = []
    for method, endpoint, params in in_scope(simulator):
        told = getattr(client, method)(**params)
        # It names the event types in another order.
        expected = body(simulator, endpoint, params)
        if "spectator" in method:
            told, expected = (
                one | {"event_types": sorted(one["event_types"])} for one in (told, expected)
            )
        if not same(told, expected):
            wrong.append(method)
    assert wrong == []
    with pytest.raises(RuntimeError):
        client.stats_member_career()


def test_iracing_api_gets_every_answer_that_is_served(simulator: Simulator) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    if not (INSTALLED / "node_modules/iracing-api").exists():
        pytest.skip("iracing-api is not installed: `make test-clients` installs it")
    season = simulator.source.answer("series/seasons")[0]
    year, quarter = season["season_year"], season["season_quarter"]
    asked: dict[str, tuple[str, dict[str, Any] | None, dict[str, Any]]] = {
        "constants.getCategories": ("constants/categories", None, {}),
        "constants.getDivisions": ("constants/divisions", None, {}),
        "constants.getEventTypes": ("constants/event_types", None, {}),
        "car.getCars": ("car/get", None, {}),
        "car.getCarAssets": ("car/assets", None, {}),
        "carClass.getCarClasses": ("carclass/get", None, {}),
        "track.getTracks": ("track/get", None, {}),
        "track.getTrackAssets": ("track/assets", None, {}),
        "lookup.getCountries": ("lookup/countries", None, {}),
        "lookup.getLicenses": ("lookup/licenses", None, {}),
        "lookup.getLookupData": ("lookup/get", None, {}),
        "league.getLeagueSeasons": ("league/seasons", {"leagueId": 3}, {"league_id": 3}),
        "member.getMemberInfo": ("member/info", None, {}),
        "season.getSeasonList": (
            "season/list",
            {"seasonYear": year, "seasonQuarter": quarter},
            {"season_year": year, "season_quarter": quarter},
        ),
        "season.getSeasonRaceGuide": ("season/race_guide", None, {}),
        "season.getSpectatorSubsessionIdsDetail": (
            "season/spectator_subsessionids_detail",
            None,
            {},
        ),
        "series.getSeriesData": ("series/get", None, {}),
        "series.getSeriesAssets": ("series/assets", None, {}),
        "series.getSeriesStats": ("series/stats_series", None, {}),
        "series.getSeriesPastSeasons": (
            "series/past_seasons",
            {"seriesId": season["series_id"]},
            {"series_id": season["series_id"]},
        ),
        "series.getSeriesSeasons": ("series/seasons", {"includeSeries": True}, {}),
    }
    done = subprocess.run(
        [
            *(node, Path(__file__).with_name("ask_iracing_api.mjs"), INSTALLED, simulator.api_url),
            str(simulator.issue_tokens()["access_token"]),
            json.dumps([(name, argument) for name, (_, argument, _) in asked.items()]),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    gave = json.loads(done.stdout)
    # It writes keys its own way, once an answer is behind a link.
    wrong = [
        name
        for name, (endpoint, _, params) in asked.items()
        if not same(_folded(gave[name]), _folded(body(simulator, endpoint, params)))
    ]
    assert wrong == []


def _folded(value: Any) -> Any:
    # 12.0 is 12 there.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {re.sub(r"[_\- ]", "", key).lower(): _folded(one) for key, one in value.items()}
    return [_folded(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("has_secret", [True, False])
def test_authlib_logs_in_with_pkce_and_renews_its_token(
    simulator: Simulator, has_secret: bool
) -> None:
    oauth = installed("authlib.integrations.httpx_client")
    known = simulator.credentials
    secret = masked(known.client_secret, known.client_id) if has_secret else None
    client = oauth.OAuth2Client(
        known.client_id,
        secret,
        scope="iracing.auth iracing.profile",
        redirect_uri="http://127.0.0.1:8721/callback",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if has_secret else "none",
        trust_env=False,
    )
    token_url, verifier = f"{simulator.oauth_url}/token", "v" * 64
    with client:
        page, state = client.create_authorization_url(
            f"{simulator.oauth_url}/authorize", code_verifier=verifier
        )
        back = httpx.get(page, trust_env=False).headers["location"]
        token = client.fetch_token(
            token_url, authorization_response=back, state=state, code_verifier=verifier
        )
        assert token["scope"] == "iracing.auth iracing.profile"
        renewed = client.refresh_token(token_url, refresh_token=token["refresh_token"])
        assert renewed["access_token"] != token["access_token"]
        link = client.get(f"{simulator.api_url}/data/series/get").json()["link"]
        assert client.get(f"{simulator.oauth_url}/iracing/profile").json()["iracing_cust_id"]
    assert httpx.get(link, trust_env=False).json() == body(simulator, "series/get", {})
