"""A second stand-in, shaped unlike the first: asked for mail instead of being told, one address for many boxes, a
message of ours in several calls, threads by reference.

In, by a poll of `GET <api_url>/boxes/<box>?after=<number>`, or by a webhook that names its boxes:

    {"boxes": {"info@shop.example": [
      {"number": 7, "id": "<1@mail>", "from": "jonas@mail.example", "name": "Jonas", "subject": "Parcel",
       "text": "Where is it?", "references": ["<0@shop>"], "date": "2026-11-22T09:00:00+00:00",
       "files": [{"name": "a.jpg", "mime": "image/jpeg", "ref": "f1"}]}]}}

Out: one `POST <api_url>/boxes/<box>` for the text, and one for each file.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, Field, SecretStr, TypeAdapter, ValidationError

from channels_app import content as kinds
from channels_app.adapters import base
from channels_app.adapters.base import Account, Adapter, Capabilities, WebhookRequest
from channels_app.adapters.errors import BadPayload, BadSignature, FetchFailed, NotAccepted, Unavailable
from channels_app.adapters.http import Http
from channels_app.adapters.values import (
    Inbound,
    InboundMessage,
    Outgoing,
    Part,
    Polled,
    RemoteFile,
    Sender,
    Sent,
)

MOST_BYTES = 10_485_760  # of one file


class Settings(base.Settings):
    api_url: Annotated[
        str,
        Field(
            title="API address",
            description="Where mail is asked for, and sent.",
            pattern=r"^https?://.+$",
        ),
    ] = "https://mail.example"
    key: Annotated[
        SecretStr,
        Field(title="Key", description="Goes with each request, in both directions."),
    ] = SecretStr("")


class _File(BaseModel):
    name: str = ""
    mime: str = ""
    ref: str


class _Mail(BaseModel):
    number: int = 0
    id: Annotated[str, Field(min_length=1, max_length=290)]
    sender: Annotated[str, Field(alias="from", min_length=1, max_length=300)]
    name: str = ""
    subject: str = ""
    text: str = ""
    references: tuple[str, ...] = ()
    date: AwareDatetime | None = None
    files: tuple[_File, ...] = ()

    def value(self) -> InboundMessage:
        return InboundMessage(
            key=self.id,
            sender=Sender(self.sender, kind="email", name=kinds.clean_text(self.name)),
            text=kinds.clean_text(self.text),
            thread_key=self.id[:200],
            in_reply_to=self.references[::-1],
            attributes={"subject": kinds.clean_text(self.subject)} if self.subject else {},
            files=[RemoteFile({"file": one.ref}, one.name, one.mime) for one in self.files],
            at=self.date,
        )


class _Delivery(BaseModel):
    boxes: dict[str, tuple[_Mail, ...]]


_delivery = TypeAdapter(_Delivery)


def _read(body: bytes) -> dict[str, tuple[_Mail, ...]]:
    try:
        return _delivery.validate_json(body).boxes
    except ValidationError as error:
        raise BadPayload(str(error)) from error


class Provider(Adapter[Settings]):
    """The polled test mailbox."""

    kind = "fake_mailbox"
    label = "Test mailbox"
    for_tests = True
    polls = True
    settings = Settings
    capabilities = Capabilities(content=frozenset({"attachment"}), text_limit=100_000)

    def accounts(self, request: WebhookRequest) -> Sequence[str]:
        return list(_read(request.body))

    def verify(self, request: WebhookRequest, account: Account[Settings]) -> None:
        key = account.settings.key.get_secret_value()
        if not key or not hmac.compare_digest(request.headers.get("x-key", "").encode(), key.encode()):
            raise BadSignature

    def parse(self, request: WebhookRequest, account: Account[Settings]) -> Sequence[Inbound]:
        return [mail.value() for mail in _read(request.body).get(account.external_id, ())]

    def poll(self, account: Account[Settings], cursor: Mapping[str, Any], http: Http) -> Polled | None:
        after = int(cursor.get("after", 0))
        answer = http.request("GET", self._box(account), params={"after": after}, headers=_key(account))
        if not answer.ok:
            raise Unavailable(f"status {answer.status}")
        mails = _read(answer.body).get(account.external_id, ())
        if not mails:
            return None
        return Polled([one.value() for one in mails], answer.body, {"after": max(one.number for one in mails)})

    def fetch(self, ref: Mapping[str, Any], account: Account[Settings], http: Http) -> Iterator[bytes]:
        if "file" not in ref:
            raise FetchFailed("no file is named", retry=False)
        url = f"{account.settings.api_url}/files/{quote(str(ref['file']), safe='')}"
        yield from http.download(url, most=MOST_BYTES, headers=_key(account))

    def render(self, message: Outgoing, account: Account[Settings]) -> Sequence[Part]:
        """The text first, then each file by itself, all in the same thread."""
        strange = {item["type"] for item in message.content} - self.capabilities.content
        if strange:
            raise NotAccepted(f"a mail has no {', '.join(sorted(strange))}")
        head = {"from": account.external_id, "to": message.to, "references": list(message.in_reply_to)[::-1]}
        text = [Part({**head, "text": message.text})] if message.text else []
        files = [
            Part({**head, "file": {"name": item["filename"], "mime": item.get("mime", "")}}, files=(item["id"],))
            for item in message.content
        ]
        return [*text, *files]

    def send(self, part: Part, message: Outgoing, account: Account[Settings], http: Http, *, key: str) -> Sent:
        body = dict(part.body)
        for own in part.files:
            opened = message.files[own].open
            with opened() if opened else _nothing() as file:
                body["file"] = {**body["file"], "size": len(file.read())}
        answer = http.request("POST", self._box(account), json={**body, "id": key}, headers=_key(account))
        if not answer.ok:
            raise NotAccepted(f"status {answer.status}")
        return Sent(str(answer.json().get("id") or key))

    @staticmethod
    def _box(account: Account[Settings]) -> str:
        return f"{account.settings.api_url}/boxes/{quote(account.external_id, safe='')}"


def _key(account: Account[Settings]) -> dict[str, str]:
    return {"x-key": account.settings.key.get_secret_value()}


def _nothing() -> Any:
    raise NotAccepted("the file isn't at hand")
