"""What every form and list of the admin has: help at each field, search, filters."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory

from agents.models import User
from agents.roles import Role
from channels_app.admin.fields import SecretField
from channels_app.models import Channel, Deployment
from tests.admin_pages import member

pytestmark = pytest.mark.django_db
OURS = {"agents", "channels_app", "routing", "reporting"}


def request_of(user: User) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def forms_of(request: Any) -> list[tuple[str, Any]]:
    """Every form that can be filled in, for a new row and a known one, with those of its tables."""
    found = []
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OURS or not page.has_change_permission(request):
            continue
        for row in (None, sample(model)):
            found.append((model.__name__, page.get_form(request, row)))
            found += [
                (f"{model.__name__} · {formset.model.__name__}", without(formset.form, formset.fk.name))
                for formset, _inline in page.get_formsets_with_inlines(request, row)
            ]
    return found


def without(form: Any, key: str) -> Any:
    """A row of a table without its key to the page's object, which nobody sees."""
    return SimpleNamespace(base_fields={name: field for name, field in form.base_fields.items() if name != key})


def sample(model: Any) -> Any:
    shop = Channel(kind="webmessaging", name="Shop")
    if model is Deployment:
        return Deployment(channel=shop, name="Front")
    return shop if model is Channel else model()


def silent(name: str, form: Any) -> list[str]:
    """Fields without a word on what they lead to. Keys of tables and their tick for removal need none; secrets say it
    once it is known whether one is stored.
    """
    fields = {key: field for key, field in form.base_fields.items() if key not in ("id", "DELETE")}
    shown = {key: field for key, field in fields.items() if not isinstance(field, SecretField)}
    return [f"{name}.{key}" for key, field in shown.items() if not field.help_text]


def test_every_field_says_what_it_leads_to() -> None:
    found = forms_of(request_of(member("Olga", Role.ADMIN)))
    assert len(found) > 20
    missing = {one for name, form in found for one in silent(name, form)}
    assert sorted(missing) == []


def test_the_check_finds_a_field_without_help() -> None:
    class Bare(forms.Form):
        name = forms.CharField()
        help = forms.CharField(help_text="What it does.")

    assert silent("Bare", Bare) == ["Bare.name"]


def test_every_list_can_be_searched() -> None:
    lists = {model.__name__: page for model, page in admin.site._registry.items() if model._meta.app_label in OURS}
    assert [name for name, page in lists.items() if not page.search_fields] == []


def test_every_list_but_of_names_can_be_filtered() -> None:
    names_only = {"Team", "MessengerConfiguration", "Contact"}
    lists = {model.__name__: page for model, page in admin.site._registry.items() if model._meta.app_label in OURS}
    assert {name for name, page in lists.items() if not page.list_filter} <= names_only
