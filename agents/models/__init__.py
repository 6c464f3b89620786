"""Who can answer: users, teams, skills, status and capacity."""

from agents.models.capacity import DEFAULT_LIMITS, AgentLoad, Medium, Utilization
from agents.models.status import PRESENCES, STATUSES, AgentState, PresenceSpan, RoutingStatusSpan
from agents.models.user import Skill, Team, User, UserSkill

__all__ = [
    "DEFAULT_LIMITS",
    "PRESENCES",
    "STATUSES",
    "AgentLoad",
    "AgentState",
    "Medium",
    "PresenceSpan",
    "RoutingStatusSpan",
    "Skill",
    "Team",
    "User",
    "UserSkill",
    "Utilization",
]
