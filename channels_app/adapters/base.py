"""The contract of a channel adapter: values in, values out, no database.

An adapter is one small folder, found by its name (`registry`): `adapter.py` with a class named `Provider`, and beside
it whatever it needs (parsing, rendering, settings, samples). It verifies and parses what its provider sends into
`values`, renders and sends our messages, says what it can carry, and names what must not reach a log. One webhook
view, one sender, one poller and one fetcher serve all of them. `docs/channels.md` has the checklist for a new one.

| verb | when | in a transaction |
| --- | --- | --- |
| `accounts`, `challenge`, `verify`, `parse`, `reply` | a webhook comes | no: before, and after |
| `poll` | every few seconds, for those that have it | no |
| `render` | before sending: pure | no |
| `send`, `signal` | a message, typing or a read mark goes out | no |
| `fetch`, `profile` | a customer's file or name is wanted | no |
| `refresh` | credentials end, or were refused | no |
| `check` | an admin asks whether the channel works | no |
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, SecretStr

from channels_app.adapters.errors import BadPayload, BadSignature, FetchFailed
from channels_app.adapters.http import Http
from channels_app.adapters.values import (
    Applied,
    Credentials,
    Health,
    Inbound,
    Outgoing,
    Part,
    Polled,
    Profile,
    Rate,
    Sender,
    Sent,
    Signal,
)
from channels_app.content.limits import Limits


class Settings(BaseModel):
    """What an admin sets for a channel of a kind. A kind's own fields come with `title` and `description`: the admin's
    form, its help and its checks are made of them. A `SecretStr` is kept encrypted, and never shown again."""


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True)
class Account(Generic[S]):
    """A channel as values. `external_id` is the account's id at the provider."""

    id: uuid.UUID
    external_id: str
    settings: S
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's HTTP request as values. Header names are lower case. `url` is the whole address that was asked for,
    as the outside sees it: some sign it."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """What the provider gets when the adapter answers itself."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry. `client_fetches`: a stored message counts as sent, the client fetches it.

    `sessions`: the customer's client is ours and holds a session of their own: no provider carries it, who they are may
    be unknown, and they are told of the end and of a block.
    `idempotent`: the provider knows our idempotency key, so a send whose outcome is unknown is simply repeated.
    `typing`, `read_marks`: it takes these signals of ours.
    `markdown`: texts to the customer are shown as `content.markdown` draws them. `limits`: of rich content.
    """

    content: frozenset[str] = frozenset({"attachment"})
    text_limit: int = 4000
    client_fetches: bool = False
    sessions: bool = False
    idempotent: bool = False
    typing: bool = False
    read_marks: bool = False
    markdown: bool = False
    limits: Limits = field(default_factory=Limits)


class Adapter(ABC, Generic[S]):
    """One provider. Its methods run on several threads at once: what they need, they are given."""

    kind: ClassVar[str]
    label: ClassVar[str]
    medium: ClassVar[str] = "message"
    #: class of its colour, and the picture of the sprite (`static/design`) that stands for it
    color: ClassVar[str] = "open"
    icon: ClassVar[str] = "plug"
    #: a stand-in for tests: nobody is offered it
    for_tests: ClassVar[bool] = False
    #: whether `poll` is asked every few seconds
    polls: ClassVar[bool] = False
    #: whether there is a `profile` to ask for
    profiles: ClassVar[bool] = False
    settings: type[S]
    capabilities: ClassVar[Capabilities] = Capabilities()

    def capabilities_of(self, account: Account[S]) -> Capabilities:
        """Where channels of a kind differ, by their settings."""
        return self.capabilities

    # --- in ------------------------------------------------------------------------------------

    def accounts(self, request: WebhookRequest) -> Sequence[str]:
        """Whom a request is for that came to the kind's own address: ids of accounts, before anything is verified.
        Empty: it names nobody, or every channel has an address of its own. :raises BadPayload: it can't be read."""
        return ()

    def challenge(self, request: WebhookRequest, account: Account[S]) -> WebhookReply | None:
        """Answer a provider's set-up request, or None to go on."""
        return None

    def verify(self, request: WebhookRequest, account: Account[S]) -> None:
        """:raises BadSignature: unless the raw body is signed with this channel's secret, in constant time."""
        raise BadSignature

    def parse(self, request: WebhookRequest, account: Account[S]) -> Sequence[Inbound]:
        """What the request says to this account, in our values. :raises BadPayload: it can't be read."""
        raise BadPayload("this kind of channel has no webhook")

    def reply(self, request: WebhookRequest, applied: Sequence[Applied]) -> WebhookReply:
        """What the provider reads once its request was taken."""
        return WebhookReply()

    def poll(self, account: Account[S], cursor: Mapping[str, Any], http: Http) -> Polled | None:
        """What came since `cursor` (empty: the first time). None: nothing new. :raises SendError:"""
        return None

    def fetch(self, ref: Mapping[str, Any], account: Account[S], http: Http) -> Iterator[bytes]:
        """The bytes of a `RemoteFile`. :raises FetchFailed:"""
        raise FetchFailed("this kind of channel brings no files", retry=False)

    def profile(self, sender: Sender, account: Account[S], http: Http) -> Profile | None:
        """What the provider tells about a customer whom we don't know. :raises SendError:"""
        return None

    # --- out -----------------------------------------------------------------------------------

    @abstractmethod
    def render(self, message: Outgoing, account: Account[S]) -> Sequence[Part]:
        """The calls that bring a message. Pure, and the same at every attempt. :raises NotAccepted:"""

    @abstractmethod
    def send(self, part: Part, message: Outgoing, account: Account[S], http: Http, *, key: str) -> Sent:
        """Make one call. `key` is the part's own idempotency key. :raises SendError: one of the closed vocabulary."""

    def signal(self, signal: Signal, account: Account[S], http: Http) -> None:
        """Tell that we type or have read. Nobody waits for it. :raises SendError:"""

    def rates(self, message: Outgoing, account: Account[S]) -> Sequence[Rate]:
        """What sends of this kind are counted by, and how many may go."""
        return ()

    def app(self, account: Account[S]) -> str:
        """What several channels share at the provider, so that a pause of it holds for all: by default nothing."""
        return str(account.id)

    # --- the account ---------------------------------------------------------------------------

    def refresh(self, account: Account[S], http: Http) -> Credentials | None:
        """Fresh credentials; None: this kind has none, or they needn't be renewed. :raises SendError:"""
        return None

    def check(self, account: Account[S], http: Http) -> Health | None:
        """Ask the provider whether the channel works. None: there is nothing to ask. :raises SendError:"""
        return None


def secret_names(adapter: Adapter[Any]) -> tuple[str, ...]:
    """The settings of a kind that are kept encrypted and never reach a log."""
    return tuple(name for name, field in adapter.settings.model_fields.items() if field.annotation is SecretStr)
