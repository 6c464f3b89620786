"""The sentence a supervisor reads about a decision, made from what was stored and nothing else. Pure.

The translation functions come in as arguments with their usual names, so that this module needs no framework
and `makemessages` still finds every text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from routing.acd.values import Considered, Decision, Need, Verdict, from_json

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """key: which kind of sentence. params: its facts, in plain JSON types. text: the rendering."""

    key: str
    params: Mapping[str, Any]
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Words:
    """What the clauses below need besides the decision: names and the reader's language."""

    names: Mapping[str, str]
    skill_names: Mapping[str, str]
    gettext: Gettext
    ngettext: Ngettext

    def agent(self, agent_id: str) -> str:
        return self.names.get(agent_id) or self.gettext("An unknown agent")

    def skill(self, skill_id: str) -> str:
        return self.skill_names.get(skill_id) or self.gettext("an unknown skill")


def _untranslated(text: str) -> str:
    return text


def _unpluralised(singular: str, plural: str, number: int) -> str:
    return singular if number == 1 else plural


def sentence(
    decision_json: Mapping[str, Any],
    names: Mapping[str, str],
    skill_names: Mapping[str, str],
    *,
    gettext: Gettext = _untranslated,
    ngettext: Ngettext = _unpluralised,
) -> Sentence:
    """Why this agent, or why nobody yet.

    names, skill_names: id → what to call them; who is missing there (erased since) is called unknown.
    Keys: `acd.chosen`, `acd.nobody`, `acd.nobody_held` (kept for agents who can't take it).
    """
    decision = from_json(decision_json)
    words = _Words(names, skill_names, gettext, ngettext)
    if decision.agent_id is not None:
        return _chosen(decision, words)
    return _held(decision, words) if decision.preferred else _nobody(decision, words)


def _chosen(decision: Decision, words: _Words) -> Sentence:
    """Ana: German 4.5, Returns 3, idle 4 min, longest of 3 eligible; 2 lacked a skill, 1 was full."""
    winner = decision.considered[0]
    idle = decision.decided_at - winner.idle_since
    eligible = decision.counts.get("chosen", 0) + decision.counts.get("eligible", 0)
    reasons = [
        *_by_kind(decision, words),
        *_proficiencies(decision, winner, words),
        words.gettext("idle %(time)s") % {"time": duration(idle, words.gettext)},
        *_rank(decision, eligible, words),
    ]
    text = f"{words.agent(winner.agent_id)}: {', '.join(reasons)}"
    if passed_over := _passed_over(decision, words):
        text += f"; {', '.join(passed_over)}"
    params = _params(decision) | {"idle_seconds": int(idle.total_seconds()), "eligible": eligible}
    return Sentence("acd.chosen", params, f"{text}.")


def _nobody(decision: Decision, words: _Words) -> Sentence:
    """Nobody yet: 2 lack German, 3 are full, 1 declined or missed it."""
    reasons = _in_the_way(decision, words) or [words.gettext("no member of the queue is at work")]
    text = words.gettext("Nobody yet: %(reasons)s.") % {"reasons": ", ".join(reasons)}
    return Sentence("acd.nobody", _params(decision), text)


def _held(decision: Decision, words: _Words) -> Sentence:
    """Nobody yet: kept for Ana, who is full. Or for Ana and Ben: 1 is full, 1 isn't available."""
    if len(decision.preferred) > 1:
        return _held_for_several(decision, words)
    seen = decision.considered[0].verdict if decision.considered else "not_available"
    gettext = words.gettext
    forms: Mapping[Verdict, str] = {
        "full": gettext("Nobody yet: kept for %(agent)s, who is full."),
        "refused": gettext("Nobody yet: kept for %(agent)s, who declined or missed it."),
        "lacks_skill": gettext("Nobody yet: kept for %(agent)s, who lacks a skill."),
        "not_in_queue": gettext("Nobody yet: kept for %(agent)s, who isn't a member of the queue."),
        "not_available": gettext("Nobody yet: kept for %(agent)s, who isn't available."),
    }
    text = forms[seen] % {"agent": words.agent(decision.preferred[0].agent_id)}
    return Sentence("acd.nobody_held", _params(decision) | {"verdict": seen}, text)


def _held_for_several(decision: Decision, words: _Words) -> Sentence:
    text = words.gettext("Nobody yet: kept for %(agents)s: %(reasons)s.") % {
        "agents": ", ".join(words.agent(one.agent_id) for one in decision.preferred),
        "reasons": ", ".join(_in_the_way(decision, words)) or words.gettext("none of them is at work"),
    }
    return Sentence("acd.nobody_held", _params(decision), text)


def _params(decision: Decision) -> dict[str, Any]:
    return {
        "agent": decision.agent_id or next((one.agent_id for one in decision.preferred), None),
        "method": decision.method,
        "counts": dict(decision.counts),
        "lacking": dict(decision.lacking),
    }


def _by_kind(decision: Decision, words: _Words) -> list[str]:
    gettext = words.gettext
    kinds = {
        "last": gettext("last agent"),
        "preferred": gettext("preferred agent"),
    }
    return [kinds[decision.method]] if decision.method in kinds else []


def _proficiencies(decision: Decision, winner: Considered, words: _Words) -> list[str]:
    return [
        f"{words.skill(need.skill_id)} {winner.skills[need.skill_id]:g}"
        for need in decision.needs
        if need.skill_id in winner.skills
    ]


def _rank(decision: Decision, eligible: int, words: _Words) -> list[str]:
    """The rank by the evaluation that was used; one without words of its own says only that this was the first."""
    if decision.preferred:
        return []
    if eligible == 1:
        return [words.gettext("the only one eligible")]
    ranks = {"all_skills": words.gettext("longest of %(count)s eligible")}
    rank = ranks.get(decision.evaluation) or words.gettext("first of %(count)s eligible")
    return [rank % {"count": eligible}]


def _passed_over(decision: Decision, words: _Words) -> list[str]:
    """The others of the queue and what stopped them, in the past: the choice is made."""
    ngettext, counts = words.ngettext, decision.counts
    lacked, full = counts.get("lacks_skill", 0), counts.get("full", 0)
    refused, away = counts.get("refused", 0), counts.get("not_available", 0)
    later = counts.get("not_yet", 0)
    clauses = [
        (lacked, ngettext("%(count)s lacked a skill", "%(count)s lacked a skill", lacked)),
        (full, ngettext("%(count)s was full", "%(count)s were full", full)),
        (refused, _refused(refused, words)),
        (away, ngettext("%(count)s wasn't available", "%(count)s weren't available", away)),
        (later, ngettext("%(count)s wasn't asked yet", "%(count)s weren't asked yet", later)),
    ]
    return [text % {"count": count} for count, text in clauses if count]


def _in_the_way(decision: Decision, words: _Words) -> list[str]:
    """What stops whom, in the present: it may change any moment."""
    ngettext, counts = words.ngettext, decision.counts
    full, refused, away = (counts.get(verdict, 0) for verdict in ("full", "refused", "not_available"))
    clauses = [
        (full, ngettext("%(count)s is full", "%(count)s are full", full)),
        (refused, _refused(refused, words)),
        (away, ngettext("%(count)s isn't available", "%(count)s aren't available", away)),
    ]
    lacking = [_lack(need, decision.lacking[need.skill_id], words) for need in _missed(decision)]
    return lacking + [text % {"count": count} for count, text in clauses if count] + _opens(decision, words)


def _opens(decision: Decision, words: _Words) -> list[str]:
    """Those whom the queue's method doesn't ask yet, with the time until it asks the first of them."""
    later = decision.counts.get("not_yet", 0)
    if not later or decision.opens_at is None:
        return []
    time = duration(decision.opens_at - decision.decided_at, words.gettext)
    form = words.ngettext("%(count)s is asked in %(time)s", "%(count)s are asked, the first in %(time)s", later)
    return [form % {"count": later, "time": time}]


def _refused(count: int, words: _Words) -> str:
    return words.ngettext("%(count)s declined or missed it", "%(count)s declined or missed it", count)


def _missed(decision: Decision) -> list[Need]:
    return [need for need in decision.needs if need.skill_id in decision.lacking]


def _lack(need: Need, count: int, words: _Words) -> str:
    form = words.ngettext("%(count)s lacks %(skill)s", "%(count)s lack %(skill)s", count)
    # Someone may have the skill and still fall short, so the sentence names what was asked for.
    asked = f" {need.minimum:g}+" if need.minimum > 0 else ""
    return form % {"count": count, "skill": f"{words.skill(need.skill_id)}{asked}"}


def duration(length: timedelta, gettext: Gettext = _untranslated) -> str:
    """A length of time in its one or two largest units, cut off: 40 s, 4 min, 2 h 5 min, 3 d 4 h."""
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not minutes:
        return gettext("%(seconds)s s") % {"seconds": seconds}
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    if not days:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    return gettext("%(days)s d %(hours)s h") % {"days": days, "hours": hours % 24}
