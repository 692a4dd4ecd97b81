"""Taking secrets and signatures out of text.

In: text. Out: a copy that may be logged or stored. Pure. JSON that lands is landable.py's.
What counts as a secret is the caller's knowledge; what counts as a signature is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
