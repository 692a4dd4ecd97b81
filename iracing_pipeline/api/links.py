"""Bodies behind signed links: one file, the rows of a data_url, or the chunks of a long result.

In: a URL signed by iRacing. Out: parsed JSON. Sends neither token nor cookie nor any other header
than Accept-Encoding and User-Agent. No new links are asked for here: that is the client's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iracing_pipeline.api.destinations import Destinations
from iracing_pipeline.api.envelopes import LinkExpiredError, host_of, is_rate_limit, read_file
from iracing_pipeline.api.errors import TransientError
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.api.retrying import retrying
from iracing_pipeline.api.transport import Deadline, Transport


class SignedLinks:
    """Fetches from the storage host; each link is tried `Limits.link_attempts` times."""

    def __init__(
        self,
        transport: Transport,
        destinations: Destinations,
        limits: Limits,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._destinations = destinations
        self._limits = limits
        self._sleep = sleep
        self._monotonic = monotonic

    def fetch_answer(self, url: str, deadline: Deadline) -> tuple[Any, int]:
        """As `fetch`, for a link that the API gave instead of its answer: it says where the storage is."""
        self._destinations.learn(url)
        return self.fetch(url, deadline)

    def fetch(self, url: str, deadline: Deadline, attempts: int | None = None) -> tuple[Any, int]:
        """(parsed JSON, bytes of the decompressed body).

        Raises LinkExpiredError at once (a new link is needed), LinkRefusedError at once, TransientError
        after the attempts.
        """
        name = host_of(url)
        if name is None:
            raise TransientError("the API answered with a link that is no URL.")
        host = f"the storage host ({name})"
        policy = retrying(
            self._limits,
            deadline,
            attempts=attempts or self._limits.link_attempts,
            sleep=self._sleep,
            monotonic=self._monotonic,
            gives_up_on=LinkExpiredError,
        )

        def once() -> tuple[Any, int]:
            reply = self._transport.exchange("GET", url, what=host, deadline=deadline)
            if is_rate_limit(reply):
                raise TransientError(f"{host} limits the rate.", retry_after=reply.retry_after)
            return read_file(reply, host), len(reply.content)

        return policy(once)

    def with_chunks(self, body: Any, deadline: Deadline) -> tuple[Any, int]:
        """(`body` with its chunks' rows put in, bytes fetched for them); any other body unchanged.

        The holder of `chunk_info` (the body itself, or its `data`) gains `rows`: the concatenation
        of all chunks, `[]` for a `chunk_info` of null. Links and file names leave `chunk_info`.
        """
        if not isinstance(body, dict):
            return body, 0
        if "chunk_info" in body:
            return self._joined(body, deadline)
        if isinstance(body.get("data"), dict) and "chunk_info" in body["data"]:
            data, size = self._joined(body["data"], deadline)
            return {**body, "data": data}, size
        return body, 0

    def _joined(self, holder: dict[str, Any], deadline: Deadline) -> tuple[dict[str, Any], int]:
        info = holder["chunk_info"]
        if not isinstance(info, dict):
            return {**holder, "rows": []}, 0
        rows: list[Any] = []
        size = 0
        names = info.get("chunk_file_names") or []
        if not isinstance(names, list):
            raise TransientError("the names of the answer's chunks are not a list.")
        for name in names:
            chunk, more = self.fetch(f"{info.get('base_download_url') or ''}{name}", deadline)
            if not isinstance(chunk, list):
                raise TransientError("a chunk of the answer is not a list.")
            rows += chunk
            size += more
        if isinstance(info.get("rows"), int) and info["rows"] != len(rows):
            raise TransientError(f"{len(rows)} rows came in chunks, {info['rows']} were announced.")
        kept = {
            key: value
            for key, value in info.items()
            if key not in {"base_download_url", "chunk_file_names"}
        }
        return {**holder, "chunk_info": kept, "rows": rows}, size
