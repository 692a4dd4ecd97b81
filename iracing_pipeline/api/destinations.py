"""Where links found in responses may lead: iRacing's hosts and its storage, or the configured API's own host.

In: the configured base URLs, URLs and host names to be checked. Out: addresses to connect to, or
LinkRefusedError. A response is somebody else's text: without this, a link in it could make this machine read
what only this machine reaches. Fetching is links.py's; nothing is sent here, but names are resolved.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from functools import cached_property

import httpx

from iracing_pipeline.api.errors import LinkRefusedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TRUSTED_SUFFIXES = ("iracing.com", "amazonaws.com", "cloudfront.net")
"""iRacing's own hosts, and where its storage is. Anybody can rent a host under the last two: a link there can
bring wrong data, and nothing that is not public."""

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Destinations:
    """Which URLs a client may follow. Thread-safe.

    Trusted hosts are followed by https at the usual port, and only to public addresses. An API that is not
    iRacing's (a simulator, a stand-in, a gateway) may also lead to its own host: with the link that answers a
    request to any port, with everything else to the ports of API, login and such links. One on loopback leads
    to itself and nowhere else.
    """

    def __init__(self, api_url: str, oauth_url: str) -> None:
        api, oauth = httpx.URL(api_url), httpx.URL(oauth_url)
        self._host = _plain(api.host)
        self._is_real = _is_under(self._host, TRUSTED_SUFFIXES[:1])
        self._configured = frozenset({_port(api), _port(oauth)})
        self._learned: set[int] = set()
        self._lock = threading.Lock()

    def learn(self, url: str) -> None:
        """Take the storage's port from a link that answered a request. Raises LinkRefusedError."""
        parsed = httpx.URL(url)
        self._check_host(parsed)
        if self._is_own(_plain(parsed.host)):
            with self._lock:
                self._learned.add(_port(parsed))

    def check(self, url: httpx.URL) -> None:
        """Raises LinkRefusedError where the URL must not be followed, as far as its text tells."""
        self._check_host(url)
        host, port = _plain(url.host), _port(url)
        with self._lock:
            # A stand-in that answers without links has said nothing yet of where its files are.
            is_known = not self._learned or port in self._configured | self._learned
        if self._is_own(host) and not is_known:
            raise _refused(f"it leads to port {port} of {host}, where neither API nor storage is")

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to, as its name resolves now.

        Whoever connects has to connect to one of these, not to the name, which may resolve to something else
        the next time. Raises LinkRefusedError where none may be; OSError where the name does not resolve.
        """
        name = _plain(host)
        found = _resolved(name, port)
        if not self._is_real and name == self._host:
            return found
        allowed = [one for one in found if self._may_connect(name, one)]
        if not allowed:
            raise _refused(f"{name} is at {found[0]}, which is no public address")
        return allowed

    def _may_connect(self, name: str, address: str) -> bool:
        if not self._is_real and address in self._own_addresses:
            return True
        return is_trusted(name) and not self._is_on_loopback and is_public(_address(address))

    def _check_host(self, url: httpx.URL) -> None:
        host = _plain(url.host)
        if url.userinfo:
            raise _refused("it carries a user name or a password")
        if self._is_own(host) or self._is_listed(url):
            return
        literal = _literal(host)
        if literal is not None and not is_public(literal):
            raise _refused(f"it leads to {host}, which is no public address")
        if is_trusted(host) and not self._is_on_loopback:
            raise _refused(
                f"it leads to {url.scheme}://{url.netloc.decode('ascii', 'replace')}, which is not "
                "https at the usual port"
            )
        whose = "iRacing or its storage" if self._is_real else "the API in IRACING_API_URL"
        raise _refused(f"it leads to {host or 'no host'}, which is no host of {whose}")

    def _is_listed(self, url: httpx.URL) -> bool:
        is_usual = url.scheme == "https" and url.port in {None, 443}
        return is_usual and is_trusted(_plain(url.host)) and not self._is_on_loopback

    def _is_own(self, host: str) -> bool:
        return not self._is_real and (host == self._host or host in self._own_names)

    @cached_property
    def _own_addresses(self) -> frozenset[str]:
        """Where the configured API is. Empty while its name does not resolve (behind a proxy it need not)."""
        try:
            return frozenset(_resolved(self._host, 0))
        except OSError:
            return frozenset()

    @cached_property
    def _own_names(self) -> frozenset[str]:
        is_localhost = self._own_addresses & {"127.0.0.1", "::1"}
        return self._own_addresses | ({"localhost"} if is_localhost else set())

    @cached_property
    def _is_on_loopback(self) -> bool:
        return not self._is_real and any(
            _unwrapped(_address(one)).is_loopback for one in self._own_addresses
        )


def _refused(reason: str) -> LinkRefusedError:
    return LinkRefusedError(f"the link is not followed: {reason}.")


def is_trusted(host: str) -> bool:
    """Whether this is a host of iRacing or of its storage."""
    return _is_under(host, TRUSTED_SUFFIXES)


def is_public(address: Address) -> bool:
    """Whether an address is for everybody: not loopback, private, link-local, shared, multicast or reserved.

    An IPv4 address inside an IPv6 address (mapped, 6to4, Teredo, NAT64) counts as itself.
    """
    real = _unwrapped(address)
    return (
        real.is_global
        and not real.is_multicast
        and not real.is_reserved
        and not getattr(real, "is_site_local", False)
    )


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _address(text: str) -> Address:
    return ipaddress.ip_address(text)


def _literal(host: str) -> Address | None:
    try:
        return _address(host)
    except ValueError:
        return None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _is_under(host: str, suffixes: Sequence[str]) -> bool:
    return any(host == suffix or host.endswith(f".{suffix}") for suffix in suffixes)


def _port(url: httpx.URL) -> int:
    return url.port or _PORTS.get(url.scheme, 0)


def _resolved(host: str, port: int) -> list[str]:
    """The addresses of a host in the resolver's order, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))
