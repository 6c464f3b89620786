"""Demo agents at work on live conversations, by the same actions as a desk's: for a demo that looks alive."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.db.models import OuterRef, QuerySet, Subquery

from agents.actions.status import do_seen
from agents.models import AgentState, User
from agents.presence import Presence, RoutingStatus
from channels_app.actions.outbound import do_staff_receipt
from channels_app.models import Message
from contactcenter.demo.company import AGENTS
from contactcenter.demo.dialogues import texts
from contactcenter.kernel import clock
from contactcenter.kernel.errors import ContactCentreError
from routing.actions.availability import do_go_on_queue, do_set_presence
from routing.actions.offers import do_accept
from routing.actions.transfers import do_agent_reply
from routing.actions.work import codes_of, do_end, do_wrap_up
from routing.models import Assignment, Offer

log = structlog.get_logger(__name__)
LOOK_EVERY = 0.5  # seconds
HEARTBEAT = timedelta(seconds=15)
ACCEPTS_AFTER, WRAPS_UP_AFTER = timedelta(seconds=2), timedelta(seconds=4)
ANSWERS_AFTER = timedelta(seconds=3)  # since their own last word
ENDS_AFTER, LONGEST = timedelta(seconds=20), timedelta(seconds=90)  # of silence; of talking, then at once
#: first those who between them serve every queue
ORDER = ("Lukas Falk", "Ana Okafor", "Ines Carvalho", "Nadia Haddad")


class Desks:
    """Up to `count` agents whom nobody plays at the moment."""

    def __init__(self, count: int, *, seed: int = 1) -> None:
        self.agents = free_agents(count)
        self._rng = random.Random(seed)  # noqa: S311 what a demo's agent says
        self._replies = [
            said.text
            for one in texts().dialogues
            for said in one.lines
            if said.kind == "agent" and one.language == "en" and "{" not in said.text and not said.choices
        ]
        self._beat_at: datetime | None = None

    def work(self, stopping: threading.Event) -> None:
        """Until told to stop; then they finish what they have and leave the queue."""
        self._each(lambda agent, _now: do_go_on_queue(agent))
        while not stopping.wait(LOOK_EVERY):
            self._each(self._look)
        self._each(self._leave)
        connection.close()

    def _each(self, do: Callable[[User, datetime], None]) -> None:
        """One agent after the other; a refusal (somebody was faster) is normal, and a store may be gone."""
        now = clock.now()
        beat = self._beat_at is None or now >= self._beat_at + HEARTBEAT
        for agent in self.agents:
            try:
                if beat:
                    do_seen(agent.id)
                do(agent, now)
            except ContactCentreError as refused:
                log.info("step of a demo agent refused", agent=agent.name, why=refused.message)
            except (OperationalError, InterfaceError) as error:
                log.warning("a demo agent waits for the database", error=str(error).splitlines()[0])
                connection.close()
        if beat:
            self._beat_at = now

    def _look(self, agent: User, now: datetime) -> None:
        """Back on queue if taken off it, accept, answer, end, wrap up: what a desk shows, from left to right."""
        if AgentState.objects.filter(user=agent, status__in=["off_queue", "not_responding"]).exists():
            do_go_on_queue(agent)
        for offer in _alerting(agent).filter(made_at__lte=now - ACCEPTS_AFTER):
            do_accept(offer.id, agent)
        for work in _connected(agent):
            self._talk(agent, work, now)
        for work in _wrapping(agent).filter(left_at__lte=now - WRAPS_UP_AFTER):
            do_wrap_up(work.id, agent, code=self._rng.choice(list(codes_of(work.queue))))

    def _talk(self, agent: User, work: Assignment, now: datetime) -> None:
        """Answer what was said since their own last word; end after a silence, or when it has taken long."""
        words = Message.objects.public().filter(conversation=work.conversation_id).order_by("-seq")
        last, own = words.first(), words.filter(author=agent).first()
        spoke_at = max(work.connected_at, own.created_at if own else work.connected_at)
        if last is None:
            return
        if last.direction == Message.Direction.INBOUND and spoke_at <= now - ANSWERS_AFTER:
            do_staff_receipt(work.conversation_id, state="read", seq=last.seq, agent=agent)
            do_agent_reply(work.conversation_id, agent, text=self._rng.choice(self._replies))
        elif last == own and (last.created_at <= now - ENDS_AFTER or work.connected_at <= now - LONGEST):
            do_end(work.conversation_id, agent, seen_seq=last.seq)

    def _leave(self, agent: User, _now: datetime) -> None:
        do_set_presence(agent, Presence.OFFLINE)
        for work in _connected(agent):
            do_end(work.conversation_id, agent)
        for work in _wrapping(agent):
            do_wrap_up(work.id, agent, code=self._rng.choice(list(codes_of(work.queue))))


def free_agents(count: int) -> Sequence[User]:
    """Demo agents who are off queue: the others are somebody's."""
    names = [*ORDER, *(person.name for person in AGENTS if person.name not in ORDER)]
    emails = {person.name: person.email for person in AGENTS}
    status = AgentState.objects.filter(user=OuterRef("pk")).values("status")
    rows = User.objects.filter(email__in=emails.values(), is_active=True).annotate(status=Subquery(status))
    free = [user for user in rows if user.status in (None, RoutingStatus.OFF_QUEUE)]
    return sorted(free, key=lambda user: names.index(user.name) if user.name in names else len(names))[:count]


def _alerting(agent: User) -> QuerySet[Offer]:
    return Offer.objects.filter(agent=agent, state=Offer.State.ALERTING)


def _connected(agent: User) -> QuerySet[Assignment]:
    return Assignment.objects.filter(agent=agent, state=Assignment.State.CONNECTED).select_related("queue")


def _wrapping(agent: User) -> QuerySet[Assignment]:
    return Assignment.objects.filter(agent=agent, state=Assignment.State.WRAPUP).select_related("queue")
