"""Signing in and out over REST, as the Transport SDK asks for it (`WebMessagingApi.kt`).

A company has two ways: a token that it signs itself with one of the deployment's keys, or an OpenID Connect
provider (an id token, or an authorization code that we exchange for one).
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from channels_app.messenger import limits
from channels_app.messenger.actions import identity, sessions
from channels_app.messenger.cors import cors
from channels_app.messenger.identity import identity_tokens, tokens
from channels_app.messenger.models import Deployment
from channels_app.messenger.rest import BadBody, bearer, body_of, guest_api, network_address, refused, text_of
from channels_app.messenger.socket import session
from contactcenter.kernel import clock
from contactcenter.kernel.errors import ContactCentreError, NotFound, TooFast

MOST_TOKEN = 16_384
_CODES = {401: "not.authorized", 403: "feature.disabled", 404: "deployment.not.found", 503: "provider.unavailable"}


@guest_api("POST")
def exchange(request: HttpRequest) -> HttpResponse:
    """`{deploymentId, oauth: {idToken, nonce} | {code, redirectUri, codeVerifier}}` → `{jwt, refreshToken}`.

    400: something is missing · 401: nobody vouches · 403: no key is set, or the customer is blocked · 404 · 429 · 503.
    """
    try:
        limits.check_token(network_address(request))
        return _exchanged(request, body_of(request))
    except BadBody:
        return refused(400, "The body must be a JSON object", "bad.request")
    except ContactCentreError as error:
        return _refusal(error)


def _exchanged(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    oauth = body.get("oauth")
    if not isinstance(oauth, dict) or not (text_of(oauth, "idToken", MOST_TOKEN) or text_of(oauth, "code")):
        return refused(400, "Required: deploymentId, oauth.idToken or oauth.code", "required.fields.missing")
    deployment = sessions.access_deployment(text_of(body, "deploymentId"))
    if not session.allowed_origin(deployment, request.headers.get("Origin"), request.get_host()):
        return refused(403, "This site isn't allowed for the deployment", "forbidden.origin")
    now = clock.now()
    token = text_of(oauth, "idToken", MOST_TOKEN) or _by_code(deployment, oauth)
    known = identity_tokens.identify(deployment, token, nonce=text_of(oauth, "nonce"), now=now)
    made, refresh_token = identity.do_sign_in(deployment, known)
    answer = {"jwt": session.customer_token(made, now), "refreshToken": refresh_token}
    return cors(request, _private(JsonResponse(answer)), deployment)


def _by_code(deployment: Deployment, oauth: dict[str, Any]) -> str:
    redirect_uri, verifier = text_of(oauth, "redirectUri"), text_of(oauth, "codeVerifier")
    return identity_tokens.exchange(deployment, text_of(oauth, "code"), redirect_uri=redirect_uri, verifier=verifier)


@guest_api("POST")
def refresh(request: HttpRequest) -> HttpResponse:
    """`{refreshToken}` → `{jwt, refreshToken}`; the refresh token stays the same: clients keep the first one."""
    try:
        limits.check_token(network_address(request))
        given = text_of(body_of(request), "refreshToken")
        if not given:
            return refused(400, "Required: refreshToken", "required.fields.missing")
        renewed = identity.do_refresh(given)
    except BadBody:
        return refused(400, "The body must be a JSON object", "bad.request")
    except ContactCentreError as error:
        return _refusal(error)
    answer = {"jwt": session.customer_token(renewed, clock.now()), "refreshToken": given}
    return cors(request, _private(JsonResponse(answer)), renewed.deployment)


@guest_api("DELETE")
def revoke(request: HttpRequest) -> HttpResponse:
    """Sign out: all sockets of the sign-in hear LogoutEvent, its sessions are over. 401: the token isn't valid."""
    try:
        claims = tokens.read("customer", bearer(request), now=clock.now())
        identity.do_sign_out(claims.subject)
    except (tokens.BadToken, identity.NotSignedIn):
        return refused(401, "Session authentication failed", "not.authorized")
    return HttpResponse(status=204)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _refusal(error: ContactCentreError) -> HttpResponse:
    if isinstance(error, TooFast):
        return refused(429, error.message, "too.many.requests.retry.after", error)
    if isinstance(error, NotFound):
        return refused(404, error.message, _CODES[404])
    return refused(error.status, error.message, _CODES.get(error.status, "bad.request"))
