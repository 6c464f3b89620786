"""The people of our tests.

Agents: Ana (German, Returns), Ben (on a break), Cleo (another team). Sam supervises, Ada runs the place.
Customers: Jonas and Marta, by the name that their channel knows.
"""

from __future__ import annotations

from agents.models import AgentState, Skill, Team, User, UserSkill
from agents.presence import Presence, RoutingStatus
from agents.roles import Role, assign
from contactcenter.kernel import clock

JONAS = "jonas"
MARTA = "marta"


def ana() -> User:
    """An agent of the team Service with German 5 and Returns 4."""
    return _agent("Ana Almeida", "Service", {"German": 5, "Returns": 4}, presence=Presence.AVAILABLE)


def ben() -> User:
    """An agent of the team Service, on a break."""
    return _agent("Ben Brandt", "Service", {"Returns": 3}, presence=Presence.BREAK)


def cleo() -> User:
    """An agent of another team."""
    return _agent("Cleo Costa", "Sales", {"German": 3}, presence=Presence.AVAILABLE)


def sam() -> User:
    """The supervisor of the team Service."""
    return _person("Sam Schulz", "Service", Role.SUPERVISOR)


def ada() -> User:
    """The admin."""
    return _person("Ada Adler", "Service", Role.ADMIN)


def _agent(name: str, team: str, skills: dict[str, int], *, presence: Presence) -> User:
    user = _person(name, team, Role.AGENT)
    for skill, proficiency in skills.items():
        kind = Skill.Kind.LANGUAGE if skill == "German" else Skill.Kind.SKILL
        known, _ = Skill.objects.get_or_create(name=skill, defaults={"kind": kind})
        UserSkill.objects.create(user=user, skill=known, proficiency=proficiency)
    now = clock.now()
    AgentState.objects.create(
        user=user, presence=presence, status=RoutingStatus.OFF_QUEUE, status_since=now, idle_since=now
    )
    return user


def _person(name: str, team: str, role: Role) -> User:
    member_of, _ = Team.objects.get_or_create(name=team)
    email = f"{name.partition(' ')[0].lower()}@example.com"
    user = User.objects.create_user(email, name=name, team=member_of)  # no password: tests log in by force
    assign(user, [role])
    return user
