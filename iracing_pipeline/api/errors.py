"""What can go wrong when iRacing is asked something, as kinds a caller can act on.

In: nothing. Out: exception classes whose text is for the person who reads the run's log.
No HTTP here, and never a secret: whoever builds a message redacts it first.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import ClassVar, TypeVar

_E = TypeVar("_E", bound="ApiError")


class ApiError(Exception):
    """Base of everything `iracing_pipeline.api` raises on purpose.

    `endpoint` ("series/past_seasons") and `params` ({"series_id": "139"}) say which item failed;
    `kind` is the machine-readable class of failure.
    """

    kind: ClassVar[str] = "api"

    def __init__(
        self, message: str, *, endpoint: str | None = None, params: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.endpoint = endpoint
        self.params: dict[str, str] = dict(params or {})

    def about(
        self: _E, endpoint: str | None, params: Mapping[str, str] | None = None, note: str = ""
    ) -> _E:
        """A copy that names this item, with `note` added to its text and no traceback of another call."""
        twin = copy.copy(self)
        twin.args = (f"{self.args[0]}{note}",)
        twin.endpoint = endpoint
        twin.params = dict(params or {})
        twin.__traceback__ = twin.__cause__ = twin.__context__ = None
        return twin

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else ""
        return f"{item(self.endpoint, self.params)}: {message}" if self.endpoint else message


class TransientError(ApiError):
    """Likely to pass: 429, 5xx, a broken or truncated body. Raised once the client's own retries are spent.

    `retry_after`: seconds the server asked to wait, when it said so.
    """

    kind: ClassVar[str] = "transient"

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        params: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, params=params)
        self.retry_after = retry_after


class LimitedError(TransientError):
    """The account may ask for nothing more just now: its requests, or its logins, are used up."""

    kind: ClassVar[str] = "limited"


class UnreachableError(TransientError):
    """Nothing was answered whole: no DNS, TCP or TLS, or only timeouts.

    `has_answered`: an earlier request was answered, so it may be no more than this one connection.
    """

    kind: ClassVar[str] = "unreachable"
    has_answered = False


class PermanentError(ApiError):
    """The same request will fail again: any 4xx without a kind of its own. `status`: the HTTP status."""

    kind: ClassVar[str] = "permanent"

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        params: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, params=params)
        self.status = status


class UnusableAnswerError(ApiError):
    """An answer that must not be taken as it is, whatever it holds: the text says which bound it breaks."""

    kind: ClassVar[str] = "unusable"


class BodyTooLargeError(UnusableAnswerError):
    """A body past its bound, as sent or decompressed: what had come of it was thrown away. See limits.py."""


class LinkRefusedError(UnusableAnswerError):
    """A link that leads where no link may lead: it was not followed. See destinations.py."""


class CredentialsError(PermanentError):
    """Wrong, expired or missing credentials; the text names the variables to check.

    `code`: the server's OAuth error code ("invalid_grant"), when it gave one.
    """

    kind: ClassVar[str] = "credentials"

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        params: Mapping[str, str] | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, params=params, status=status)
        self.code = code


class MaintenanceError(ApiError):
    """The service says that it is being maintained (often for hours). `note`: its own words, if any."""

    kind: ClassVar[str] = "maintenance"

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        params: Mapping[str, str] | None = None,
        note: str | None = None,
    ) -> None:
        super().__init__(message, endpoint=endpoint, params=params)
        self.note = note


def item(endpoint: str | None, params: Mapping[str, str]) -> str:
    """`series/past_seasons (series_id=139)`: the item as every message writes it."""
    listed = ", ".join(f"{name}={value}" for name, value in params.items())
    return f"{endpoint} ({listed})" if listed else f"{endpoint}"
