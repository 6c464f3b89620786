"""`/metrics`: who may read it, that Prometheus understands it, and that each figure says what is so."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from redis import Redis

from agents.models import User
from channels_app.models import Conversation
from contactcenter import metrics
from contactcenter.celery import app
from contactcenter.kernel import clock, events
from contactcenter.kernel import metrics as counting
from contactcenter.kernel.health import connection_string
from contactcenter.up.child import spawn
from routing.actions.work import do_end
from tests import factories
from tests.channels_app.client import StrictGuest
from tests.product import eventually
from tests.routing.cast import Scene, accepts

TOKEN = "a-token-of-tests"
ALERTS = yaml.safe_load((settings.BASE_DIR / "docs/alerts.yml").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
Samples = dict[tuple[str, str], float]


@pytest.fixture
def scene(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A contact centre that other connections see, and where nothing runs by itself."""
    monkeypatch.setattr(events, "_after_commit", [])
    scene = Scene()
    yield scene
    scene.close()


@pytest.fixture
def redis() -> Iterator[Redis]:
    """The store, without what others have added."""
    with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        redis.delete(counting.STATEMENTS, counting.SOCKETS, counting.TASKS)
        yield redis


@pytest.fixture
def served(settings: Settings) -> Client:
    """A client of a server with the setting."""
    settings.CC_METRICS_TOKEN = TOKEN
    settings.MIDDLEWARE = ["contactcenter.metrics.MetricsMiddleware", *settings.MIDDLEWARE]
    return Client()


def samples(text: str) -> Samples:
    """By name and the one label there is, as Prometheus' own parser reads them."""
    return {
        (one.name, next(iter(one.labels.values()), "")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if not one.name.endswith("_bucket")
    }


def figure(name: str, label: str = "") -> float:
    return samples(metrics.scrape().decode())[f"contactcenter_{name}", label]


def names(text: str) -> set[str]:
    return {one.name for family in text_string_to_metric_families(text) for one in family.samples}


# --- who may ------------------------------------------------------------------------------------


def test_who_has_the_token_reads_it_at_any_host_name(served: Client, db: None) -> None:
    answer = served.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert samples(answer.content.decode())["contactcenter_database_up", ""] == 1


@pytest.mark.parametrize("sent", [None, "", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ü"])
def test_who_has_not_reads_nothing(served: Client, sent: str | None) -> None:
    answer = served.get("/metrics", headers={} if sent is None else {"Authorization": sent})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_without_the_setting_there_is_no_such_page(db: None) -> None:
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_other_pages_are_served_as_ever(served: Client, db: None) -> None:
    assert served.get("/log-in/").status_code == Client().get("/log-in/").status_code


# --- what it says ---------------------------------------------------------------------------------


def test_the_outbox_is_as_old_as_its_oldest_message_that_is_due(scene: Scene) -> None:
    conversation = factories.said(factories.channel()).conversation
    assert figure("outbox_oldest_due_seconds") == 0
    factories.replied(conversation, scene.agent("Ana", on_queue=False))
    scene.pause(seconds=90)
    assert figure("outbox_oldest_due_seconds") == 90


def test_what_waits_for_another_try_is_not_due(scene: Scene) -> None:
    factories.replied(factories.said(factories.channel()).conversation, scene.agent("Ana", on_queue=False))
    scene.set_clock(scene.now - timedelta(minutes=1))
    assert figure("outbox_oldest_due_seconds") == 0


def test_timers_that_the_sweep_missed_are_late(scene: Scene) -> None:
    service = scene.queue(alert_timeout=timedelta(seconds=30), wrapup_timeout=timedelta(seconds=60))
    scene.agent("Ana", service, limit=5)
    done, _ = scene.talks(scene.channel(service, window=timedelta(minutes=10)), "anna")
    do_end(done.id, User.objects.get(name="Ana"))
    scene.writes(scene.channel(service), "jonas")
    for timer in ("offer", "wrap_up", "conversation"):
        assert figure("timer_overdue_seconds", timer) == 0
    scene.pause(minutes=20)
    late = [figure("timer_overdue_seconds", timer) for timer in ("offer", "wrap_up", "conversation")]
    assert late == [1200 - 30, 1200 - 59, 600 + 1]
    scene.later(seconds=0)
    assert [figure("timer_overdue_seconds", timer) for timer in ("offer", "wrap_up", "conversation")] == [0, 0, 0]


def test_who_waits_in_a_queue_is_counted_and_who_talks_is_not(scene: Scene) -> None:
    service, empty = scene.queue(), scene.queue("Sales")
    on = scene.channel(service)
    for who in ("anna", "jonas"):
        scene.writes(on, who)
    scene.pause(seconds=8)
    assert (figure("waiting_conversations", "Service"), figure("longest_wait_seconds", "Service")) == (2, 9)
    assert (figure("waiting_conversations", empty.name), figure("longest_wait_seconds", empty.name)) == (0, 0)
    scene.agent("Ana", service, limit=1)
    scene.later(seconds=1)
    assert figure("waiting_conversations", "Service") == 2, "what alerts waits"
    accepts(Conversation.objects.get(address__external_id="anna"))
    assert figure("waiting_conversations", "Service") == 1


def test_an_open_transaction_holds_up_readers_of_the_log(scene: Scene) -> None:
    with psycopg.connect(connection_string()) as held:
        held.execute("SELECT pg_current_xact_id()")
        scene.writes(scene.channel(scene.queue()))
        scene.pause(minutes=5)
        assert figure("log_read_lag_seconds") >= 300
    # transactions of tests that run at the same time hold readers up too
    eventually(lambda: figure("log_read_lag_seconds") == 0, seconds=90)


def test_tasks_that_nobody_takes_are_counted_by_queue(redis: Redis) -> None:
    before = figure("task_queue_length", "reports")
    app.send_task("reporting.ensure_partitions", queue="reports")
    assert figure("task_queue_length", "reports") == before + 1
    redis.rpop("reports")
    assert figure("task_queue_length", "reports") == before


def test_sockets_of_processes_that_live_are_summed_and_the_dead_are_forgotten(redis: Redis) -> None:
    at = clock.now().timestamp()
    for process, age, number in (("a:1", 0, 3), ("b:7", counting.GONE_AFTER - 1, 4), ("c:9", 31, 100)):
        redis.hset(counting.SOCKETS, process, json.dumps({"at": at - age, "open": {"guest": number, "desk": 1}}))
    assert (figure("open_sockets", "guest"), figure("open_sockets", "desk")) == (7, 2)
    assert set(redis.hkeys(counting.SOCKETS)) == {"a:1", "b:7"}


def test_statements_are_counted_by_what_they_took(redis: Redis) -> None:
    here = counting._Counted()
    here.took.extend([0.0001, 0.0005, 0.0006, 0.3, 7.0])
    counting._add(redis, here, *counting._drained(here))
    counting._add(redis, here, *counting._drained(here))  # nothing new: nothing is added twice
    one = counting.statement_times(redis)[settings.PROCESS]
    assert (one.at_most, one.count) == ((2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4), 5)
    assert one.seconds == pytest.approx(7.3012)
    assert figure("statement_seconds_count", settings.PROCESS) == 5


@pytest.mark.django_db
def test_each_statement_is_timed_once_also_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    here = counting._Counted(running=True)
    monkeypatch.setattr(counting, "_here", here)
    before = list(connection.execute_wrappers)
    for _ in range(2):
        counting._time_statements(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
            with pytest.raises(Exception, match="division"):
                cursor.execute("SELECT 1 / 0")
    finally:
        connection.execute_wrappers[:] = before
    assert len(here.took) == 2
    assert here.took[0] >= 0.02


def test_a_store_that_is_gone_is_a_0_and_the_other_still_tells(settings: Settings, db: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = samples(metrics.scrape().decode())
    assert (found["contactcenter_redis_up", ""], found["contactcenter_database_up", ""]) == (0, 1)
    settings.DATABASE_URL = "postgresql://127.0.0.1:1/nobody"
    assert samples(metrics.scrape().decode()) == {
        ("contactcenter_redis_up", ""): 0, ("contactcenter_database_up", ""): 0
    }  # fmt: skip


def test_no_figure_of_the_database_is_asked_by_reading_what_is_done(scene: Scene) -> None:
    """The plans must go by the indexes of what isn't done."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        plans = []
        for statement in (metrics._LATE, metrics._WAITING):
            cursor.execute("EXPLAIN " + statement, {"now": scene.now})
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
        cursor.execute("RESET enable_seqscan")
    for index in ("delivery_due", "offer_expires", "wrapup_due", "conversation_resting_ends", "xid_id_idx"):
        assert index in plans[0]
    assert "pass_one_live" in plans[1]
    assert "Seq Scan" not in "".join(plans).replace("Seq Scan on routing_queue", "")


# --- the processes together -----------------------------------------------------------------------


@pytest.fixture
def processes(transactional_db: None, redis: Redis, tmp_path: Path) -> Iterator[str]:
    """Two web processes on one port, and a worker; their address."""
    environ = {
        **os.environ,
        "CC_METRICS_TOKEN": TOKEN,
        "DATABASE_URL": connection_string(),
        "REDIS_URL": settings.REDIS_URL,
    }
    listener = socket.create_server(("127.0.0.1", 0))
    web = ["uvicorn", "contactcenter.asgi:application", f"--fd={listener.fileno()}", "--lifespan=off"]
    worker = ["celery", "-A", "contactcenter", "worker", "--queues=timers", "--concurrency=1", "--loglevel=WARNING"]
    started = []
    for name, module in (("web", web), ("web", web), ("worker", worker)):
        with (tmp_path / "log").open("ab") as log:
            env = {**environ, "CC_PROCESS": name}
            command = [sys.executable, "-m", *module]
            descriptor = (listener.fileno(),) if name == "web" else ()
            started.append(spawn(command, log=log.fileno(), env=env, cwd=settings.BASE_DIR, inherit=descriptor))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)
        listener.close()


def test_all_processes_are_seen_by_asking_any(processes: str, redis: Redis) -> None:
    deployment = factories.deployment()
    assert httpx.get(f"{processes}/healthz", timeout=60).status_code == 200
    guests = [StrictGuest(processes, deployment.id) for _ in range(4)]
    app.send_task("routing.sweep", queue="timers", expires=120)
    begun = time.time()
    eventually(lambda: counting.open_sockets(redis)["guest"] == 4, seconds=30)
    eventually(lambda: counting.tasks_ended(redis).get("routing.sweep", 0) > begun - 60, seconds=60)
    eventually(lambda: {"web", "worker"} <= counting.statement_times(redis).keys(), seconds=30)
    assert figure("open_sockets", "guest") == 4
    for guest in guests[:3]:
        guest.socket.close()
    eventually(lambda: counting.open_sockets(redis)["guest"] == 1, seconds=30)
    guests[3].socket.close()


# --- the rules ------------------------------------------------------------------------------------


def unknown(expression: str, known: set[str]) -> set[str]:
    """Figures of ours that an expression asks for and nobody gives."""
    return set(re.findall(r"\bcontactcenter_\w+", expression)) - known


@pytest.fixture
def given(scene: Scene, redis: Redis) -> set[str]:
    """Every name that a scrape can give."""
    scene.queue()
    counting._add(redis, counting._Counted(ended={"routing.sweep": 1.0}), {"0": 1}, 0.1)
    redis.hset(counting.SOCKETS, "a:1", json.dumps({"at": clock.now().timestamp(), "open": {"desk": 1}}))
    return names(metrics.scrape().decode())


def test_each_rule_asks_for_figures_that_are_given_and_each_figure_is_asked_for(given: set[str]) -> None:
    for rule in RULES:
        assert unknown(rule["expr"], given) == set(), rule["alert"]
    asked = {name for rule in RULES for name in re.findall(r"\bcontactcenter_\w+", rule["expr"])}
    histogram = {"contactcenter_statement_seconds_sum", "contactcenter_statement_seconds_count"}
    assert given - asked == histogram


def test_the_check_finds_a_figure_that_nobody_gives(given: set[str]) -> None:
    assert unknown("max(contactcenter_outbox_age) > 60 or up == 0", given) == {"contactcenter_outbox_age"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_and_names_tasks_and_timers_that_exist(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"]["summary"].endswith(".")
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert set(re.findall(r'task="([^"]+)"', rule["expr"])) <= tasks
