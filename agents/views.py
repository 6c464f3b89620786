"""Logging in and out, log-in links, and changing one's own password. django-axes limits attempts to log in."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Any, cast

from axes.helpers import get_client_ip_address
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from agents.actions.language import do_choose_language
from agents.actions.log_in_links import TOKENS
from agents.models import User
from contactcenter.kernel.errors import TooFast
from contactcenter.kernel.limits import check_rate

YEAR_SECONDS = 31_536_000
LINK_REQUESTS, LINK_SECONDS = 40, 600


def home_of(user: Any) -> str:
    """Where somebody works: the desk, or for those who only administer the admin."""
    works = user.has_perm("agents.work_conversations") or user.has_perm("agents.supervise")
    return reverse("admin:index") if user.is_staff and not works else resolve_url("/")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The address without a path leads everybody to their own place."""
    user = cast("User", request.user)
    if not user.has_perm("agents.work_conversations"):
        if user.has_perm("agents.supervise"):
            return redirect("reporting:activity")
        if user.is_staff:
            return redirect("admin:index")
    return redirect("desktop:desk")


class LoginForm(AuthenticationForm):
    """E-mail address and password. Addresses are compared without case, attempts counted so too."""

    username = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {
        "invalid_login": gettext_lazy("This address and password don't match. Check both; capitals count."),
        "inactive": gettext_lazy("This account is switched off."),
    }

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()


class Login(LoginView):
    """Log in, then on to the page that was asked for, or home."""

    template_name = "agents/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)


class ChoosePasswordForm(SetPasswordForm):
    """A password, twice. What is wrong with it stands beside the first, that they differ beside the second."""

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")
        return self.cleaned_data


class LogInLink(PasswordResetConfirmView):
    """What a log-in link leads to: choose a password, and be logged in.

    Django keeps the token in the session and leads on to an address without it. So does an address whose token is of
    no use: a refusal's address, which the log of warnings writes down, never has one.
    """

    template_name = "agents/log_in_link.html"
    form_class = ChoosePasswordForm
    token_generator = TOKENS
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"

    # A second tab's form is of before the log-in, with its CSRF token: `post` checks that, once the link holds.
    @method_decorator([csrf_exempt, never_cache])
    def dispatch(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        wait = self._wait(uidb64)
        answer = None if wait else super().dispatch(request, uidb64=uidb64, token=token)
        if answer and (self.validlink or answer.status_code == HTTPStatus.FOUND):
            return answer
        if token != self.reset_url_token:
            return redirect("agents:log_in_link", uidb64, self.reset_url_token)
        return self._refuse(wait)

    @method_decorator(csrf_protect)
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(*args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asking = self.request.user
        other = asking if asking.is_authenticated and asking != self.user else None
        return super().get_context_data(**kwargs, person=self.user, other=other)

    def get_success_url(self) -> str:
        return home_of(self.request.user)

    def _wait(self, uidb64: str) -> float:
        """Seconds until this account may be asked for again from here; 0 is now. Counted as the log-in is."""
        try:
            found = self.get_user(uidb64)
            key = f"{found.pk if found else ''}:{get_client_ip_address(self.request)}"
            check_rate("log-in-link", key, limit=LINK_REQUESTS, seconds=LINK_SECONDS)
        except TooFast as refusal:
            return refusal.retry_after
        return 0

    def _refuse(self, wait: float) -> HttpResponse:
        status = HTTPStatus.TOO_MANY_REQUESTS if wait else HTTPStatus.NOT_FOUND
        context = {"minutes": ceil(wait / 60), "home": home_of(self.request.user)}
        answer = TemplateResponse(self.request, "agents/log_in_link_refused.html", context, status=status)
        if wait:
            answer["Retry-After"] = str(ceil(wait))
        return answer


class Logout(LogoutView):
    """By POST only; then back to the log-in page (LOGOUT_REDIRECT_URL)."""


@require_POST
@login_required
def choose_language(request: HttpRequest) -> HttpResponse:
    """One's own language, then back to `next`. A cookie keeps it for the log-in page of this browser."""
    language = request.POST.get("language", "")
    if language and language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    do_choose_language(cast("User", request.user).pk, language)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(back if safe else home_of(request.user))
    if language:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, YEAR_SECONDS, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return answer


class PasswordChange(LoginRequiredMixin, PasswordChangeView):
    """One's own password. The session at hand stays, all others end."""

    template_name = "agents/password_change.html"

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return answer

    def get_success_url(self) -> str:
        return home_of(self.request.user)
