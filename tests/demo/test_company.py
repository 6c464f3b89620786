"""`manage.py demo`: the company is made once, its accounts can log in, and it keeps away from real ones."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.models import AgentLoad, Skill, User, UserSkill
from channels_app.actions.inbound import do_receive
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.messenger.models import Deployment
from channels_app.models import Channel
from contactcenter.demo import accounts, canned, company, week
from routing.models import CannedResponse, InboundRoute, Queue, QueueMember, ResponseLibrary, WrapUpCode
from routing.placeholders import filled

COUNTED = (
    *(User, Skill, UserSkill, Queue, QueueMember, WrapUpCode, Channel, Deployment, InboundRoute, AgentLoad),
    *(ResponseLibrary, CannedResponse),
)
pytestmark = pytest.mark.usefixtures("transactional_db")


def demo(**options: Any) -> str:
    told = StringIO()
    call_command("demo", conversations=0, stdout=told, **options)
    return told.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def logins(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "demo-logins.json").read_text())
    return found


def test_the_company_is_made_as_its_tables_say(data_folder: Path) -> None:
    demo()
    assert counts()["Queue"] == len(company.QUEUES) == 4
    assert User.objects.filter(groups__name="agent").count() == len(company.AGENTS) == 8
    assert {user.groups.get().name for user in User.objects.all()} == {"agent", "supervisor", "admin"}
    assert AgentLoad.objects.get(user__name="Ana Okafor", medium="message").limit == 5
    assert AgentLoad.objects.get(user__name="Ben Castell", medium="message").limit == 4
    assert WrapUpCode.objects.filter(is_timeout=True).count() == 1


def test_every_messenger_is_published_and_every_channel_leads_somewhere(data_folder: Path) -> None:
    demo()
    for deployment in Deployment.objects.all():
        assert deployment.published is not None
        assert deployment.published.content["company_name"] == "Harbour & Pine"
    assert set(Channel.objects.values_list("route__queue__name", flat=True)) == {"Orders", "Returns", "Delivery"}


@pytest.mark.parametrize("door", company.DOORS, ids=lambda door: door.name)
def test_somebody_has_what_a_channel_asks_for_in_every_queue_that_it_can_reach(door: company.Door) -> None:
    for queue in {door.queue, "Billing"}:
        able = [
            person
            for person in company.AGENTS
            if queue in person.queues
            and all(person.skills.get(name, -1) >= level for name, level in door.needs.items())
        ]
        assert len(able) >= 2


def test_a_second_run_does_nothing(data_folder: Path) -> None:
    demo()
    before, file = counts(), (data_folder / "demo-logins.json").stat().st_mtime_ns
    assert demo() == ""
    assert (counts(), (data_folder / "demo-logins.json").stat().st_mtime_ns) == (before, file)


def test_what_an_admin_changed_stays(data_folder: Path) -> None:
    demo()
    Queue.objects.filter(name="Orders").update(name="Sales")
    demo()
    assert not Queue.objects.filter(name="Orders").exists()


def test_the_kept_logins_are_the_owners_alone_and_work(data_folder: Path) -> None:
    demo()
    found = logins(data_folder)
    assert (data_folder / "demo-logins.json").stat().st_mode & 0o777 == 0o600
    assert len({account["password"] for account in found["accounts"]}) == 1
    for account in found["accounts"]:
        assert User.objects.get(email=account["email"]).check_password(account["password"])
    assert [one["name"] for one in found["deployments"]] == ["Shop", "Help centre"]


def test_a_password_from_the_environment_is_used_also_later(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo()
    monkeypatch.setenv("CC_DEMO_PASSWORD", "chosen by somebody")
    assert demo() == "The demo accounts have a new password.\n"
    assert logins(data_folder)["accounts"][0]["password"] == "chosen by somebody"
    assert User.objects.get(email=company.ADMIN).check_password("chosen by somebody")
    assert demo() == ""


def test_a_lost_file_is_made_again_with_a_password_that_works(data_folder: Path) -> None:
    demo()
    (data_folder / "demo-logins.json").unlink()
    demo()
    password = logins(data_folder)["accounts"][0]["password"]
    assert User.objects.get(email=company.ADMIN).check_password(password)


def test_no_demo_company_is_made_among_real_accounts(data_folder: Path) -> None:
    User.objects.create_user("somebody@real.example", "x", name="Somebody")
    assert "users already" in demo()
    assert User.objects.count() == 1
    assert not Queue.objects.exists()
    assert not (data_folder / "demo-logins.json").exists()


@pytest.mark.parametrize("wrong", ["-1", "2001", "many"])
def test_a_number_of_conversations_out_of_bounds_is_refused(wrong: str) -> None:
    with pytest.raises(CommandError):
        call_command("demo", f"--conversations={wrong}")


def test_pass_phrases_differ() -> None:
    assert len({accounts.pass_phrase() for _ in range(50)}) == 50


def test_customers_who_write_after_the_founding_are_not_taken_for_the_past(data_folder: Path) -> None:
    demo()
    assert not week.is_there()
    channel = Channel.objects.get(kind="fake")
    do_receive(channel, InboundMessage("m1", Sender("+491"), "Hello"))
    assert not week.is_there()


def test_canned_responses_are_there_for_the_first_queue_and_for_all(data_folder: Path) -> None:
    demo()
    for_all, orders = ResponseLibrary.objects.get(queues=None), ResponseLibrary.objects.get(queues__name="Orders")
    assert (for_all.responses.count(), orders.responses.count()) == (5, 5)
    for response in CannedResponse.objects.all():
        response.full_clean()  # its placeholders are the product's


def test_canned_responses_that_an_admin_removed_stay_away(data_folder: Path) -> None:
    demo()
    ResponseLibrary.objects.all().delete()
    demo()
    assert not CannedResponse.objects.exists()


@pytest.mark.parametrize("name", ["", "Jo"])
@pytest.mark.parametrize("library", canned.LIBRARIES, ids=lambda library: library.name)
def test_a_canned_response_reads_well_whether_or_not_the_customer_has_a_name(
    library: canned.Library, name: str
) -> None:
    for text in library.responses.values():
        said = filled(text, {"customer.name": name, "agent.name": "Ana"})
        assert not re.search(r"[,.:] ?[,.:]| [,.:]|  |[{}]", said)
