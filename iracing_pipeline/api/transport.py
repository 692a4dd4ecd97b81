"""One HTTP exchange: send, read the whole body within a deadline, or say why nothing came.

In: method, URL, headers. Out: Reply, or UnreachableError / TransientError. Knows no endpoint.
No retries, no meaning of a status, no token of its own; what httpx would log stays silent.
"""

from __future__ import annotations

import functools
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from iracing_pipeline.api.destinations import Destinations
from iracing_pipeline.api.errors import BodyTooLargeError, TransientError, UnreachableError
from iracing_pipeline.api.limits import Limits
from iracing_pipeline.core.redact import redact

if TYPE_CHECKING:
    import ssl

# httpx logs every URL, signature included, at INFO; httpcore logs headers at DEBUG.
_TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


_ASKED_FOR = {"gzip", "deflate"}
_COMPRESSIONS = {*_ASKED_FOR, "br", "zstd"}


@dataclass(frozen=True)
class Reply:
    """A complete answer. `content` is the body, decompressed; `repr` shows neither it nor headers."""

    status: int
    headers: httpx.Headers = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people, whatever its content type says."""
        return self.content.lstrip()[:1] == b"<"

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header (seconds or HTTP date); None without one."""
        value = self.headers.get("retry-after", "").strip()
        if not value:
            return None
        try:
            seconds = float(value)
            return max(0.0, seconds) if math.isfinite(seconds) else None
        except ValueError:
            due = http_date(value)
        now = http_date(self.headers.get("date", "")) or time.time()
        return None if due is None else max(0.0, due - now)


@dataclass(frozen=True)
class Deadline:
    """The time one call has: moments in the client's monotonic seconds, `read_timeout` in seconds."""

    started: float
    until: float
    read_timeout: float
    pauses_until: float = math.inf
    """No pause that a service asks for is waited out that would end later."""


class _NoCookies(httpx.Cookies):
    """A jar that takes nothing: what a service sets would come back to it as a header nobody asked for."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them, without looking for them in each answer."""


class Transport:
    """A pooled httpx client with one duty. It sends no header that the caller did not ask for."""

    def __init__(
        self,
        *,
        limits: Limits,
        monotonic: Callable[[], float] = time.monotonic,
        tls: ssl.SSLContext | None = None,
        destinations: Destinations | None = None,
    ) -> None:
        """`destinations`: where URLs that are somebody else's may lead. Redirects are followed there only."""
        _silence()
        self._limits = limits
        self._monotonic = monotonic
        self._answered_at = float("-inf")
        self._http = httpx.Client(
            verify=tls if tls is not None else tls_context(),
            follow_redirects=destinations is not None,
            max_redirects=3,
            # Asked before each request, those that a redirect makes included.
            event_hooks={
                "request": [lambda request: destinations.check(request.url)] if destinations else []
            },
            limits=httpx.Limits(
                max_connections=limits.pool_size, max_keepalive_connections=limits.pool_size
            ),
        )
        self._http.headers = httpx.Headers({"accept-encoding": "gzip", "user-agent": user_agent()})
        for default in ("accept", "connection"):
            del self._http.headers[default]
        # No public way: httpx copies the cookies that it is given into a jar of its own.
        self._http._cookies = _NoCookies()
        self._clock = _Clock(monotonic)
        # No public way leads to the backend that also keeps httpx' proxies from the environment.
        for each in (self._http._transport, *self._http._mounts.values()):
            pool: Any = getattr(each, "_pool", None)
            if pool is not None:
                # A proxy is the operator's own choice, and resolves names itself.
                checked = destinations if each is self._http._transport else None
                pool._network_backend = _Backend(pool._network_backend, self._clock, checked)

    def exchange(
        self,
        method: str,
        url: str,
        *,
        what: str,
        deadline: Deadline,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        """Send and read everything. `what` names the other side in error texts ("the API").

        The body is a `form`, or `content` as it is, or nothing.

        Raises UnreachableError when nothing came whole since this call started (no DNS, TCP, TLS, or
        a timeout), TransientError when the answer broke off or the deadline passed, LinkRefusedError
        where URL, redirect or address is none of the destinations, BodyTooLargeError.
        """
        failure: TransientError
        try:
            with (
                self._clock.running(deadline.until),
                self._http.stream(
                    method,
                    url,
                    params=params or None,
                    headers=headers,
                    data=form,
                    content=content,
                    timeout=self._timeout(deadline),
                ) as response,
            ):
                body = self._read(response, what)
                self._answered_at = self._monotonic()
                return Reply(response.status_code, response.headers, body)
        except (httpx.ConnectError, httpx.TimeoutException) as error:
            failure = TransientError(f"{what} does not answer ({_reason(error)}).")
            if self._answered_at < deadline.started:
                failure = UnreachableError(str(failure))
                failure.has_answered = math.isfinite(self._answered_at)
        except httpx.TransportError as error:
            failure = TransientError(f"The answer of {what} broke off ({_reason(error)}).")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, ValueError) as error:
            # ValueError, UnicodeError: what httpx lets through of a malformed URL.
            failure = TransientError(f"The answer of {what} is unusable ({type(error).__name__}).")
        # Raised out here so that httpx' exception, which holds the URL, is not even its context.
        raise failure

    def _read(self, response: httpx.Response, what: str) -> bytes:
        """The whole body, decompressed. Raises BodyTooLargeError as soon as it is past a bound."""
        limits = self._limits
        named = response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
        codings = [name for name in named if name in _COMPRESSIONS]
        if len(codings) > 1 or not _ASKED_FOR.issuperset(codings):
            # A few bytes of such a body can be gigabytes, before anybody has counted.
            raise BodyTooLargeError(f"{what} sent a body in a compression that was not asked for.")
        parts: list[bytes] = []
        size = 0
        _check_size(what, _announced(response), limits.sent_bytes, "as sent")
        for part in response.iter_bytes():
            size += len(part)
            _check_size(what, response.num_bytes_downloaded, limits.sent_bytes, "as sent")
            _check_size(what, size, limits.body_bytes, "decompressed")
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def _timeout(self, deadline: Deadline) -> httpx.Timeout:
        left = max(0.001, deadline.until - self._monotonic())
        connect = min(self._limits.connect_timeout, left)
        return httpx.Timeout(
            connect=connect, write=connect, pool=left, read=min(deadline.read_timeout, left)
        )


class _Clock:
    """Each thread's deadline while it is inside an exchange."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._threads = threading.local()

    @contextmanager
    def running(self, until: float) -> Iterator[None]:
        self._threads.until = until
        try:
            yield
        finally:
            self._threads.until = None

    def capped(self, timeout: float | None) -> float | None:
        """`timeout`, or what is left if that is less. Raises httpcore.ReadTimeout when nothing is."""
        until: float | None = getattr(self._threads, "until", None)
        if until is None:
            return timeout
        left = until - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the deadline.

    httpx' read timeout begins anew with each byte: a head or body that trickles never meets it.
    """

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.capped(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.capped(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._clock.capped(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects within the deadline, and where `destinations` are given to checked addresses only."""

    def __init__(
        self,
        backend: httpcore.NetworkBackend,
        clock: _Clock,
        destinations: Destinations | None = None,
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._destinations = destinations

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.TimeoutException | httpcore.NetworkError | None = None
        for address in self._addresses(host, port):
            left = self._clock.capped(timeout)
            try:
                stream = self._backend.connect_tcp(
                    address, port, left, local_address, socket_options
                )
                return _Stream(stream, self._clock)
            except (httpcore.TimeoutException, httpcore.NetworkError) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        if self._destinations is None:
            return [host]
        try:
            return self._destinations.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from None

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


def _announced(response: httpx.Response) -> int:
    length = response.headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdecimal() else 0


def _check_size(what: str, size: int, most: int, how: str) -> None:
    if size > most:
        raise BodyTooLargeError(
            f"{what} sent a body of more than {most / 2**20:,.0f} MiB {how}: this is the bound, and the "
            "rest was not read."
        )


def tls_context() -> ssl.SSLContext:
    """The one TLS context of a client's transports: loading the authorities costs some 20 ms."""
    return httpx.create_ssl_context()


def http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date; None if it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


@functools.cache
def user_agent() -> str:
    """The product string every request carries."""
    try:
        version = metadata.version("iracing-pipeline")
    except metadata.PackageNotFoundError:
        version = "unknown"
    return f"iracing-pipeline/{version} (+python-httpx)"


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.LocalProtocolError):
        return type(error).__name__  # its text quotes the header it does not like
    text = redact(str(error)).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class _OnlyWarnings(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_only_warnings = _OnlyWarnings()


def _silence() -> None:
    # A filter and not a level: it holds whatever level somebody sets later. A logger's filter does
    # not reach its children, hence one on each; addFilter adds the same object only once.
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_only_warnings)
