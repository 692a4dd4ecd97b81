"""What every sync run of a process shares: settings, database, client, clock, listener.

In: settings. Out: Services, built once and never changed; what changes while runs go on is session.py's.
Opens nothing before it is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Protocol

from iracing_pipeline.api.client import IracingClient
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.core.endpoints import API_LIFETIME, ENDPOINTS
from iracing_pipeline.core.errors import ConfigurationError, Interrupted
from iracing_pipeline.core.response import ApiCall
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, get_state
from iracing_pipeline.warehouse.token_store import PostgresTokenStore


class Listener(Protocol):
    """Told what the assets do, for whoever started them."""

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        """What an asset does now; `ended` is whether it went well, at the end."""

    def progress(self, asset: str, text: str, share: float) -> None:
        """How far an asset has come, 0 to 1; told often, for the listener to choose from."""

    def warn(self, asset: str, text: str) -> None:
        """Something the reader should know although the asset goes on."""


class Silence:
    """The listener when nobody listens."""

    def say(self, asset: str, text: str, *, ended: bool | None = None) -> None:
        pass

    def progress(self, asset: str, text: str, share: float) -> None:
        pass

    def warn(self, asset: str, text: str) -> None:
        pass


class CallLog:
    """The requests that the client has made and that no sync run has entered yet. Thread-safe."""

    def __init__(self) -> None:
        self._calls: list[ApiCall] = []
        self._lock = threading.Lock()
        self.total = 0
        """Requests made so far, entered or not."""

    def add(self, call: ApiCall) -> None:
        with self._lock:
            self.total += 1
            self._calls.append(call)

    def take(self) -> list[ApiCall]:
        """The calls since the last time this was asked."""
        with self._lock:
            calls, self._calls = self._calls, []
        return calls


class Pauses:
    """The client's waits; those of a thread end with Interrupted once its event is set."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def end_with(self, stopping: threading.Event) -> None:
        """From now on every wait on this thread ends when the event is set."""
        self._thread.stopping = stopping

    def sleep(self, seconds: float) -> None:
        stopping: threading.Event | None = getattr(self._thread, "stopping", None)
        if stopping is None:
            time.sleep(seconds)
        elif stopping.wait(seconds):
            raise Interrupted


def utc_now() -> datetime:
    """The clock unless another is given."""
    return datetime.now(timezone.utc)


def never() -> bool:
    """Whether the process was told to stop, where nobody listens for that."""
    return False


@dataclass(frozen=True)
class Services:
    """One per process and settings. Sync runs share its connections, its budget and its clock."""

    settings: Settings
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = utc_now
    listener: Listener = field(default_factory=Silence)
    was_interrupted: Callable[[], bool] = never
    calls: CallLog = field(default_factory=CallLog)
    pauses: Pauses = field(default_factory=Pauses)

    @cached_property
    def database(self) -> Database:
        settings = self.settings
        return Database(settings.database_url, settings.data_dir, settings.lock_timeout)

    @cached_property
    def client(self) -> IracingClient:
        return IracingClient(
            api_url=self.settings.api_url,
            oauth_url=self.settings.oauth_url,
            credentials=self.settings.credentials,
            tokens=PostgresTokenStore(self.database),
            on_call=self.calls.add,
            limits=self.limits,
            sleep=self.pauses.sleep,
        )

    def now(self) -> datetime:
        return self.clock()

    def lifetime(self, endpoint: str) -> timedelta:
        """How long a response serves instead of the API: the endpoint's own, or as configured."""
        own = ENDPOINTS[endpoint].lifetime
        return own or max(timedelta(seconds=self.settings.cache_ttl), API_LIFETIME)

    def stored_origin(self) -> str | None:
        """Where the stored data comes from; None before there is any.

        Raises ConfigurationError where simulated and real data would be mixed.
        """
        with self.database.autocommit() as connection:
            stored = get_state(connection, DATA_ORIGIN)
        self.check_origin(stored)
        return None if stored is None else str(stored)

    @property
    def origin(self) -> str:
        """Where the data comes from: the installation remembers it."""
        return "iracing.com" if self.settings.is_real_api else "simulated"

    def check_origin(self, stored: str | None) -> None:
        """Raises ConfigurationError where the database holds data of another origin."""
        if stored not in {None, self.origin}:
            raise ConfigurationError(
                f"The database holds {stored} data, and {self.settings.api_url} would add "
                f"{self.origin} data to it. Use another database (IRACING_DATABASE_URL) or another "
                f"data directory than {self.settings.data_dir} (IRACING_DATA_DIR)."
            )

    def close(self) -> None:
        """Close connections; the embedded Postgres stops with its last user, at exit."""
        if "client" in self.__dict__:
            self.client.close()
        if "database" in self.__dict__:
            self.database.dispose()
