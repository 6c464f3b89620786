"""Roles: which permissions a group has, and that an admin always remains."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from agents import roles
from agents.models import User
from agents.roles import LastAdmin, Role

pytestmark = pytest.mark.django_db

NAMED = ("agents.work_conversations", "agents.supervise", "agents.assign_past_limit")


def member(name: str, *given: Role) -> User:
    user = User.objects.create_user(f"{name.lower()}@acme.example", name=name)
    roles.assign(user, given)
    return User.objects.get(pk=user.pk)


def labels(role: Role) -> set[str]:
    found = Permission.objects.filter(group__name=role.value).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in found}


def test_an_empty_database_has_the_three_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"agent", "supervisor", "admin"}


@pytest.mark.parametrize(
    ("role", "held"),
    [
        (Role.AGENT, {"agents.work_conversations"}),
        (Role.SUPERVISOR, {"agents.supervise", "agents.assign_past_limit"}),
        (Role.ADMIN, set()),
    ],
)
def test_a_role_holds_its_own_of_the_named_permissions_and_no_other(role: Role, held: set[str]) -> None:
    user = member("Ana", role)
    assert {label for label in NAMED if user.has_perm(label)} == held


def test_an_admin_may_change_every_model_of_the_product() -> None:
    olga = member("Olga", Role.ADMIN)
    for app in ("agents", "channels_app", "routing", "reporting"):
        for model in apps.get_app_config(app).get_models():
            for what in ("add", "change", "delete", "view"):
                assert olga.has_perm(f"{app}.{what}_{model._meta.model_name}"), model


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_else_may_change_a_model(role: Role) -> None:
    changes = ("add_", "change_", "delete_", "view_")
    assert not [label for label in labels(role) if label.partition(".")[2].startswith(changes)]


def test_only_an_admin_is_staff() -> None:
    assert member("Olga", Role.ADMIN).is_staff
    assert not member("Ana", Role.AGENT, Role.SUPERVISOR).is_staff


def test_who_loses_the_role_is_no_longer_staff_and_a_superuser_stays_it() -> None:
    olga = member("Olga", Role.ADMIN)
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    for user in (olga, root):
        roles.assign(user, [Role.AGENT])
        user.refresh_from_db()
    assert (olga.is_staff, root.is_staff) == (False, True)


def test_the_roles_of_a_user_come_in_their_order() -> None:
    assert roles.roles_of(member("Ana", Role.ADMIN, Role.AGENT)) == [Role.AGENT, Role.ADMIN]


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="owner"):
        roles.assign(member("Ana"), ["owner"])


def test_a_migrate_repairs_what_somebody_changed() -> None:
    group = Group.objects.get(name="agent")
    stray = Permission.objects.get(codename="change_queue")
    group.permissions.set([stray])
    call_command("migrate", verbosity=0)
    assert labels(Role.AGENT) == {"agents.work_conversations"}


def test_a_migrate_keeps_the_members() -> None:
    ana = member("Ana", Role.AGENT)
    call_command("migrate", verbosity=0)
    assert roles.roles_of(User.objects.get(pk=ana.pk)) == [Role.AGENT]


def test_the_last_active_admin_can_not_leave() -> None:
    olga = member("Olga", Role.ADMIN)
    with pytest.raises(LastAdmin, match="last active admin"):
        roles.check_admin_remains([olga])


def test_an_admin_can_leave_while_another_remains() -> None:
    olga, _petra = member("Olga", Role.ADMIN), member("Petra", Role.ADMIN)
    roles.check_admin_remains([olga])


def test_a_superuser_counts_as_an_admin_and_somebody_switched_off_does_not() -> None:
    olga, petra = member("Olga", Role.ADMIN), member("Petra", Role.ADMIN)
    petra.is_active = False
    petra.save()
    with pytest.raises(LastAdmin):
        roles.check_admin_remains([olga])
    User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    roles.check_admin_remains([olga])


def test_both_of_two_admins_can_not_leave_at_once() -> None:
    both = [member("Olga", Role.ADMIN), member("Petra", Role.ADMIN)]
    with pytest.raises(LastAdmin):
        roles.check_admin_remains(both)


def test_agents_are_those_who_have_the_role_and_are_active() -> None:
    ana, ben, _olga = member("Ana", Role.AGENT), member("Ben", Role.AGENT), member("Olga", Role.ADMIN)
    ben.is_active = False
    ben.save()
    assert list(roles.agents()) == [ana]
