"""An admin's day in Chromium: a bulk action, an import, the history of both; every page passes axe, at each width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from agents.models import Skill, User, UserSkill
from agents.roles import Role
from channels_app.models import Channel
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed
from tests.admin.pages import client_of, member
from tests.e2e.messenger import check_axe, looks_right
from tests.e2e.test_admin_setup import plain_addresses

__all__ = ["plain_addresses"]
pytestmark = pytest.mark.usefixtures("transactional_db", "plain_addresses")


@pytest.fixture
def company(transactional_db: None) -> User:
    """Four agents, a queue that two of them serve, a channel that leads there; the admin."""
    german, queue = Skill.objects.create(name="German", kind="language"), Queue.objects.create(name="Returns")
    agents = [member(name, Role.AGENT) for name in ("Ana", "Ben", "Cleo", "Emil")]
    for agent in agents[:2]:
        QueueMember.objects.create(queue=queue, user=agent)
        UserSkill.objects.create(user=agent, skill=german, proficiency=4)
    route = InboundRoute.objects.create(channel=Channel.objects.create(kind="fake", name="Shop"), queue=queue)
    RouteNeed.objects.create(route=route, skill=german, minimum=3)
    return member("Olga", Role.ADMIN)


@pytest.fixture
def page(browser: Browser, live_server: Any, company: User) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", base_url=f"{live_server.url}", reduced_motion="reduce"
    )
    session = client_of(company).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    yield tab
    context.close()


def choose(page: Page, *names: str) -> None:
    page.goto("/admin/agents/user/")
    for name in names:
        page.get_by_role("row", name=name).locator("input.action-select").check()


def test_a_skill_for_two_agents_is_asked_about_done_and_in_the_history(page: Page) -> None:
    choose(page, "Cleo", "Emil")
    page.get_by_label("Select action to run").select_option(label="Set a skill")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name="Set a skill: 2 users")).to_be_visible()
    looks_right(page, "bulk action")
    page.get_by_label("Skill").select_option(label="German")
    page.get_by_label("Proficiency").fill("9")
    page.get_by_role("button", name="Set a skill").click()
    expect(page.get_by_text("less than or equal to 5")).to_be_visible()
    page.get_by_label("Proficiency").fill("3.5")
    page.get_by_role("button", name="Set a skill").click()
    expect(page.get_by_text("Set a skill: 2 changed.")).to_be_visible()
    page.goto(f"/admin/agents/user/{User.objects.get(name='Cleo').pk}/history/")
    expect(page.get_by_text("Skill “German” · Proficiency: 3.5")).to_be_visible()
    looks_right(page, "history")
    page.goto("/admin/admin/logentry/?q=Cleo")
    expect(page.get_by_text("Skill “German” · Proficiency: 3.5")).to_be_visible()
    looks_right(page, "changes")


@pytest.mark.parametrize("width", [1280, 1000, 390])
def test_the_last_row_can_be_scrolled_clear_of_the_bar_with_the_actions(page: Page, width: int) -> None:
    for number in range(12):
        member(f"Zoe{number:02}", Role.AGENT)
    page.set_viewport_size({"width": width, "height": 800})
    choose(page, "Ana")
    page.keyboard.press("End")
    bar = page.locator("#changelist-actions > div")
    expect(bar).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.locator("#result_list tbody tr").last
    last.locator("input.action-select").check()
    row, over = last.bounding_box(), bar.bounding_box()
    assert row
    assert over
    assert row["y"] + row["height"] <= over["y"]


def test_a_bulk_action_that_is_cancelled_does_nothing(page: Page) -> None:
    choose(page, "Ana")
    page.get_by_label("Select action to run").select_option(label="Switch off")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("row", name="Ana")).to_be_visible()
    assert User.objects.get(name="Ana").is_active


def put(page: Page, text: str) -> None:
    page.goto("/admin/agents/user/")
    page.get_by_role("link", name="Import").click()
    file = {"name": "agents.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[type=file]", [file])  # type: ignore[list-item]
    page.get_by_role("button", name="Check").click()


def test_a_file_with_a_fault_is_mended_and_applied(page: Page) -> None:
    put(page, "email;name;skills\nana@acme.example;Ana Ruiz;German:5\nnew@acme.example;Nora;Dutch:3\n")
    expect(page.get_by_role("heading", name="1 line is wrong: nothing can be applied.")).to_be_visible()
    expect(page.get_by_text("There is no skill “Dutch”.")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    looks_right(page, "check with a fault")
    page.get_by_role("link", name="Choose another file").click()
    looks_right(page, "upload")
    put(page, "email;name;skills\nana@acme.example;Ana Ruiz;German:5\nnew@acme.example;Nora;\n")
    looks_right(page, "check")
    page.get_by_role("button", name="Apply 2 lines").click()
    expect(page.get_by_text("2 lines applied.")).to_be_visible()
    assert User.objects.get(email="ana@acme.example").name == "Ana Ruiz"
    assert User.objects.filter(email="new@acme.example").exists()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/agents/user/",
        "/admin/agents/user/add/",
        "/admin/agents/user/?q=nobody",
        "/admin/agents/skill/",
        "/admin/agents/team/",
        "/admin/routing/queue/",
        "/admin/routing/queue/add/",
        "/admin/routing/inboundroute/",
        "/admin/channels_app/channel/",
        "/admin/channels_app/channel/add/",
    ],
)
def test_a_page_passes_axe_and_fits_a_phone(page: Page, address: str) -> None:
    page.goto(address)
    looks_right(page, address)


def test_forms_with_rows_in_tables_pass_axe(page: Page) -> None:
    queue, ana = Queue.objects.get(), User.objects.get(name="Ana")
    route, german = InboundRoute.objects.get(), Skill.objects.get()
    for address in (
        f"routing/queue/{queue.pk}/change/",
        f"agents/user/{ana.pk}/change/",
        f"agents/skill/{german.pk}/change/",
        f"routing/inboundroute/{route.pk}/change/",
        f"routing/queue/{queue.pk}/delete/",
    ):
        page.goto(f"/admin/{address}")
        check_axe(page, address)


def test_the_start_page_leads_to_what_it_counts(page: Page) -> None:
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="What needs a look")).to_be_visible()
    page.get_by_role("link", name="2 agents serve no queue.").click()
    expect(page.get_by_role("row", name="Cleo")).to_be_visible()
    expect(page.get_by_role("row", name="Ana")).to_have_count(0)


def touched(page: Page, selector: str) -> bool:
    """Whether a finger up to 19 px beside the middle of what is there still hits it, to all four sides."""
    return bool(
        page.locator(selector).first.evaluate(
            """one => {
              one.scrollIntoView({block: "center"});
              const box = one.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
              return [[19, 0], [-19, 0], [0, 19], [0, -19]].every(([right, down]) => {
                const hit = document.elementFromPoint(x + right, y + down);
                return hit !== null && (one.contains(hit) || hit.closest("label")?.control === one);
              });
            }"""
        )
    )


def test_on_a_phone_the_heading_is_the_last_part_and_a_finger_hits_what_it_means(page: Page) -> None:
    page.goto(f"/admin/agents/user/{User.objects.get(name='Ana').pk}/change/")
    crumb = page.get_by_role("heading", level=1).get_by_role("link", name="Users")
    expect(crumb).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(crumb).to_be_hidden()
    expect(page.get_by_role("heading", level=1).get_by_role("link", name="Ana")).to_be_visible()
    for selector in ("#header-inner a[title]", "input[name=roles]"):
        assert touched(page, selector), selector
    page.goto("/admin/agents/user/")
    for selector in ("#searchbar-submit", "#result_list input.action-select"):
        assert touched(page, selector), selector
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not touched(page, "#searchbar-submit")  # with a mouse it is as large as it looks
