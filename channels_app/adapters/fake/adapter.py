"""The test provider: `parse` reads what it sends, here is what we send it.

A text with `#fail:<code>` fails with that error, `#fail:<code>:2` at its first two attempts in a process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings as django_settings
from django.utils.translation import gettext_noop

from channels_app.adapters.base import Account, Adapter, Capabilities, WebhookReply, WebhookRequest
from channels_app.adapters.errors import (
    SEND_ERRORS,
    BadSignature,
    FetchFailed,
    NotAccepted,
    NotAuthorised,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from channels_app.adapters.fake.parse import account_of, events_of
from channels_app.adapters.fake.settings import Settings
from channels_app.adapters.http import Answer, Http
from channels_app.adapters.values import (
    Applied,
    Credentials,
    Health,
    Inbound,
    Outgoing,
    Part,
    Profile,
    Rate,
    Sender,
    Sent,
    Signal,
)
from contactcenter.kernel import clock

SIGNATURE = "x-fake-signature"
_SCRIPT = re.compile(r"#fail:([a-z_]+)(?::(\d+))?")

#: what was sent without a `send_url`, in this process
outbox: list[Outgoing] = []
_attempts: Counter[str] = Counter()


def sign(body: bytes, secret: str) -> str:
    """The signature header of a request body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Provider(Adapter[Settings]):
    """The test provider."""

    kind = "fake"
    label = gettext_noop("Test provider")
    settings = Settings
    profiles = True
    capabilities = Capabilities(
        content=frozenset({"attachment", "quick_replies", "card", "carousel"}), typing=True, read_marks=True
    )

    def capabilities_of(self, account: Account[Settings]) -> Capabilities:
        return Capabilities(
            content=self.capabilities.content,
            text_limit=account.settings.text_limit,
            idempotent=account.settings.idempotent,
            typing=bool(account.settings.api_url),
            read_marks=bool(account.settings.api_url),
        )

    # --- in ------------------------------------------------------------------------------------

    def accounts(self, request: WebhookRequest) -> Sequence[str]:
        named = account_of(request.body)
        return (named,) if named else ()

    def challenge(self, request: WebhookRequest, account: Account[Settings]) -> WebhookReply | None:
        """`GET ?verify_token=…&challenge=…` is answered with the challenge, as some real providers want it."""
        if request.method != "GET" or "challenge" not in request.query:
            return None
        known = account.settings.verify_token.get_secret_value()
        if not known or not hmac.compare_digest(request.query.get("verify_token", "").encode(), known.encode()):
            return WebhookReply(status=403)
        return WebhookReply(body=request.query["challenge"][:1000])

    def verify(self, request: WebhookRequest, account: Account[Settings]) -> None:
        secret = account.settings.secret.get_secret_value()
        given = request.headers.get(SIGNATURE, "")
        if not secret or not hmac.compare_digest(sign(request.body, secret).encode(), given.encode()):
            raise BadSignature

    def parse(self, request: WebhookRequest, account: Account[Settings]) -> Sequence[Inbound]:
        return events_of(request.body)

    def reply(self, request: WebhookRequest, applied: Sequence[Applied]) -> WebhookReply:
        """With `x-fake-reply: ids`, what became of each value: our id, or why it has none."""
        if request.headers.get("x-fake-reply") != "ids":
            return WebhookReply()
        said = [
            one.message_id or (one.ignored.value if one.ignored else one.fault.partition(":")[0]) for one in applied
        ]
        return WebhookReply(body=json.dumps({"values": said}), content_type="application/json")

    def fetch(self, ref: Mapping[str, Any], account: Account[Settings], http: Http) -> Iterator[bytes]:
        if not account.settings.api_url or "media" not in ref:
            raise FetchFailed("nowhere to fetch it from", retry=False)
        url = f"{account.settings.api_url}/media/{quote(str(ref['media']), safe='')}"
        yield from http.download(url, most=django_settings.CC_ATTACHMENT_MAX_BYTES + 1, headers=_bearer(account))

    def profile(self, sender: Sender, account: Account[Settings], http: Http) -> Profile | None:
        if not account.settings.api_url:
            return None
        url = f"{account.settings.api_url}/profiles/{quote(sender.external_id, safe='')}"
        answer = http.request("GET", url, headers=_bearer(account))
        told = answer.json()
        return Profile(str(told.get("name", "")), str(told.get("locale", ""))) if answer.ok else None

    # --- out -----------------------------------------------------------------------------------

    def render(self, message: Outgoing, account: Account[Settings]) -> Sequence[Part]:
        strange = {item["type"] for item in message.content} - self.capabilities.content
        if strange:
            raise NotAccepted(f"it doesn't take {', '.join(sorted(strange))}")
        body = {
            "to": message.to,
            "thread": message.thread_key,
            "text": message.text,
            "content": list(message.content),
            "from": message.agent_nickname,
        }
        return [Part(body | ({"reply_to": list(message.in_reply_to)} if message.in_reply_to else {}))]

    def send(self, part: Part, message: Outgoing, account: Account[Settings], http: Http, *, key: str) -> Sent:
        _scripted_failure(message)
        if not account.settings.send_url:
            outbox.append(message)
            # without idempotency keys, what is sent twice is two messages over there
            return Sent(f"fake-{key}" if account.settings.idempotent else f"fake-{key}-{len(outbox)}")
        body = json.dumps({"idempotency_key": key, **part.body}, ensure_ascii=False, separators=(",", ":")).encode()
        signature = sign(body, account.settings.secret.get_secret_value())
        headers = {"content-type": "application/json", SIGNATURE: signature}
        answer = http.request(
            "POST", account.settings.send_url, content=body, headers=headers, safe=account.settings.idempotent
        )
        _check(answer)
        given = answer.json().get("id")
        return Sent(str(given) if given else None)

    def signal(self, signal: Signal, account: Account[Settings], http: Http) -> None:
        told = {"kind": signal.kind, "to": signal.to, "message_id": signal.message_id}
        url = f"{account.settings.api_url}/signals"
        _check(http.request("POST", url, json=told, headers=_bearer(account), safe=True))

    def rates(self, message: Outgoing, account: Account[Settings]) -> Sequence[Rate]:
        if not account.settings.per_minute:
            return ()
        return (Rate(f"fake:{self.app(account)}", account.settings.per_minute, 60),)

    def app(self, account: Account[Settings]) -> str:
        return account.settings.app or str(account.id)

    # --- the account ---------------------------------------------------------------------------

    def refresh(self, account: Account[Settings], http: Http) -> Credentials | None:
        if not account.settings.api_url:
            return None
        secret = {"secret": account.settings.secret.get_secret_value()}
        answer = http.request("POST", f"{account.settings.api_url}/token", json=secret, safe=True)
        _check(answer)
        told = answer.json()
        return Credentials(
            {"token": str(told["token"])}, clock.now() + timedelta(seconds=float(told.get("expires_in", 3600)))
        )

    def check(self, account: Account[Settings], http: Http) -> Health | None:
        if not account.settings.api_url:
            return None
        answer = http.request("GET", f"{account.settings.api_url}/account", headers=_bearer(account))
        _check(answer)
        told = answer.json()
        return Health(bool(told.get("ok")), str(told.get("note", "")))


def _bearer(account: Account[Settings]) -> dict[str, str]:
    token = account.credentials.values.get("token", "") if account.credentials else ""
    return {"authorization": f"Bearer {token}"} if token else {}


def _scripted_failure(message: Outgoing) -> None:
    found = _SCRIPT.search(message.text)
    if found is None or found[1] not in SEND_ERRORS:
        return
    _attempts[message.idempotency_key] += 1
    if found[2] is None or _attempts[message.idempotency_key] <= int(found[2]):
        raise SEND_ERRORS[found[1]]("as the text asks")


def _check(answer: Answer) -> None:
    """:raises SendError: what a status says. `x-fake-scope` names what else is affected."""
    status = answer.status
    if status == httpx.codes.TOO_MANY_REQUESTS:
        scope = answer.headers.get("x-fake-scope", "message")
        raise RateLimited(retry_after=answer.retry_after, scope=scope)  # type: ignore[arg-type]
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        raise Unavailable(f"status {status}", retry_after=answer.retry_after)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise NotAuthorised(f"status {status}")
    if httpx.codes.is_server_error(status):
        raise OutcomeUnknown(f"status {status}")
    if not answer.ok:
        raise NotAccepted(f"status {status}")
