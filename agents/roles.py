"""Roles: Django groups with fixed permissions, kept right by every migrate.

A data migration can't do this: permissions are made after the migrations, app by app. A receiver of
`post_migrate` also survives an emptied test database, because a flush sends the signal again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import User
from contactcenter.kernel.errors import Refused


class Role(models.TextChoices):
    """What somebody is here for. The value is the name of the group."""

    AGENT = "agent", _("Agent: answers customers")
    SUPERVISOR = "supervisor", _("Supervisor: watches and helps")
    ADMIN = "admin", _("Admin: sets all of this up")


SHORT = {Role.AGENT: _("Agent"), Role.SUPERVISOR: _("Supervisor"), Role.ADMIN: _("Admin")}
_NAMED = {
    Role.AGENT: {"agents.work_conversations"},
    Role.SUPERVISOR: {"agents.supervise", "agents.assign_past_limit"},
    Role.ADMIN: {"admin.view_logentry"},
}
_ADMINISTERED = {"agents", "channels_app", "messenger", "routing", "reporting"}
_OF_MODELS = {"add", "change", "delete", "view"}


class LastAdmin(Refused):
    """This is the last active admin. Make somebody else an admin first."""


def has_permission(role: Role, label: str) -> bool:
    """Whether a role holds a permission, written `app.codename`."""
    app, _dot, codename = label.partition(".")
    if role == Role.ADMIN and app in _ADMINISTERED and codename.partition("_")[0] in _OF_MODELS:
        return True
    return label in _NAMED[role]


def keep(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After the migrations of an app: its permissions exist, and each role holds exactly its own of them."""
    create_permissions(sender, verbosity=0, using=using, apps=kwargs.get("apps") or apps)
    found = list(Permission.objects.using(using).filter(content_type__app_label=sender.label))
    for role in Role:
        group, _new = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {p for p in found if has_permission(role, f"{sender.label}.{p.codename}")}
        had = set(group.permissions.filter(content_type__app_label=sender.label))
        group.permissions.add(*(wanted - had))
        group.permissions.remove(*(had - wanted))


def roles_of(user: User) -> list[Role]:
    """The user's roles, in the order of their declaration. Reads a prefetched `groups`."""
    names = {group.name for group in user.groups.all()}
    return [role for role in Role if role.value in names]


def assign(user: User, roles: Iterable[Role | str]) -> None:
    """Give a saved user exactly these roles. Only an admin, or a superuser, may open the admin."""
    names = [Role(role).value for role in roles]
    user.groups.set(Group.objects.filter(name__in=names))
    staff = user.is_superuser or Role.ADMIN.value in names
    if user.is_staff != staff:
        user.is_staff = staff
        user.save(update_fields=["is_staff"])


def agents() -> QuerySet[User]:
    """Active users with the role agent."""
    return User.objects.filter(is_active=True, groups__name=Role.AGENT.value)


def admins() -> QuerySet[User]:
    """Active users who may administer."""
    is_admin = Q(is_superuser=True) | Q(groups__name=Role.ADMIN.value)
    return User.objects.filter(is_admin, is_active=True, is_staff=True).distinct()


def check_reach(by: User, others: Iterable[User]) -> None:
    """A superuser's account is out of an admin's reach, else the role would be worth more than it says.

    Nobody else is above an admin, who can give themself every role.

    :raises Refused: with the names of those who are above `by`.
    """
    above = [user.name for user in others if user.is_superuser and not by.is_superuser]
    if above:
        raise Refused("Only a superuser changes the account of: %(names)s. Leave it out.", names=", ".join(above))


def check_admin_remains(leaving: Iterable[User]) -> None:
    """Refuse to lose the last active admin. Call it in the transaction that takes the role, before it does.

    The lock makes two admins who remove each other at one moment wait for each other.

    :raises LastAdmin: nobody else could open the admin.
    """
    list(Group.objects.select_for_update(of=("self",), no_key=True).filter(name=Role.ADMIN.value))
    if not admins().exclude(pk__in=[user.pk for user in leaving]).exists():
        raise LastAdmin
