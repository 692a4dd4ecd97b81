"""The authorization-code flow with PKCE, as far as it goes through a browser (RFC 6749, 7636).

In: login service, client id, redirect URI; the query with which the browser came back. Out: the URL to
open, and the code. Exchanging it is token_endpoint.py's. Needs oauthlib, the extra `login`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from oauthlib.common import generate_token
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import MismatchingStateError, MissingCodeError

from iracing_pipeline.api.errors import ApiError, CredentialsError, MaintenanceError, PermanentError
from iracing_pipeline.api.tokens import AuthorizationCode

SCOPE = "iracing.auth"
# oauthlib takes nothing but https. The code comes back by http to this very machine, which is how RFC 8252
# has it, and a simulated login service has no TLS either. It is asked about queries alone, so that no
# switch need be thrown that would excuse every URL.
_ANY_HOST = "https://any.invalid/"


class Authorization:
    """One login: its state and its verifier belong to no other."""

    def __init__(self, oauth_url: str, client_id: str, redirect_uri: str) -> None:
        self._client = WebApplicationClient(client_id)
        self._redirect_uri = redirect_uri
        self._verifier = self._client.create_code_verifier(96)
        self._state = generate_token(43)
        asked = self._client.prepare_request_uri(
            _ANY_HOST,
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=self._state,
            code_challenge=self._client.create_code_challenge(self._verifier, "S256"),
            code_challenge_method="S256",
        )
        self.url = f"{oauth_url}/authorize?{urlsplit(asked).query}"
        """Where the browser has to go."""

    def code_of(self, query: str) -> AuthorizationCode:
        """What the browser has brought. Raises PermanentError, CredentialsError, MaintenanceError."""
        try:
            found = self._client.parse_request_uri_response(f"{_ANY_HOST}?{query}", self._state)
        except MismatchingStateError:
            raise PermanentError(
                "The answer that came does not belong to this login (its state is another one), so it "
                "was not used. Close older tabs, and run `iracing-pipeline login` again."
            ) from None
        except MissingCodeError:
            raise PermanentError(
                "The answer that came has no code. Run `iracing-pipeline login` again."
            ) from None
        except OAuth2Error as error:
            raise _refused(error) from None
        return AuthorizationCode(found["code"], self._redirect_uri, self._verifier)


def _refused(error: OAuth2Error) -> ApiError:
    code, words = _plain(error.error), _plain(error.description)
    said = f"{code}: {words}" if words else code
    if code == "access_denied":
        return CredentialsError(f"The login was denied ({said}): nothing was stored.", code=code)
    if code == "temporarily_unavailable":
        return MaintenanceError(
            f"iRacing's login service is not available ({said}). Try again later."
        )
    return PermanentError(
        f"iRacing's login service refused ({said}). Check IRACING_CLIENT_ID, and that this redirect URI "
        "is registered for it."
    )


def _plain(text: object) -> str:
    # It came through a browser: anybody may have written it.
    return re.sub(r"[^\x20-\x7e]", "?", str(text or ""))[:200]
