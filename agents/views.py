"""Logging in and out, and changing one's own password. The number of attempts is limited by django-axes."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from agents.actions.language import do_choose_language
from agents.models import User

YEAR_SECONDS = 31_536_000


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
