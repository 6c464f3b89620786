"""Forms as an admin fills them in, a set-up in which nothing is missing, and a payload that failed."""

from __future__ import annotations

from typing import Any

from agents import roles
from agents.models import Skill, User
from agents.roles import Role
from channels_app.messenger.models import ConfigurationVersion, Deployment, MessengerConfiguration
from channels_app.models import Channel, InboundPayload
from contactcenter.kernel import clock
from routing.models import InboundRoute, Queue, QueueMember
from tests.admin.pages import member, no_rows


def user_data(**changes: Any) -> dict[str, Any]:
    data = {
        "email": "ana@acme.example",
        "name": "Ana Ruiz",
        "password": "green garden gate",
        "roles": ["agent"],
        "locale": "en",
        "time_zone": "Europe/Berlin",
        **no_rows("user_skills", "memberships", "utilizations"),
    }
    return {**data, **changes}


def edit(user: User, **changes: Any) -> dict[str, Any]:
    data = user_data(email=user.email, name=user.name, is_active="on", roles=[r.value for r in roles.roles_of(user)])
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def channel_data(**changes: Any) -> dict[str, Any]:
    data = {"kind": "fake", "name": "Test", "account_id": "", "threading_window": "3 d", "active": "on"}
    return {**data, **changes}


QUEUE = {
    "name": "Returns",
    "active": "on",
    "alert_timeout": "30 s",
    "manual_pick": "on",
    "last_agent": "members",
    "last_agent_wait": "1 min",
    "wrapup_prompt": "timeout",
    "wrapup_timeout": "1 min",
    "wrapup_counts": "on",
    "parked_weight": "0",
    "reclaim_after": "30 min",
    "abandon_after": "15 min",
    "service_level": "80",
    "service_level_within": "20 s",
}
QUEUE_INLINES = ("memberships", "queuewrapupcode_set")


def complete_set_up() -> tuple[User, Queue, Channel, InboundRoute]:
    Skill.objects.create(name="German")
    queue, ana = Queue.objects.create(name="Returns"), member("Ana", Role.AGENT)
    QueueMember.objects.create(queue=queue, user=ana)
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    made = Deployment.objects.create(channel=channel, name="Front")
    made.configuration = MessengerConfiguration.objects.create(name="Front")
    made.configuration.published = ConfigurationVersion.objects.create(
        configuration=made.configuration, number=1, created_at=ana.date_joined
    )
    made.configuration.save()
    made.save()
    return ana, queue, channel, InboundRoute.objects.create(channel=channel, queue=queue)


def failed_payload(channel: Channel, body: bytes) -> InboundPayload:
    return InboundPayload.objects.create(
        channel=channel, body=body, state=InboundPayload.State.FAILED, error="a fault", received_at=clock.now()
    )
