"""The rows that a benchmark needs, made by the product's own actions where there are some."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group

from agents.models import User, Utilization
from agents.roles import Role
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from routing.actions.availability import do_go_on_queue
from routing.models import InboundRoute, Queue, QueueMember


def deployment(name: str) -> Deployment:
    """A messenger on a channel of its own, which leads to a queue that answers by itself once it has agents."""
    channel = Channel.objects.create(kind="webmessaging", name=name)
    queue = Queue.objects.create(name=name, auto_answer=True, last_agent_wait=timedelta(0))
    InboundRoute.objects.create(channel=channel, queue=queue)
    return Deployment.objects.create(channel=channel, name=name)


def agents(count: int, of: Deployment, *, limit: int | None = None) -> list[User]:
    """Agents who serve the deployment's queue and are ready. `limit`: conversations at once, else the product's."""
    queue = Queue.objects.get(name=of.name)
    role = Group.objects.get(name=Role.AGENT.value)
    made = []
    for number in range(count):
        user = User.objects.create_user(f"agent{number}.{of.id}@bench.example", name=f"Agent {number}")
        user.groups.add(role)
        QueueMember.objects.create(queue=queue, user=user)
        if limit is not None:
            Utilization.objects.create(user=user, medium="message", limit=limit)
        do_go_on_queue(user)
        made.append(user)
    return made


def logins(users: list[User]) -> Iterator[str]:
    """For each a login as the value of a Cookie header."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for user in users:
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        yield f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def logins_by_agent(users: list[User]) -> dict[str, str]:
    """The same by the agent's id."""
    return dict(zip((str(user.id) for user in users), logins(users), strict=True))


def token() -> str:
    """A guest's token."""
    return str(uuid.uuid4())
