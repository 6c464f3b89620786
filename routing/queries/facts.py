"""What is known about the work on a conversation: where it stands, why it came here, how earlier ones ended."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext

from agents.models import Skill, User
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock
from routing import explain, measures
from routing.actions.work import codes_of
from routing.models import Assignment, Decision, Offer, PassNeed, QueueMember, QueueVisit, RoutingPass, WrapUpCode


class Part(StrEnum):
    """What a conversation is for the person who looks at it."""

    OWNER = "owner"
    PARKED = "parked"
    WRAPUP = "wrapup"
    OFFERED = "offered"
    WAITING = "waiting"
    RESTING = "resting"
    ENDED = "ended"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a conversation stands, seen by one person.

    work: this person's own assignment. live: the pass, if somebody works on it or it waits.
    transfer: the offer to somebody else that the owner waits for.
    """

    part: Part
    live: RoutingPass | None = None
    owner: Assignment | None = None
    work: Assignment | None = None
    offer: Offer | None = None
    transfer: Offer | None = None
    may_pick: bool = False

    @property
    def version(self) -> str:
        """Changes when the foot of the thread has to look different."""
        of = (self.part, self.work and self.work.id, self.offer and self.offer.id, self.transfer and self.transfer.id)
        return "-".join(str(one) for one in of if one)

    @property
    def may_reply(self) -> bool:
        """Whether a message from this person would be taken. An agent may write first on a resting conversation."""
        return self.part in (Part.OWNER, Part.PARKED, Part.RESTING)

    @property
    def queue_name(self) -> str:
        queue = (self.work and self.work.queue) or (self.live and self.live.queue)
        return queue.name if queue else ""


def seat_of(user: User, conversation: Conversation) -> Seat:
    """The seat of `user`, who may see the conversation."""
    live = (
        RoutingPass.objects.select_related("queue")
        .filter(conversation=conversation)
        .exclude(state=RoutingPass.State.CLOSED)
        .first()
    )
    works = list(
        Assignment.objects.select_related("queue", "agent")
        .filter(conversation=conversation)
        .exclude(state=Assignment.State.DONE)
        .order_by("-connected_at")
    )
    alerting = list(
        Offer.objects.select_related("agent", "by").filter(routing_pass=live, state=Offer.State.ALERTING)
        if live
        else ()
    )
    owner = next((work for work in works if work.state != Assignment.State.WRAPUP), None)
    own = next((work for work in works if work.agent_id == user.id), None)
    offer = next((one for one in alerting if one.agent_id == user.id), None)
    transfer = next((one for one in alerting if one.kind == Offer.Kind.TRANSFER and one.by_id == user.id), None)
    part = _part(conversation, live, own, offer)
    may_pick = part == Part.WAITING and _serves(user, live)
    return Seat(part, live=live, owner=owner, work=own, offer=offer, transfer=transfer, may_pick=may_pick)


def _serves(user: User, live: RoutingPass | None) -> bool:
    """Whether the user may pick from the queue where it waits."""
    if live is None or live.queue is None or not live.queue.manual_pick:
        return False
    return QueueMember.objects.filter(queue=live.queue, user=user, active=True).exists()


def _part(conversation: Conversation, live: RoutingPass | None, own: Assignment | None, offer: Offer | None) -> Part:
    if offer is not None:
        return Part.OFFERED
    if own is not None:
        parts = {"connected": Part.OWNER, "parked": Part.PARKED, "wrapup": Part.WRAPUP}
        return parts[own.state]
    if live is not None:
        return Part.WAITING if live.state in ("waiting", "offered") else Part.WATCHING
    return Part.ENDED if conversation.state == Conversation.State.ENDED else Part.RESTING


def offered_codes(work: Assignment) -> list[WrapUpCode]:
    """The wrap-up codes to choose from."""
    return list(codes_of(work.queue))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on a conversation ended, or who has it."""

    queue: str
    agent: str
    code: str
    notes: str


def outcomes(conversation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Outcome]:
    """The last owner's part in each conversation that had one."""
    rows = (
        Assignment.objects.filter(conversation_id__in=conversation_ids)
        .select_related("agent", "queue", "wrapup__code")
        .order_by("conversation_id", "-connected_at")
        .distinct("conversation_id")
    )
    return {row.conversation_id: _outcome(row) for row in rows}


def _outcome(work: Assignment) -> Outcome:
    wrap_up = getattr(work, "wrapup", None)
    code = wrap_up.code.name if wrap_up and wrap_up.code else ""
    return Outcome(work.queue.name if work.queue else "", work.agent.name, code, wrap_up.notes if wrap_up else "")


@dataclass(frozen=True, slots=True)
class Facts:
    """This conversation's last pass in numbers. A time that isn't known is None."""

    waited: timedelta | None
    waits_since: datetime | None
    first_reply: timedelta | None
    skills: list[str]
    why: str

    @property
    def waited_text(self) -> str:
        return clock_text(self.waited)

    @property
    def first_reply_text(self) -> str:
        return clock_text(self.first_reply)


def clock_text(length: timedelta | None) -> str:
    """0:38, 12:41, 2:14:05; empty for None."""
    if length is None:
        return ""
    minutes, seconds = divmod(max(0, int(length.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def facts_of(conversation: Conversation) -> Facts:
    """Waited, first reply, skills, and why it came to its agent."""
    latest = RoutingPass.objects.filter(conversation=conversation).order_by("-started_at").first()
    if latest is None:
        return Facts(None, None, None, [], "")
    visits = QueueVisit.objects.filter(routing_pass=latest).order_by("entered_at")
    stays = list(visits.values_list("entered_at", "left_at"))
    works = Assignment.objects.select_related("offer__decision", "offer__agent", "offer__by")
    work = works.filter(routing_pass=latest).order_by("connected_at").first()
    needs = PassNeed.objects.filter(routing_pass=latest).select_related("skill")
    waits_since = measures.waits_since(stays)
    return Facts(
        waited=measures.waited(stays, clock.now()) if waits_since is None else None,
        waits_since=waits_since,
        first_reply=measures.first_reply(work.connected_at, _replied_at(conversation, work)) if work else None,
        skills=[need.skill.name for need in needs],
        why=explain.why(work.offer) if work and work.offer else "",
    )


def _replied_at(conversation: Conversation, work: Assignment) -> datetime | None:
    return (
        Message.objects.public()
        .filter(conversation=conversation, author_kind=Message.Author.AGENT, created_at__gte=work.connected_at)
        .order_by("seq")
        .values_list("created_at", flat=True)
        .first()
    )


def skill_names(decisions: Iterable[Decision]) -> dict[str, str]:
    """Names of all skills that these decisions ask for."""
    wanted = {need["skill_id"] for decision in decisions for need in decision.data["needs"]}
    return {str(skill): name for skill, name in Skill.objects.filter(id__in=wanted).values_list("id", "name")}


def reasons(offers: Collection[Offer]) -> Mapping[uuid.UUID, list[str]]:
    """Offer → why it came to this agent, in a few words each: the skills that matched, an earlier talk."""
    decisions = {offer.id: offer.decision for offer in offers if hasattr(offer, "decision")}
    skills = skill_names(decisions.values())
    spoke = _last_talks(offers)
    found: dict[uuid.UUID, list[str]] = {}
    for offer in offers:
        decision = decisions.get(offer.id)
        matched = decision.data["considered"][0]["skills"] if decision and decision.data["considered"] else {}
        found[offer.id] = [f"{skills[skill]} {value:g}" for skill, value in matched.items() if skill in skills]
    return {offer.id: found[offer.id] + spoke.get(offer.id, []) for offer in offers}


def _last_talks(offers: Collection[Offer]) -> dict[uuid.UUID, list[str]]:
    contacts = {offer.id: offer.routing_pass.conversation.address.contact_id for offer in offers}
    agents = {offer.agent_id for offer in offers}
    talks = Assignment.objects.filter(
        agent__in=agents, conversation__address__contact__in=set(contacts.values()), left_at__isnull=False
    ).values_list("conversation__address__contact", flat=True)
    known = set(talks.distinct())
    return {offer: [gettext("you spoke before")] for offer, contact in contacts.items() if contact in known}
