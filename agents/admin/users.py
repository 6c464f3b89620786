"""Users: one form makes an agent who can start to work."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminURLInputWidget,
)

from agents import roles
from agents.actions.capacity import do_refresh_limits
from agents.admin import people
from agents.admin.base import Admin, Inline, is_new, plain
from agents.admin.log_in_links import LINKS, LogInLinksAdmin
from agents.admin.sheets.pages import SheetAdmin
from agents.admin.sheets.people import PEOPLE
from agents.models import Medium, User, UserSkill, Utilization
from agents.roles import Role
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.words import first_of

admin.site.unregister(Group)  # the roles are fixed


class UserForm(forms.ModelForm):
    """What an admin sets of a user, with the roles in words."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        help_text=_("Without a role, somebody can log in but do nothing."),
    )
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Browser's language")), *settings.LANGUAGES],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("In which this person reads the product. What customers read doesn't depend on it."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in sorted(zoneinfo.available_timezones())],
        widget=UnfoldAdminSelect2Widget,
        initial="UTC",
        help_text=_("Times are shown to this person in it."),
    )

    class Meta:
        model = User
        fields = ("email", "name", "alias", "team", "locale", "time_zone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new(self.instance):
            self.initial.setdefault("roles", [Role.AGENT.value])
        else:
            self.initial.setdefault("roles", [role.value for role in roles.roles_of(self.instance)])

    def clean_email(self) -> str:
        """Addresses are compared without case when somebody logs in."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody has this address already."), code="unique")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        field = self._what_takes_the_admin()
        if field and not is_new(self.instance) and roles.admins().filter(pk=self.instance.pk).exists():
            try:
                roles.check_admin_remains([self.instance])
            except Refused as refusal:
                self.add_error(field, refusal.said(gettext))
        return cleaned

    def _what_takes_the_admin(self) -> str:
        """The field by which this user would stop to be an admin, if one does."""
        if not self.cleaned_data.get("is_active", True):
            return "is_active"
        stays = self.instance.is_superuser or Role.ADMIN.value in self.cleaned_data.get("roles", ())
        return "" if stays else "roles"

    def _save_m2m(self) -> None:
        super()._save_m2m()
        roles.assign(self.instance, self.cleaned_data["roles"])


class NewUserForm(UserForm):
    """The same, with the first password, or without: then a log-in link is what the page goes on to."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty: a log-in link comes next, by which they choose their own. Else tell it to them in person."),
    )

    def _post_clean(self) -> None:
        super()._post_clean()
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password", error)

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 Django's signature
        self.instance.set_password(self.cleaned_data["password"] or None)
        saved: User = super().save(commit)
        return saved


class SkillInline(Inline):
    """What the user can do, and how well."""

    model = UserSkill
    helps = {"skill": _("Conversations that need it can be offered to this person.")}
    autocomplete_fields = ("skill",)
    verbose_name = _("skill")
    verbose_name_plural = _("skills")


class UtilizationInline(Inline):
    """This user's own limits; without a row, the default for everybody holds."""

    model = Utilization
    max_num = len(Medium)
    helps = {"medium": _("What is limited: each has a limit of its own.")}
    verbose_name = _("own limit")
    verbose_name_plural = _("own limits, instead of the default for everybody")


@admin.register(User)
class UserAdmin(LogInLinksAdmin, SheetAdmin, DjangoUserAdmin, Admin):
    """Users. Queue memberships are added from above, by routing."""

    sheet = PEOPLE

    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    empty_text = _("Agents answer customers, supervisors watch, admins set up. One person can be several of these.")
    switch = "is_active"
    offered = Q(is_active=True, groups__name=Role.AGENT.value)  # who can work
    switch_words = (
        _("They can log in again, with the roles, skills and queues that they had."),
        _(
            "They are logged out at once and get no new work. What alerts at them returns to its queue; what they have "
            "in hand returns after the time that its queue keeps work of agents who vanish. Nothing is deleted."
        ),
    )
    bulks = (LINKS, *people.BULKS)
    helps = {
        "email": _("They log in with it. It must be theirs alone; upper and lower case don't matter."),
        "team": _("Who supervises the team sees this person there. It doesn't change the routing."),
        "is_active": _(
            "Off: logged out at once, no new work, and no log-in until it is on again. Their history keeps the name."
        ),
    }
    actions_detail = ("set_password", "make_log_in_link")
    inlines = [SkillInline, UtilizationInline]
    filter_horizontal = ()
    formfield_overrides = {models.URLField: {"widget": UnfoldAdminURLInputWidget, "assume_scheme": "https"}}
    ordering = ("name",)
    list_display = ("name", "email", "shown_roles", "team", "shown_skills", "is_active", "last_login")
    list_filter = (
        people.RoleFilter,
        "is_active",
        ("team", RelatedDropdownFilter),
        ("skills", RelatedDropdownFilter),
        people.LackFilter,
    )
    list_select_related = ("team",)
    search_fields = ("name", "email", "alias")
    readonly_fields = ("last_login", "link_made_at", "date_joined")
    _person = ("email", "name", "alias", "team", "roles")
    _looks = (_("Language and picture"), {"fields": ("locale", "time_zone", "picture_url"), "classes": ("collapse",)})
    add_fieldsets = ((None, {"fields": (*_person[:2], "password", *_person[2:])}), _looks)
    fieldsets = ((None, {"fields": (*_person, "is_active")}), _looks, (None, {"fields": (readonly_fields,)}))

    @display(description=_("roles"), label=True)
    def shown_roles(self, user: User) -> list[str]:
        found = [str(roles.SHORT[role]) for role in roles.roles_of(user)]
        return [*found, str(_("Superuser"))] if user.is_superuser else found

    @display(description=_("skills"))
    def shown_skills(self, user: User) -> str:
        rated = [f"{row.skill.name} {plain(row.proficiency)}" for row in user.user_skills.all()]
        return first_of(rated, 4)

    @action(description=_("Set a new password"), icon="key", permissions=["change"], url_path="new-password")
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:auth_user_password_change", args=[object_id]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups", "user_skills__skill")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's account is out of an admin's reach, else the role would be worth more than it says.

        Django asks with the user, the buttons on the page with their key.
        """
        user = obj if isinstance(obj, User) else User.objects.filter(pk=obj).first() if obj else None
        if user is not None and user.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody deletes their own account: so an active admin always remains."""
        if obj is not None and (obj == request.user or not self.has_change_permission(request, obj)):
            return False
        return super().has_delete_permission(request, obj)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Done in one form: back to the list, not to a second step as in Django's own; or on to a log-in link."""
        answer = admin.ModelAdmin.response_add(self, request, obj, post_url_continue)
        return answer if obj.has_usable_password() else self.after_adding(request, obj, answer)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        self.after_switch([form.instance.pk])

    def check_rows(self, request: HttpRequest, rows: Sequence[User]) -> None:
        roles.check_reach(cast("User", request.user), rows)

    def check_switch_off(self, rows: Sequence[User]) -> None:
        if roles.admins().filter(pk__in=[user.pk for user in rows]).exists():
            roles.check_admin_remains(rows)

    def after_switch(self, keys: Sequence[Any]) -> None:
        """A user's own limits count from now on."""
        transaction.on_commit(partial(do_refresh_limits, list(keys)))

    def what_stands(self, row: User) -> list[str]:
        """The log of changes would lose its entries with the account."""
        made = LogEntry.objects.filter(user=row).count()
        noted = ngettext("%(n)d change that they made", "%(n)d changes that they made", made) % {"n": made}
        return [*super().what_stands(row), *([noted] if made else [])]
