"""Logging in, renewing and failing to, against a real local token endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from iracing_pipeline.api.client import IracingClient
from iracing_pipeline.api.credentials import Credentials, mask
from iracing_pipeline.api.errors import (
    ApiError,
    CredentialsError,
    MaintenanceError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.api.tokens import TokenCipher, token_key
from iracing_pipeline_tests.support.odd_values import ODD
from iracing_pipeline_tests.support.scripted_api import (
    Say,
    ScriptedApi,
    Seen,
    free_port,
    oauth_error,
)
from iracing_pipeline_tests.support.token_stores import InMemoryTokenStore

QUICK = Limits(
    attempts=3,
    total_seconds=5,
    connect_timeout=1,
    read_timeout=2,
    backoff_seconds=0.01,
    breaker_seconds=0,
)


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi() as scripted:
        scripted.serve("series/get", [{"series_id": 1}])
        yield scripted


@pytest.fixture
def store() -> InMemoryTokenStore:
    """What all clients of a test share, as those of one installation do."""
    return InMemoryTokenStore()


def client(
    api: ScriptedApi,
    store: InMemoryTokenStore,
    credentials: Credentials | None = None,
    **changes: Any,
) -> IracingClient:
    settings: dict[str, Any] = {
        "api_url": api.api_url,
        "oauth_url": api.oauth_url,
        "credentials": credentials or api.account,
        "tokens": store,
        "limits": QUICK,
    }
    return IracingClient(**{**settings, **changes})


def expire_tokens(api: ScriptedApi) -> None:
    api.rejected |= set(api.issued)


def test_a_login_sends_masked_secrets_in_a_form(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    client(api, store).get("series/get")
    (login,) = api.requests("oauth")
    assert login.method == "POST"
    assert login.headers["content-type"] == "application/x-www-form-urlencoded"
    assert login.form == {
        "grant_type": "password_limited",
        "client_id": "client-7",
        "client_secret": mask("sEcret/one+", "client-7"),
        "username": "Driver@Example.com",
        "password": mask("pass Word+1", "Driver@Example.com"),
        "scope": "iracing.auth",
    }


def test_a_second_client_uses_the_stored_token(api: ScriptedApi, store: InMemoryTokenStore) -> None:
    client(api, store).get("series/get")
    client(api, store).get("series/get")
    assert api.logins() == 1
    (text,) = store.texts.values()
    assert not any(token in text for token in (*api.issued, *api.live_refresh))


TEN_PROCESSES = """
import json, os, sys
from pathlib import Path
from iracing_pipeline.api.client import IracingClient
from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.token_store import PostgresTokenStore

url, oauth, database_url, account = sys.argv[1:]
for _ in range(10):
    if os.fork():
        continue
    tokens = PostgresTokenStore(Database(database_url, Path("unused")))
    credentials = Credentials(*json.loads(account))
    with IracingClient(api_url=url, oauth_url=oauth, tokens=tokens, credentials=credentials) as client:
        os.write(1, b"ready\\n")
        os.read(0, 1)
        client.get("series/get")
    sys.exit()
print([os.wait()[1] for _ in range(10)])
"""


def test_ten_processes_started_together_log_in_once(api: ScriptedApi, database_url: str) -> None:
    account = api.account
    four = [account.client_id, account.client_secret, account.username, account.password]
    command = [sys.executable, "-c", TEN_PROCESSES, api.api_url, api.oauth_url]
    pipe = subprocess.PIPE
    ten = subprocess.Popen([*command, database_url, json.dumps(four)], stdin=pipe, stdout=pipe)
    assert ten.stdout is not None
    assert [ten.stdout.readline() for _ in range(10)] == [b"ready\n"] * 10
    output, _ = ten.communicate(b"0123456789", timeout=60)
    assert output.decode() == f"{[0] * 10}\n"
    assert api.logins() == 1
    assert len(api.requests("storage")) == 10


def test_eight_threads_share_one_login_and_one_renewal(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    shared = client(api, store)

    def together() -> None:
        threads = [threading.Thread(target=shared.get, args=("series/get",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    together()
    assert (api.logins(), len(api.requests("storage"))) == (1, 8)
    expire_tokens(api)
    together()
    assert (api.logins(), api.logins("refresh_token")) == (1, 1)
    assert len(api.requests("storage")) == 16


def test_a_short_lived_token_is_renewed_at_half_its_life(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    api.expires_in = 2
    shared = client(api, store)
    shared.get("series/get")
    shared.get("series/get")
    assert len(api.requests("oauth")) == 1
    time.sleep(1.1)
    shared.get("series/get")
    assert (api.logins(), api.logins("refresh_token")) == (1, 1)
    assert len(api.requests("api")) == 3, "renewed in advance, not after a 401"


@pytest.mark.parametrize(("life", "margin"), [(600, 60), (121, 60), (119, 59.5), (2, 1)])
def test_a_token_is_not_used_in_its_last_minute(
    api: ScriptedApi, store: InMemoryTokenStore, life: float, margin: float
) -> None:
    api.expires_in = life
    client(api, store).get("series/get")
    key = token_key(f"{api.oauth_url}/token", api.account)
    token = TokenCipher(api.account).open(store.read(key)).token
    assert token is not None
    assert token.expires_at - token.use_until == pytest.approx(margin)
    assert token.expires_at == pytest.approx(time.time() + life, abs=5)


@pytest.mark.parametrize("name", ["expires_in", "refresh_expires_in"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_life_that_is_no_number_of_seconds_is_not_believed(
    api: ScriptedApi, store: InMemoryTokenStore, name: str, odd: Any
) -> None:
    setattr(api, name, odd)
    assert client(api, store).get("series/get").body == [{"series_id": 1}]
    token = (
        TokenCipher(api.account)
        .open(store.read(token_key(f"{api.oauth_url}/token", api.account)))
        .token
    )
    assert token is not None
    assert token.expires_at <= time.time() + 700


def test_a_401_is_replayed_once_with_a_new_token(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    shared = client(api, store)
    shared.get("series/get")
    expire_tokens(api)
    assert shared.get("series/get").body == [{"series_id": 1}]
    assert len(api.requests("api")) == 3
    assert (api.logins(), api.logins("refresh_token")) == (1, 1)


def test_a_401_first_tries_the_token_another_process_has_stored(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    ours, other = client(api, store), client(api, store)
    ours.get("series/get")
    expire_tokens(api)
    other.get("series/get")
    asked = len(api.requests("oauth"))
    ours.get("series/get")
    assert len(api.requests("oauth")) == asked


def test_a_fresh_token_that_is_not_accepted_is_a_credentials_error_for_good(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    api.on("api", "/data/series/get", Say(401, {"error": "access_denied", "note": "inactive"}))
    shared = client(api, store)
    for _ in range(2):
        with pytest.raises(CredentialsError, match="inactive"):
            shared.get("series/get")
    assert len(api.requests("api")) == 2
    assert len(api.requests("oauth")) == 2


def test_a_stored_token_that_is_dead_too_is_replaced_and_blames_nobody(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    ours, other = client(api, store), client(api, store)
    ours.get("series/get")
    expire_tokens(api)
    other.get("series/get")
    expire_tokens(api)
    assert ours.get("series/get").body


def test_a_login_that_hangs_elsewhere_ends_our_call_with_its_time(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    key = token_key(f"{api.oauth_url}/token", api.account)
    shared = client(api, store, limits=replace(QUICK, total_seconds=0.5))
    with store.locked(key):
        started = time.monotonic()
        with pytest.raises(TransientError, match="another process is logging in"):
            shared.get("series/get")
        assert time.monotonic() - started < 2
    assert client(api, store).get("series/get").body


def test_a_ration_holds_for_every_process_until_it_is_over(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    api.on("oauth", "/token", oauth_error(400, "unauthorized_client", Retry_After="600"))
    with pytest.raises(TransientError):
        client(api, store).get("series/get")
    time.sleep(0.2)
    for _ in range(2):
        with pytest.raises(TransientError, match="rationed") as caught:
            client(api, store).get("series/get")
        assert caught.value.retry_after is not None
        assert 590 < caught.value.retry_after < 600
    assert len(api.requests("oauth")) == 1


def test_blanks_around_a_token_do_not_matter(api: ScriptedApi, store: InMemoryTokenStore) -> None:
    def padded(seen: Seen) -> Say:
        pair = api.issue()
        return Say(body={**pair, "access_token": f" {pair['access_token']}\n"})

    api.on("oauth", "/token", padded)
    assert client(api, store).get("series/get").body


def test_a_refused_refresh_token_falls_back_to_a_login(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    shared = client(api, store)
    shared.get("series/get")
    expire_tokens(api)
    api.live_refresh.clear()
    shared.get("series/get")
    assert (api.logins(), api.logins("refresh_token")) == (2, 1)


def test_an_expired_refresh_token_is_not_even_tried(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    api.refresh_expires_in = 0
    shared = client(api, store)
    shared.get("series/get")
    expire_tokens(api)
    shared.get("series/get")
    assert (api.logins(), api.logins("refresh_token")) == (2, 0)


def test_wrong_password_is_one_attempt_and_one_clear_message(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    wrong = replace(api.account, password="not-the-password")
    shared = client(api, store, wrong)
    messages = set()
    for endpoint in ("series/get", "track/get", "series/get"):
        with pytest.raises(CredentialsError) as caught:
            shared.get(endpoint)
        messages.add(str(caught.value).partition(": ")[2])
        assert caught.value.endpoint
    (message,) = messages
    assert "invalid_grant" in message
    assert "IRACING_USERNAME and IRACING_PASSWORD" in message
    assert not any(secret in message for secret in wrong.secrets())
    assert len(api.requests("oauth")) == 1
    assert not api.requests("api")
    with pytest.raises(CredentialsError):
        client(api, store, wrong).get("series/get")
    assert len(api.requests("oauth")) == 1, "the run's next process does not try again either"
    assert client(api, store).get("series/get").body, "but the right password is tried at once"


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (oauth_error(403, "invalid_client"), "IRACING_CLIENT_ID and IRACING_CLIENT_SECRET"),
        (oauth_error(400, "unauthorized_client"), "IRACING_CLIENT_ID and IRACING_CLIENT_SECRET"),
        (oauth_error(401, "access_denied"), "IRACING_USERNAME and IRACING_PASSWORD"),
        (oauth_error(400, "invalid_grant"), "IRACING_USERNAME and IRACING_PASSWORD"),
        (oauth_error(400, "invalid_request"), "IRACING_CLIENT_SECRET"),
    ],
    ids=lambda value: None if isinstance(value, str) else value.body["error"],
)
def test_a_refusal_names_the_variables_to_check(
    api: ScriptedApi, store: InMemoryTokenStore, answer: Say, named: str
) -> None:
    api.on("oauth", "/token", answer)
    shared = client(api, store)
    for _ in range(2):
        with pytest.raises(CredentialsError, match=named) as caught:
            shared.get("series/get")
        assert answer.body["error"] in str(caught.value)
    assert len(api.requests("oauth")) == 1


def test_no_credentials_at_all_name_what_to_set(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    with pytest.raises(CredentialsError, match="IRACING_CLIENT_ID, IRACING_CLIENT_SECRET"):
        client(api, store, Credentials()).get("series/get")
    assert not api.seen


def test_rationed_logins_are_waited_for(api: ScriptedApi, store: InMemoryTokenStore) -> None:
    api.on(
        "oauth",
        "/token",
        oauth_error(400, "unauthorized_client", Retry_After="1"),
        lambda seen: Say(body=api.issue()),
    )
    started = time.monotonic()
    assert client(api, store).get("series/get").body
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("is_date", [True, False])
def test_a_ration_beyond_the_time_limit_says_when_to_try_again(
    api: ScriptedApi, store: InMemoryTokenStore, is_date: bool
) -> None:
    value = formatdate(time.time() + 600, usegmt=True) if is_date else "600"
    api.on("oauth", "/token", oauth_error(400, "unauthorized_client", Retry_After=value))
    with pytest.raises(TransientError, match=r"Try again after \d{4}-") as caught:
        client(api, store).get("series/get")
    assert caught.value.retry_after == pytest.approx(600, abs=5)
    assert not isinstance(caught.value, UnreachableError)
    assert len(api.requests("oauth")) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (oauth_error(503, "temporarily_unavailable", "down for work"), MaintenanceError, 1),
        (Say(503, {"error": "Site Maintenance", "note": "Please wait"}), MaintenanceError, 1),
        (Say(503, "<html>We are working on it</html>"), MaintenanceError, 1),
        (Say(502, "<html>Bad gateway</html>"), TransientError, 2),
        (Say(200, "<html>Hello</html>"), TransientError, 2),
        (Say(500, {"error": "server_error"}), TransientError, 2),
        (Say(200, {"token_type": "Bearer"}), TransientError, 2),
        (Say(200, {"access_token": "line\nend"}), TransientError, 2),
        # Whether these were counted, nobody knows.
        (Say(drop=True), TransientError, 2),
        (Say(200, {"access_token": "abc"}, cut_at=9), TransientError, 2),
        (Say(404, {"error": "no"}), PermanentError, 1),
        (Say(301, headers={"Location": "https://x.invalid/"}), PermanentError, 1),
    ],
)
def test_what_the_token_endpoint_says_has_one_kind_and_is_retried_only_if_it_may_pass(
    api: ScriptedApi, store: InMemoryTokenStore, answer: Say, kind: type[ApiError], requests: int
) -> None:
    api.on("oauth", "/token", answer)
    with pytest.raises(ApiError) as caught:
        client(api, store).get("series/get")
    assert caught.value.kind == kind.kind
    assert len(api.requests("oauth")) == requests
    assert not api.requests("api")


@pytest.mark.parametrize("answer", [Say(drop=True), Say(502, "<html>"), Say(200, {})])
def test_what_one_call_could_not_have_the_next_does_not_log_in_for(
    api: ScriptedApi, store: InMemoryTokenStore, answer: Say
) -> None:
    api.on("oauth", "/token", answer)
    shared = client(api, store, limits=Limits(backoff_seconds=0.01))
    for _ in range(4):
        with pytest.raises(TransientError):
            shared.get("series/get")
    assert len(api.requests("oauth")) == 2


def test_an_unreachable_token_endpoint_is_unreachable(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="token endpoint"):
        client(api, store, oauth_url=nowhere).get("series/get")
    assert time.monotonic() - started < 3


def test_a_login_that_works_at_the_second_try_is_not_noticed(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    api.on("oauth", "/token", Say(502, "<html>"), lambda seen: Say(body=api.issue()))
    assert client(api, store).get("series/get").body


def test_a_given_access_token_is_used_as_it_is_until_it_expires(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    token = api.issue()["access_token"]
    shared = client(api, store, Credentials(access_token=f"{token}\n"))
    assert shared.get("series/get").body
    expire_tokens(api)
    for _ in range(2):
        with pytest.raises(CredentialsError, match="IRACING_ACCESS_TOKEN has expired") as caught:
            shared.get("series/get")
        assert token not in str(caught.value)
    assert not api.requests("oauth")
    assert len(api.requests("api")) == 2
    assert not store.texts


def test_a_garbled_access_token_is_never_shown(api: ScriptedApi, store: InMemoryTokenStore) -> None:
    with pytest.raises(CredentialsError, match="IRACING_ACCESS_TOKEN") as caught:
        client(api, store, Credentials(access_token="abc def\nghi")).get("series/get")
    assert "abc" not in str(caught.value)


def test_a_refresh_token_rotates_and_the_chain_survives_restarts(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    first = api.issue()["refresh_token"]
    account = replace(api.account, username=None, password=None, refresh_token=first)
    for _ in range(3):
        assert client(api, store, account).get("series/get").body
        expire_tokens(api)
    assert api.logins("refresh_token") == 3
    assert api.logins() == 0
    used = [seen.form["refresh_token"] for seen in api.requests("oauth")]
    assert len(set(used)) == 3


def test_a_used_up_refresh_token_says_so_once(api: ScriptedApi, store: InMemoryTokenStore) -> None:
    account = replace(api.account, password=None, refresh_token="ref-from-last-year")
    shared = client(api, store, account)
    for _ in range(2):
        with pytest.raises(CredentialsError, match="used up or expired") as caught:
            shared.get("series/get")
        assert "IRACING_REFRESH_TOKEN" in str(caught.value)
        assert "last-year" not in str(caught.value)
    assert len(api.requests("oauth")) == 1


def test_the_new_pair_is_stored_before_it_is_used(
    api: ScriptedApi, store: InMemoryTokenStore
) -> None:
    stored: list[bool] = []

    def look(seen: Seen) -> Say:
        stored.append(bool(store.texts))
        return Say(body=[])

    api.on("api", "/data/series/get", look)
    client(api, store).get("series/get")
    assert stored == [True]
