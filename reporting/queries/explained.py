"""Why each offer went where it went: the sentence, and the agents looked at. From what was stored with the decision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext, gettext_lazy, ngettext

from agents.models import Skill, User
from routing import explain
from routing.acd.explain import duration, sentence
from routing.acd.values import Considered, Decision, Need, from_json
from routing.models import Offer

MOST = 20
VERDICTS = {
    "chosen": gettext_lazy("Chosen"),
    "eligible": gettext_lazy("Fits, but shorter idle"),
    "reserved_for_other": gettext_lazy("Kept for somebody else"),
    "not_in_queue": gettext_lazy("Not a member of the queue"),
    "lacks_skill": gettext_lazy("Lacks a skill"),
    "not_yet": gettext_lazy("Not asked yet"),
    "not_available": gettext_lazy("Not available"),
    "refused": gettext_lazy("Declined or missed it"),
    "full": gettext_lazy("No free slot"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """A proficiency beside what was asked for; `value` None: the agent doesn't have the skill."""

    value: float | None
    enough: bool

    @property
    def shown(self) -> str:
        return "–" if self.value is None else f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An agent as the decision saw them."""

    name: str
    chosen: bool
    verdict: str
    levels: list[Level]
    free: str
    idle: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One offer: why, who else, and what became of it. `skills`: names with the least that was asked for."""

    offer: Offer
    sentence: str
    skills: list[str]
    agents: list[LookedAt]
    others: int = 0
    alerted: timedelta | None = field(default=None)

    @property
    def at(self) -> datetime:
        return self.offer.made_at


def explained(offers: Sequence[Offer]) -> list[Explained]:
    """The latest 20 of these offers, which come with `decision`, `agent` and `by`, in order. Two queries."""
    shown = list(offers)[-MOST:]
    decided = {offer.id: from_json(offer.decision.data) for offer in shown if hasattr(offer, "decision")}
    names, skills = _names(decided.values()), _skills(decided.values())
    return [_explain(offer, decided.get(offer.id), names, skills) for offer in shown]


def _names(decisions: Iterable[Decision]) -> dict[str, str]:
    wanted = {one.agent_id for decision in decisions for one in decision.considered}
    return {str(key): name for key, name in User.objects.filter(id__in=wanted).values_list("id", "name")}


def _skills(decisions: Iterable[Decision]) -> dict[str, str]:
    wanted = {uuid.UUID(need.skill_id) for decision in decisions for need in decision.needs}
    return {str(key): name for key, name in Skill.objects.filter(id__in=wanted).values_list("id", "name")}


def _explain(offer: Offer, decision: Decision | None, names: Mapping[str, str], skills: Mapping[str, str]) -> Explained:
    alerted = offer.closed_at - offer.made_at if offer.closed_at else None
    if decision is None:
        return Explained(offer, explain.why(offer), [], [], alerted=alerted)
    text = sentence(offer.decision.data, names, skills, gettext=gettext, ngettext=ngettext)
    looked_at = [_looked_at(one, decision, names) for one in decision.considered]
    others = sum(decision.counts.values()) - len(looked_at)
    return Explained(offer, str(text), [_asked(need, skills) for need in decision.needs], looked_at, others, alerted)


def _asked(need: Need, skills: Mapping[str, str]) -> str:
    name = skills.get(need.skill_id) or gettext("an unknown skill")
    return f"{name} {need.minimum:g}+" if need.minimum else name


def _looked_at(one: Considered, decision: Decision, names: Mapping[str, str]) -> LookedAt:
    verdict = str(VERDICTS[one.verdict])
    if one.opens_at is not None:
        verdict += f" ({duration(one.opens_at - decision.decided_at, gettext)})"
    levels = [_level(one.skills.get(need.skill_id), need.minimum) for need in decision.needs]
    return LookedAt(
        names.get(one.agent_id) or gettext("An unknown agent"),
        one.verdict == "chosen",
        verdict,
        levels,
        f"{one.free:g}",
        duration(decision.decided_at - one.idle_since, gettext),
    )


def _level(value: float | None, minimum: float) -> Level:
    return Level(value, value is not None and value >= minimum)
