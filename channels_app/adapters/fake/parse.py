"""What the test provider sends: a signed JSON request of several events at once.

    {"account": "acme", "events": [
      {"type": "message", "id": "m1", "from": {"id": "jonas", "name": "Jonas"}, "text": "Hello", "at": "2026-11-22T…Z",
       "attachments": [{"id": "f1", "url": "https://…", "name": "a.jpg", "mime": "image/jpeg", "size": 12}],
       "files": [{"ref": {"media": "f2"}, "name": "b.jpg", "mime": "image/jpeg"}],
       "quick_reply": {"text": "Yes", "payload": "yes"}, "reply_to": ["m0"], "referral": {"source": "ad", "ref": "x"}},
      {"type": "postback", "id": "p1", "from": {…}, "payload": "track", "text": "Track", "message_id": "fake-…"},
      {"type": "sealed", "id": "s1", "from": {…}},
      {"type": "edit", "message_id": "m1", "text": "Hello!"}, {"type": "remove", "message_id": "m1"},
      {"type": "reaction", "id": "r1", "from": {…}, "message_id": "fake-…", "emoji": "👍"},
      {"type": "echo", "id": "e1", "to": {…}, "text": "From the app", "key": "…"},
      {"type": "receipt", "message_id": "fake-…", "state": "read", "watermark": true},
      {"type": "typing", "from": {"id": "jonas"}},
      {"type": "consent", "from": {…}, "given": false, "proof": "STOP"}, {"type": "follow", "id": "f1", "from": {…}},
      {"type": "window", "from": {…}, "until": "2026-11-23T…Z"}, {"type": "account", "note": "…", "healthy": false},
      {"type": "billing"}]}

An event of a type that isn't known is ignored, unless it is a customer's: then it is shown as unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from channels_app import content as kinds
from channels_app.adapters import values
from channels_app.adapters.errors import SEND_ERRORS, BadPayload, NotAccepted
from channels_app.files.sniffing import media_type

Id = Annotated[str, Field(min_length=1, max_length=290)]


class _Person(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=300)]
    name: str = ""
    locale: str = ""

    def value(self) -> values.Sender:
        return values.Sender(
            kinds.clean_text(self.id), name=kinds.clean_text(self.name), locale=self.locale, verified=True
        )


class _File(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=128)]
    url: str
    name: str = ""
    mime: str = ""
    size: int | None = None


class _Remote(BaseModel):
    ref: dict[str, Any]
    name: str = ""
    mime: str = ""
    size: int | None = None


class _Choice(BaseModel):
    text: str
    payload: str = ""
    message_id: str | None = None


class _Referral(BaseModel):
    source: str = ""
    ref: str = ""
    url: str = ""
    title: str = ""


class _Event(BaseModel):
    """All fields of all types; each type asks for those that it needs."""

    type: str
    id: Id | None = None
    sender: Annotated[_Person | None, Field(alias="from")] = None
    to: _Person | None = None
    text: str = ""
    thread: Annotated[str, Field(max_length=200)] = ""
    attachments: tuple[_File, ...] = ()
    files: tuple[_Remote, ...] = ()
    quick_reply: _Choice | None = None
    reply_to: tuple[str, ...] = ()
    referral: _Referral | None = None
    payload: str = ""
    message_id: Annotated[str, Field(max_length=300)] = ""
    emoji: str = ""
    key: str = ""
    state: values.ReceiptState | None = None
    watermark: bool = False
    error: str = ""
    given: bool = True
    following: bool = True
    purpose: str = ""
    proof: str = ""
    until: AwareDatetime | None = None
    note: str = ""
    healthy: bool | None = None
    at: AwareDatetime | None = None

    def who(self) -> values.Sender:
        if self.sender is None:
            raise BadPayload(f"{self.type}: nobody is named")
        return self.sender.value()

    def own_id(self) -> str:
        """Its id: what makes it the same when it comes twice."""
        if self.id is None:
            raise BadPayload(f"{self.type}: an id is missing")
        return kinds.clean_text(self.id)

    def about(self) -> str:
        if not self.message_id:
            raise BadPayload(f"{self.type}: no message is named")
        return self.message_id

    def remote(self) -> list[values.RemoteFile]:
        return [values.RemoteFile(one.ref, one.name, one.mime, one.size) for one in self.files]

    def origin(self) -> values.Referral | None:
        return values.Referral(**self.referral.model_dump()) if self.referral else None


class _Payload(BaseModel):
    account: str = ""
    events: Annotated[tuple[dict[str, Any], ...], Field(max_length=1000)]


_payload = TypeAdapter(_Payload)


def account_of(body: bytes) -> str:
    """Whom a request is for; "" if it doesn't say. :raises BadPayload:"""
    return _read(body).account


def events_of(body: bytes) -> list[values.Inbound]:
    """:raises BadPayload: it isn't such a request, or something in it is missing."""
    try:
        return [_value(_Event.model_validate(one)) for one in _read(body).events]
    except (ValidationError, kinds.ContentError) as error:
        raise BadPayload(str(error)) from error


def _read(body: bytes) -> _Payload:
    try:
        return _payload.validate_json(body)
    except ValidationError as error:
        raise BadPayload(str(error)) from error


def _value(event: _Event) -> values.Inbound:
    read = _READERS.get(event.type)
    if read is not None:
        return read(event)
    if event.sender is not None and event.id is not None:
        return values.Unreadable(event.own_id(), event.who(), "unknown", event.thread, event.at)
    return values.Ignored(values.IgnoredReason.NOT_USED, event.type)


def _message(event: _Event) -> values.InboundMessage:
    return values.InboundMessage(
        key=event.own_id(),
        sender=event.who(),
        text=kinds.clean_text(event.text),
        content=kinds.dump(kinds.parse(list(_content(event)))),
        thread_key=kinds.clean_text(event.thread),
        files=event.remote(),
        in_reply_to=event.reply_to,
        referral=event.origin(),
        at=event.at,
    )


def _content(event: _Event) -> Sequence[dict[str, Any]]:
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
        for file in event.attachments
    ]
    if event.quick_reply is None:
        return files
    answer = {
        "type": "button_response",
        "kind": "quick_reply",
        "text": event.quick_reply.text,
        "payload": event.quick_reply.payload,
        "origin_message_id": event.quick_reply.message_id,
    }
    return [*files, answer]


def _receipt(event: _Event) -> values.InboundReceipt:
    if event.state is None:
        raise BadPayload("receipt: a state is missing")
    failed = SEND_ERRORS.get(event.error, NotAccepted) if event.state is values.ReceiptState.FAILED else None
    return values.InboundReceipt(
        event.about(),
        event.state,
        at=event.at,
        watermark=event.watermark,
        code=failed.code if failed else "",
        error=failed.agent_text if failed else "",
    )


def _echo(event: _Event) -> values.Echo:
    if event.to is None:
        raise BadPayload("echo: nobody is named")
    return values.Echo(
        event.own_id(),
        event.to.value(),
        text=kinds.clean_text(event.text),
        files=event.remote(),
        thread_key=event.thread,
        idempotency_key=event.key,
        at=event.at,
    )


def _window(event: _Event) -> values.WindowOpened:
    if event.until is None:
        raise BadPayload("window: an end is missing")
    return values.WindowOpened(event.who(), event.until, event.thread)


_READERS: dict[str, Callable[[_Event], values.Inbound]] = {
    "message": _message,
    "postback": lambda one: values.Postback(
        one.own_id(), one.who(), one.payload, one.text, one.message_id, one.thread, one.origin(), one.at
    ),
    "sealed": lambda one: values.Unreadable(one.own_id(), one.who(), "encrypted", one.thread, one.at),
    "edit": lambda one: values.Edited(one.about(), kinds.clean_text(one.text), one.at),
    "remove": lambda one: values.Removed(one.about(), one.at),
    "reaction": lambda one: values.Reacted(one.own_id(), one.who(), one.about(), one.emoji, one.at),
    "echo": _echo,
    "receipt": _receipt,
    "typing": lambda one: values.InboundTyping(one.who(), one.thread),
    "consent": lambda one: values.ConsentChanged(one.who(), one.given, one.purpose, one.proof, one.at),
    "follow": lambda one: values.Followed(one.own_id(), one.who(), one.following, one.origin(), one.at),
    "window": _window,
    "account": lambda one: values.AccountEvent(one.note, one.healthy, one.at),
    "test": lambda _one: values.Ignored(values.IgnoredReason.TEST),
}
