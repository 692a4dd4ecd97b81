"""Secrets out of text, signatures and what Postgres refuses out of JSON; and masking. Pure."""

from __future__ import annotations

import pytest

from iracing_pipeline.api.credentials import Credentials, mask
from iracing_pipeline.core.landable import landable
from iracing_pipeline.core.redact import redact


@pytest.mark.parametrize(
    ("secret", "identifier", "masked"),
    [
        (
            "SuperSecretPassword",
            "test.user@example.com",
            "nXmEFCdpHheD1R3XBVkm6VQavR7ZLbW7SRmzo/MfFso=",
        ),
        (
            "SuperSecretPassword",
            "  Test.User@EXAMPLE.com ",
            "nXmEFCdpHheD1R3XBVkm6VQavR7ZLbW7SRmzo/MfFso=",
        ),
        ("Secret-Client-Password", "UnitTestApp", "D2GfmYK/nC8zeQPkpV2uGkk13hL0/LTQH44hiJKawCo="),
    ],
)
def test_masking_matches_the_published_vectors(secret: str, identifier: str, masked: str) -> None:
    assert mask(secret, identifier) == masked


def test_credentials_show_no_secret_and_know_all_of_them() -> None:
    account = Credentials("id", "s3cret", "me@example.com", "pa55", "acc", "ref")
    assert not any(secret in repr(account) for secret in account.secrets())
    assert {"s3cret", "pa55", "acc", "ref", mask("s3cret", "id")} <= set(account.secrets())
    assert mask("pa55", "me@example.com") in account.secrets()


@pytest.mark.parametrize(
    ("given", "grant", "missing"),
    [
        (Credentials("i", "s", "u", "p", "a", "r"), "password_limited", []),
        (Credentials("i", None, "u", "p", "a", "r"), "refresh_token", []),
        (Credentials(None, None, "u", "p", "a", "r"), "access_token", []),
        (Credentials("i", None, "u"), None, ["IRACING_CLIENT_SECRET", "IRACING_PASSWORD"]),
        (Credentials(refresh_token="r"), None, ["IRACING_CLIENT_ID"]),
    ],
)
def test_the_most_complete_way_of_logging_in_wins(
    given: Credentials, grant: str | None, missing: list[str]
) -> None:
    assert given.grant == grant
    assert given.missing() == missing


def test_a_secret_is_redacted_in_any_spelling() -> None:
    text = "pa+/= in form: pa%2B%2F%3D; Authorization: Bearer abc.def.ghi; https://x/y?X-Amz-Date=1"
    shown = redact(text, ["pa+/="])
    assert shown == "*** in form: ***; Authorization: Bearer ***; https://x/y"


def test_signed_urls_lose_their_query_and_nothing_else_changes() -> None:
    body = {
        "weather_url": "https://h/w.json?X-Amz-Signature=1&X-Amz-Expires=2",
        "old": "see https://h/a?AWSAccessKeyId=k&Expires=9&Signature=s and https://h/b?page=2",
        "chunk_file_names": ["5a.json?X-Amz-Algorithm=A&X-Amz-Signature=0"],
        "token": ["https://h/c?access_token=t#part"],
        "plain": "Ready? Set? Go=1",
        "numbers": [1, 2.5, None, True],
        "nul\x00key": "nul\x00value",
        "surrogate": "a\ud800b \U0001f3c1",
    }
    assert landable(body) == {
        "weather_url": "https://h/w.json",
        "old": "see https://h/a and https://h/b?page=2",
        "chunk_file_names": ["5a.json"],
        "token": ["https://h/c#part"],
        "plain": "Ready? Set? Go=1",
        "numbers": [1, 2.5, None, True],
        "nulkey": "nulvalue",
        "surrogate": "a\ufffdb \U0001f3c1",
    }
