"""Rows for tests, made by the real actions where there are some."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from agents.models import User
from channels_app.actions.inbound import do_receive
from channels_app.actions.outbound import do_reply
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.messenger.actions.guests import do_guest_message
from channels_app.messenger.actions.sessions import do_configure
from channels_app.messenger.models import ConfigurationVersion, Deployment, GuestSession, MessengerConfiguration
from channels_app.models import Channel, Conversation, Message
from contactcenter.kernel import clock

SECRET = "the channel's secret"
_numbers = itertools.count(1)


def channel(kind: str = "fake", *, window: timedelta = timedelta(hours=72), **secrets: str) -> Channel:
    """A channel of its own name."""
    number = next(_numbers)
    return Channel.objects.create(
        kind=kind, name=f"Channel {number}", window=window, secrets={"secret": SECRET} | secrets
    )


def deployment(**fields: Any) -> Deployment:
    """A web messenger on a channel of its own."""
    return Deployment.objects.create(channel=channel("webmessaging"), name=f"Messenger {next(_numbers)}", **fields)


def configured(of: Deployment, content: dict[str, Any]) -> Deployment:
    """The deployment with a published configuration, without a commit."""
    made = MessengerConfiguration.objects.create(name=f"Configuration {next(_numbers)}")
    now = clock.now()
    made.published = ConfigurationVersion.objects.create(
        configuration=made, number=1, content=content, created_at=now, published_at=now
    )
    made.save()
    of.configuration = made
    of.save()
    return of


def guest(of: Deployment, token: str | None = None) -> GuestSession:
    """A configured guest session."""
    return do_configure(of, token or str(uuid.uuid4())).session


def inbound(
    who: str = "jonas", text: str = "Hello", *, key: str | None = None, thread_key: str = "", name: str = ""
) -> InboundMessage:
    """What an adapter gives for a customer's message."""
    sender = Sender(who, name=name or who.title(), verified=True)
    return InboundMessage(key or f"key-{next(_numbers)}", sender, text=text, thread_key=thread_key)


def said(on: Channel, who: str = "jonas", text: str = "Hello", **fields: Any) -> Message:
    """A customer's message, received."""
    return do_receive(on, inbound(who, text, **fields)).message


def guest_said(
    session: GuestSession, of: Deployment, text: str = "Hello", content: Sequence[dict[str, Any]] = ()
) -> Message:
    """A guest's message over the messenger."""
    number = next(_numbers)
    value = InboundMessage(f"guest-{number}", Sender(str(session.id), kind="guest"), text=text, content=content)
    return do_guest_message(session, of, value).message


def replied(conversation: Conversation | uuid.UUID, author: User, text: str = "How can I help?") -> Message:
    """An agent's reply, queued for its channel."""
    conversation_id = conversation if isinstance(conversation, uuid.UUID) else conversation.id
    return do_reply(conversation_id, author=author, text=text)
