"""The responses that a sync run reads: landed and fresh, or fetched now; and which they were.

In: endpoint and parameters. Out: bodies, and for the writer what to land and what to guard. What a response
means is model's business, landing it the writer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from iracing_pipeline.core.endpoints import CURRENT_LIST, ENDPOINTS, SEASONS
from iracing_pipeline.core.landable import landable
from iracing_pipeline.core.response import Response
from iracing_pipeline.model.rows.forecasts import forecast_links
from iracing_pipeline.warehouse.responses.landing import find_landed

if TYPE_CHECKING:
    from iracing_pipeline.sync.run import SyncRun


class EmptyResponse(ValueError):
    """A response without a single usable item: it is refused, and nothing is written."""

    kind = "answer"


class NothingLanded(ValueError):
    """An asset that reads landed responses only found none."""

    kind = "misuse"


@dataclass
class Responses:
    """One per sync run. `fetched` lands with the rows; `read` has to be the newest when they are written."""

    fetched: list[Response] = field(default_factory=list)
    read: list[Response] = field(default_factory=list)
    _before: list[Response] = field(default_factory=list)
    """Fetched by this run before it had to start over."""

    def note(self, response: Response, *, is_fetched: bool = False) -> None:
        """A response that was read."""
        self.read.append(response)
        if is_fetched:
            self.fetched.append(response)

    def drop(self, endpoint: str) -> None:
        """Do not land a response that turned out to be of no use."""
        self.fetched = [one for one in self.fetched if one.endpoint != endpoint]
        self.read = [one for one in self.read if one.endpoint != endpoint]

    def take(self) -> list[Response]:
        """What is to be landed now; from here on the run begins to read anew."""
        fetched, self.fetched, self.read = self.fetched, [], []
        return fetched

    def start_over(self) -> None:
        """The next reading takes the newest of what was fetched and what has landed."""
        self._before += self.fetched
        self.fetched, self.read = [], []

    def fetched_before(self, endpoint: str, params: Mapping[str, str]) -> Response | None:
        """The response this run fetched before it had to start over."""
        for response in self._before:
            if response.endpoint == endpoint and dict(response.params) == dict(params):
                return response
        return None


def fresh_since(run: SyncRun, endpoint: str) -> datetime:
    """Responses fetched before this moment are asked for again."""
    services = run.services
    limit = services.now() - services.lifetime(endpoint)
    asked = None if ENDPOINTS[endpoint].lifetime else run.options.asks_before
    return max(limit, asked) if asked else limit


def read_response(
    run: SyncRun,
    endpoint: str,
    params: Mapping[str, str] | None = None,
    *,
    asks: bool | None = None,
    keeps: bool = True,
) -> Any:
    """The body of a response: landed and fresh, or fetched now (and landed with the rows).

    `asks`: whether to ask the API whatever has landed; None leaves it to the option `refresh`.
    `keeps`: later assets of the session find it in memory.
    """
    services, params = run.services, params or {}

    def noted(response: Response, *, is_fetched: bool) -> Any:
        run.responses.note(response, is_fetched=is_fetched)
        if keeps:
            run.session.keep(response)
        return response.body

    mine = run.responses.fetched_before(endpoint, params)
    if mine is not None:
        with services.database.autocommit() as connection:
            theirs = find_landed(connection, endpoint, params)
        is_mine = theirs is None or theirs.fetched_at <= mine.fetched_at
        return noted(mine if is_mine or theirs is None else theirs, is_fetched=is_mine)
    if not (run.options.refresh if asks is None else asks):
        with services.database.autocommit() as connection:
            known = find_landed(
                connection,
                endpoint,
                params,
                fetched_after=fresh_since(run, endpoint),
                now=services.now(),
            )
        if known is not None:
            run.say(f"{endpoint}: landed {known.fetched_at:%Y-%m-%d %H:%M} UTC, no request")
            run.recorder.saved_call(endpoint, params)
            return noted(known, is_fetched=False)
    run.say(f"{endpoint}: asking the API")
    return noted(fetch(run, endpoint, params), is_fetched=True)


def read_landed(run: SyncRun, endpoint: str, params: Mapping[str, str], *, filled_by: str) -> Any:
    """The newest landed body whatever its age, without a request.

    Raises NothingLanded, naming the asset that fills it, where there is none.
    """
    known = run.session.kept(endpoint, params)
    if known is None:
        with run.services.database.autocommit() as connection:
            known = find_landed(connection, endpoint, params)
    if known is None:
        asked = " ".join(f"{name}={value}" for name, value in params.items())
        raise NothingLanded(
            f"No response of {endpoint} ({asked}) has landed yet: materialize {filled_by} first."
        )
    run.recorder.saved_call(endpoint, params)
    run.responses.note(known)
    run.session.keep(known)
    return known.body


def fetch(run: SyncRun, endpoint: str, params: Mapping[str, str]) -> Response:
    """A response of the API, ready to be landed. Any thread may call it."""
    response = run.services.client.get(endpoint, params)
    if endpoint == SEASONS:
        # What lands has no links that still serve: they live as long as this session.
        is_current = dict(params) == CURRENT_LIST
        run.session.add_links(forecast_links(response.body), is_current=is_current)
    if run.options.verbose:
        run.say(f"{endpoint}: {response.bytes:,} bytes in {response.milliseconds:,} ms")
    return replace(
        response,
        body=landable(response.body),
        expires_at=response.fetched_at + run.services.lifetime(endpoint),
    )
