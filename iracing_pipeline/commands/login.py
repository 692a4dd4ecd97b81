"""`iracing-pipeline login`: log in with a browser, for clients that are no password_limited ones.

In: settings with a client id, a browser. Out: tokens in the database, their key in the data directory, the
console. No token, code or secret is printed.
"""

from __future__ import annotations

import webbrowser
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone

from rich.console import Console

from iracing_pipeline.api.authorization import Authorization
from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.errors import PermanentError
from iracing_pipeline.api.login_file import new_login_key, read_login_key, write_login_key
from iracing_pipeline.api.tokens import Token
from iracing_pipeline.commands.loopback import Loopback
from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.services import Services

_FIRST = {
    "password_limited": "IRACING_PASSWORD is",
    "refresh_token": "IRACING_REFRESH_TOKEN is",
    "access_token": "IRACING_ACCESS_TOKEN is",
}


def run_login(
    console: Console, *, redirect_uri: str, with_browser: bool, wait_seconds: float
) -> int:
    """Log in once and return the exit status.

    Raises ConfigurationError, PermanentError (nobody came back, or with another login's answer),
    CredentialsError (denied, or refused), MaintenanceError, TransientError.
    """
    settings = Settings.from_environment()
    client_id = settings.credentials.client_id
    if not client_id:
        raise ConfigurationError(
            "IRACING_CLIENT_ID is not set: iRacing has to know which client you log in with."
        )
    key = read_login_key(settings.data_dir, settings.oauth_url, client_id) or new_login_key()
    by_browser = Credentials(client_id, settings.credentials.client_secret, login_key=key)
    with closing(Services(replace(settings, credentials=by_browser))) as services:
        # Before anybody is asked anything: a code that cannot be stored would be lost.
        services.database.ensure_current()
        with Loopback(redirect_uri) as loopback:
            login = Authorization(settings.oauth_url, client_id, loopback.redirect_uri)
            _send(console, login.url, with_browser=with_browser)
            console.print(
                f"Waiting for the answer on {loopback.redirect_uri}, for {wait_seconds:.0f} s. "
                "^C gives up.",
                highlight=False,
            )
            query = loopback.wait(wait_seconds)
        if query is None:
            raise PermanentError(
                f"Nobody came back from the browser within {wait_seconds:.0f} s: nothing was stored. Run "
                "`iracing-pipeline login` again; --timeout gives more time."
            )
        token = services.client.log_in(login.code_of(query))
    write_login_key(settings.data_dir, settings.oauth_url, client_id, key)
    _report(console, token, settings)
    return 0


def _send(console: Console, url: str, *, with_browser: bool) -> None:
    console.print("Log in at iRacing in your browser:\n", highlight=False)
    # In one line, however narrow the terminal: it is to be copied.
    console.print(url, highlight=False, markup=False, soft_wrap=True)
    console.print()
    if with_browser and not _opened(url):
        console.print("No browser could be opened: open this page yourself.", highlight=False)


def _opened(url: str) -> bool:
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _report(console: Console, token: Token, settings: Settings) -> None:
    if token.refresh_token:
        console.print(
            "Logged in. The tokens are stored, encrypted, and every sync renews them; a week without "
            "one ends the login.",
            highlight=False,
        )
    else:
        ends_at = datetime.fromtimestamp(token.expires_at, timezone.utc)
        console.print(
            f"Logged in until {ends_at:%H:%M} UTC only: iRacing gave no refresh token, which it does at "
            "its discretion.\nSync now, and log in again before the next one. For what has to run by "
            "itself, ask iRacing for refresh tokens for this client, or for a client of the kind "
            "password_limited.",
            highlight=False,
        )
    first = _FIRST.get(settings.credentials.grant or "")
    if first:
        console.print(
            f"{first} set, and comes first: this login is used once nothing else is set.",
            highlight=False,
        )
