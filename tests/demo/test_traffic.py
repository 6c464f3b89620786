"""`manage.py demo_traffic` against the running product: its ledger is what the database has."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.models import AgentState, User
from channels_app.messenger.models import Deployment
from channels_app.models import Channel, InboundKey, Message
from contactcenter.demo import company
from contactcenter.demo.desks import Desks, free_agents
from contactcenter.demo.ledger import Ledger, Said
from contactcenter.demo.plan import NotHere, Plan, check_loopback
from contactcenter.demo.traffic import Traffic
from contactcenter.kernel import clock
from tests.product import Product, eventually

Lines = list[dict[str, Any]]


@pytest.fixture
def deployment(product: Product) -> Deployment:
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    return Deployment.objects.create(channel=channel, name="Shop page")


def read(path: Path, kind: str) -> Lines:
    return [line for line in map(json.loads, path.read_text().splitlines()) if line["kind"] == kind]


def plan(product: Product, deployment: Deployment, **given: float) -> Plan:
    asked = {"rate": 12, "seconds": 4, "customers": 8} | given
    return Plan(product.url, [str(deployment.id)], asked["rate"], asked["seconds"], int(asked["customers"]))


def play(wanted: Plan, path: Path) -> Ledger:
    ledger = Ledger(path)
    asyncio.run(Traffic(wanted, ledger, lambda line: None).run())
    ledger.close()
    return ledger


def same_as_database(sent: Lines) -> bool:
    stored = {message.id.hex: message.text for message in Message.objects.public().filter(direction="inbound")}
    return {line["acknowledged"]: line["text"] for line in sent} == stored


def test_what_the_ledger_says_is_acknowledged_is_in_the_database_once(
    product: Product, deployment: Deployment, tmp_path: Path
) -> None:
    ledger = play(plan(product, deployment), tmp_path / "ledger")
    sent = read(tmp_path / "ledger", "message")
    assert len(sent) == ledger.counts.acknowledged == 48
    assert all(line["acknowledged"] and line["latency_ms"] > 0 and line["refused"] is None for line in sent)
    assert same_as_database(sent)
    assert (ledger.counts.duplicates, ledger.counts.out_of_order, ledger.counts.refused) == (0, 0, 0)


def test_after_the_web_process_was_killed_everything_is_sent_again_and_stored_once(
    product: Product, deployment: Deployment, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # the product's programs die with the thread that starts them
        playing = elsewhere.submit(play, plan(product, deployment, seconds=5), tmp_path / "ledger")
        eventually(lambda: InboundKey.objects.count() >= 10)
        product.kill("web")
        product.start("web")
        ledger = playing.result(60)
    sent = read(tmp_path / "ledger", "message")
    assert ledger.counts.cut > 0, "the fault must have happened"
    assert len(sent) == ledger.counts.acknowledged == 60
    assert same_as_database(sent)
    assert InboundKey.objects.count() == 60
    assert ledger.counts.duplicates == 0


def test_agents_in_the_command_answer_and_the_answers_are_in_the_ledger(product: Product, tmp_path: Path) -> None:
    company.do_found("x")
    path, told = tmp_path / "ledger", StringIO()
    options: dict[str, Any] = {"rate": 1.5, "seconds": 14, "agents": 2, "url": product.url, "ledger": path}
    call_command("demo_traffic", stdout=told, **options)
    answers = {message.id.hex for message in Message.objects.public().filter(direction="outbound")}
    shown = {line["id"] for line in read(path, "received")}
    assert shown
    assert shown <= answers
    assert "duplicates 0  out of order 0" in told.getvalue()
    eventually(lambda: not AgentState.objects.exclude(status="off_queue").exists())


def test_a_message_that_is_never_acknowledged_is_in_the_ledger_too(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    said = Said("token", "id-1", "Hello", 0.0, clock.now())
    ledger.left_over(said)
    ledger.close()
    [line] = read(tmp_path / "ledger", "message")
    assert (line["custom_message_id"], line["acknowledged"], line["sent"], line["latency_ms"]) == (
        "id-1",
        None,
        None,
        None,
    )


def test_the_same_message_under_two_ids_is_a_duplicate_and_the_same_id_again_is_not() -> None:
    ledger = Ledger()
    said = Said("token", "id-1", "Hello", 0.0, clock.now())
    ledger.acknowledged(said, "a", 0.1)
    ledger.acknowledged(said, "a", 0.2)
    assert (ledger.counts.acknowledged, ledger.counts.duplicates) == (1, 0)
    ledger.acknowledged(said, "b", 0.3)
    assert (ledger.counts.acknowledged, ledger.counts.duplicates) == (1, 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:80", "http://127.9.9.9"])
def test_this_machine_may_be_written_to(url: str) -> None:
    check_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://shop.example", "http://10.0.0.1:8000", "http://127.0.0.1.shop.example", "http://[::2]", "", "ftp:x"]
)
def test_no_other_machine_is_ever_written_to(url: str) -> None:
    with pytest.raises(NotHere):
        check_loopback(url)


def test_the_command_refuses_another_machine() -> None:
    with pytest.raises(CommandError, match="on this machine"):
        call_command("demo_traffic", url="http://10.0.0.1:8000", deployment=["x"])


@pytest.mark.parametrize("rate", ["0", "-1", "often", "5001"])
def test_a_rate_out_of_bounds_is_refused(rate: str) -> None:
    with pytest.raises(CommandError):
        call_command("demo_traffic", f"--rate={rate}")


@pytest.mark.usefixtures("transactional_db")
def test_an_agent_whom_somebody_plays_is_left_alone() -> None:
    from routing.actions.availability import do_go_on_queue

    company.do_found("x")
    do_go_on_queue(User.objects.get(name="Lukas Falk"))
    assert [agent.name for agent in free_agents(2)] == ["Ana Okafor", "Ines Carvalho"]
    assert len(Desks(20).agents) == 7
