"""Taking secrets out of text, and signatures (and what Postgres refuses) out of JSON.

In: text or parsed JSON. Out: a copy that may be logged or stored. Pure.
What counts as a secret is the caller's knowledge; what counts as a signature is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any
from urllib.parse import quote, quote_plus

_HIDDEN = "***"
_SIGNATURE_PARAMETER = re.compile(
    r"(?:^|&)(?:x-amz-[^=&]*|x-goog-[^=&]*|signature|awsaccesskeyid|googleaccessid|expires"
    r"|key-pair-id|sig|[^=&]*token|auth|authorization|api_?key)=",
    re.IGNORECASE,
)
# No scheme is asked for: a chunk's file name is relative and signed all the same.
_QUERY = re.compile(r"\?([^\s\"'<>#\\]*)")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}")
_DEEPEST = 100
_LARGEST = 10**100
_EXACT = 2**53
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every secret (also percent-encoded), bearer token and URL signature taken out."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            text = text.replace(form, _HIDDEN)
    return strip_signature(_BEARER.sub(rf"\1{_HIDDEN}", text))


def strip_signature(text: str) -> str:
    """`text` without the query of any URL in it that carries a signature; scheme, host, path stay."""
    if "?" not in text or "=" not in text:
        return text
    return _QUERY.sub(lambda m: "" if _SIGNATURE_PARAMETER.search(m[1]) else m[0], text)


def strip_signatures(obj: Any, depth: int = 0) -> Any:
    """A copy of parsed JSON that may be kept: URL signatures gone, and storable as jsonb.

    Postgres' jsonb refuses NUL characters (removed), lone surrogates (become U+FFFD), infinite
    numbers and huge integers (become text: null would say that there is no value); what is nested
    more than 100 deep is left out. Whole numbers written as 5.0 become 5, so that an id is the same
    id wherever SQL compares it. Keys are cleaned like values. About 1 s for the largest body, 11 MB.
    """
    kind = type(obj)
    if kind is str:
        return _clean(obj)
    if kind is dict:
        if depth > _DEEPEST:
            return None
        return {_clean(key): strip_signatures(value, depth + 1) for key, value in obj.items()}
    if kind is list:
        return None if depth > _DEEPEST else [strip_signatures(value, depth + 1) for value in obj]
    if kind is float:
        if not isfinite(obj):
            return str(obj)
        return int(obj) if obj.is_integer() and abs(obj) < _EXACT else obj
    if kind is int:
        return obj if -_LARGEST < obj < _LARGEST else str(obj)
    return obj


def _clean(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return strip_signature(text) if "?" in text else text
