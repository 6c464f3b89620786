"""Log-in links for users: from the list, from one user's page, and after an import of new ones."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy, ngettext
from unfold.decorators import action

from agents.actions.changes import Outcome
from agents.actions.importing import Imported
from agents.actions.log_in_links import LinksMade, MadeLink, do_make_log_in_links
from agents.admin.bulk import Bulk, Given
from agents.admin.people import NO_PASSWORD
from agents.admin.sheets import files
from agents.models import User
from contactcenter.kernel.words import first_of

COLUMNS = ("name", "email", "link")


def _make(by: User, keys: list[Any], given: Given) -> Outcome:
    return do_make_log_in_links(by, keys)


def _facts(rows: Sequence[User]) -> list[str]:
    """Who gets none, for whom one isn't needed, and how long links live."""
    found = [valid_for(), gettext("A link made for them earlier ends.")]
    off = [user.name for user in rows if not user.is_active]
    if off:
        found.append(switched_off(off))
    able = sum(user.is_active and user.has_usable_password() for user in rows)
    if able:
        text = ngettext(
            "%(n)d of them has a password: it holds until they choose another by the link.",
            "%(n)d of them have a password: it holds until they choose another by the link.",
            able,
        )
        found.append(text % {"n": able})
    return found


def valid_for() -> str:
    """How long a link lives, in hours, or in days where it is whole days."""
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    days = hours // 24
    if hours % 24:
        text = ngettext("A link works once, for %(n)d hour.", "A link works once, for %(n)d hours.", hours)
        return text % {"n": hours}
    return ngettext("A link works once, for %(n)d day.", "A link works once, for %(n)d days.", days) % {"n": days}


def switched_off(names: Sequence[str]) -> str:
    """Why these people get no link."""
    text = gettext("Left out, because they are switched off: %(names)s. Switch them on first.")
    return text % {"names": first_of(names, 5)}


def _page(admin: Any, request: HttpRequest, made: LinksMade) -> HttpResponse:
    """Each link, once: the page isn't cached, and nothing keeps what it shows."""
    rows = [(one.user.name, one.user.email, _address(one)) for one in made.links]
    file = base64.b64encode(files.write(COLUMNS, rows)).decode()
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": ngettext("%(n)d log-in link", "%(n)d log-in links", len(rows)) % {"n": len(rows)},
        "rows": rows,
        "all": "\n".join("\t".join(row) for row in rows),
        "file": f"data:text/csv;charset=utf-8;base64,{file}",
        "valid_for": valid_for(),
        "left_out": switched_off([user.name for user in made.left_out]) if made.left_out else "",
        "back": reverse("admin:agents_user_changelist"),
    }
    return TemplateResponse(request, "admin/log_in_links.html", context)


def _address(link: MadeLink) -> str:
    return settings.BASE_URL + reverse("agents:log_in_link", args=[link.uid, link.token])


LINKS = Bulk(
    "make_log_in_links",
    gettext_lazy("Make log-in links"),
    gettext_lazy(
        "Each of them gets a link of their own. Whoever opens it chooses a password for the account and is logged in: "
        "give it to that person alone. The links are shown once, on the next page; nothing is sent by itself."
    ),
    _make,
    facts=_facts,
    page=_page,
)


def added_at(by: Any, moment: datetime | None) -> QuerySet[User]:
    """Active users without a password whom an import by this person has made at a moment, as the log knows it."""
    if moment is None or moment.tzinfo is None:
        return User.objects.none()
    kind = ContentType.objects.get_for_model(User)
    noted = LogEntry.objects.filter(user=by, content_type=kind, action_flag=ADDITION, action_time=moment)
    return User.objects.filter(NO_PASSWORD, pk__in=list(noted.values_list("object_id", flat=True)), is_active=True)


class LogInLinksAdmin:
    """For the admin of users: the button on one user's page, the address for chosen ones, the offer after an import."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.log_in_links_view)  # type: ignore[attr-defined]
        return [path("log-in-links/", view, name="agents_user_log_in_links"), *super().get_urls()]  # type: ignore[misc]

    @action(description=gettext_lazy("Make a log-in link"), icon="link", permissions=["change"], url_path="log-in-link")
    def make_log_in_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_ask_for(user=object_id))

    def log_in_links_view(self, request: HttpRequest) -> HttpResponse:
        """For `?user=` (a key), or for those whom the import at `?added=` has made."""
        if not self.has_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        back = reverse("admin:agents_user_changelist")
        chosen = self._chosen(request)
        if not chosen:
            messages.info(request, gettext("None of them needs a log-in link any more."))
            return HttpResponseRedirect(back)
        rows = self.get_queryset(request).filter(pk__in=[user.pk for user in chosen])  # type: ignore[attr-defined]
        answer = self.run_bulk(request, rows, LINKS, back=back)  # type: ignore[attr-defined]
        return answer or HttpResponseRedirect(back)

    def _chosen(self, request: HttpRequest) -> list[User]:
        try:
            if "user" in request.GET:
                return list(User.objects.filter(pk=request.GET["user"]))
            return list(added_at(request.user, parse_datetime(request.GET.get("added", ""))))
        except (ValidationError, ValueError):  # no key, no time
            return []

    def after_import(self, request: HttpRequest, outcome: Imported) -> None:
        """Who came in by a file has no password."""
        count = added_at(request.user, outcome.at).count() if outcome.added else 0
        if count:
            _offer(request, count, _ask_for(added=outcome.at))

    def after_adding(self, request: HttpRequest, user: User, answer: HttpResponse) -> HttpResponse:
        """Who was added without a password: on to their link; it is only offered where the admin goes elsewhere."""
        if not self.has_change_permission(request, user):  # type: ignore[attr-defined]
            return answer
        if "_save" in request.POST:
            return HttpResponseRedirect(_ask_for(user=str(user.pk)))
        _offer(request, 1, _ask_for(user=str(user.pk)))
        return answer


def _offer(request: HttpRequest, count: int, url: str) -> None:
    """So many new users can't log in yet, and what helps."""
    lack = ngettext(
        "%(n)d new user has no password, so they can't log in yet.",
        "%(n)d new users have no password, so they can't log in yet.",
        count,
    )
    offer = ngettext("Make a log-in link for the new user", "Make log-in links for the %(n)d new users", count)
    link = format_html('<a class="font-medium underline" href="{}">{}</a>', url, offer % {"n": count})
    messages.warning(request, format_html("{} {}", lack % {"n": count}, link))


def _ask_for(*, user: str = "", added: datetime | None = None) -> str:
    """The page that asks before it makes links for these."""
    query = {"user": user} if user else {"added": added.isoformat() if added else ""}
    return f"{reverse('admin:agents_user_log_in_links')}?{urlencode(query)}"
