"""How the stories of guests begin: one talks already, has another tab, or was told of the end; and what Ana does."""

from __future__ import annotations

from typing import Any

from agents.models import User
from channels_app.actions.lifecycle import do_rest
from channels_app.actions.outbound import do_system_line, locked
from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import Deployment
from channels_app.models import Conversation
from contactcenter.kernel.db import Tx, action
from tests.channels_app.client import StrictGuest
from tests.channels_app.client.guest import text_of
from tests.channels_app.conftest import Opener


def configured(deployment: Deployment, **content: Any) -> None:
    do_configure_deployment(deployment.id, content)


def talking(guest: Opener, text: str = "Hello", **fields: Any) -> StrictGuest:
    """A guest with a session who has said this."""
    made = guest(**fields)
    made.configure()
    made.say(text)
    return made


def tab_of(one: StrictGuest, guest: Opener, **fields: Any) -> StrictGuest:
    """Another socket of the same session."""
    tab = guest(token=one.token, **fields)
    tab.configure()
    return tab


def two_tabs(guest: Opener, *, features: str = "") -> tuple[StrictGuest, StrictGuest]:
    """Two sockets of a session, the second with `features`; the first has said “Hello”, and the second heard it."""
    first, second = guest(), guest(features=features)
    second.token = first.token
    first.configure()
    second.configure()
    first.say("Hello")
    second.until(lambda frame: text_of(frame) == "Hello")
    return first, second


def finished(guest: Opener) -> StrictGuest:
    """A guest who talked until the company ended it, and who was told so."""
    made = talking(guest)
    do_finish()
    made.until_presence("Disconnect")
    return made


def ana() -> User:
    user, _ = User.objects.get_or_create(email="ana@example.com", defaults={"name": "Ana Almeida"})
    return user


@action
def do_finish(tx: Tx) -> None:
    """As routing does when an agent ends it."""
    do_rest.within(tx, locked(Conversation.objects.get(state="active").id))


@action
def do_connect(tx: Tx, agent: User) -> None:
    """As routing does when an agent accepts."""
    conversation = locked(Conversation.objects.get(state="active").id)
    do_system_line.within(tx, conversation, "connected", {"agent_id": str(agent.id), "kind": "acd"})
