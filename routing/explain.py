"""Why an agent was offered a conversation, in one sentence for a supervisor."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from django.utils.translation import gettext, ngettext

from agents.models import Skill, User
from routing.acd.explain import sentence
from routing.acd.values import from_json
from routing.models import Decision, Offer


def why(offer: Offer) -> str:
    """The sentence, rendered from what was stored when it was decided, with today's names.

    Two queries beside `offer.decision`. An offer that nobody decided on (picked, transferred) says so.
    """
    try:
        stored = offer.decision.data
    except Decision.DoesNotExist:
        return _by_a_person(offer)
    decision = from_json(stored)
    agents = {decision.agent_id or "", *(one.agent_id for one in decision.considered)} - {""}
    names = dict(User.objects.filter(id__in=agents).values_list("id", "name"))
    skills = dict(Skill.objects.filter(id__in=[need.skill_id for need in decision.needs]).values_list("id", "name"))
    return str(sentence(stored, _by_text(names), _by_text(skills), gettext=gettext, ngettext=ngettext))


def reasons(offer_ids: Collection[str], names: Mapping[str, str]) -> dict[str, str]:
    """Offer → why it came to its agent, without their name and without who was passed over, for a line in a thread.

    Two queries however many there are. `names`: of the agents, by id. Offers that nobody decided on are left out.
    """
    decisions = list(Decision.objects.filter(offer_id__in=offer_ids).values_list("offer_id", "data"))
    wanted = {need["skill_id"] for _, data in decisions for need in data["needs"]}
    skills = _by_text(dict(Skill.objects.filter(id__in=wanted).values_list("id", "name"))) if wanted else {}
    found = {}
    for offer_id, data in decisions:
        agent = names.get(data["considered"][0]["agent_id"], "") if data["considered"] else ""
        told = str(sentence(data, names, skills, gettext=gettext, ngettext=ngettext))
        found[str(offer_id)] = told.removeprefix(f"{agent}: ").partition(";")[0]
    return found


def _by_text(names: dict[uuid.UUID, str]) -> dict[str, str]:
    return {str(key): name for key, name in names.items()}


def _by_a_person(offer: Offer) -> str:
    if offer.kind == Offer.Kind.PICK:
        return gettext("Picked by %(agent)s.") % {"agent": offer.agent}
    if offer.by is None:
        return gettext("Given to %(agent)s.") % {"agent": offer.agent}
    return gettext("Given to %(agent)s by %(by)s.") % {"agent": offer.agent, "by": offer.by}
