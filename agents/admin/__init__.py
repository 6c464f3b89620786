"""Users, teams, skills, utilization and the history of changes in the admin."""

from __future__ import annotations

from agents.admin import history, skills, users

__all__ = ["history", "skills", "users"]
