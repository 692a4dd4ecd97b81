"""The client over a real socket: the four kinds of body, retries, bounds, and what stays secret."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timezone
from typing import Any

import pytest

from iracing_pipeline.api.client import IracingClient
from iracing_pipeline.api.errors import (
    ApiError,
    BodyTooLargeError,
    LimitedError,
    LinkRefusedError,
    MaintenanceError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.core.response import ApiCall
from iracing_pipeline_tests.support.scripted_api import (
    SIGNATURE,
    Say,
    ScriptedApi,
    Seen,
    free_port,
    oauth_error,
)
from iracing_pipeline_tests.support.token_stores import InMemoryTokenStore

QUICK = Limits(
    attempts=3,
    total_seconds=6,
    connect_timeout=1,
    read_timeout=1,
    slow_read_timeout=1,
    backoff_seconds=0.01,
    breaker_seconds=0,
)
ROWS = [{"series_id": 1, "weather_url": f"https://storage.invalid/w.json?{SIGNATURE}"}]
MAINTENANCE = {
    "error": "Site Maintenance",
    "note": "The site is currently undergoing maintenance. Please try your request later.",
}


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi() as scripted:
        scripted.serve("series/get", ROWS)
        yield scripted


@pytest.fixture
def calls() -> list[ApiCall]:
    return []


class Make:
    """Builds clients of the scripted API and closes them."""

    def __init__(self, api: ScriptedApi, calls: list[ApiCall]) -> None:
        self._settings: dict[str, Any] = {
            "api_url": api.api_url,
            "oauth_url": api.oauth_url,
            "credentials": api.account,
            "tokens": InMemoryTokenStore(),
            "on_call": calls.append,
            "limits": QUICK,
        }
        self.made: list[IracingClient] = []

    def __call__(self, **changes: Any) -> IracingClient:
        self.made.append(IracingClient(**{**self._settings, **changes}))
        return self.made[-1]


@pytest.fixture
def make(api: ScriptedApi, calls: list[ApiCall]) -> Iterator[Make]:
    factory = Make(api, calls)
    yield factory
    for one in factory.made:
        one.close()


def kind_of(client: IracingClient, endpoint: str = "series/get") -> ApiError:
    with pytest.raises(ApiError) as caught:
        client.get(endpoint)
    return caught.value


# What an answer looks like


def test_a_linked_body_comes_with_what_it_cost(make: Make, calls: list[ApiCall]) -> None:
    answer = make().get("series/get", {"flag": True, "number": 3, "text": "a,b"})
    assert answer.body == ROWS
    assert answer.params == {"flag": "true", "number": "3", "text": "a,b"}
    assert answer.fetched_at.tzinfo is timezone.utc
    (call,) = calls
    assert (call.status, call.error, call.endpoint) == (200, None, "series/get")
    assert call.bytes == answer.bytes > 50
    assert SIGNATURE not in repr(answer) + repr(call)


def test_parameters_and_headers_arrive_as_meant(api: ScriptedApi, make: Make) -> None:
    make().get("series/get", {"flag": False, "numbers": "2,3"})
    (request,) = api.requests("api")
    assert request.query == {"flag": "false", "numbers": "2,3"}
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("iracing-pipeline/")


def test_direct_answers_are_taken_as_they_are(api: ScriptedApi, make: Make) -> None:
    api.on("api", "/data/constants/categories", Say(body=[{"label": "Oval", "value": 1}]))
    api.on("api", "/data/doc", Say(body={"car": {"get": {}}}))
    assert make().get("constants/categories").body == [{"label": "Oval", "value": 1}]
    assert make().get("doc").body == {"car": {"get": {}}}


def test_a_data_url_answer_gains_its_rows(api: ScriptedApi, make: Make) -> None:
    url = f"{api.storage_url}/awards?{SIGNATURE}"
    api.on("api", "/data/member/awards", Say(body={"type": "t", "data": {"n": 2}, "data_url": url}))
    api.on("storage", "/awards", Say(body=[1, 2]))
    assert make().get("member/awards").body == {"type": "t", "data": {"n": 2}, "rows": [1, 2]}


@pytest.mark.parametrize("is_under_data", [True, False])
def test_chunks_are_joined_where_chunk_info_stands(
    api: ScriptedApi, make: Make, is_under_data: bool
) -> None:
    info = {
        "chunk_size": 2,
        "num_chunks": 2,
        "rows": 3,
        "base_download_url": f"{api.storage_url}/chunks/",
        "chunk_file_names": [f"a.json?{SIGNATURE}", f"b.json?{SIGNATURE}"],
    }
    holder = {"success": True, "chunk_info": info}
    api.serve("results/x", {"type": "t", "data": holder} if is_under_data else holder)
    api.on("storage", "/chunks/a.json", Say(body=[1, 2]))
    api.on("storage", "/chunks/b.json", Say(503), Say(body=[3], is_gzipped=True))
    body = make().get("results/x").body
    found = body["data"] if is_under_data else body
    assert found["rows"] == [1, 2, 3]
    assert found["chunk_info"] == {"chunk_size": 2, "num_chunks": 2, "rows": 3}


def test_a_null_chunk_info_is_no_rows(api: ScriptedApi, make: Make) -> None:
    api.serve("results/x", {"data": {"success": True, "chunk_info": None}})
    assert make().get("results/x").body == {
        "data": {"success": True, "chunk_info": None, "rows": []}
    }


def test_gzip_is_understood_on_both_hosts(api: ScriptedApi, make: Make) -> None:
    api.serve("series/get", ROWS, is_gzipped=True)
    assert make().get("series/get").body == ROWS


def test_season_schedule_asks_for_the_weeks_of_one_season(api: ScriptedApi, make: Make) -> None:
    api.serve("series/season_schedule", {"schedules": []})
    assert make().season_schedule(4508).body == {"schedules": []}
    (request,) = api.requests("api")
    assert (request.path, request.query) == ("/data/series/season_schedule", {"season_id": "4508"})


@pytest.mark.parametrize("endpoint", ["", "/series/get", "../token", "series/get?x=1", "//h/x"])
def test_an_endpoint_cannot_leave_data(make: Make, endpoint: str) -> None:
    with pytest.raises(ValueError, match="not an endpoint"):
        make().get(endpoint)


# Where the token goes


def test_the_bearer_never_reaches_the_storage_host(api: ScriptedApi, make: Make) -> None:
    make().get("series/get")
    (fetched,) = api.requests("storage")
    assert set(fetched.headers) <= {"host", "accept-encoding", "user-agent"}
    assert "authorization" in api.requests("api")[0].headers


def test_no_cookie_that_a_service_sets_comes_back(api: ScriptedApi, make: Make) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/"}
    file = f"{api.storage_url}/files/weather.json?{SIGNATURE}"
    api.on(
        "storage",
        "/files/weather.json",
        Say(302, headers={"Location": f"/files/moved.json?{SIGNATURE}", **cookie}),
    )
    api.on("storage", "/files/moved.json", Say(body=[], headers=cookie))
    api.on("api", "/data/series/get", Say(body=[], headers=cookie))
    client = make()
    for _ in range(2):
        assert client.get("series/get").body == []
        assert client.signed_file(file) == []
    assert len(api.seen) >= 6
    assert not any("cookie" in seen.headers for seen in api.seen)


def test_a_link_on_the_apis_own_origin_gets_no_token_either(api: ScriptedApi, make: Make) -> None:
    api.on("api", "/data/series/get", Say(body={"link": f"{api.api_url}/files/x?{SIGNATURE}"}))
    api.on("api", "/files/x", Say(body=ROWS))
    assert make().get("series/get").body == ROWS
    assert "authorization" not in api.requests("api")[-1].headers


def test_a_redirect_of_the_api_is_refused_and_not_followed(api: ScriptedApi, make: Make) -> None:
    there = f"{api.storage_url}/data/series/get?{SIGNATURE}"
    api.on("api", "/data/series/get", Say(302, headers={"Location": there}))
    error = kind_of(make())
    assert type(error) is PermanentError
    assert "IRACING_API_URL" in str(error)
    assert not api.requests("storage")


def test_the_storage_host_may_redirect(api: ScriptedApi, make: Make) -> None:
    api.on("storage", "/files/series/get.json", Say(307, headers={"Location": "/elsewhere"}))
    api.on("storage", "/elsewhere", Say(body=ROWS))
    assert make().get("series/get").body == ROWS


@pytest.mark.promise(8)
@pytest.mark.parametrize(
    "way", ["link", "data_url", "chunks", "redirect", "file", "file's redirect"]
)
def test_no_link_makes_this_machine_read_its_own_services(
    api: ScriptedApi, make: Make, way: str
) -> None:
    inside = "http://127.0.0.2:" + api.storage_url.rpartition(":")[2]
    path = "/latest/meta-data"
    moved = Say(302, headers={"Location": f"{inside}{path}"})
    chunks = {"base_download_url": f"{inside}/", "chunk_file_names": [path[1:]], "rows": 1}
    answers = {
        "link": Say(body={"link": f"{inside}{path}?{SIGNATURE}"}),
        "data_url": Say(body={"type": "x", "data_url": f"{inside}{path}"}),
        "chunks": Say(body={"chunk_info": chunks}),
    }
    api.on("storage", path, Say(body=[{"AccessKeyId": "ASIAEXAMPLE"}]))
    client = make()
    client.get("series/get")
    asked = len(api.requests("storage"))
    if way in answers:
        api.on("api", "/data/series/get", answers[way])
    if way == "redirect":
        api.on("storage", "/files/series/get.json", moved)
    if way.startswith("file"):
        api.on("storage", "/w.json", moved)
        where = f"{api.storage_url}/w.json" if "redirect" in way else f"{inside}{path}"
        with pytest.raises(LinkRefusedError) as caught:
            client.signed_file(f"{where}?{SIGNATURE}")
        error: ApiError = caught.value
    else:
        error = kind_of(client)
    assert isinstance(error, LinkRefusedError)
    assert "127.0.0.2" in str(error)
    assert SIGNATURE not in str(error)
    assert path not in [seen.path for seen in api.requests("storage")]
    assert len(api.requests("storage")) - asked == ("redirect" in way)


# What is retried


@pytest.mark.parametrize(
    "broken",
    [
        Say(502, "<html>"),
        Say(204),
        Say(206, '{"li'),
        Say(504, "<!DOCTYPE HTML>..."),
        Say(500, {"error": "server"}),
        Say(503, {"error": "Service Unavailable"}),
        Say(200, b""),
        Say(200, "<html>hello</html>"),
        Say(200, "null"),
        Say(200, {"link": "ftp://x/y"}),
        Say(200, {"link": "https://[::1/x"}),
        Say(200, {"link": "https://x/\r\nHost: y"}),
        Say(200, {"link": "https://x/\x00"}),
        Say(200, {"link": "https:///y"}),
        Say(200, {"link": "https://x:99999/y"}),
        Say(200, '{"link": "https://x/\\ud800"}'),
        Say(200, {"chunk_info": {"chunk_file_names": 3}}),
        Say(200, {"chunk_info": {"chunk_file_names": ["x"], "base_download_url": "http://[::"}}),
        Say(200, {"link": "https://x/y", "expires": "z"}, cut_at=10),
        Say(drop=True),
        Say(body=ROWS, headers={"Content-Encoding": "gzip"}),
    ],
)
def test_trouble_that_passes_is_not_noticed_but_recorded(
    api: ScriptedApi, make: Make, calls: list[ApiCall], broken: Say
) -> None:
    api.on("api", "/data/series/get", broken, api.link("/files/series/get.json"))
    assert make().get("series/get").body == ROWS
    assert [call.error is None for call in calls] == [False, True]
    assert (calls[0].error or "").startswith("transient: ")


@pytest.mark.parametrize(
    "broken",
    [
        Say(500),
        Say(503, "<Error><Code>SlowDown</Code></Error>"),
        Say(body=ROWS, cut_at=20),
        Say(body='[{"series_id": 1'),
        Say(body=b""),
        Say(body="<html>"),
        Say(drop=True),
        Say(body=ROWS, delay=1.5),
    ],
)
def test_a_broken_body_is_fetched_again_by_the_same_link(
    api: ScriptedApi, make: Make, broken: Say
) -> None:
    api.on("storage", "/files/series/get.json", broken, Say(body=ROWS))
    assert make().get("series/get").body == ROWS
    assert len(api.requests("api")) == 1
    assert len(api.requests("storage")) == 2


def test_a_link_that_stays_broken_is_replaced_by_a_new_one(
    api: ScriptedApi, make: Make, calls: list[ApiCall]
) -> None:
    api.on("storage", "/files/series/get.json", Say(500), Say(500), Say(body=ROWS))
    assert make().get("series/get").body == ROWS
    assert [call.status for call in calls] == [200, 200]
    assert [call.error is None for call in calls] == [False, True]


def test_an_expired_link_is_replaced_at_once(api: ScriptedApi, make: Make) -> None:
    expired = Say(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>")
    api.on("storage", "/files/series/get.json", expired, Say(body=ROWS))
    started = time.monotonic()
    assert make(limits=Limits(backoff_seconds=5)).get("series/get").body == ROWS
    assert time.monotonic() - started < 2
    assert (len(api.requests("api")), len(api.requests("storage"))) == (2, 2)


def test_links_that_are_always_expired_end_in_a_transient_error(
    api: ScriptedApi, make: Make
) -> None:
    api.on("storage", "/files/series/get.json", Say(403, "<Error/>"))
    error = kind_of(make())
    assert isinstance(error, TransientError)
    assert "after 3 attempts" in str(error)
    assert len(api.requests("storage")) == 3


@pytest.mark.parametrize(
    "refusal",
    [
        Say(429, "Rate limit exceeded"),
        Say(200, "Rate limit exceeded"),
        Say(200, ' "Rate limit exceeded"\r\n'),
        Say(200, '"Rate Limit Exceeded."'),
        Say(503, "Rate limit exceeded"),
        Say(429, b""),
    ],
)
def test_the_rate_limit_is_waited_for_however_it_is_told(
    api: ScriptedApi, make: Make, refusal: Say
) -> None:
    def limited(seen: Seen) -> Say:
        reset = str(int(time.time()) + 1)
        told = {"x-ratelimit-limit": "240", "x-ratelimit-remaining": "0"}
        return Say(refusal.status, refusal.body, {**told, "x-ratelimit-reset": reset})

    api.on("api", "/data/series/get", limited, api.link("/files/series/get.json"))
    client = make()
    started = time.time()
    assert client.get("series/get").body == ROWS
    assert time.time() >= int(started) + 1
    assert time.time() - started < 3.5
    assert client.budget.low_water == 0


@pytest.mark.parametrize(
    "refusal", [Say(429, "Rate limit exceeded"), Say(200, "Rate limit exceeded")]
)
def test_a_rate_limit_of_a_minute_is_waited_out_though_nobody_says_when_it_ends(
    api: ScriptedApi, make: Make, refusal: Say
) -> None:
    passed = [0.0]

    def limited(seen: Seen) -> Say:
        return refusal if passed[0] < 60 else api.link("/files/series/get.json")(seen)

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    api.on("api", "/data/series/get", limited)
    client = make(sleep=sleep, monotonic=lambda: passed[0], limits=Limits())
    assert client.get("series/get").body == ROWS
    # Asked now and then: each pause is longer than the one before.
    assert len(api.requests("api")) <= 8


def test_a_rate_limit_without_a_reset_waits_as_retry_after_says(
    api: ScriptedApi, make: Make
) -> None:
    refused = Say(429, "Rate limit exceeded", {"Retry-After": "1"})
    api.on("api", "/data/series/get", refused, api.link("/files/series/get.json"))
    started = time.monotonic()
    assert make().get("series/get").body == ROWS
    assert 0.9 < time.monotonic() - started < 2.5


@pytest.mark.parametrize("seconds", [60, 600])
def test_a_rate_limit_beyond_the_time_limit_says_when_to_try_again(
    api: ScriptedApi, make: Make, seconds: int
) -> None:
    refused = Say(429, "Rate limit exceeded", {"Retry-After": str(seconds)})
    api.on("api", "/data/series/get", refused)
    started = time.monotonic()
    error = kind_of(make())
    assert isinstance(error, TransientError)
    assert "Try again after" in str(error)
    assert error.retry_after == pytest.approx(seconds, abs=2)
    assert time.monotonic() - started < 2
    assert len(api.requests("api")) == 1


def test_retries_end_with_the_attempts_and_say_so(
    api: ScriptedApi, make: Make, calls: list[ApiCall]
) -> None:
    api.on("api", "/data/series/get", Say(502, "<html>"))
    error = kind_of(make())
    assert type(error) is TransientError
    assert "series/get" in str(error)
    assert "502" in str(error)
    assert "after 3 attempts" in str(error)
    assert [call.status for call in calls] == [502] * 3


def test_retries_end_with_the_time_too(api: ScriptedApi, make: Make) -> None:
    api.on("api", "/data/series/get", Say(502, "<html>", delay=0.3))
    started = time.monotonic()
    kind_of(make(limits=Limits(attempts=50, total_seconds=1, backoff_seconds=0.01)))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("trickles", ["head", "body"])
@pytest.mark.parametrize("origin", ["api", "storage"])
def test_an_answer_that_trickles_ends_with_the_time_limit(
    api: ScriptedApi, make: Make, origin: str, trickles: str
) -> None:
    path = "/data/series/get" if origin == "api" else "/files/series/get.json"
    api.on(origin, path, Say(body=ROWS, trickles=trickles, is_gzipped=True))
    started = time.monotonic()
    error = kind_of(make(limits=Limits(total_seconds=1)))
    assert isinstance(error, TransientError)
    assert 0.9 < time.monotonic() - started < 1.5


def test_a_connection_kept_open_obeys_the_next_call_s_deadline(
    api: ScriptedApi, make: Make
) -> None:
    client = make(limits=Limits(total_seconds=1))
    for _ in range(3):
        assert client.get("series/get").body == ROWS
        time.sleep(0.5)


@pytest.mark.parametrize("value", ["99999999999999", "-1", "2147483648", "9" * 5000, "soon"])
def test_an_absurd_number_of_requests_left_is_not_recorded(
    api: ScriptedApi, make: Make, calls: list[ApiCall], value: str
) -> None:
    path = "/files/series/get.json"
    api.on("api", "/data/series/get", api.link(path, **{"x-ratelimit-remaining": value}))
    assert make().get("series/get").body == ROWS
    assert calls[0].ratelimit_remaining is None


def test_words_that_cannot_be_written_down_are_made_sayable(
    api: ScriptedApi, make: Make, calls: list[ApiCall]
) -> None:
    api.on("api", "/data/series/get", Say(400, '{"message": "a\\ud800b\\u0000c"}'))
    told = str(kind_of(make())) + str(calls[0].error)
    told.encode()
    assert "\0" not in told


# What is not retried


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410])
def test_a_4xx_is_permanent_and_names_the_item(
    api: ScriptedApi, make: Make, calls: list[ApiCall], status: int
) -> None:
    api.on("api", "/data/series/past_seasons", Say(status, {"error": "Sorry", "note": "no 139"}))
    with pytest.raises(PermanentError) as caught:
        make().get("series/past_seasons", {"series_id": 139})
    assert caught.value.status == status
    assert str(caught.value).startswith("series/past_seasons (series_id=139): HTTP ")
    assert "no 139" in str(caught.value)
    assert (caught.value.endpoint, caught.value.params) == (
        "series/past_seasons",
        {"series_id": "139"},
    )
    assert [call.status for call in calls] == [status]


@pytest.mark.parametrize(
    "body",
    [
        MAINTENANCE,
        {"error": "Site Maintenance"},
        {"error": "site maintenance"},
        {"httpCode": 503, "errorCode": "Site Maintenance", "errorDesc": "Down until noon"},
        {"error": "Unavailable", "note": "Scheduled maintenance"},
        {"httpCode": 503, "errorCode": "Site Maintenance", "errorDesc": "..."},
        "<html><head><title>Site\nMAINTENANCE</title></head>",
    ],
)
def test_maintenance_is_recognised_and_never_retried(
    api: ScriptedApi, make: Make, body: object
) -> None:
    api.on("api", "/data/series/get", Say(503, body))
    error = kind_of(make())
    assert isinstance(error, MaintenanceError)
    assert error.note
    assert "()" not in str(error)
    assert len(api.requests("api")) == 1


@pytest.mark.parametrize("answer", [Say(503, MAINTENANCE), None])
def test_after_maintenance_or_silence_further_calls_fail_at_once(
    api: ScriptedApi, make: Make, answer: Say | None
) -> None:
    now = [0.0]
    where = api.api_url if answer else f"http://127.0.0.1:{free_port()}"
    client = make(
        api_url=where,
        limits=Limits(backoff_seconds=0.01, breaker_seconds=30),
        monotonic=lambda: now[0] + time.monotonic(),
    )
    if answer:
        api.on("api", "/data/series/get", answer)
    first = kind_of(client)
    assert isinstance(first, MaintenanceError if answer else UnreachableError)
    asked = len(api.seen)
    second = kind_of(client, "track/get")
    assert type(second) is type(first)
    assert second.endpoint == "track/get"
    assert len(api.seen) == asked
    now[0] += 31
    api.serve("track/get", [])
    if answer:
        assert client.get("track/get").body == []


@pytest.mark.parametrize("used_up", ["requests", "logins"])
@pytest.mark.parametrize("pause", [60, 600])
def test_what_is_used_up_is_found_out_once(
    api: ScriptedApi, make: Make, used_up: str, pause: int
) -> None:
    now = [0.0]
    if used_up == "requests":
        refused = Say(429, "Rate limit exceeded", {"Retry-After": str(pause)})
        api.on("api", "/data/series/get", refused)
    else:
        refusal = oauth_error(400, "unauthorized_client", Retry_After=str(pause))
        api.on("oauth", "/token", refusal)
    client = make(
        limits=replace(QUICK, breaker_seconds=30), monotonic=lambda: now[0] + time.monotonic()
    )
    first = kind_of(client)
    assert isinstance(first, LimitedError)
    asked = len(api.seen)
    now[0] += pause - 20
    for endpoint in ("track/get", "car/get", "series/seasons"):
        error = kind_of(client, endpoint)
        assert isinstance(error, LimitedError)
        assert error.endpoint == endpoint
        assert "not asked again" in str(error)
    assert len(api.seen) == asked


@pytest.mark.parametrize("origin", ["api", "storage"])
@pytest.mark.parametrize("trickles", ["head", "body"])
def test_an_answer_that_never_ends_is_found_out_once(
    api: ScriptedApi, make: Make, origin: str, trickles: str
) -> None:
    path = "/data/series/get" if origin == "api" else "/files/series/get.json"
    api.on(origin, path, Say(body=ROWS * 99, trickles=trickles))
    client = make(limits=replace(QUICK, total_seconds=0.5, breaker_seconds=30))
    assert isinstance(kind_of(client), UnreachableError)
    asked = len(api.seen)
    assert isinstance(kind_of(client, "track/get"), UnreachableError)
    assert len(api.seen) == asked


@pytest.mark.parametrize("who", ["api", "storage", "oauth"])
def test_a_long_pause_is_waited_out_by_one_call_and_not_by_each(
    api: ScriptedApi, make: Make, who: str
) -> None:
    waited: list[float] = []
    path = {"api": "/data/series/get", "storage": "/files/series/get.json", "oauth": "/token"}[who]
    api.serve("track/get", ROWS)
    pause = Say(503, {"error": "busy"}, {"Retry-After": "40"})
    api.on(who, path, pause)

    client = make(
        limits=replace(QUICK, total_seconds=90, breaker_seconds=30),
        sleep=waited.append,
        monotonic=lambda: sum(waited) + time.monotonic(),
    )
    assert isinstance(kind_of(client), TransientError)
    assert 30 < sum(waited) < 90
    so_far = sum(waited)
    for _ in range(3):
        assert isinstance(kind_of(client), TransientError)
    assert sum(waited) - so_far < 1
    # Whoever is well is asked all the same, and a success ends it.
    if who != "oauth":
        assert client.get("track/get").body == ROWS
        well = Say(body=ROWS) if who == "storage" else api.link("/files/series/get.json")
        api.on(who, path, pause, well)
        assert client.get("series/get").body == ROWS


def test_an_api_that_refuses_connections_is_given_up_quickly(make: Make) -> None:
    started = time.monotonic()
    error = kind_of(make(api_url=f"http://127.0.0.1:{free_port()}", limits=Limits()))
    assert isinstance(error, UnreachableError)
    assert time.monotonic() - started < 5


def test_an_api_that_accepts_and_says_nothing_is_unreachable(api: ScriptedApi, make: Make) -> None:
    api.on("api", "/data/series/get", Say(delay=2.0))
    limits = Limits(read_timeout=0.2, unreachable_seconds=0.3, backoff_seconds=0.01)
    started = time.monotonic()
    assert isinstance(kind_of(make(limits=limits)), UnreachableError)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("origin", ["api", "storage"])
def test_a_service_that_has_answered_is_asked_once_more_after_a_silence(
    api: ScriptedApi, make: Make, origin: str
) -> None:
    limits = Limits(read_timeout=0.3, unreachable_seconds=0.1, backoff_seconds=0.01)
    client = make(limits=limits)
    assert client.get("series/get").body == ROWS
    if origin == "api":
        api.on("api", "/data/series/get", Say(delay=2.0), api.link("/files/series/get.json"))
    else:
        api.on("storage", "/files/series/get.json", Say(delay=2.0), Say(body=ROWS))
    assert client.get("series/get").body == ROWS
    # Nor more often than that, where the silence lasts.
    api.on("api", "/data/series/get", Say(delay=2.0))
    before = len(api.requests("api"))
    assert isinstance(kind_of(client), UnreachableError)
    assert len(api.requests("api")) == before + 2


def test_an_unreachable_storage_host_is_told_apart_from_the_api(
    api: ScriptedApi, make: Make
) -> None:
    link = f"http://127.0.0.1:{free_port()}/x?{SIGNATURE}"
    api.on("api", "/data/series/get", Say(body={"link": link}))
    error = kind_of(make())
    assert isinstance(error, UnreachableError)
    assert "storage host" in str(error)


# Signed files


def test_a_signed_file_is_fetched_without_token_and_budget(api: ScriptedApi, make: Make) -> None:
    api.on("storage", "/w.json", Say(500), Say(body=[{"temp": 1}]))
    assert make().signed_file(f"{api.storage_url}/w.json?{SIGNATURE}") == [{"temp": 1}]
    assert not api.requests("api")
    assert not api.requests("oauth")
    assert api.requests("storage")[0].query["X-Amz-Signature"] == "5ec4e7f1b0a1"
    assert not any("authorization" in seen.headers for seen in api.requests("storage"))


def test_an_expired_signed_file_is_permanent_and_keeps_its_signature(
    api: ScriptedApi, make: Make
) -> None:
    api.on("storage", "/w.json", Say(403, "<Error/>"))
    with pytest.raises(PermanentError, match=r"/w\.json: ") as caught:
        make().signed_file(f"{api.storage_url}/w.json?{SIGNATURE}")
    assert "5ec4e7f1b0a1" not in str(caught.value)
    with pytest.raises(ValueError, match="not an http"):
        make().signed_file("file:///etc/passwd")
    with pytest.raises(ValueError, match="not an http"):
        make().signed_file("https://[::1/x")


# Bounds


@pytest.mark.parametrize("origin", ["api", "storage", "file"])
@pytest.mark.parametrize(
    ("bomb", "bound"),
    [
        (Say(body=b" " * 2**21, is_gzipped=True), "1 MiB decompressed"),
        (Say(body=b" " * 2**20 + b"  ", is_gzipped=True), "1 MiB decompressed"),
        (Say(body=b"[" * (3 * 2**20)), "2 MiB as sent"),
        (Say(body=b"[", headers={"Content-Length": "99999999999"}), "2 MiB as sent"),
        (Say(body=b"x", headers={"Content-Encoding": "gzip, gzip"}), "not asked for"),
        (Say(body=b"x", headers={"Content-Encoding": "br"}), "not asked for"),
    ],
    ids=["compressed", "just over", "as sent", "announced", "twice", "unasked"],
)
def test_a_body_past_its_bound_ends_at_once_and_says_which(
    api: ScriptedApi, make: Make, origin: str, bomb: Say, bound: str
) -> None:
    client = make(limits=replace(QUICK, sent_bytes=2**21, body_bytes=2**20))
    if origin == "api":
        api.on("api", "/data/series/get", bomb)
    else:
        api.on("storage", "/files/series/get.json", bomb)
    file = f"{api.storage_url}/files/series/get.json?{SIGNATURE}"
    with pytest.raises(BodyTooLargeError, match=bound):
        _ = client.signed_file(file) if origin == "file" else client.get("series/get")
    assert len(api.requests("api" if origin == "api" else "storage")) == 1


def test_a_body_within_its_bound_is_taken(api: ScriptedApi, make: Make) -> None:
    client = make(limits=replace(QUICK, sent_bytes=2**12, body_bytes=2**20))
    api.serve("series/get", b" " * (2**20 - 2) + b"[]", is_gzipped=True)
    assert client.get("series/get").body == []


# Secrets


def _everything(error: BaseException | None) -> str:
    told = ""
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return told


def test_no_secret_in_any_log_record_at_debug(
    api: ScriptedApi, make: Make, calls: list[ApiCall], caplog: pytest.LogCaptureFixture
) -> None:
    client = make()
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    for answers in (
        [Say(body=ROWS)],
        [Say(403, "<Error/>")],
        [Say(500, f"see {api.storage_url}?{SIGNATURE}")],
        [Say(drop=True)],
        [Say(302, headers={"Location": f"{api.storage_url}/loop?{SIGNATURE}"})],
    ):
        api.on("storage", "/files/series/get.json", *answers)
        try:
            client.get("series/get")
        except ApiError as error:
            told = _everything(error)
            assert "5ec4e7f1b0a1" not in told
    leaky = {"error": f"bad token {api.issued[0]} for {api.account.password}"}
    api.on("api", "/data/series/get", Say(400, leaky))
    told = _everything(kind_of(client))
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    shown = logged + told + "".join(map(repr, calls)) + repr(api.account) + repr(client)
    secrets = (*api.account.secrets(), *api.issued, *api.live_refresh, "5ec4e7f1b0a1")
    assert not [secret for secret in secrets if secret in shown]


def test_importing_the_package_is_cheap() -> None:
    import subprocess
    import sys

    code = (
        "import sys, iracing_pipeline.api, iracing_pipeline.api.credentials\n"
        "sys.exit(any(m in sys.modules for m in ('httpx', 'tenacity', 'cryptography', 'dagster')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
