"""The language of a page: one's own choice before the browser's."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from agents.models import User
from contactcenter.language import LanguageOfUser

pytestmark = pytest.mark.django_db
HERE = "/password/"


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@acme.example", "green garden gate", name="Ana Ruiz")


def client_of(user: User, browser: str) -> Client:
    client = Client(headers={"accept-language": browser})
    client.force_login(user)
    return client


def language_of(client: Client, path: str = HERE) -> str:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer["Content-Language"] == page.split('<html lang="')[1][:2]
    assert ("Passwort" in page) == (answer["Content-Language"] == "de")
    return answer["Content-Language"]


def choose(client: Client, language: str, **fields: str) -> str:
    return client.post(reverse("agents:language"), {"language": language, **fields}).headers.get("Location", "")


@pytest.mark.parametrize(
    ("own", "browser", "shown"),
    [
        ("", "de-AT", "de"),
        ("", "fr,en;q=0.5", "en"),
        ("", "fr", "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("xx", "de", "de"),
    ],
)
def test_the_own_language_wins_else_the_browser_s(ana: User, own: str, browser: str, shown: str) -> None:
    ana.locale = own
    ana.save()
    assert language_of(client_of(ana, browser)) == shown


def test_it_is_chosen_in_the_menu_and_leads_back(ana: User) -> None:
    client = client_of(ana, "en")
    assert choose(client, "de", next=HERE) == HERE
    assert language_of(client) == "de"
    assert choose(client, "", next=HERE) == HERE
    assert language_of(client) == "en"


def test_the_log_in_page_of_this_browser_speaks_it_too(ana: User) -> None:
    client = client_of(ana, "en")
    choose(client, "de")
    client.post(reverse("agents:logout"))
    assert language_of(client, reverse("agents:login")) == "de"


def test_another_site_is_not_led_to(ana: User) -> None:
    assert choose(client_of(ana, "en"), "de", next="https://evil.example/") == "/"


def test_an_unknown_language_and_a_stranger_change_nothing(ana: User) -> None:
    assert client_of(ana, "en").post(reverse("agents:language"), {"language": "xx"}).status_code == 400
    assert reverse("agents:login") in choose(Client(), "de")
    assert client_of(ana, "en").get(reverse("agents:language")).status_code == 405
    ana.refresh_from_db()
    assert ana.locale == ""


def test_a_refusal_is_said_in_the_reader_s_language_and_kept_in_english() -> None:
    from django.utils import translation
    from django.utils.translation import gettext

    from channels_app.files.refusal import FileFault, FileRefused
    from contactcenter.kernel.errors import NotFound

    large = FileRefused(FileFault.TOO_LARGE, "The file is larger than %(size)d KB.", size=10)
    with translation.override("de"):
        assert large.said(gettext) == "Die Datei ist größer als 10 KB."
        assert NotFound().said(gettext) == "Das gibt es nicht oder nicht mehr."
        assert NotFound("100 % unknown").said(gettext) == "100 % unknown"
    assert (large.message, str(large)) == ("The file is larger than 10 KB.",) * 2


@pytest.mark.parametrize(
    ("zone", "path", "used"),
    [
        ("Asia/Tokyo", "/admin/", "Asia/Tokyo"),
        ("Asia/Tokyo", "/desk/", "UTC"),
        ("Mars/Olympus", "/admin/", "UTC"),
        ("", "/admin/", "UTC"),
    ],
)
def test_the_admin_writes_times_in_the_reader_s_zone(ana: User, zone: str, path: str, used: str) -> None:
    ana.time_zone = zone
    seen: list[str] = []

    def page(_: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request = RequestFactory().get(path)
    request.user = ana
    LanguageOfUser(page)(request)
    assert seen == [used]
    assert timezone.get_current_timezone_name() == "UTC", "the thread's next page is somebody else's"
