"""Queues, routes and decisions in the admin. Users get their queue memberships from here."""

from __future__ import annotations

from routing.admin import canned, decisions, people, queues, routes, skills

__all__ = ["canned", "decisions", "people", "queues", "routes", "skills"]
