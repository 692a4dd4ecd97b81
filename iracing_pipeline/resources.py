"""The resources as Dagster shows them: the iRacing API, and the warehouse that the pipeline fills.

In: fields, each of which may be left to its environment variable. Out: a client, a database, and for the
pipeline's own assets the engine's services. Loading definitions reads no variable and opens nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from dagster import ConfigurableResource, EnvVar
from pydantic import ConfigDict, Field, PlainValidator

from iracing_pipeline.settings import Settings
from iracing_pipeline.sync.session import Session

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from iracing_pipeline.api.client import IracingClient
    from iracing_pipeline.sync.services import Services


class Hidden(str):
    """A secret that reads as asterisks in every snapshot, repr and message; get_secret_value() has it."""

    _value: str

    def __new__(cls, value: str) -> Hidden:
        made = super().__new__(cls, "********")
        made._value = value
        return made

    def get_secret_value(self) -> str:
        return self._value


def _hide(value: Any) -> Any:
    if value is None or isinstance(value, (EnvVar, Hidden)):
        return value
    if not isinstance(value, str) or value == "********":
        raise ValueError("a secret is text, or EnvVar(...)")
    return Hidden(value)


# Optional, not `| None`: Dagster reads the type of a config field, and takes Annotated off.
Secret = Annotated[str | None, PlainValidator(_hide)]


class Engine(NamedTuple):
    """What the adapter needs to run one asset."""

    services: Services
    session: Session
    retries_steps: bool = True
    """Whether a transient failure is left to the step's retry policy (minutes), or final."""


class _FromEnvironment(ConfigurableResource[Any]):
    """Fields that are not given are read from their environment variables when first needed."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def given(self) -> dict[str, str]:
        """The values that are given, by environment variable."""
        found = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, EnvVar):  # used without Dagster, which resolves it
                value = value.get_value()
            variable = (field.description or "").partition(":")[0]
            if value is not None and variable:
                hidden = isinstance(value, Hidden)
                found[variable] = value.get_secret_value() if hidden else str(value)
        return found


class IRacingResource(_FromEnvironment):
    """iRacing's /data API: OAuth login, request budget, bounded retries.

    A field that is left empty is taken from the environment variable that its description begins with.
    Tokens are shared with every other process of the installation through the warehouse's database:
    full logins are rationed. `get_client()` is for assets of your own, see docs/resources.md.
    """

    api_url: str | None = Field(
        default=None, description="IRACING_API_URL: default https://members-ng.iracing.com."
    )
    oauth_url: str | None = Field(
        default=None,
        description="IRACING_OAUTH_URL: default https://oauth.iracing.com/oauth2; the token endpoint is "
        "this + /token.",
    )
    client_id: str | None = Field(
        default=None, description="IRACING_CLIENT_ID: the OAuth client that iRacing issued."
    )
    client_secret: Secret = Field(
        default=None, description="IRACING_CLIENT_SECRET: its secret. Give EnvVar(...), or nothing."
    )
    username: str | None = Field(
        default=None, description="IRACING_USERNAME: e-mail address of the account."
    )
    password: Secret = Field(
        default=None, description="IRACING_PASSWORD: its password. Give EnvVar(...), or nothing."
    )
    access_token: Secret = Field(
        default=None,
        description="IRACING_ACCESS_TOKEN: a token obtained by another flow; it lives 10 minutes.",
    )
    refresh_token: Secret = Field(
        default=None,
        description="IRACING_REFRESH_TOKEN: the same with client_id; it lives 7 days and works once.",
    )
    cache_ttl: int | None = Field(
        default=None,
        description="IRACING_CACHE_TTL: seconds a landed response serves instead of the API, default "
        "3600, at least the API's own 900.",
    )

    def get_client(self, warehouse: WarehouseResource | None = None) -> IracingClient:
        """A client for assets of your own: `iracing.get_client().get("series/get").body`.

        It shares login and budget with every other client of the process for the same settings;
        `warehouse`: where tokens are kept, by default as the environment says.
        """
        return (warehouse or WarehouseResource()).services(self).client


class WarehouseResource(_FromEnvironment):
    """The Postgres that holds schema `iracing`: yours, or an embedded one under the data directory.

    A field that is left empty is taken from the environment variable that its description begins with.
    """

    database_url: Secret = Field(
        default=None,
        description="IRACING_DATABASE_URL: postgresql://user:password@host/database, Postgres 14 to 18. "
        "Unset: an embedded Postgres under the data directory.",
    )
    data_dir: str | None = Field(
        default=None, description="IRACING_DATA_DIR: embedded Postgres and files, default .iracing."
    )

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction on the warehouse, its schema up to date, for assets of your own."""
        with self.services().database.begin() as connection:
            yield connection

    def services(self, iracing: IRacingResource | None = None) -> Services:
        """The engine's services for these settings: one per process."""
        given: Mapping[str, str] = {**self.given(), **(iracing.given() if iracing else {})}
        return _services(Settings.from_environment({**os.environ, **given}))

    def engine(self, iracing: IRacingResource | None, run_id: str) -> Engine:
        """Services, and the session that the assets of a Dagster run share."""
        services = self.services(iracing)
        return Engine(services, _session(services.settings, run_id))


class GivenEngine:
    """In place of both resources: services and session that a command, or a test, has built itself."""

    def __init__(
        self, services: Services, session: Session | None = None, *, retries_steps: bool = False
    ) -> None:
        self._services = services
        self._session = session
        self._sessions: dict[str, Session] = {}
        self._retries_steps = retries_steps

    def given(self) -> dict[str, str]:
        return {}

    def services(self, iracing: object = None) -> Services:
        return self._services

    def engine(self, iracing: object, run_id: str) -> Engine:
        """With the session given, or one per Dagster run."""
        session = self._session or self._sessions.get(run_id)
        if session is None:
            session = self._sessions[run_id] = _new_session(self._services)
        return Engine(self._services, session, self._retries_steps)


@lru_cache(maxsize=4)
def _services(settings: Settings) -> Services:
    from iracing_pipeline.sync.services import Services

    return Services(settings)


@lru_cache(maxsize=4)
def _session(settings: Settings, run_id: str) -> Session:
    return _new_session(_services(settings))


def _new_session(services: Services) -> Session:
    return Session(services.now())
