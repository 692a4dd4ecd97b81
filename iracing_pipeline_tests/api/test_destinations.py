"""Where links may lead: every way to name an address inside, for the real API, a stand-in and a simulator."""

from __future__ import annotations

import socket

import httpx
import pytest

from iracing_pipeline.api.destinations import Destinations
from iracing_pipeline.api.errors import LinkRefusedError
from iracing_pipeline.settings import DEFAULT_API_URL, DEFAULT_OAUTH_URL

INSIDE = (
    *(
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - an address that is refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
    ),
    *(
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
    ),
    *("::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1"),
)
REAL = (DEFAULT_API_URL, DEFAULT_OAUTH_URL)
LOOPBACK = ("http://127.0.0.1:8400", "http://127.0.0.1:8401/oauth2")
STAND_IN = ("http://stand-in.test:8400", "http://stand-in.test:8400/oauth2")


def url_of(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def refuses(destinations: Destinations, url: str) -> str:
    """Why this URL, or the address that its host has, is refused, also as the link of an answer."""
    parsed = httpx.URL(url)
    try:
        destinations.learn(url)
        destinations.check(parsed)
        destinations.addresses(parsed.host, parsed.port or 443)
    except LinkRefusedError as error:
        return str(error)
    raise AssertionError(f"{url} is followed")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of names: nobody asks a name server."""
    names: dict[str, list[str]] = {"stand-in.test": ["10.9.8.7"], "localhost": ["::1", "127.0.0.1"]}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, **rest: int) -> list[object]:
        found = [real(one, port, **rest) for one in names.get(host, [host])]
        return [entry for entries in found for entry in entries]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names


@pytest.mark.promise(8)
@pytest.mark.parametrize("api", [REAL, LOOPBACK, STAND_IN], ids=["real", "loopback", "stand-in"])
def test_no_link_leads_inside(api: tuple[str, str], resolver: dict[str, list[str]]) -> None:
    destinations = Destinations(*api)
    own = {"127.0.0.1", "::ffff:127.0.0.1"} if api is LOOPBACK else set()
    for address in INSIDE:
        if address not in own:
            for scheme in ("https", "http"):
                told = refuses(destinations, f"{scheme}://{url_of(address)}/latest/meta-data")
                assert "not followed" in told
        # A name that resolves there, alone or beside a public address, is connected to nowhere inside.
        resolver["files.iracing.com"] = [address]
        refuses(destinations, "https://files.iracing.com/x")
        resolver["files.iracing.com"] = [address, "52.216.0.1"]
        if api is not LOOPBACK:
            assert destinations.addresses("files.iracing.com", 443) == ["52.216.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        "https://scorpio-assets.s3.us-east-1.amazonaws.com/production/x?X-Amz-Signature=s",
        "https://scorpio-assets.s3.amazonaws.com:443/production/x",
        "https://MEMBERS-NG.iracing.com./data/x",
        "https://d1234.cloudfront.net/x",
    ],
)
def test_the_real_api_leads_to_itself_and_its_storage_by_https(
    url: str, resolver: dict[str, list[str]]
) -> None:
    parsed = httpx.URL(url)
    resolver[parsed.host.rstrip(".").lower()] = ["52.216.0.1", "2600:1fa0::1"]
    destinations = Destinations(*REAL)
    destinations.learn(url)
    destinations.check(parsed)
    assert destinations.addresses(parsed.host, 443) == ["52.216.0.1", "2600:1fa0::1"]
    for other in (
        parsed.copy_with(scheme="http", port=None),
        parsed.copy_with(port=8443),
        parsed.copy_with(port=22),
        parsed.copy_with(username="user", password="x"),
        parsed.copy_with(host=f"{parsed.host.rstrip('.')}.example.net"),
        parsed.copy_with(host=f"x{parsed.host.rstrip('.').rsplit('.', 2)[-2]}.com"),
        parsed.copy_with(host="52.216.0.1"),
    ):
        refuses(destinations, str(other))


def test_a_simulated_api_on_loopback_leads_to_its_own_ports_only(
    resolver: dict[str, list[str]],
) -> None:
    destinations = Destinations(*LOOPBACK)
    file = httpx.URL("http://127.0.0.1:8402/w.json")
    # Nothing is known of where it keeps its files: any port of its host will do.
    destinations.check(file)
    destinations.learn("http://localhost:8402/series.json")
    for port in (8400, 8401, 8402):
        destinations.check(file.copy_with(port=port))
    assert destinations.addresses("localhost", 8402) == ["127.0.0.1"]
    for url in (
        "http://127.0.0.1:5432/",
        "http://localhost/",
        "http://127.0.0.2:8402/",
        "http://user@127.0.0.1:8402/",
        "https://members-ng.iracing.com/x",
        "https://scorpio-assets.s3.amazonaws.com/x",
        "http://example.net:8402/",
    ):
        with pytest.raises(LinkRefusedError):
            destinations.check(httpx.URL(url))
    # However an address is written, it is what it resolves to that counts.
    for name in ("2130706434", "0x7f.2", "127.2"):
        refuses(destinations, f"http://{name}:8402/")


def test_a_stand_in_on_a_private_host_leads_to_itself_and_to_the_storage_of_iracing(
    resolver: dict[str, list[str]],
) -> None:
    destinations = Destinations(*STAND_IN)
    destinations.learn("http://stand-in.test:9000/x")
    assert destinations.addresses("stand-in.test", 9000) == ["10.9.8.7"]
    resolver["scorpio-assets.s3.amazonaws.com"] = ["52.216.0.1"]
    destinations.check(httpx.URL("https://scorpio-assets.s3.amazonaws.com/x"))
    refuses(destinations, "http://neighbour.test:9000/x")
    refuses(destinations, "http://10.9.8.8:9000/x")
