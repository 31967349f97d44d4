"""Sign-in by another service, which tells who somebody is: OpenID Connect, by its code flow.

State, nonce and the verifier of PKCE follow from the token that the browser shows anyway: they are
of this browser alone, and nothing is kept between the two steps.

Source: OpenID Connect Core 1.0 - https://openid.net/specs/openid-connect-core-1_0.html
"""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.errors import OpenIdFailed
from moderation.errors import SignInRefused
from serving.settings import OpenId
from storage.people import StaffRole

SECONDS = 10.0
"""For each question to the provider."""

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""With a public key: a token that is signed by the client's own secret, or by nothing, is none."""

_NO_ANSWER = (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError)
"""What an answer that is none leads to, wherever it is read."""

MOST_FIRST = (StaffRole.ADMIN, StaffRole.SENIOR, StaffRole.MODERATOR, StaffRole.AUDITOR)
"""Of several roles, the first counts."""

LEEWAY = 60
"""Seconds by which two clocks may differ."""


class Provider:
    """An OpenID provider, which is asked when somebody signs in by it."""

    def __init__(self, settings: OpenId) -> None:
        """Take what is set.

        Args:
            settings: Of the provider, and of this client of it.
        """
        self._settings = settings
        self._described: Mapping[str, Any] | None = None

    async def begin(self, token: str, back: str) -> str:
        """The address to which the browser is sent.

        Args:
            token: That the browser shows.
            back: The address to which it comes back.

        Raises:
            OpenIdFailed: The provider does not answer as one.
        """
        found = await self._description()
        async with self._client(back) as client:
            address, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=_of(token, "state"),
                nonce=_of(token, "nonce"),
                code_verifier=_of(token, "verifier"),
            )
        return str(address)

    async def finish(self, token: str, back: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        """What the provider says of who came back.

        Args:
            token: That the browser shows.
            back: As for `begin`.
            given: The query with which the browser came.

        Raises:
            OpenIdFailed: It is not the answer to this browser's question, or the provider does not
                answer as one.
        """
        found = await self._description()
        try:
            async with self._client(back) as client:
                answer = await client.fetch_token(
                    found["token_endpoint"],
                    authorization_response=f"{back}?{urlencode(given)}",
                    state=_of(token, "state"),
                    code_verifier=_of(token, "verifier"),
                )
                keys = (await client.request("GET", found["jwks_uri"], withhold_token=True)).json()
            read = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                iss={"essential": True, "value": found["issuer"]},
                aud={"essential": True, "value": self._settings.client},
                nonce={"essential": True, "value": _of(token, "nonce")},
                exp={"essential": True},
            ).validate(read.claims)
        except (
            AuthlibBaseError,
            JoseError,
            httpx2.HTTPError,
            ValueError,
            KeyError,
            TypeError,
        ) as error:
            raise OpenIdFailed("the sign-in by another service failed: begin again") from error
        return dict(read.claims)

    def person(self, claims: Mapping[str, Any]) -> tuple[str, StaffRole | None]:
        """The name of somebody, and the role that the provider gives them; None for none.

        Args:
            claims: What it says of them.

        Raises:
            SignInRefused: A claim that is asked for is not there, or an address is not verified.
        """
        name = claims.get(self._settings.name)
        verified = self._settings.name != "email" or claims.get("email_verified") is True
        if not isinstance(name, str) or not name or not verified:
            raise SignInRefused("The other service does not say who you are: ask an administrator.")
        if self._settings.role is None:
            return name, None
        said = claims.get(self._settings.role)
        given = {said} if isinstance(said, str) else set(map(str, said or ()))
        role = next((one for one in MOST_FIRST if one in given), None)
        if role is None:
            raise SignInRefused("The other service gives you no role here: ask an administrator.")
        return name, role

    async def _description(self) -> Mapping[str, Any]:
        if self._described is None:
            issuer = self._settings.issuer.rstrip("/")
            try:
                async with httpx2.AsyncClient(timeout=SECONDS) as client:
                    answer = await client.get(f"{issuer}/.well-known/openid-configuration")
                    found = answer.raise_for_status().json()
                if found["issuer"].rstrip("/") != issuer:
                    raise ValueError("it is another's")
            except _NO_ANSWER as error:
                raise OpenIdFailed("the other service does not answer: try again later") from error
            self._described = found
        return self._described

    def _client(self, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.client,
            self._settings.secret,
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=SECONDS,
        )


def _of(token: str, what: str) -> str:
    """64 hex digits that only this browser's token gives."""
    return hmac.digest(token.encode(), f"openid {what}".encode(), "sha256").hex()
