"""A provider that isn't one: for tests, demos and the adapter contract's own suite.

In, a signed JSON request of several values at once:

    {"events": [
      {"type": "message", "id": "m1", "from": {"id": "jonas", "name": "Jonas"}, "text": "Hello",
       "attachments": [{"id": "f1", "url": "https://…", "name": "a.jpg", "mime": "image/jpeg", "size": 12}],
       "quick_reply": {"text": "Yes", "payload": "yes"}},
      {"type": "receipt", "message_id": "fake-…", "state": "read", "watermark": true},
      {"type": "typing", "from": {"id": "jonas"}}]}

Out, one JSON request a message to the channel's secret `send_url`; without one, into `outbox`.
A text with `#fail:<code>` fails with that error, `#fail:<code>:2` at its first two attempts in a process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import httpx
from django.utils.translation import gettext_noop
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from channels_app import content as kinds
from channels_app.adapters import base
from channels_app.adapters.base import (
    Adapter,
    BadPayload,
    BadSignature,
    Capabilities,
    Inbound,
    InboundMessage,
    InboundReceipt,
    InboundTyping,
    NotAccepted,
    NotAuthorised,
    OutcomeUnknown,
    Outgoing,
    RateLimited,
    ReceiptState,
    Sender,
    SendError,
    Sent,
    Unavailable,
    WebhookReply,
    WebhookRequest,
)
from channels_app.files.sniffing import media_type

SIGNATURE = "x-fake-signature"
TIMEOUT = 10.0  # seconds
ERRORS: dict[str, type[SendError]] = {
    error.code: error
    for error in (
        base.Unavailable,
        base.RateLimited,
        base.OutcomeUnknown,
        base.NotAccepted,
        base.RecipientUnreachable,
        base.WindowClosed,
        base.NotAuthorised,
    )
}
_SCRIPT = re.compile(r"#fail:([a-z_]+)(?::(\d+))?")

#: what was sent without a `send_url`, in this process
outbox: list[Outgoing] = []
_attempts: Counter[str] = Counter()


def sign(body: bytes, secret: str) -> str:
    """The signature header of a request body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class _From(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=300)]
    name: str = ""
    locale: str = ""


class _File(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=128)]
    url: str
    name: str = ""
    mime: str = ""
    size: int | None = None


class _Choice(BaseModel):
    text: str
    payload: str = ""
    message_id: str | None = None


class _Message(BaseModel):
    type: Literal["message"]
    id: Annotated[str, Field(min_length=1, max_length=290)]
    sender: Annotated[_From, Field(alias="from")]
    text: str = ""
    thread: Annotated[str, Field(max_length=200)] = ""
    attachments: tuple[_File, ...] = ()
    quick_reply: _Choice | None = None

    def value(self) -> InboundMessage:
        return InboundMessage(
            key=f"message:{kinds.clean_text(self.id)}",
            sender=_sender(self.sender),
            text=kinds.clean_text(self.text),
            content=kinds.dump(kinds.parse(list(self._content()))),
            thread_key=kinds.clean_text(self.thread),
        )

    def _content(self) -> Sequence[dict[str, Any]]:
        files = [
            {
                "type": "attachment",
                "id": file.id,
                "media_type": media_type(file.mime),
                "filename": file.name,
                "mime": file.mime,
                "size": file.size,
                "url": file.url,
            }
            for file in self.attachments
        ]
        return [*files, *([self._answer(self.quick_reply)] if self.quick_reply else [])]

    @staticmethod
    def _answer(choice: _Choice) -> dict[str, Any]:
        return {
            "type": "button_response",
            "kind": "quick_reply",
            "text": choice.text,
            "payload": choice.payload,
            "origin_message_id": choice.message_id,
        }


class _Receipt(BaseModel):
    type: Literal["receipt"]
    message_id: Annotated[str, Field(min_length=1, max_length=300)]
    state: ReceiptState
    at: AwareDatetime | None = None
    watermark: bool = False
    error: str = ""

    def value(self) -> InboundReceipt:
        failure = ERRORS.get(self.error, NotAccepted)() if self.state is ReceiptState.FAILED else None
        at: datetime | None = self.at
        return InboundReceipt(self.message_id, self.state, at=at, watermark=self.watermark, error=failure)


class _Typing(BaseModel):
    type: Literal["typing"]
    sender: Annotated[_From, Field(alias="from")]
    thread: str = ""

    def value(self) -> InboundTyping:
        return InboundTyping(_sender(self.sender), thread_key=self.thread)


class _Payload(BaseModel):
    events: Annotated[
        tuple[Annotated[_Message | _Receipt | _Typing, Field(discriminator="type")], ...], Field(max_length=1000)
    ]


def _sender(who: _From) -> Sender:
    return Sender(kinds.clean_text(who.id), name=kinds.clean_text(who.name), locale=who.locale, verified=True)


class FakeProvider(Adapter):
    """The test provider, without idempotency keys."""

    kind = "fake"
    label = gettext_noop("Test provider")
    capabilities = Capabilities(content=frozenset({"attachment", "quick_replies", "card", "carousel"}))
    secrets = ("secret", "verify_token", "send_url")

    def challenge(self, request: WebhookRequest, secrets: Mapping[str, str]) -> WebhookReply | None:
        """`GET ?verify_token=…&challenge=…` is answered with the challenge, as some real providers want it."""
        if request.method != "GET" or "challenge" not in request.query:
            return None
        known = secrets.get("verify_token", "")
        if not known or not hmac.compare_digest(request.query.get("verify_token", "").encode(), known.encode()):
            return WebhookReply(status=403)
        return WebhookReply(body=request.query["challenge"][:1000])

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> None:
        secret = secrets.get("secret", "")
        given = request.headers.get(SIGNATURE, "")
        if not secret or not hmac.compare_digest(sign(request.body, secret).encode(), given.encode()):
            raise BadSignature

    def parse(self, request: WebhookRequest) -> Sequence[Inbound]:
        try:
            return [event.value() for event in _Payload.model_validate_json(request.body).events]
        except (ValidationError, kinds.ContentError) as error:
            raise BadPayload(str(error)) from error

    def send(self, message: Outgoing, secrets: Mapping[str, str]) -> Sent:
        _scripted_failure(message)
        if url := secrets.get("send_url"):
            return _post(url, message, secrets.get("secret", ""))
        outbox.append(message)
        # without idempotency keys, what is sent twice is two messages over there
        suffix = "" if self.capabilities.idempotent else f"-{len(outbox)}"
        return Sent(f"fake-{message.idempotency_key}{suffix}")


class IdempotentFakeProvider(FakeProvider):
    """The test provider with idempotency keys: the same message has one id, however often it is sent."""

    kind = "fake_idempotent"
    label = gettext_noop("Test provider with idempotency keys")
    capabilities = Capabilities(content=FakeProvider.capabilities.content, idempotent=True)


def _scripted_failure(message: Outgoing) -> None:
    found = _SCRIPT.search(message.text)
    if found is None or found[1] not in ERRORS:
        return
    _attempts[message.idempotency_key] += 1
    if found[2] is None or _attempts[message.idempotency_key] <= int(found[2]):
        raise ERRORS[found[1]]("as the text asks")


def _post(url: str, message: Outgoing, secret: str) -> Sent:
    body = json.dumps(_wire(message), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", SIGNATURE: sign(body, secret)}
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable(str(error)) from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(str(error)) from error
    return _outcome(answer)


def _outcome(answer: httpx.Response) -> Sent:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        after = answer.headers.get("retry-after", "")
        raise RateLimited(retry_after=float(after) if after.isdecimal() else None)
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        raise Unavailable(f"status {status}")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise NotAuthorised(f"status {status}")
    if answer.is_server_error:
        raise OutcomeUnknown(f"status {status}")
    if not answer.is_success:
        raise NotAccepted(f"status {status}")
    return Sent(_id_of(answer))


def _id_of(answer: httpx.Response) -> str | None:
    try:
        given = answer.json()
    except ValueError:
        return None
    found = given.get("id") if isinstance(given, dict) else None
    return str(found) if found else None


def _wire(message: Outgoing) -> dict[str, Any]:
    return {
        "idempotency_key": message.idempotency_key,
        "to": message.to,
        "thread": message.thread_key,
        "text": message.text,
        "content": list(message.content),
        "from": message.agent_nickname,
    }
