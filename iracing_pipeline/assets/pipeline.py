"""What every asset of a process works with: settings, database, API client, answers of the run.

In: settings (read when first needed). Out: Pipeline, the one resource. Opens nothing before it is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from iracing_pipeline.assets.failures import Interrupted
from iracing_pipeline.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from iracing_pipeline.api.client import Answer, ApiCall, IracingClient
    from iracing_pipeline.api.limits import Limits
    from iracing_pipeline.model.plan import Wanted
    from iracing_pipeline.warehouse.database import Database
    from iracing_pipeline.warehouse.ledger.runs import Call
    from iracing_pipeline.warehouse.responses.landing import Landed

# The API declares expirationSeconds 900 everywhere: asking sooner returns the same answer.
API_OWN_TTL_SECONDS = 900

_ORIGIN = "data_origin"


class Progress(Protocol):
    """Told what an asset does now, for people who watch; `ended` is whether it went well, at the end."""

    def __call__(self, asset: str, text: str, ended: bool | None = None) -> None: ...


def _unwatched(asset: str, text: str, ended: bool | None = None) -> None:
    """The listener when nobody watches."""


def params_of(params: Mapping[str, str | int | bool]) -> dict[str, str]:
    """Parameters as they stand in a URL and in `responses`: `{"include_series": "true"}`."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in sorted(params.items())
    }


class Pipeline:
    """One per process. Assets share its connections, its budget and the answers of a run."""

    def __init__(
        self,
        settings: Callable[[], Settings] = Settings.from_environment,
        *,
        progress: Progress | None = None,
        retries_steps: bool = True,
        limits: Limits | None = None,
        clock: Callable[[], datetime] | None = None,
        was_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._read_settings = settings
        self.progress: Progress = progress or _unwatched
        self.retries_steps = retries_steps
        """Whether a transient failure is left to the step's retry policy (minutes), or final."""
        self._was_interrupted = was_interrupted
        self._is_interrupted = False
        self.calls_made = 0
        self._limits = limits
        self._clock = clock or (lambda: datetime.now(timezone.utc))
        self._calls: list[Call] = []
        self._calls_lock = threading.Lock()
        self._thread = threading.local()
        self.session: str | None = None
        """Names several runs that belong together, which then share answers and selection."""
        self.started_at = self._clock()
        self.rehearsed: list[Wanted] = []
        """Past seasons that a dry run would have stored."""
        self._memo: dict[tuple[str, str, tuple[tuple[str, str], ...]], Landed] = {}
        self._links: tuple[str, dict[tuple[int, int], str]] | None = None
        self._chosen: tuple[str, frozenset[int]] | None = None
        self._is_prepared = False
        self._is_branded = False

    @property
    def is_interrupted(self) -> bool:
        """Whether the process was told to stop: assets that have not started do not start then."""
        return self._is_interrupted or self._was_interrupted()

    def interrupt(self) -> None:
        """Remember that an asset was interrupted."""
        self._is_interrupted = True

    @cached_property
    def settings(self) -> Settings:
        return self._read_settings()

    @cached_property
    def database(self) -> Database:
        from iracing_pipeline.warehouse.database import Database

        return Database(self.settings.database_url, self.settings.data_dir)

    @cached_property
    def client(self) -> IracingClient:
        from iracing_pipeline.api.client import IracingClient
        from iracing_pipeline.api.limits import Limits
        from iracing_pipeline.warehouse.token_store import PostgresTokenStore

        return IracingClient(
            api_url=self.settings.api_url,
            oauth_url=self.settings.oauth_url,
            credentials=self.settings.credentials,
            tokens=PostgresTokenStore(self.database),
            on_call=self._record,
            limits=self._limits or Limits(),
            sleep=self._sleep,
        )

    def _sleep(self, seconds: float) -> None:
        stopping: threading.Event | None = getattr(self._thread, "stopping", None)
        if stopping is None:
            time.sleep(seconds)
        elif stopping.wait(seconds):
            raise Interrupted

    def listen_for(self, stopping: threading.Event) -> None:
        """From now on every wait of the client on this thread ends, with Interrupted, when it is set."""
        self._thread.stopping = stopping

    def prepare(self, *, asks_api: bool = True) -> None:
        """Check the configuration, bring the schema up to date, refuse to mix simulated and real data.

        Raises ConfigurationError before anything is written when credentials are missing. What asks
        the API nothing (`asks_api`) needs none, and mixes nothing.
        """
        if not asks_api:
            self.database.ensure_current()
            return
        if self._is_prepared:
            return
        from iracing_pipeline.warehouse.ledger.runs import recall

        self.settings.require_credentials()
        with self.database.autocommit() as connection:
            self._check_origin(recall(connection, _ORIGIN))
        self._is_prepared = True

    def brand(self, connection: Connection) -> None:
        """Note where the data comes from, in the transaction that lands the first of it."""
        if self._is_branded:
            return
        from iracing_pipeline.warehouse.ledger.runs import remember

        self._check_origin(remember(connection, _ORIGIN, self._origin))
        self._is_branded = True

    @property
    def _origin(self) -> str:
        return "iracing.com" if self.settings.is_real_api else "simulated"

    def _check_origin(self, stored: str | None) -> None:
        self._is_branded = stored == self._origin
        if stored not in {None, self._origin}:
            raise ConfigurationError(
                f"The database holds {stored} data, and {self.settings.api_url} would add "
                f"{self._origin} data to it. Use another database (IRACING_DATABASE_URL) or another "
                f"data directory than {self.settings.data_dir} (IRACING_DATA_DIR)."
            )

    def now(self) -> datetime:
        return self._clock()

    def freshness_limit(self) -> datetime:
        """Answers fetched before this moment are asked for again."""
        ttl = max(self.settings.cache_ttl, API_OWN_TTL_SECONDS)
        return self.now() - timedelta(seconds=ttl)

    def expires_at(self, fetched_at: datetime) -> datetime:
        """Until when an answer fetched now serves instead of the API."""
        return fetched_at + timedelta(seconds=max(self.settings.cache_ttl, API_OWN_TTL_SECONDS))

    def fetch(self, endpoint: str, params: Mapping[str, str]) -> Answer:
        return self.client.get(endpoint, params)

    def keep(self, run_id: str, landed: Landed) -> None:
        """Let later assets of the same run read an answer without asking the database for it."""
        run_id = self.session or run_id
        self._memo = {key: value for key, value in self._memo.items() if key[0] == run_id}
        self._memo[self._memo_key(run_id, landed.endpoint, landed.params)] = landed

    def kept(self, run_id: str, endpoint: str, params: Mapping[str, str]) -> Landed | None:
        return self._memo.get(self._memo_key(self.session or run_id, endpoint, params))

    def note_links(self, run_id: str, links: Mapping[tuple[int, int], str]) -> None:
        """Remember the signed links that an answer brought, by season and week: nothing lands them."""
        run_id = self.session or run_id
        with self._calls_lock:
            known = self._links[1] if self._links and self._links[0] == run_id else {}
            self._links = run_id, {**known, **links}

    def links(self, run_id: str) -> Mapping[tuple[int, int], str]:
        """The signed links that answers of this run brought."""
        wanted = self.session or run_id
        return self._links[1] if self._links and self._links[0] == wanted else {}

    def forget(self) -> None:
        """Read answers from the database again: another run has landed newer ones."""
        self._memo = {}

    @staticmethod
    def _memo_key(
        run_id: str, endpoint: str, params: Mapping[str, str]
    ) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        return (run_id, endpoint, tuple(sorted(params.items())))

    def choose(self, run_id: str, series_ids: frozenset[int]) -> None:
        """Let later assets of the same run mean the same series."""
        self._chosen = (self.session or run_id, series_ids)

    def chosen(self, run_id: str) -> frozenset[int] | None:
        """The series an earlier asset of the run chose, or None where none has."""
        wanted = self.session or run_id
        return self._chosen[1] if self._chosen and self._chosen[0] == wanted else None

    def take_calls(self) -> list[Call]:
        """The requests made since the last time this was asked."""
        with self._calls_lock:
            calls, self._calls = self._calls, []
        return calls

    def _record(self, call: ApiCall) -> None:
        from iracing_pipeline.warehouse.ledger.runs import Call

        made = Call(
            at=call.at,
            endpoint=call.endpoint,
            params=call.params,
            status=call.status,
            milliseconds=call.milliseconds,
            bytes=call.bytes,
            ratelimit_remaining=call.ratelimit_remaining,
            error=call.error,
        )
        with self._calls_lock:
            self.calls_made += 1
            self._calls.append(made)

    def close(self) -> None:
        """Close connections; the embedded Postgres stops with its last user, at exit."""
        if "client" in self.__dict__:
            self.client.close()
        if "database" in self.__dict__:
            self.database.dispose()
