"""Which bearer token a request carries, and how a new one is come by when it has run out.

In: Credentials, a TokenStore shared by processes, the token endpoint. Out: the token, or a typed error.
No /data request here: the client sends those, and reports a token that was not accepted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.errors import (
    ApiError,
    CredentialsError,
    LimitedError,
    MaintenanceError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from iracing_pipeline.api.token_endpoint import TokenEndpoint
from iracing_pipeline.api.tokens import (
    AuthorizationCode,
    Kept,
    Refusal,
    Token,
    TokenCipher,
    TokenSlot,
    TokenStore,
    is_header_safe,
    token_key,
)
from iracing_pipeline.api.transport import Deadline

# Steps of one run start seconds apart: what one was refused, the next need not try.
_REFUSAL_LASTS_SECONDS = 30.0

_BUSY = "another process is logging in; it did not finish within this call's time."

_USED_UP = (
    "The refresh token is used up or expired (each works once and for 7 days). Obtain a new one "
    "and set IRACING_REFRESH_TOKEN; the old value cannot be used again."
)

_LOGGED_OUT = (
    "No valid login by browser is stored: it has ended, or was made for another database. Run "
    "`iracing-pipeline login` again. (A login lasts 7 days after it was last used, and 10 minutes if "
    "iRacing gave no refresh token.)"
)


class IracingAuth:
    """Tokens for one set of credentials; thread-safe, and agreed between processes by the store.

    A token that still has its margin is used as it is. Otherwise, under the store's lock: look
    again whether somebody else renewed it, else refresh (the new pair is stored before anyone uses
    it, since a refresh token works once), else log in. A refusal for good is remembered: every
    later call raises it without a request, because logins are rationed and failed ones counted.
    """

    def __init__(
        self,
        *,
        credentials: Credentials,
        endpoint: TokenEndpoint,
        store: TokenStore,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._store = store
        self._wall = wall
        self._monotonic = monotonic
        self._key = token_key(endpoint.url, credentials)
        self._cipher = TokenCipher(credentials)
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._token: Token | None = None
        self._rejected: str | None = None
        self._issued: str | None = None
        self._brought: tuple[str, ...] = ()
        self._failure: PermanentError | None = None

    def bearer(self, deadline: Deadline, rejected: str | None = None) -> str:
        """An access token; never `rejected`, which the API answered with 401.

        Raises CredentialsError (remembered), TransientError (`retry_after` when the server rations
        logins), UnreachableError, MaintenanceError.
        """
        grant = self._credentials.grant
        if grant is None:
            missing = ", ".join(self._credentials.missing())
            raise CredentialsError(f"No iRacing credentials: set {missing}.")
        self._raise_if_refused()
        if grant == "access_token":
            return self._given_token(rejected)
        with self._lock:
            if rejected is not None:
                self._rejected = rejected
            token = self._token
        if not self._is_usable(token):
            token = self._cipher.open(self._store.read(self._key)).token
        if token is None or not self._is_usable(token):
            token = self._renew(deadline)
        with self._lock:
            self._token = token
        return token.access_token

    def log_in(self, answer: AuthorizationCode, deadline: Deadline) -> Token:
        """Exchange what a browser has brought, and store the tokens in place of those that were.

        Once: the code is dead afterwards. Raises as `bearer` does.
        """
        self._brought = (answer.code, answer.verifier)
        with self._slot(deadline) as slot:
            token = self._endpoint.exchange(answer, deadline)
            slot.write(self._cipher.seal(Kept(token)))
        return token

    def has_issued(self, token: str) -> bool:
        """Whether this process had this token from the login service and has had none since."""
        with self._lock:
            return token == self._issued

    def remember(self, failure: PermanentError) -> None:
        """Raise a copy of this from now on whenever a token is asked for."""
        with self._lock:
            self._failure = failure

    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be shown, the current tokens included."""
        with self._lock:
            token = self._token
        current = (token.access_token, token.refresh_token or "") if token else ()
        return (*self._credentials.secrets(), *current, *self._brought, self._rejected or "")

    def _given_token(self, rejected: str | None) -> str:
        if rejected is not None:
            self.remember(
                CredentialsError(
                    "The token in IRACING_ACCESS_TOKEN has expired or is not accepted (HTTP 401); "
                    "it lives 10 minutes. Set a new one.",
                    status=401,
                )
            )
            self._raise_if_refused()
        token = (self._credentials.access_token or "").strip()
        if not is_header_safe(token):
            raise CredentialsError(
                "IRACING_ACCESS_TOKEN holds blanks or characters that no token has: check it."
            )
        return token

    def _is_usable(self, token: Token | None) -> bool:
        return (
            token is not None
            and token.access_token != self._rejected
            and self._wall() < token.use_until
        )

    def _renew(self, deadline: Deadline) -> Token:
        asked_at = self._wall()
        failure: ApiError
        with self._slot(deadline) as slot:
            self._raise_if_refused()
            kept = self._cipher.open(slot.read())
            if kept.token is not None and self._is_usable(kept.token):
                return kept.token
            told = _heard(kept.refusal, asked_at, self._wall())
            if told is None:
                try:
                    token = self._ask(kept.token, deadline)
                    slot.write(self._cipher.seal(Kept(token)))
                    with self._lock:
                        self._issued = token.access_token
                    return token
                except ApiError as error:
                    told = error
                refusal = _refusal(told, self._wall())
                slot.write(self._cipher.seal(Kept(kept.token, refusal)))
            failure = told
            if isinstance(failure, PermanentError):
                self.remember(failure)
        # Outside the context: a store that is a database transaction has committed by now.
        raise failure

    @contextmanager
    def _slot(self, deadline: Deadline) -> Iterator[TokenSlot]:
        # One thread of a process at a time asks for the store's lock: holding it may cost a
        # connection, and a refresh token lost for want of one is lost for good.
        if not self._renewing.acquire(timeout=self._left(deadline)):
            raise LimitedError(_BUSY)
        try:
            with ExitStack() as stack:
                try:
                    slot = stack.enter_context(
                        self._store.locked(self._key, timeout=self._left(deadline))
                    )
                    if not self._left(deadline):
                        # A login whose answer cannot be awaited counts all the same.
                        raise TimeoutError
                except TimeoutError:
                    raise LimitedError(_BUSY) from None
                yield slot
        finally:
            self._renewing.release()

    def _left(self, deadline: Deadline) -> float:
        return max(0.0, deadline.until - self._monotonic())

    def _ask(self, old: Token | None, deadline: Deadline) -> Token:
        can_login = self._credentials.grant == "password_limited"
        refresh_token = old.refresh_token if old else None
        if old and old.refresh_expires_at is not None and self._wall() >= old.refresh_expires_at:
            refresh_token = None
        if old is None and not can_login:
            refresh_token = (self._credentials.refresh_token or "").strip()
        refused: CredentialsError | None = None
        if refresh_token:
            try:
                new = self._endpoint.refresh(refresh_token, deadline)
                keep = None if can_login else refresh_token
                return replace(new, refresh_token=new.refresh_token or keep)
            except CredentialsError as error:
                refused = error
            if can_login and refused.code in {"invalid_client", "access_denied"}:
                raise refused
        if can_login:
            return self._endpoint.login(deadline)
        if refused is None or refused.code == "invalid_grant":
            by_browser = self._credentials.grant == "authorization_code"
            raise CredentialsError(_LOGGED_OUT if by_browser else _USED_UP, code="invalid_grant")
        raise refused

    def _raise_if_refused(self) -> None:
        with self._lock:
            failure = self._failure
        if failure is not None:
            raise failure.about(None)


def _refusal(error: ApiError, now: float) -> Refusal:
    pause = error.retry_after if isinstance(error, TransientError) else None
    return Refusal(error.kind, str(error), now, None if pause is None else now + pause)


def _heard(refusal: Refusal | None, asked_at: float, now: float) -> ApiError | None:
    """The error of whoever just asked, if it answers our question too.

    It does when it came while we waited for the lock; a refusal of the credentials also for some
    seconds after, and only for the same password and secret (others cannot read it); a pause that
    the server asked for until it is over.
    """
    if refusal is None:
        return None
    if refusal.until is not None:
        # A clock that was set back does not prolong the pause.
        left = min(refusal.until - now, refusal.until - refusal.at)
        limited = LimitedError if refusal.kind == LimitedError.kind else TransientError
        return limited(refusal.message, retry_after=left) if left > 0 else None
    age = asked_at - refusal.at
    if refusal.kind == CredentialsError.kind:
        return CredentialsError(refusal.message) if age < _REFUSAL_LASTS_SECONDS else None
    if age > 0:
        return None
    kinds: dict[str, type[ApiError]] = {
        error.kind: error
        for error in (
            TransientError,
            LimitedError,
            UnreachableError,
            MaintenanceError,
            PermanentError,
        )
    }
    return kinds.get(refusal.kind, TransientError)(refusal.message)
