"""`login` against the simulator's authorize endpoint; httpx is the browser.

In: the command in a process of its own, what it prints. Out: what a stored login does afterwards, asked with
the product's client in this process.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from iracing_pipeline.api.errors import CredentialsError
from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import Simulator
from iracing_pipeline.sync.services import Services
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline_tests.support.shell import fork, run

ANY_PORT = ("--redirect-uri", "http://127.0.0.1/callback")
BROWSER = httpx.Client(trust_env=False, timeout=10, follow_redirects=True)
IN_THE_WAY = ("USERNAME", "PASSWORD", "CLIENT_SECRET", "REFRESH_TOKEN", "ACCESS_TOKEN")


@pytest.fixture
def by_browser(environment: dict[str, str]) -> dict[str, str]:
    """Of somebody whose client has no secret, and who gives no password."""
    names = {f"IRACING_{name}" for name in IN_THE_WAY}
    return {name: value for name, value in environment.items() if name not in names}


class Login:
    """The command once it waits: the page to open, and what it says in the end."""

    def __init__(self, *flags: str, environment: dict[str, str]) -> None:
        self.process = fork("login", *flags, environment=environment)
        assert self.process.stdout
        self._said = ""
        while "Waiting" not in self._said:
            line = self.process.stdout.readline()
            assert line, self._said
            self._said += line
        (self.page,) = re.findall(r"^http\S+/oauth2/authorize\S+$", self._said, re.MULTILINE)
        self.asked = {
            name: values[0] for name, values in parse_qs(urlsplit(self.page).query).items()
        }

    def ended(self) -> tuple[int, str]:
        """Exit status, and everything that was printed."""
        rest, _ = self.process.communicate(timeout=30)
        assert self.process.returncode is not None
        return self.process.returncode, self._said + rest


def logged_in(environment: dict[str, str]) -> str:
    login = Login("--no-browser", *ANY_PORT, environment=environment)
    page = BROWSER.get(login.page)
    assert page.status_code == 200
    assert "terminal" in page.text
    status, said = login.ended()
    assert status == 0, said
    return said


@contextmanager
def services(environment: dict[str, str]) -> Iterator[Services]:
    with closing(Services(Settings.from_environment(environment))) as opened:
        yield opened


@pytest.mark.promise(8)
def test_a_login_serves_everybody_after_it_and_shows_no_secret(
    simulator: Simulator, by_browser: dict[str, str], database: Database
) -> None:
    with pytest.raises(ConfigurationError, match="iracing-pipeline login"):
        Settings.from_environment(by_browser).require_credentials()
    said = logged_in(by_browser)
    assert "Logged in." in said
    for _ in range(2):
        with services(by_browser) as after:
            assert after.client.get("car/get").body
    assert (simulator.logins, simulator.refreshes) == (1, 0)
    simulator.wire_clock.advance(seconds=700)
    simulator.revoke_tokens()
    with services(by_browser) as later:
        assert later.client.get("car/get").body
    assert (simulator.logins, simulator.refreshes) == (1, 1)

    place = Path(by_browser["IRACING_DATA_DIR"]) / "login.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with database.autocommit() as connection:
        stored = str(
            connection.exec_driver_sql("SELECT value FROM iracing_private.oauth_tokens").all()
        )
    key = json.loads(place.read_text())["key"]
    for secret in simulator.tokens.everything_issued():
        assert secret not in said + stored + place.read_text()
    assert key not in said + stored


def test_pkce_and_state_are_new_for_every_login(
    simulator: Simulator, by_browser: dict[str, str]
) -> None:
    logins = [Login("--no-browser", *ANY_PORT, environment=by_browser) for _ in range(2)]
    one, other = (login.asked for login in logins)
    assert one["code_challenge_method"] == "S256"
    assert one["scope"] == "iracing.auth"
    for name in ("state", "code_challenge"):
        assert len(one[name]) >= 43
        assert one[name] != other[name]
    # What came for the one is nothing to the other.
    code = BROWSER.get(logins[0].page, follow_redirects=False).headers["location"]
    port = urlsplit(other["redirect_uri"]).netloc
    BROWSER.get(urlsplit(code)._replace(netloc=port).geturl())
    status, said = logins[1].ended()
    assert status == 1
    assert "does not belong to this login" in said
    logins[0].process.send_signal(signal.SIGINT)
    assert logins[0].ended()[0] == 130
    assert simulator.logins == 0


def test_a_second_login_takes_the_place_of_the_first(
    simulator: Simulator, by_browser: dict[str, str], database: Database
) -> None:
    logged_in(by_browser)
    simulator.revoke_tokens(refresh_too=True)
    with (
        services(by_browser) as before,
        pytest.raises(CredentialsError, match="Run `iracing-pipeline login` again"),
    ):
        before.client.get("car/get")
    logged_in(by_browser)
    with services(by_browser) as after:
        assert after.client.get("car/get").body
    with database.autocommit() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM iracing_private.oauth_tokens")
        assert count.scalar_one() == 1


def test_a_login_without_refresh_token_says_when_it_ends_and_what_to_do(
    simulator: Simulator, by_browser: dict[str, str]
) -> None:
    simulator.faults.add("oauth_no_refresh")
    said = logged_in(by_browser)
    assert re.search(r"until \d\d:\d\d UTC only: iRacing gave no refresh token", said)
    assert "password_limited" in said
    with services(by_browser) as now:
        assert now.client.get("car/get").body
    simulator.revoke_tokens()
    with (
        services(by_browser) as later,
        pytest.raises(CredentialsError, match="Run `iracing-pipeline login` again"),
    ):
        later.client.get("car/get")


def test_what_is_set_comes_before_a_login_by_browser(
    simulator: Simulator, environment: dict[str, str], by_browser: dict[str, str]
) -> None:
    said = logged_in(environment)
    assert "IRACING_PASSWORD is set, and comes first" in said
    with services(environment) as by_password:
        by_password.client.get("car/get")
    assert simulator.logins == 2
    # With the client's secret or without: it is the same client.
    secret = {"IRACING_CLIENT_SECRET": environment["IRACING_CLIENT_SECRET"]}
    for once in (by_browser, {**by_browser, **secret}):
        with services(once) as nothing_else_set:
            nothing_else_set.client.get("car/get")
    assert simulator.logins == 2
    # Another client, and another service, know nothing of it.
    for name in ("IRACING_CLIENT_ID", "IRACING_OAUTH_URL"):
        other = Settings.from_environment({**by_browser, name: f"{by_browser[name]}-2"})
        assert other.credentials.grant is None


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("access_denied", 2, "was denied"),
        ("unauthorized_client", 1, "redirect URI"),
        ("temporarily_unavailable", 3, "Try again later"),
    ],
)
def test_what_the_login_service_refuses_is_said(
    simulator: Simulator, by_browser: dict[str, str], error: str, status: int, said: str
) -> None:
    simulator.faults.add("oauth_error", "oauth2/authorize", error=error)
    login = Login("--no-browser", *ANY_PORT, environment=by_browser)
    BROWSER.get(login.page)
    ended, told = login.ended()
    assert (ended, simulator.logins) == (status, 0)
    assert said in told
    assert error in told
    assert "Traceback" not in told
    assert not (Path(by_browser["IRACING_DATA_DIR"]) / "login.json").exists()


def test_a_code_that_is_not_taken_is_said_and_not_shown(
    simulator: Simulator, by_browser: dict[str, str]
) -> None:
    simulator.faults.add("oauth_error", "oauth2/token", error="invalid_grant")
    login = Login("--no-browser", *ANY_PORT, environment=by_browser)
    back = BROWSER.get(login.page, follow_redirects=False).headers["location"]
    # What browsers ask for besides is no answer.
    assert BROWSER.get(f"{login.asked['redirect_uri']}/../favicon.ico").status_code == 404
    assert BROWSER.get(login.asked["redirect_uri"]).status_code == 404
    BROWSER.get(back)
    status, said = login.ended()
    assert status == 2
    assert "run `iracing-pipeline login` again" in said
    assert parse_qs(urlsplit(back).query)["code"][0] not in said


def test_nobody_coming_back_is_the_end_of_it(by_browser: dict[str, str]) -> None:
    status, said = Login(
        "--no-browser", "--timeout", "1", *ANY_PORT, environment=by_browser
    ).ended()
    assert status == 1
    assert "Nobody came back" in said


def test_a_busy_port_is_named(by_browser: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        flags = ("--no-browser", "--redirect-uri", f"http://localhost:{port}/callback")
        done = run("login", *flags, environment=by_browser)
    assert done.returncode == 2
    assert f"Port {port} cannot be used" in done.stderr
    assert "--redirect-uri" in done.stderr


def test_an_answer_comes_to_this_machine_or_not_at_all(by_browser: dict[str, str]) -> None:
    for uri in (
        *("https://127.0.0.1:8721/callback", "http://0.0.0.0:8721/", "http://example.com:8721/"),
        *("http://127.0.0.1:99999/", "http://me@127.0.0.1:8721/", "http://127.0.0.1/?x=1"),
    ):
        done = run("login", "--no-browser", "--redirect-uri", uri, environment=by_browser)
        assert done.returncode == 2, uri
        assert "must lead to this machine" in done.stderr


def test_without_a_client_id_nobody_can_log_in(by_browser: dict[str, str]) -> None:
    del by_browser["IRACING_CLIENT_ID"]
    done = run("login", environment=by_browser)
    assert done.returncode == 2
    assert "IRACING_CLIENT_ID is not set" in done.stderr


def test_without_oauthlib_the_extra_is_named(by_browser: dict[str, str]) -> None:
    program = (
        "import sys; sys.modules['oauthlib'] = None; sys.argv = ['', 'login'];"
        "from iracing_pipeline.cli import main; main()"
    )
    done = run(program, environment=by_browser, program="python")
    assert done.returncode == 2
    assert "pip install 'iracing-pipeline[login]'" in done.stderr


def test_a_spoilt_file_is_named_and_never_quoted(by_browser: dict[str, str]) -> None:
    place = Path(by_browser["IRACING_DATA_DIR"]) / "login.json"
    place.parent.mkdir(parents=True)
    for content in (b"", b"[]", b'{"oauth_url": 1}', b"\0", b"\xe9"):
        place.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"login\.json cannot be read.*Delete it"):
            Settings.from_environment(by_browser)


_BROWSER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()"


@pytest.mark.skipif(
    sys.platform == "darwin", reason="would open the browser of whoever runs the tests"
)
def test_a_browser_is_opened_where_there_is_one(by_browser: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "browser.py"
    script.write_text(_BROWSER)
    none = {**by_browser, "PATH": str(tmp_path), "BROWSER": "", "NO_PROXY": "*"}
    done = Login("--timeout", "1", *ANY_PORT, environment=none)
    assert "No browser could be opened" in done.ended()[1]
    one = {**none, "BROWSER": f"{sys.executable} {script} %s &"}
    status, said = Login(*ANY_PORT, environment=one).ended()
    assert status == 0, said
    assert "No browser" not in said
