"""Import of CSV: checked line by line first, all or nothing, and thousands of lines in few statements."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents import roles
from agents.admin.sheets import files
from agents.admin.sheets.people import SKILLS as SHEET
from agents.admin.sheets.planning import plan
from agents.models import AgentLoad, Skill, User, Utilization
from agents.roles import Role
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember, QueueWrapUpCode
from tests.admin.pages import client_of, member, said, url
from tests.admin.sheets import QUEUES, SKILLS, USERS, apply, line, people_there, queues_there, upload

pytestmark = pytest.mark.django_db


# --- check, then apply ---------------------------------------------------------------------------


def test_a_file_is_checked_before_anything_is_changed(desk: Client) -> None:
    Skill.objects.create(name="German", kind="skill")
    Skill.objects.create(name="Returns", kind="skill")
    page = upload(desk, SKILLS, "name,kind\nGerman,language\nReturns,skill\nSales,skill\n")
    assert "2 lines are ready to be applied" in line(page)
    assert "Line 2 German Changed Kind: skill → language" in line(page)
    assert "Line 3 Returns Unchanged" in line(page)
    assert "Line 4 Sales New" in line(page)
    assert set(Skill.objects.values_list("name", "kind")) == {("German", "skill"), ("Returns", "skill")}
    apply(desk, SKILLS, page)
    expected = {("German", "language"), ("Returns", "skill"), ("Sales", "skill")}
    assert set(Skill.objects.values_list("name", "kind")) == expected


def test_one_wrong_line_stops_all_of_them_and_says_where(desk: Client) -> None:
    page = upload(desk, SKILLS, "name,kind\nGerman,language\nReturns,colour\n,skill\n")
    assert "2 lines are wrong: nothing can be applied" in line(page)
    assert "Line 3 Returns Wrong kind : “colour” isn't one of: skill, language." in line(page)
    assert "Line 4 Wrong name : This can't be empty." in line(page)
    assert "fingerprint" not in page.content.decode()
    desk.post(url(SKILLS, "sheet_check"), {"fingerprint": "forged"})
    assert not Skill.objects.exists()


def test_a_wrong_line_is_not_applied_even_with_its_true_fingerprint(desk: Client) -> None:
    content = b"name,kind\nReturns,colour\nGerman,language\n"
    upload(desk, SKILLS, content)
    found = plan(SHEET, files.read(content, SHEET.names), User.objects.get(name="Olga"))
    page = desk.post(url(SKILLS, "sheet_check"), {"fingerprint": found.fingerprint}, follow=True)
    assert "Some rows are wrong, so nothing was applied." in said(page)
    assert not Skill.objects.exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(desk: Client) -> None:
    german = Skill.objects.create(name="German", kind="skill")
    Skill.objects.create(name="Returns", kind="skill")
    checked = upload(desk, SKILLS, "name,kind\nGerman,language\nReturns,language\n")
    Skill.objects.filter(pk=german.pk).update(kind="language")
    page = apply(desk, SKILLS, checked)
    assert "Somebody changed something since this was checked." in said(page)
    assert "1 line would do something else than when you looked last" in line(page)
    assert "Line 2 German changed meanwhile" in line(page)
    assert Skill.objects.get(name="Returns").kind == "skill"
    apply(desk, SKILLS, page)
    assert Skill.objects.get(name="Returns").kind == "language"


def test_a_file_that_changes_nothing_offers_nothing(desk: Client) -> None:
    Skill.objects.create(name="German", kind="language")
    page = upload(desk, SKILLS, "name,kind\nGerman,language\n")
    assert "Everything is as in the file already." in line(page)
    assert "fingerprint" not in page.content.decode()


def test_an_import_is_in_the_history(desk: Client, olga: User) -> None:
    german = Skill.objects.create(name="German", kind="skill")
    apply(desk, SKILLS, upload(desk, SKILLS, "name,kind\nGerman,language\nSales,\n"))
    assert "Kind: skill → language" in line(desk.get(url(SKILLS, "history", german.pk)))
    assert set(LogEntry.objects.values_list("user", "object_repr", "action_flag")) == {
        (olga.pk, "German", 2),
        (olga.pk, "Sales", 1),
    }


def test_a_row_is_found_by_its_id_and_can_be_renamed(desk: Client) -> None:
    german = Skill.objects.create(name="German", kind="language")
    apply(desk, SKILLS, upload(desk, SKILLS, f"id,name\n{german.pk},Deutsch\n"))
    assert list(Skill.objects.values_list("pk", "name", "kind")) == [(german.pk, "Deutsch", "language")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,name\n0190aaaa-0000-7000-8000-000000000000,Sales\n", "id : There is none with this id."),
        ("name\nSales\nSALES\n", "name : Line 2 is about the same one."),
        ("id,name\n{german},Returns\n", "name : Another one has this already."),
        ("name,kind\nSales,skill,more\n", "This line has more cells than the file has columns."),
        ("kind\nskill\n", "name : A new one needs this column."),
    ],
)
def test_lines_that_point_at_nothing_or_at_each_other_are_wrong(desk: Client, text: str, sentence: str) -> None:
    german = Skill.objects.create(name="German")
    Skill.objects.create(name="Returns")
    assert sentence in line(upload(desk, SKILLS, text.format(german=german.pk)))


def test_the_check_asks_for_a_file_first(desk: Client) -> None:
    assert desk.get(url(SKILLS, "sheet_check")).url == url(SKILLS, "sheet_import")


def test_five_thousand_agents_are_checked_and_applied_in_few_statements(desk: Client) -> None:
    people_there()
    lines = [f"agent{n}@acme.example,Agent {n},agent,Service,German:{n % 5}" for n in range(5000)]
    checked = upload(desk, USERS, "email,name,roles,team,skills\n" + "\n".join(lines))
    assert "5000 lines are ready" in line(checked)
    with CaptureQueriesContext(connection) as statements:
        apply(desk, USERS, checked)
    assert User.objects.filter(groups__name="agent").count() == 5000
    assert len(statements) < 200, "it takes statements for hundreds, not for each"


def test_more_than_that_is_refused(desk: Client) -> None:
    text = "name\n" + "\n".join(f"Skill {n}" for n in range(5001))
    assert "The file has 5001 lines; at most 5000 are read at once." in said(upload(desk, SKILLS, text))


# --- agents --------------------------------------------------------------------------------------

PEOPLE = (
    "email;name;roles;team;skills;messages_at_once;is_active\r\n"
    "Ana@Acme.example;Ana Ruiz;agent | supervisor;Service;German:4,5 | Returns:3;6;ja\r\n"
    "jörg@acme.example;Jörg Groß;agent;;;;nein\r\n"
)


@pytest.mark.parametrize(("encoding", "note"), [("utf-8", ""), ("utf-8-sig", ""), ("cp1252", "Windows-1252")])
def test_a_german_spreadsheet_makes_agents(desk: Client, encoding: str, note: str) -> None:
    people_there()
    text = PEOPLE.replace("jörg@", "joerg@")
    checked = upload(desk, USERS, text.encode(encoding))
    assert ("read as Windows-1252" in line(checked)) is bool(note)
    apply(desk, USERS, checked)
    ana, joerg = User.objects.get(email="ana@acme.example"), User.objects.get(email="joerg@acme.example")
    assert roles.roles_of(ana) == [Role.AGENT, Role.SUPERVISOR]
    assert (ana.team.name, ana.is_staff, ana.has_usable_password()) == ("Service", False, False)  # type: ignore[union-attr]
    assert {(row.skill.name, row.proficiency) for row in ana.user_skills.all()} == {("German", 4.5), ("Returns", 3.0)}
    assert AgentLoad.objects.get(user=ana, medium="message").limit == 6
    assert (joerg.name, joerg.is_active) == ("Jörg Groß", False)


def test_what_the_file_leaves_out_stays(desk: Client) -> None:
    people_there()
    apply(desk, USERS, upload(desk, USERS, PEOPLE.replace("jörg", "joerg")))
    apply(desk, USERS, upload(desk, USERS, "email,name\nana@acme.example,Ana Maria Ruiz\n"))
    ana = User.objects.get(email="ana@acme.example")
    assert (ana.name, ana.user_skills.count(), Utilization.objects.get(user=ana).limit) == ("Ana Maria Ruiz", 2, 6)


def test_an_empty_cell_empties_the_value(desk: Client) -> None:
    people_there()
    apply(desk, USERS, upload(desk, USERS, PEOPLE.replace("jörg", "joerg")))
    apply(desk, USERS, upload(desk, USERS, "email,skills,messages_at_once,team\nana@acme.example,,,\n"))
    ana = User.objects.get(email="ana@acme.example")
    assert (ana.team, ana.user_skills.count(), Utilization.objects.count()) == (None, 0, 0)
    assert AgentLoad.objects.get(user=ana, medium="message").limit == 4


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"email": "ana"}, "email : Enter a valid email address."),
        ({"roles": "owner"}, "roles : “owner” isn't one of: agent, supervisor, admin."),
        ({"team": "Sales"}, "team : There is no team “Sales”."),
        ({"skills": "German"}, "skills : Write the proficiency behind “German”"),
        ({"skills": "German:6"}, "skills : The proficiency of “German” is 0 to 5"),
        ({"skills": "Dutch:3"}, "skills : There is no skill “Dutch”."),
        ({"skills": "German:3 | German:4"}, "skills : “German” is there twice."),
        ({"messages_at_once": "26"}, "messages_at_once : Write 1 to 25."),
        ({"messages_at_once": "x"}, "messages_at_once : “x” isn't a number."),
        ({"locale": "tlh"}, "locale : “tlh” isn't one of: "),
        ({"time_zone": "Mars/Olympus"}, "time_zone : “Mars/Olympus” isn't a time zone"),
        ({"is_active": "perhaps"}, "is_active : Write yes or no."),
        ({"name": "x" * 151}, "name : Ensure this value has at most 150 characters"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line_and_column(desk: Client, cells: dict[str, str], sentence: str) -> None:
    people_there()
    whole = {"email": "ana@acme.example", "name": "Ana", **cells}
    text = f"{','.join(whole)}\n{','.join(whole.values())}\n"
    page = line(upload(desk, USERS, text))
    assert "Line 2" in page
    assert sentence in page
    assert not User.objects.filter(name="Ana").exists()


@pytest.mark.parametrize("text", ["email,roles\n{olga},agent\n", "email,is_active\n{olga},no\n"])
def test_an_import_does_not_lock_everybody_out(desk: Client, olga: User, text: str) -> None:
    page = upload(desk, USERS, text.format(olga=olga.email))
    assert "This is the last active admin" in said(page)
    member("Petra", Role.ADMIN)
    apply(desk, USERS, upload(desk, USERS, text.format(olga=olga.email)))
    assert not roles.admins().filter(pk=olga.pk).exists()


def test_an_admin_s_import_changes_no_superuser(desk: Client) -> None:
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    page = upload(desk, USERS, "email,name\nroot@acme.example,Toor\n")
    assert "Only a superuser changes this account." in said(page)
    roots = client_of(root)
    apply(roots, USERS, upload(roots, USERS, "email,name\nroot@acme.example,Toor\n"))
    assert User.objects.filter(name="Toor").exists()


def test_nobody_but_an_admin_imports_or_exports() -> None:
    sam = client_of(member("Sam", Role.SUPERVISOR))
    for page in ("sheet_import", "sheet_export", "sheet_check", "sheet_template"):
        assert sam.get(url(USERS, page), follow=True).status_code == 403


# --- queues --------------------------------------------------------------------------------------


def test_queues_come_with_members_and_codes(desk: Client) -> None:
    ana, ben = queues_there()
    text = f"name,alert_timeout,members,codes\nReturns,45 s,{ana.email} | {ben.email}:off,Solved\n"
    apply(desk, QUEUES, upload(desk, QUEUES, text))
    queue = Queue.objects.get(name="Returns")
    assert queue.alert_timeout.total_seconds() == 45
    assert set(queue.memberships.values_list("user", "active")) == {(ana.pk, True), (ben.pk, False)}
    assert QueueWrapUpCode.objects.filter(queue=queue, code__name="Solved").exists()


def test_a_member_who_stays_keeps_the_row_and_others_go(desk: Client) -> None:
    ana, ben = queues_there()
    queue = Queue.objects.create(name="Returns")
    kept = QueueMember.objects.create(queue=queue, user=ana)
    QueueMember.objects.create(queue=queue, user=ben)
    page = upload(desk, QUEUES, f"name,members\nReturns,{ana.email}:off\n")
    assert f"Members: {ana.email} | {ben.email} → {ana.email}:off" in line(page)
    apply(desk, QUEUES, page)
    assert list(queue.memberships.values_list("pk", "active")) == [(kept.pk, False)]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"alert_timeout": "5 s"}, "alert_timeout : Too short: at least 7 s."),
        ({"alert_timeout": "soon"}, "alert_timeout : Write a number with its unit"),
        ({"service_level": "101"}, "service_level : Ensure this value is less than or equal to 100"),
        ({"service_level_within": "0 s"}, "service_level_within : Nothing is answered within 0 s."),
        ({"members": "nobody@acme.example"}, "members : “nobody@acme.example” isn't the address of an active agent."),
        ({"members": "olga@acme.example"}, "members : “olga@acme.example” isn't the address of an active agent."),
        ({"members": "ana@acme.example:1"}, "members : Write “ana@acme.example” as address"),
        ({"codes": "Spam"}, "codes : There is no wrap-up code “Spam”."),
        ({"active": ""}, "active : This can't be empty."),
    ],
)
def test_a_wrong_queue_is_named(desk: Client, cells: dict[str, str], sentence: str) -> None:
    queues_there()
    Queue.objects.create(name="Returns")
    whole = {"name": "Returns", **cells}
    assert sentence in line(upload(desk, QUEUES, f"{','.join(whole)}\n{','.join(whole.values())}\n"))


def test_a_queue_that_a_channel_leads_to_stays_on(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=queue)
    assert "“Shop” leads to “Returns”" in line(upload(desk, QUEUES, "name,active\nReturns,no\n"))
    Queue.objects.create(name="Sales")
    apply(desk, QUEUES, upload(desk, QUEUES, "name,active\nSales,no\n"))
    assert not Queue.objects.get(name="Sales").active
