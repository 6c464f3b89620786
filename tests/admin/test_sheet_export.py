"""Export as CSV: back in again nothing changes, a spreadsheet runs nothing of it, and no secret is in it."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.admin.sheets import files
from agents.models import Skill, Team, User, UserSkill, Utilization
from routing.models import Queue, QueueMember
from tests.admin.pages import url
from tests.admin.sheets import QUEUES, SKILLS, USERS, exported, line, queues_there, table, upload

pytestmark = pytest.mark.django_db


def rich_set_up() -> None:
    ana, ben = queues_there()
    for name in ("a|b", "back\\slash", "=1+1", "'quoted", 'Grüße; "so"'):
        skill = Skill.objects.create(name=name, kind="language")
        UserSkill.objects.create(user=ana, skill=skill, proficiency="2.5")
        queue = Queue.objects.create(name=name, description="+49 30")
        QueueMember.objects.create(queue=queue, user=ben, active=False)
    Utilization.objects.create(user=ben, medium="email", limit=3)
    User.objects.filter(pk=ana.pk).update(team=Team.objects.create(name="@home"), name="-Ana", locale="de")


@pytest.mark.parametrize("model", [SKILLS, USERS, QUEUES])
def test_export_and_import_change_nothing(desk: Client, model: str) -> None:
    rich_set_up()
    page = upload(desk, model, exported(desk, model))
    assert "Everything is as in the file already." in line(page)


@pytest.mark.parametrize("model", [SKILLS, USERS, QUEUES])
def test_a_spreadsheet_runs_nothing_of_an_export(desk: Client, model: str) -> None:
    rich_set_up()
    cells = [cell for row in table(exported(desk, model)) for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(files.TRIGGERS)] == []
    assert [cell for cell in cells if "1+1" in cell or "+49" in cell or "-Ana" in cell]


def test_no_secret_is_exported(desk: Client, olga: User) -> None:
    content = exported(desk, USERS).decode("utf-8-sig")
    assert olga.email in content
    assert olga.password not in content
    assert "password" not in content.lower()


def test_only_the_chosen_ones_are_exported_from_the_list(desk: Client) -> None:
    chosen, other = Skill.objects.create(name="German"), Skill.objects.create(name="Sales")
    data = {"action": "export_chosen", "_selected_action": [str(chosen.pk)]}
    found = b"".join(desk.post(url(SKILLS, "changelist"), data)).decode("utf-8-sig")
    assert chosen.name in found
    assert other.name not in found


@pytest.mark.parametrize("model", [SKILLS, QUEUES])
def test_the_template_can_be_imported(desk: Client, model: str) -> None:
    template = b"".join(desk.get(url(model, "sheet_template")))
    assert "ready to be applied" in line(upload(desk, model, template))
