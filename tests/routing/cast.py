"""A small contact centre for the tests of routing: real rows, real actions, and a clock that only the test moves."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.actions.capacity import do_refresh_limits
from agents.actions.status import do_seen
from agents.models import AgentLoad, AgentState, Medium, Skill, User, UserSkill, Utilization
from agents.presence import RoutingStatus
from channels_app.models import Channel, Conversation
from contactcenter.kernel import clock
from routing.actions import engine
from routing.actions.availability import do_go_on_queue
from routing.actions.offers import do_accept
from routing.models import (
    Assignment,
    InboundRoute,
    Offer,
    Queue,
    QueueMember,
    QueueVisit,
    RouteNeed,
    RoutingPass,
    WrapUpCode,
)
from tests import factories

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Scene:
    """Everything starts on a Monday at nine. Agents who are put on queue sit at their desk until they leave it."""

    def __init__(self) -> None:
        self.now = MONDAY
        self._clock = ExitStack()
        self._at_desk: list[User] = []
        self.set_clock(MONDAY)

    # --- time ----------------------------------------------------------------------------------

    def set_clock(self, moment: datetime) -> None:
        self._clock.close()
        self.now = moment
        self._clock.enter_context(clock.at(moment))

    def close(self) -> None:
        self._clock.close()

    def later(self, **by: float) -> None:
        """Time passes, desks show themselves, and the sweep looks."""
        self.pause(**by)
        engine.sweep()

    def pause(self, **by: float) -> None:
        """Time passes and nobody looks."""
        self.set_clock(self.now + timedelta(**by))
        for agent in self._at_desk:
            do_seen(agent.id)

    # --- the place -----------------------------------------------------------------------------

    def queue(self, name: str = "Service", **settings: Any) -> Queue:
        return Queue.objects.create(name=name, **settings)

    def channel(
        self,
        queue: Queue | None,
        *,
        needs: dict[str, float] | None = None,
        priority: int = 0,
        window: timedelta = timedelta(hours=72),
    ) -> Channel:
        """A channel whose route leads to a queue."""
        channel = factories.channel(window=window)
        if queue is not None:
            route = InboundRoute.objects.create(channel=channel, queue=queue, priority=priority)
            for name, minimum in (needs or {}).items():
                RouteNeed.objects.create(route=route, skill=skill(name), minimum=minimum)
        return channel

    def agent(
        self,
        name: str,
        *queues: Queue,
        skills: dict[str, float] | None = None,
        limit: int | None = None,
        on_queue: bool = True,
    ) -> User:
        """A member of the queues. Agents who go on queue one after the other have waited in that order."""
        user = User.objects.create_user(f"{name.lower()}@example.com", name=name)
        for queue in queues:
            QueueMember.objects.create(queue=queue, user=user)
        for skill_name, proficiency in (skills or {}).items():
            UserSkill.objects.create(user=user, skill=skill(skill_name), proficiency=proficiency)
        if limit is not None:
            self.limit(user, limit)
        if on_queue:
            self.goes_on_queue(user)
            self.pause(seconds=1)
        return user

    def goes_on_queue(self, agent: User) -> None:
        if agent not in self._at_desk:
            self._at_desk.append(agent)
        do_go_on_queue(agent)

    def leaves_desk(self, agent: User) -> None:
        """The socket is gone: no heartbeat from now on."""
        if agent in self._at_desk:
            self._at_desk.remove(agent)

    def limit(self, agent: User, limit: int) -> None:
        Utilization.objects.update_or_create(user=agent, medium=Medium.MESSAGE, defaults={"limit": limit})
        do_refresh_limits([agent.id])

    # --- what happens ----------------------------------------------------------------------------

    def writes(self, on: Channel, who: str = "jonas", text: str = "Hello", *, look: bool = True) -> Conversation:
        """A customer writes; a second later the engine has looked."""
        message = factories.said(on, who, text)
        self.pause(seconds=1)
        if look:
            engine.react()
        return Conversation.objects.get(id=message.conversation_id)

    def talks(self, on: Channel, who: str = "jonas") -> tuple[Conversation, Assignment]:
        """A customer writes, and whoever gets the offer accepts it."""
        conversation = self.writes(on, who)
        return conversation, accepts(conversation)


# --- looking ---------------------------------------------------------------------------------------


def skill(name: str) -> Skill:
    return Skill.objects.get_or_create(name=name)[0]


def code(name: str = "Solved") -> WrapUpCode:
    return WrapUpCode.objects.get_or_create(name=name)[0]


def live(conversation: Conversation) -> RoutingPass:
    return RoutingPass.objects.exclude(state=RoutingPass.State.CLOSED).get(conversation=conversation)


def last_pass(conversation: Conversation) -> RoutingPass:
    found = RoutingPass.objects.filter(conversation=conversation).order_by("-id").first()
    assert found is not None
    return found


def alert(conversation: Conversation) -> Offer:
    """The offer that alerts."""
    return Offer.objects.select_related("agent").get(
        routing_pass__conversation=conversation, state=Offer.State.ALERTING
    )


def offered_to(conversation: Conversation) -> list[str]:
    """Who it alerts at now."""
    rows = Offer.objects.filter(routing_pass__conversation=conversation, state=Offer.State.ALERTING)
    return sorted(rows.values_list("agent__name", flat=True))


def accepts(conversation: Conversation) -> Assignment:
    offer = alert(conversation)
    return do_accept(offer.id, offer.agent)


def owner(conversation: Conversation) -> str | None:
    rows = Assignment.objects.filter(
        conversation=conversation, state__in=[Assignment.State.CONNECTED, Assignment.State.PARKED]
    )
    return rows.values_list("agent__name", flat=True).first()


def visits(conversation: Conversation) -> list[tuple[str, str]]:
    """Queues stood in, with how that ended, in order."""
    rows = QueueVisit.objects.filter(routing_pass__conversation=conversation).order_by("id")
    return list(rows.values_list("queue__name", "outcome"))


def status(agent: User) -> RoutingStatus:
    return RoutingStatus(AgentState.objects.get(user=agent).status)


def in_use(agent: User) -> float:
    return float(AgentLoad.objects.get(user=agent, medium=Medium.MESSAGE).in_use)
