"""The admin's pages: who may open them, what they keep, refuse and never show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agents import roles
from agents.admin import durations
from agents.models import AgentLoad, Medium, Skill, User, UserSkill, Utilization
from agents.roles import Role
from channels_app.actions.deployments import DEFAULTS
from channels_app.actions.inbound import do_receive
from channels_app.adapters import registry
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.admin import domains
from channels_app.models import (
    Channel,
    ConfigurationVersion,
    Deployment,
    InboundPayload,
    Message,
    MessengerConfiguration,
)
from contactcenter.admin_overview import get_failures
from contactcenter.admin_policy import POLICY, AdminPolicy
from contactcenter.admin_site import get_steps
from contactcenter.kernel import clock
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed, WrapUpCode
from tests.admin_pages import client_of, member, no_rows, rows, run, said, url

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]


@pytest.fixture
def olga() -> User:
    return member("Olga", Role.ADMIN)


@pytest.fixture
def desk(olga: User) -> Client:
    return client_of(olga)


@pytest.fixture
def shop() -> Channel:
    return Channel.objects.create(kind="webmessaging", name="Shop")


# --- who may open it ----------------------------------------------------------------------------


def test_an_admin_opens_it(desk: Client) -> None:
    assert desk.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_nobody_else_does(role: Role) -> None:
    client = client_of(member("Ana", role))
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403


def test_a_stranger_is_asked_to_log_in_and_comes_back(client: Client) -> None:
    answer = client.get(url("routing_queue", "changelist"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("agents:login"))
    assert url("routing_queue", "changelist") in answer.redirect_chain[-1][0].replace("%2F", "/")


def test_every_list_and_form_opens_on_an_empty_database(desk: Client) -> None:
    for model, page in admin.site._registry.items():
        if not page.has_view_permission(_request(desk)):
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert desk.get(url(name, "changelist")).status_code == 200, name
        if page.has_add_permission(_request(desk)):
            assert desk.get(url(name, "add")).status_code == 200, name


def test_every_list_of_ours_says_what_it_will_show() -> None:
    ours = {"agents", "channels_app", "routing", "reporting"}
    silent = [m for m, page in admin.site._registry.items() if m._meta.app_label in ours and not page.empty_text]
    assert silent == []


def _request(client: Client) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return request


def test_pages_of_the_admin_carry_a_policy_without_inline_scripts() -> None:
    answer = AdminPolicy(lambda request: _plain())(RequestFactory().get("/admin/routing/queue/"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "'unsafe-inline'" not in POLICY.partition("script-src")[2].partition(";")[0]


def test_other_pages_keep_theirs() -> None:
    answer = AdminPolicy(lambda request: _plain())(RequestFactory().get("/login/"))
    assert "Content-Security-Policy" not in answer.headers


def _plain() -> Any:
    from django.http import HttpResponse

    return HttpResponse("")


# --- users ---------------------------------------------------------------------------------------


def user_data(**changes: Any) -> dict[str, Any]:
    data = {
        "email": "ana@acme.example",
        "name": "Ana Ruiz",
        "password": "green garden gate",
        "roles": ["agent"],
        "locale": "en",
        "time_zone": "Europe/Berlin",
        **no_rows("user_skills", "memberships", "utilizations"),
    }
    return {**data, **changes}


def test_one_form_makes_an_agent_who_can_start(desk: Client, django_capture_on_commit_callbacks: Capture) -> None:
    german = Skill.objects.create(name="German", kind="language")
    returns = Queue.objects.create(name="Returns")
    inlines = {
        **rows("user_skills", {"skill": german.pk, "proficiency": "4.5"}),
        **rows("memberships", {"queue": returns.pk, "ring": 1, "active": "on"}),
        **rows("utilizations", {"medium": "message", "limit": 6}),
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post(url("agents_user", "add"), user_data(**inlines))
    assert answer.url == url("agents_user", "changelist")
    ana = User.objects.get(email="ana@acme.example")
    assert ana.check_password("green garden gate")
    assert (roles.roles_of(ana), ana.is_staff, ana.is_active) == ([Role.AGENT], False, True)
    assert [str(row.proficiency) for row in UserSkill.objects.filter(user=ana, skill=german)] == ["4.5"]
    assert QueueMember.objects.filter(user=ana, queue=returns).exists()
    assert AgentLoad.objects.get(user=ana, medium=Medium.MESSAGE).limit == 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"password": ""}, "This field is required"),
        ({"email": "OLGA@acme.example"}, "Somebody has this address already"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"roles": ["owner"]}, "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_made(desk: Client, change: dict[str, Any], sentence: str) -> None:
    answer = desk.post(url("agents_user", "add"), user_data(**change))
    assert sentence in said(answer)
    assert User.objects.count() == 1


def edit(user: User, **changes: Any) -> dict[str, Any]:
    data = user_data(email=user.email, name=user.name, is_active="on", roles=[r.value for r in roles.roles_of(user)])
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


@pytest.mark.parametrize("change", [{"roles": ["agent"]}, {"is_active": None}])
def test_the_last_admin_can_not_lock_everybody_out(desk: Client, olga: User, change: dict[str, Any]) -> None:
    answer = desk.post(url("agents_user", "change", olga.pk), edit(olga, **change))
    assert "This is the last active admin" in said(answer)
    olga.refresh_from_db()
    assert olga.is_active
    assert olga.is_staff


def test_one_of_two_admins_can_step_back(desk: Client, olga: User) -> None:
    member("Petra", Role.ADMIN)
    desk.post(url("agents_user", "change", olga.pk), edit(olga, roles=["agent"]))
    olga.refresh_from_db()
    assert not olga.is_staff


def test_the_last_admin_is_not_switched_off_from_the_list(desk: Client, olga: User) -> None:
    assert "last active admin" in said(run(desk, "switch_off", [olga]))
    olga.refresh_from_db()
    assert olga.is_active


def test_an_agent_is_switched_off_from_the_list_and_it_is_noted(desk: Client, olga: User) -> None:
    ana = member("Ana", Role.AGENT)
    run(desk, "switch_off", [ana])
    ana.refresh_from_db()
    assert not ana.is_active
    entry = LogEntry.objects.get(object_id=str(ana.pk))
    assert (entry.user, entry.get_change_message()) == (olga, "Changed active.")


def test_nobody_deletes_their_own_account(desk: Client, olga: User) -> None:
    assert desk.post(url("agents_user", "delete", olga.pk), {"post": "yes"}).status_code == 403


def test_an_admin_can_not_take_over_a_superuser(desk: Client) -> None:
    root = User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root")
    assert desk.post(reverse("admin:auth_user_password_change", args=[root.pk]), {}).status_code == 403
    assert desk.post(url("agents_user", "delete", root.pk), {"post": "yes"}).status_code == 403


def test_a_changed_default_reaches_everybody_without_a_limit_of_their_own(
    desk: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    ana, ben = member("Ana", Role.AGENT), member("Ben", Role.AGENT)
    Utilization.objects.create(user=ben, medium=Medium.MESSAGE, limit=2)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("agents_utilization", "add"), {"medium": "message", "limit": 9, "user": ""})
    limits = dict(AgentLoad.objects.filter(medium=Medium.MESSAGE).values_list("user__name", "limit"))
    assert (limits[ana.name], limits[ben.name]) == (9, 2)


def test_a_deleted_limit_gives_the_default_back(desk: Client, django_capture_on_commit_callbacks: Capture) -> None:
    ben = member("Ben", Role.AGENT)
    own = Utilization.objects.create(user=ben, medium=Medium.MESSAGE, limit=2)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("agents_utilization", "delete", own.pk), {"post": "yes"})
    assert AgentLoad.objects.get(user=ben, medium=Medium.MESSAGE).limit == 4


def test_a_limit_of_26_is_refused(desk: Client) -> None:
    answer = desk.post(url("agents_utilization", "add"), {"medium": "message", "limit": 26, "user": ""})
    assert "less than or equal to 25" in said(answer)
    assert not Utilization.objects.exists()


# --- channels and deployments --------------------------------------------------------------------


def channel_data(**changes: Any) -> dict[str, Any]:
    data = {"kind": "fake", "name": "Test", "account_id": "", "threading_window": "3 d", "active": "on"}
    return {**data, **changes}


def test_a_secret_goes_in_and_never_comes_out(desk: Client) -> None:
    desk.post(url("channels_app_channel", "add"), channel_data(secret_secret="hunter2hunter2"))
    channel = Channel.objects.get(name="Test")
    assert channel.secrets == {"secret": "hunter2hunter2"}
    page = desk.get(url("channels_app_channel", "change", channel.pk)).content.decode()
    assert "hunter2" not in page
    assert "Stored, encrypted" in page
    assert "hunter2" not in LogEntry.objects.get(object_id=str(channel.pk)).change_message


def test_an_empty_secret_keeps_what_is_stored_and_a_new_one_replaces_it(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test", secrets={"secret": "old", "verify_token": "token"})
    data = channel_data(account_id=channel.account_id, secret_secret="", secret_verify_token="")
    desk.post(url("channels_app_channel", "change", channel.pk), data)
    channel.refresh_from_db()
    assert channel.secrets == {"secret": "old", "verify_token": "token"}
    desk.post(url("channels_app_channel", "change", channel.pk), {**data, "secret_secret": "new"})
    channel.refresh_from_db()
    assert channel.secrets == {"secret": "new", "verify_token": "token"}


def test_a_channel_keeps_only_the_secrets_of_its_kind(desk: Client) -> None:
    data = channel_data(kind="webmessaging", secret_secret="stray", **no_rows("deployments"))
    desk.post(url("channels_app_channel", "add"), data)
    assert Channel.objects.get(name="Test").secrets == {}


def test_the_kinds_are_those_of_the_registry(desk: Client) -> None:
    page = desk.get(url("channels_app_channel", "add")).content.decode()
    for kind, label in registry.choices():
        assert f'value="{kind}"' in page
        assert label in page


def test_a_kind_that_is_not_there_is_refused(desk: Client) -> None:
    assert "Select a valid choice" in said(desk.post(url("channels_app_channel", "add"), channel_data(kind="fax")))


def test_the_kind_of_a_channel_stays(desk: Client, shop: Channel) -> None:
    data = channel_data(name="Shop", kind="fake", **no_rows("deployments"))
    desk.post(url("channels_app_channel", "change", shop.pk), data)
    shop.refresh_from_db()
    assert shop.kind == "webmessaging"


def test_an_account_that_another_channel_has_is_refused_by_name(desk: Client) -> None:
    Channel.objects.create(kind="fake", name="First", account_id="acme")
    answer = desk.post(url("channels_app_channel", "add"), channel_data(account_id="acme"))
    assert "The channel “First” has this account already" in said(answer)


def test_a_window_past_a_year_is_refused_in_words(desk: Client) -> None:
    answer = desk.post(url("channels_app_channel", "add"), channel_data(threading_window="366 d"))
    assert "Too long: at most 365 d." in said(answer)


def test_a_provider_s_channel_shows_its_webhook_address(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test")
    assert f"/webhooks/{channel.pk}/" in said(desk.get(url("channels_app_channel", "change", channel.pk)))


LOOK = {"company_name": "Acme", "greeting": "How can we help?", "primary_color": "#4338CA"}


def deployment_data(shop: Channel, **changes: Any) -> dict[str, Any]:
    data = {"channel": shop.pk, "name": "Front", "active": "on", "session_duration": "3 d", "allowed_domains": ""}
    return {**data, **LOOK, **changes}


def make_deployment(desk: Client, shop: Channel, capture: Capture, **changes: Any) -> Deployment:
    with capture(execute=True):
        desk.post(url("channels_app_deployment", "add"), deployment_data(shop, **changes))
    return Deployment.objects.get(name="Front")


def test_a_new_deployment_is_live_at_once(
    desk: Client, shop: Channel, django_capture_on_commit_callbacks: Capture
) -> None:
    made = make_deployment(desk, shop, django_capture_on_commit_callbacks)
    assert made.published is not None
    assert made.configuration is not None
    assert made.configuration.name == "Front"
    assert made.published.content == {**DEFAULTS, **LOOK, "primary_color": "#4338ca"}
    page = said(desk.get(url("channels_app_deployment", "change", made.pk)))
    assert f"/messenger/{made.pk}/" in page
    assert "Version 1 is live" in page


def test_a_deployment_can_show_what_another_shows(
    desk: Client, shop: Channel, django_capture_on_commit_callbacks: Capture
) -> None:
    first = make_deployment(desk, shop, django_capture_on_commit_callbacks)
    data = deployment_data(shop, name="Side", configuration=first.configuration_id)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("channels_app_deployment", "add"), data)
    assert Deployment.objects.get(name="Side").configuration == first.configuration
    assert MessengerConfiguration.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"allowed_domains": "shop.example\nhttps://acme.example/"}, "Line 2: write only the host of"),
        ({"allowed_domains": "two words"}, "Line 1: “two words” is not a host name"),
        ({"primary_color": "red"}, "Write a colour as #"),
        ({"session_duration": "5 min"}, "Too short: at least 15 min."),
        ({"session_duration": "5"}, "Write a number with its unit"),
    ],
)
def test_a_wrong_deployment_is_refused_with_the_place(
    desk: Client, shop: Channel, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in said(desk.post(url("channels_app_deployment", "add"), deployment_data(shop, **change)))
    assert not Deployment.objects.exists()


def test_a_web_channel_gets_its_deployment_on_the_same_page(
    desk: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    row = {"name": "Front", "allowed_domains": "Shop.Example\n\nshop.example", **LOOK}
    data = {**channel_data(kind="webmessaging"), **rows("deployments", row)}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("channels_app_channel", "add"), data)
    made = Deployment.objects.get(channel__name="Test")
    assert made.allowed_domains == ["shop.example"]
    assert made.published is not None


# --- queues and routes ---------------------------------------------------------------------------

QUEUE = {
    "name": "Returns",
    "active": "on",
    "alert_timeout": "30 s",
    "manual_pick": "on",
    "last_agent": "members",
    "last_agent_wait": "1 min",
    "wrapup_prompt": "timeout",
    "wrapup_timeout": "1 min",
    "wrapup_counts": "on",
    "parked_weight": "0",
    "reclaim_after": "30 min",
    "abandon_after": "15 min",
    "service_level": "80",
    "service_level_within": "20 s",
}
QUEUE_INLINES = ("memberships", "queuewrapupcode_set")


def test_a_queue_takes_its_members_and_codes_on_one_page(desk: Client) -> None:
    ana, solved = member("Ana", Role.AGENT), WrapUpCode.objects.create(name="Solved")
    inlines = rows("memberships", {"user": ana.pk, "ring": 2, "active": "on"})
    desk.post(url("routing_queue", "add"), {**QUEUE, **inlines, **rows("queuewrapupcode_set", {"code": solved.pk})})
    queue = Queue.objects.get(name="Returns")
    assert [(row.user, row.ring) for row in queue.memberships.all()] == [(ana, 2)]
    assert list(queue.codes.all()) == [solved]
    assert queue.reclaim_after == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"alert_timeout": "5 s"}, "Too short: at least 7 s."),
        ({"alert_timeout": "1 h"}, "Too long: at most 15 min."),
        ({"wrapup_timeout": "soon"}, "Write a number with its unit"),
        ({"service_level_within": "0 s"}, "Write at least 1 s."),
        ({"service_level": "101"}, "less than or equal to 100"),
        ({"parked_weight": "2"}, "less than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_named(desk: Client, change: dict[str, str], sentence: str) -> None:
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **no_rows(*QUEUE_INLINES), **change})
    assert sentence in said(answer)
    assert not Queue.objects.exists()


def test_somebody_who_is_no_agent_is_no_member(desk: Client, olga: User) -> None:
    inlines = {**rows("memberships", {"user": olga.pk, "ring": 1, "active": "on"}), **no_rows("queuewrapupcode_set")}
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **inlines})
    assert "Olga isn't an active agent" in said(answer)


def test_a_queue_without_members_is_kept_with_a_warning(desk: Client) -> None:
    answer = desk.post(url("routing_queue", "add"), {**QUEUE, **no_rows(*QUEUE_INLINES)}, follow=True)
    assert "Nobody serves “Returns” yet" in said(answer)


def test_a_queue_that_a_channel_leads_to_stays_on(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns")
    InboundRoute.objects.create(channel=shop, queue=queue)
    off = {key: value for key, value in QUEUE.items() if key != "active"}
    answer = desk.post(url("routing_queue", "change", queue.pk), {**off, **no_rows(*QUEUE_INLINES)})
    assert "“Shop” leads to “Returns”" in said(answer)
    assert "“Shop” leads to “Returns”" in said(run(desk, "switch_off", [queue]))
    queue.refresh_from_db()
    assert queue.active


def test_what_is_in_use_is_not_deleted_but_can_be_switched_off(desk: Client, shop: Channel) -> None:
    Deployment.objects.create(channel=shop, name="Front")
    page = said(desk.get(url("channels_app_channel", "delete", shop.pk)))
    assert "“Shop” is in use and can't be deleted." in page
    assert "Switch it off instead" in page
    desk.post(url("channels_app_channel", "delete", shop.pk), {"post": "yes"})
    assert Channel.objects.filter(pk=shop.pk).exists()
    desk.post(url("channels_app_channel", "switch_off", shop.pk))
    shop.refresh_from_db()
    assert not shop.active


def test_switching_off_needs_a_post(desk: Client, shop: Channel) -> None:
    assert desk.get(url("channels_app_channel", "switch_off", shop.pk)).status_code == 405


def test_what_nothing_needs_is_deleted_after_a_question(desk: Client) -> None:
    queue = Queue.objects.create(name="Returns")
    assert "Are you sure" in said(desk.get(url("routing_queue", "delete", queue.pk)))
    desk.post(url("routing_queue", "delete", queue.pk), {"post": "yes"})
    assert not Queue.objects.exists()


def route_data(shop: Channel, queue: Queue, *needs: dict[str, Any]) -> dict[str, Any]:
    return {"channel": shop.pk, "queue": queue.pk, "priority": 0, "active": "on", **rows("needs", *needs)}


def test_a_route_says_when_nobody_has_what_it_needs(desk: Client, shop: Channel) -> None:
    german, queue = Skill.objects.create(name="German"), Queue.objects.create(name="Returns")
    data = route_data(shop, queue, {"skill": german.pk, "minimum": "3"})
    answer = desk.post(url("routing_inboundroute", "add"), data, follow=True)
    assert "No member of “Returns” has all the skills" in said(answer)
    assert InboundRoute.objects.get(channel=shop).needs.get().skill == german


def test_a_route_that_somebody_fits_says_nothing(desk: Client, shop: Channel) -> None:
    german, queue, ana = Skill.objects.create(name="German"), Queue.objects.create(name="R"), member("Ana", Role.AGENT)
    UserSkill.objects.create(user=ana, skill=german, proficiency=3)
    QueueMember.objects.create(queue=queue, user=ana)
    data = route_data(shop, queue, {"skill": german.pk, "minimum": "3"})
    answer = desk.post(url("routing_inboundroute", "add"), data, follow=True)
    assert "No member of" not in said(answer)


def test_a_second_route_of_a_channel_is_refused_with_the_first(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns")
    InboundRoute.objects.create(channel=shop, queue=queue)
    answer = desk.post(url("routing_inboundroute", "add"), route_data(shop, queue))
    assert "“Shop” leads to “Returns” already" in said(answer)


def test_a_route_to_a_queue_that_is_off_is_refused(desk: Client, shop: Channel) -> None:
    queue = Queue.objects.create(name="Returns", active=False)
    assert "is switched off" in said(desk.post(url("routing_inboundroute", "add"), route_data(shop, queue)))


# --- logs ----------------------------------------------------------------------------------------

LOGS = ("channels_app_conversation", "channels_app_contact", "channels_app_message", "channels_app_inboundpayload")
LOGS += ("routing_decision", "reporting_eventrecord", "admin_logentry")


@pytest.mark.parametrize("log", LOGS)
def test_a_log_is_read_only_even_for_a_superuser(log: str) -> None:
    root = client_of(User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root"))
    assert root.get(url(log, "changelist")).status_code == 200
    assert root.get(url(log, "add")).status_code == 403


def hello(shop: Channel) -> Message:
    inbound = InboundMessage(key="1", sender=Sender("guest-1", name="Jonas Kern"), text="Where is my parcel?")
    return do_receive(shop, inbound).message


def test_a_conversation_shows_its_messages(desk: Client, shop: Channel) -> None:
    message = hello(shop)
    page = said(desk.get(url("channels_app_conversation", "change", message.conversation_id)))
    assert "Where is my parcel?" in page
    assert "Jonas Kern" in page


@pytest.mark.parametrize(("term", "found"), [("Jonas", True), ("guest-1", True), ("Nobody", False)])
def test_a_contact_is_found_by_name_and_address(desk: Client, shop: Channel, term: str, found: bool) -> None:
    hello(shop)
    page = said(desk.get(url("channels_app_contact", "changelist"), {"q": term}))
    assert ("Jonas Kern" in page) is found
    assert ("Nothing matches" in page) is not found


def test_messages_and_events_are_found_by_the_id_of_their_conversation(desk: Client, shop: Channel) -> None:
    message = hello(shop)
    for log in ("channels_app_message", "reporting_eventrecord"):
        for term, found in ((str(message.conversation_id), True), (str(message.pk.__class__(int=7)), False)):
            assert ("Nothing matches" not in said(desk.get(url(log, "changelist"), {"q": term}))) is found, log


def test_the_history_says_who_changed_what(desk: Client) -> None:
    desk.post(url("agents_skill", "add"), {"name": "German", "kind": "language", **no_rows("user_skills")})
    page = said(desk.get(url("admin_logentry", "changelist")))
    assert "German" in page
    assert "Olga" in page
    assert "Added" in page


def failed_payload(channel: Channel, body: bytes) -> InboundPayload:
    return InboundPayload.objects.create(
        channel=channel, body=body, state=InboundPayload.State.FAILED, error="a fault", received_at=clock.now()
    )


GOOD = b'{"events": [{"type": "message", "id": "m1", "from": {"id": "jonas"}, "text": "Hello"}]}'


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize(("body", "applied"), [(GOOD, True), (b"{broken", False)])
def test_a_failed_payload_is_replayed_and_says_how_it_went(body: bytes, applied: bool) -> None:
    desk = client_of(member("Olga", Role.ADMIN))
    channel = Channel.objects.create(kind="fake", name="Test")
    payload = failed_payload(channel, body)
    data = {"action": "replay", "_selected_action": [str(payload.pk)]}
    answer = desk.post(url("channels_app_inboundpayload", "changelist"), data, follow=True)
    assert ("1 payload applied." if applied else "1 payload failed again.") in said(answer)
    payload.refresh_from_db()
    assert (payload.state == InboundPayload.State.APPLIED) is applied
    assert Message.objects.filter(text="Hello").exists() is applied


# --- the start page ------------------------------------------------------------------------------


def open_steps() -> list[str]:
    return [step.title for step in get_steps() if not step.complete]


def problems() -> list[str]:
    return [text for step in get_steps() for text, _link in step.problems]


def complete_set_up() -> tuple[User, Queue, Channel, InboundRoute]:
    Skill.objects.create(name="German")
    queue, ana = Queue.objects.create(name="Returns"), member("Ana", Role.AGENT)
    QueueMember.objects.create(queue=queue, user=ana)
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    made = Deployment.objects.create(channel=channel, name="Front")
    made.configuration = MessengerConfiguration.objects.create(name="Front")
    made.configuration.published = ConfigurationVersion.objects.create(
        configuration=made.configuration, number=1, created_at=ana.date_joined
    )
    made.configuration.save()
    made.save()
    return ana, queue, channel, InboundRoute.objects.create(channel=channel, queue=queue)


def test_an_empty_set_up_misses_everything() -> None:
    assert open_steps() == ["Skills", "A queue", "Agents", "A channel", "A messenger deployment", "A route"]


def test_a_complete_one_misses_nothing() -> None:
    complete_set_up()
    assert open_steps() == []
    assert problems() == []


def _no_members(parts: Sequence[Any]) -> None:
    QueueMember.objects.all().delete()


def _no_password(parts: Sequence[Any]) -> None:
    parts[0].set_unusable_password()
    parts[0].save()


def _unpublished(parts: Sequence[Any]) -> None:
    MessengerConfiguration.objects.update(published=None)


def _no_deployment(parts: Sequence[Any]) -> None:
    Deployment.objects.update(active=False)


def _lost_channel(parts: Sequence[Any]) -> None:
    Channel.objects.create(kind="fake", name="Second")


def _unskilled(parts: Sequence[Any]) -> None:
    RouteNeed.objects.create(route=parts[3], skill=Skill.objects.get(), minimum=3)


def _queue_off(parts: Sequence[Any]) -> None:
    Queue.objects.create(name="Other")
    Queue.objects.filter(pk=parts[1].pk).update(active=False)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_no_members, "“Returns” has no agents."),
        (_no_members, "Ana serves no queue."),
        (_no_password, "Ana has no password."),
        (_unpublished, "“Front” was never published."),
        (_no_deployment, "“Shop” has no deployment"),
        (_lost_channel, "“Second” leads nowhere"),
        (_unskilled, "Nobody in “Returns” has all the skills"),
        (_queue_off, "“Returns” is switched off, but a channel leads there."),
    ],
)
def test_what_breaks_a_set_up_is_said(damage: Callable[[Sequence[Any]], None], sentence: str, desk: Client) -> None:
    damage(complete_set_up())
    assert [text for text in problems() if sentence in text]
    assert sentence in said(desk.get(reverse("admin:index")))


def test_failures_are_on_the_start_page(desk: Client, shop: Channel) -> None:
    assert get_failures() == []
    failed_payload(shop, b"")
    Channel.objects.update(health=Channel.Health.FAILING, health_note="401")
    page = said(desk.get(reverse("admin:index")))
    assert "1 inbound payload failed." in page
    assert "“Shop” fails: 401" in page


def test_a_provider_s_channel_needs_no_deployment() -> None:
    _ana, _queue, channel, _route = complete_set_up()
    Deployment.objects.all().delete()
    Channel.objects.filter(pk=channel.pk).update(kind="fake")
    assert open_steps() == []


# --- what people type ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 s", 30), ("5min", 300), ("1 h 30 min", 5400), ("3 d", 259_200), ("2 days", 172_800), (" 90 S ", 90)],
)
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert durations.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["30", "soon", "5 weeks", "1 h 30", "-5 s", "1.5 h", "s"])
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        durations.parse(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_shown_reads_back_as_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert durations.parse(durations.text_of(length)) == length


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", []),
        ("shop.example\n\n  WWW.Acme.example ", ["shop.example", "www.acme.example"]),
        ("shop.example\nshop.example", ["shop.example"]),
        ("localhost", ["localhost"]),
        ("bücher.example", ["xn--bcher-kva.example"]),
    ],
)
def test_hosts_are_read(text: str, hosts: list[str]) -> None:
    assert domains.parse(text) == hosts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://shop.example", 1),
        ("shop.example\nshop.example:8000", 2),
        ("a b", 1),
        ("-a.example", 1),
        ("*.shop.example", 1),
        ("a..b", 1),
    ],
)
def test_other_lines_are_refused_by_number(text: str, line: int) -> None:
    with pytest.raises(domains.BadHost) as refused:
        domains.parse(text)
    assert refused.value.line == line
