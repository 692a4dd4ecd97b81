"""The OAuth2 service: POST /oauth2/token, GET /oauth2/authorize, GET /oauth2/iracing/profile.

In: the three grants, their checks in iRacing's order, the login ration. Out: what tokens are
(tokens.py), masking (credentials.py). /authorize approves at once: there is nobody to ask. A fault of
kind `oauth_error` there is who denies it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .answers import html_error, json_answer, oauth_error, token_refused
from .credentials import ACCOUNT_ID, ACCOUNT_NAME, SimCredentials
from .faults import OAUTH_KINDS, Faults
from .limits import FixedWindow, Verdict
from .tokens import KNOWN_SCOPES, Tokens

Form = dict[str, str]


class OAuthService:
    """Counts `logins` and `refreshes` that succeeded."""

    def __init__(
        self, credentials: SimCredentials, tokens: Tokens, ration: FixedWindow, faults: Faults
    ):
        self.credentials = credentials
        self.tokens = tokens
        self.ration = ration
        self.faults = faults
        self.logins = 0
        self.refreshes = 0
        self._codes: dict[str, Form] = {}

    def routes(self) -> list[Route]:
        """To be mounted under /oauth2."""
        return [
            Route("/token", self.token, methods=["POST"]),
            Route("/authorize", self.authorize, methods=["GET"]),
            Route("/iracing/profile", self.profile, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """All grants."""
        answer = await self._token(request)
        answer.headers["x-request-id"] = str(uuid.uuid4())
        answer.headers["cache-control"] = "no-store"
        return answer

    async def _token(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0].strip()
        if kind != "application/x-www-form-urlencoded":
            return oauth_error("invalid_request", "The body must be form-urlencoded")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        request.state.grant_type = form.get("grant_type", "")
        without_refresh = False
        for fault in self.faults.take(OAUTH_KINDS, "oauth2/token", form):
            if fault.kind == "oauth_slow":
                await anyio.sleep(fault.seconds)
            elif fault.kind == "oauth_no_refresh":
                without_refresh = True
            elif fault.kind == "oauth_html":
                return html_error(fault.status if fault.status != 500 else 503)
            else:
                headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else None
                return oauth_error(fault.error, "simulated", headers=headers)
        grants = {
            "password_limited": self._password_limited,
            "refresh_token": self._refresh_token,
            "authorization_code": self._authorization_code,
        }
        if not form.get("grant_type"):
            return oauth_error("invalid_request", "grant_type is missing")
        if form["grant_type"] not in grants:
            return oauth_error("unsupported_grant_type", "The grant type is not supported")
        answer = grants[form["grant_type"]](form)
        return _without_refresh(answer) if without_refresh else answer

    def _password_limited(self, form: Form) -> Response:
        verdict = self.ration.take()
        headers = _ration_headers(verdict)
        if not verdict.allowed:
            headers["retry-after"] = str(verdict.retry_after)
            return oauth_error("unauthorized_client", "Too many requests", headers=headers)
        missing = [
            name
            for name in ("client_id", "client_secret", "username", "password")
            if not form.get(name)
        ]
        if missing:
            return oauth_error("invalid_request", f"{missing[0]} is missing", headers=headers)
        refused = self._client_refusal(form, secret_needed=True)
        if refused is not None:
            refused.headers.update(headers)
            return refused
        if not self.credentials.password_matches(form["password"], form["username"]):
            return oauth_error("invalid_grant", "Username or masked password is wrong")
        scope = _known(form.get("scope", "iracing.auth"))
        if not scope:
            return oauth_error("invalid_scope", "None of the scopes is known", headers=headers)
        self.logins += 1
        return json_answer(self.tokens.issue(scope), headers=headers)

    def _refresh_token(self, form: Form) -> Response:
        if not form.get("client_id") or not form.get("refresh_token"):
            return oauth_error("invalid_request", "client_id or refresh_token is missing")
        # A client that was issued no secret refreshes without one.
        refused = self._client_refusal(form, secret_needed=False)
        if refused is not None:
            return refused
        pair = self.tokens.rotate(form["refresh_token"])
        if pair is None:
            return oauth_error("invalid_grant", "The refresh token is unknown, used or expired")
        self.refreshes += 1
        return json_answer(pair)

    def _authorization_code(self, form: Form) -> Response:
        refused = self._client_refusal(form, secret_needed=False)
        if refused is not None:
            return refused
        asked = self._codes.pop(form.get("code", ""), None)
        if asked and not form.get("client_secret") and not asked.get("code_challenge"):
            return oauth_error("invalid_request", "A client without a secret needs PKCE")
        if asked is None:
            return oauth_error("invalid_grant", "The code is unknown or used")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return oauth_error("invalid_grant", "The redirect_uri is another one")
        if not _verifier_fits(form.get("code_verifier", ""), asked):
            return oauth_error("invalid_grant", "The code_verifier does not fit")
        self.logins += 1
        return json_answer(self.tokens.issue(_known(asked.get("scope", "")) or "iracing.auth"))

    def _client_refusal(self, form: Form, *, secret_needed: bool) -> Response | None:
        sent = form.get("client_secret", "")
        wrong = bool(sent or secret_needed) and not self.credentials.client_secret_matches(sent)
        if form.get("client_id") == self.credentials.client_id and not wrong:
            return None
        # The real service does not say which of the two is wrong; this one is for learning.
        hint = "client_id is unknown"
        if form.get("client_id") == self.credentials.client_id:
            raw = sent == self.credentials.client_secret
            hint = "client_secret must be masked" if raw else "client_secret is wrong"
        return oauth_error("invalid_client", hint)

    async def authorize(self, request: Request) -> Response:
        """Approve at once: 302 to the redirect_uri with a code that works once."""
        asked = dict(request.query_params)
        if asked.get("client_id") != self.credentials.client_id or not asked.get("redirect_uri"):
            return oauth_error("invalid_request", "client_id or redirect_uri is wrong")
        state = {"state": asked["state"]} if "state" in asked else {}
        faults = self.faults.take(OAUTH_KINDS, "oauth2/authorize", asked)
        errors = [fault.error for fault in faults if fault.kind == "oauth_error"]
        if errors:
            query: dict[str, Any] = {"error": errors[0], "error_description": "simulated", **state}
        elif asked.get("response_type") != "code":
            query = {"error": "unsupported_response_type", **state}
        else:
            code = secrets.token_urlsafe(24)
            self._codes[code] = asked
            query = {"code": code, **state}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(query)}", 302)

    async def profile(self, request: Request) -> Response:
        """Who holds this token."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        refused = self.tokens.refusal(token)
        if refused:
            return token_refused(refused)
        if "iracing.profile" not in self.tokens.scope_of(token).split():
            return oauth_error("insufficient_scope", "iracing.profile is needed")
        return json_answer({"iracing_name": ACCOUNT_NAME, "iracing_cust_id": ACCOUNT_ID})


def _known(scope: str) -> str:
    """iRacing drops the scopes that it does not know, silently."""
    return " ".join(name for name in scope.split() if name in KNOWN_SCOPES)


def _without_refresh(answer: Response) -> Response:
    body = json.loads(bytes(answer.body))
    kept = {name: value for name, value in body.items() if not name.startswith("refresh_token")}
    return json_answer(kept, answer.status_code)


def _ration_headers(verdict: Verdict) -> dict[str, str]:
    return {
        "ratelimit-limit": str(verdict.limit),
        "ratelimit-remaining": str(verdict.remaining),
        "ratelimit-reset": str(verdict.retry_after),
    }


def _verifier_fits(verifier: str, asked: Form) -> bool:
    challenge = asked.get("code_challenge")
    if not challenge:
        return True
    if asked.get("code_challenge_method", "plain") == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return secrets.compare_digest(verifier.encode(), challenge.encode())
