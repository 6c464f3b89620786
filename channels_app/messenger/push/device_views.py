"""Registering a phone for a guest session, with the error codes that the Transport SDK reads."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from channels_app.messenger import limits
from channels_app.messenger.actions import push_devices
from channels_app.messenger.actions.sessions import token_hash
from channels_app.messenger.models import Deployment, GuestSession, PushDevice
from channels_app.messenger.policy import policy_of
from channels_app.messenger.rest import BadBody, body_of, guest_api, network_address, refused, text_of
from contactcenter.kernel import clock
from contactcenter.kernel.errors import NotFound, TooFast

MISMATCH = "Deployment Id in the request does not match the expected deployment Id for the given TokenId"
_FAILURES = {"POST": "device.registration.failure", "PATCH": "device.update.failure", "DELETE": "device.delete.failure"}
_DEVICE_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")


@guest_api("POST", "PATCH", "DELETE")
def device(request: HttpRequest, deployment_id: str, token: str) -> HttpResponse:
    """One phone of one guest session; the token is the permission. 204: done."""
    try:
        limits.check_token(network_address(request))
        return _handled(request, deployment_id, token)
    except TooFast as wait:
        return refused(429, wait.message, "too.many.requests.retry.after", wait)
    except BadBody:
        return refused(400, "The body must be a JSON object", "required.fields.missing")
    except NotFound:
        return refused(404, "The device isn't registered", "device.not.found")
    except push_devices.AlreadyRegistered as error:
        return refused(409, error.message, "device.already.registered")
    except DatabaseError:
        return refused(500, "Request failed.", _FAILURES[str(request.method)])


def _handled(request: HttpRequest, deployment_id: str, token: str) -> HttpResponse:
    found = _session(deployment_id, token)
    if isinstance(found, HttpResponse):
        return found
    if found is None:
        code = "device.registration.failure" if request.method == "POST" else "device.not.found"
        return refused(404, "There is no such session", code)
    if request.method == "DELETE":
        push_devices.do_remove_device(found.id)
        return HttpResponse(status=204)
    if not policy_of(found.deployment).push.get("enabled"):
        return refused(403, "Notifications are off for this deployment", "feature.toggle.disabled")
    return _HANDLERS[str(request.method)](found, body_of(request))


def _session(deployment_id: str, token: str) -> GuestSession | HttpResponse | None:
    try:
        wanted = uuid.UUID(deployment_id)
    except ValueError:
        return refused(400, "The deployment's id isn't valid", "invalid.path.parameter")
    if not Deployment.objects.filter(id=wanted, active=True).exists():
        return refused(400, MISMATCH, "invalid.path.parameter")
    return push_devices.session_of_token(wanted, token_hash(wanted, token), clock.now())


def _register(session: GuestSession, body: dict[str, Any]) -> HttpResponse:
    device_token, provider = text_of(body, "deviceToken", 500), text_of(body, "notificationProvider").upper()
    if not device_token or provider not in PushDevice.Provider.values or not text_of(body, "language", 20):
        return refused(
            400, "Required: deviceToken, notificationProvider (FCM or APNS), language", "required.fields.missing"
        )
    if not _DEVICE_TOKEN.fullmatch(device_token):
        return refused(400, "The device token isn't valid", "device.registration.failure")
    push_devices.do_register_device(
        session.id,
        device_token=device_token,
        provider=provider,
        device_type=text_of(body, "deviceType", 40),
        language=text_of(body, "language", 20),
    )
    return HttpResponse(status=204)


def _update(session: GuestSession, body: dict[str, Any]) -> HttpResponse:
    provider = text_of(body, "notificationProvider").upper()
    given = {
        "device_token": text_of(body, "deviceToken", 500),
        "language": text_of(body, "language", 20),
        "device_type": text_of(body, "deviceType", 40),
        "provider": provider if provider in PushDevice.Provider.values else "",
    }
    changes = {name: value for name, value in given.items() if value}
    if not changes:
        return refused(400, "Required: deviceToken or language", "update.fields.missing")
    if "device_token" in changes and not _DEVICE_TOKEN.fullmatch(changes["device_token"]):
        return refused(400, "The device token isn't valid", "device.update.failure")
    push_devices.do_update_device(session.id, changes)
    return HttpResponse(status=204)


_HANDLERS = {"POST": _register, "PATCH": _update}
