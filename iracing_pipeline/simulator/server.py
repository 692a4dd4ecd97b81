"""Simulator: a real server on two real ports, in a thread.

In: putting the parts together, listening, starting and stopping, the request log. Out: the parts
(oauth.py, protocol.py, storage.py, control.py) and the blocking command (serving.py).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from .answers import data_error
from .clock import MovableClock
from .control import control_routes
from .credentials import SimCredentials
from .errors import SimulatorError
from .faults import Faults
from .limits import FixedWindow
from .oauth import OAuthService
from .protocol import DataService
from .requests import RecordedRequest, Recorder, RequestLog
from .source import Source
from .status import status_routes
from .storage import Storage, not_cut_on_purpose, storage_app
from .tokens import Tokens

_START_SECONDS = 10.0


class Simulator:
    """An iRacing API of one account. Use it as a context manager, or `start()` and `stop()`.

    `clock` is the calendar's (which week is it); it defaults to the source's `now`, else to UTC
    now, and `sim.clock.advance(days=7)` moves it. Tokens, links and budgets age by `wire_clock`.
    `rate_limit` counts requests per window, `login_limit` full logins per hour. Links lead to
    `storage_url` where that is given, else to the storage port of the host that was asked.
    """

    def __init__(
        self,
        source: Source,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        storage_port: int = 0,
        storage_url: str | None = None,
        credentials: SimCredentials | None = None,
        rate_limit: int = 240,
        window_seconds: float = 60.0,
        link_seconds: float = 120,
        token_seconds: float = 600,
        login_limit: int = 12,
        clock: Callable[[], datetime] | None = None,
        wire_clock: Callable[[], datetime] | None = None,
    ):
        self.source = source
        self.host = host
        self.credentials = credentials or SimCredentials()
        self.clock = MovableClock(clock or source.now)
        self.wire_clock = MovableClock(wire_clock)
        self.faults = Faults()
        self.log = RequestLog()
        self.tokens = Tokens(self.wire_clock, token_seconds)
        self.budget = FixedWindow(rate_limit, window_seconds, self.wire_clock)
        self._oauth = OAuthService(
            self.credentials,
            self.tokens,
            FixedWindow(login_limit, 3600, self.wire_clock),
            self.faults,
        )
        storage = Storage(self.wire_clock)
        self._data = DataService(
            source,
            self.tokens,
            self.budget,
            storage,
            self.faults,
            calendar=self.clock,
            wire=self.wire_clock,
            link_seconds=link_seconds,
            storage_url=storage_url,
        )
        self._apps: list[ASGIApp] = [
            Recorder(self._api(), self.log, self.wire_clock, "api"),
            Recorder(
                storage_app(storage, source, self.faults, self.clock),
                self.log,
                self.wire_clock,
                "storage",
            ),
        ]
        self._wanted_ports = (port, storage_port)
        self._sockets: list[socket.socket] = []
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None

    def _api(self) -> Starlette:
        async def old_auth(request: Request) -> Response:
            return data_error(405)

        return Starlette(
            routes=[
                Mount("/oauth2", routes=self._oauth.routes()),
                *control_routes(self),
                *status_routes(self.faults, self.wire_clock),
                Route("/auth", old_auth, methods=["GET", "POST"]),
                Route("/data/{endpoint:path}", self._data.data, methods=["GET"]),
            ]
        )

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> Simulator:
        """Listen, and return when both ports answer. SimulatorError if a port is taken."""
        if self._thread is not None:
            raise SimulatorError("this simulator runs already")
        self._sockets = []
        try:
            for wanted in self._wanted_ports:
                self._sockets.append(_listening(self.host, wanted))
        except SimulatorError:
            self._close_sockets()
            raise
        self._data.storage_port = self._sockets[1].getsockname()[1]
        # A mistake in a transform or a source must be seen; a connection cut on purpose must not.
        logging.getLogger("uvicorn.error").addFilter(not_cut_on_purpose)
        self._servers = [
            uvicorn.Server(
                uvicorn.Config(
                    app,
                    lifespan="off",
                    log_config=None,
                    log_level="error",
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=1,
                )
            )
            for app in self._apps
        ]
        self._thread = threading.Thread(target=self._run, name="iracing-simulator", daemon=True)
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_START_SECONDS / 0.01)):
            if all(server.started for server in self._servers):
                return self
            if not self._thread.is_alive():
                break
            waited.wait(0.01)
        self.stop()
        raise SimulatorError("the simulator did not start")

    def _run(self) -> None:
        async def both() -> None:
            await asyncio.gather(
                *(
                    server.serve(sockets=[sock])
                    for server, sock in zip(self._servers, self._sockets, strict=True)
                )
            )

        asyncio.run(both())

    def stop(self) -> None:
        """Stop listening; does nothing if it does not run."""
        thread, self._thread = self._thread, None
        for server in self._servers:
            server.should_exit = True
        if thread is not None:
            thread.join(10)
        self._close_sockets()

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # -- where it is and what it saw -------------------------------------------------------------

    @property
    def port(self) -> int:
        """The API's and the OAuth service's port."""
        if not self._sockets:
            raise SimulatorError("the simulator has not been started")
        return int(self._sockets[0].getsockname()[1])

    @property
    def storage_port(self) -> int:
        """The object host's port."""
        if not self._data.storage_port:
            raise SimulatorError("the simulator has not been started")
        return self._data.storage_port

    @property
    def _reachable(self) -> str:
        return "127.0.0.1" if self.host in ("", "0.0.0.0") else self.host  # noqa: S104

    @property
    def api_url(self) -> str:
        """For IRACING_API_URL; endpoints are this + `/data/...`."""
        return f"http://{self._reachable}:{self.port}"

    @property
    def oauth_url(self) -> str:
        """For IRACING_OAUTH_URL; the token endpoint is this + `/token`."""
        return f"{self.api_url}/oauth2"

    @property
    def storage_url(self) -> str:
        """The other origin, where signed links lead."""
        return self._data.storage_url or f"http://{self._reachable}:{self.storage_port}"

    @property
    def environment(self) -> dict[str, str]:
        """Everything a client needs to find and enter this simulator."""
        return {
            "IRACING_API_URL": self.api_url,
            "IRACING_OAUTH_URL": self.oauth_url,
            "IRACING_CLIENT_ID": self.credentials.client_id,
            "IRACING_CLIENT_SECRET": self.credentials.client_secret,
            "IRACING_USERNAME": self.credentials.username,
            "IRACING_PASSWORD": self.credentials.password,
        }

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request so far: api, oauth and storage; /_simulator is left out."""
        return self.log.rows()

    def calls(self, endpoint: str | None = None) -> list[RecordedRequest]:
        """The /data requests, all or of one endpoint: what counts against the budget."""
        prefix = "/data/" if endpoint is None else f"/data/{endpoint}"
        return [
            row
            for row in self.log
            if row.path == prefix or (endpoint is None and row.path.startswith(prefix))
        ]

    @property
    def logins(self) -> int:
        """Full logins that succeeded."""
        return self._oauth.logins

    @property
    def refreshes(self) -> int:
        """Refreshes that succeeded."""
        return self._oauth.refreshes

    def issue_tokens(self) -> dict[str, object]:
        """A token response without a login: for clients that got theirs by another flow."""
        return self.tokens.issue()

    def revoke_tokens(self, *, refresh_too: bool = False) -> None:
        """Every access token issued so far is dead, as after a logout elsewhere."""
        self.tokens.revoke(refresh_too=refresh_too)


def _listening(host: str, port: int) -> socket.socket:
    # With the protocol named: asyncio turns Nagle's algorithm off only where it reads TCP, and each
    # answer of two writes would wait 40 ms for the client's delayed acknowledgement.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise SimulatorError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return sock
