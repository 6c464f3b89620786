"""People, their teams and their skills."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.kernel import ids


class Team(models.Model):
    """A group of agents that supervisors look at together."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """What an agent can do, and what a conversation can need: a language, a product, a task."""

    class Kind(models.TextChoices):
        SKILL = "skill", _("Skill")
        LANGUAGE = "language", _("Language")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SKILL)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ("kind", "name")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in: an agent, a supervisor, an admin, or several of these by group."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, help_text=_("What colleagues see."))
    alias = models.CharField(
        _("name for customers"),
        max_length=60,
        blank=True,
        help_text=_("What customers see. Empty: the first name."),
    )
    picture_url = models.URLField(_("picture"), blank=True, help_text=_("Shown to customers beside the name."))
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="members"
    )
    skills: ClassVar[Any] = models.ManyToManyField(Skill, through="UserSkill", related_name="users")
    locale = models.CharField(_("language"), max_length=10, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=50, default="UTC")
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off instead of deleting: the history keeps the name.")
    )
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    date_joined = models.DateTimeField(_("added"), auto_now_add=True)
    link_made_at = models.DateTimeField(_("last log-in link made"), null=True, blank=True, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("name",)
        permissions = [
            ("work_conversations", _("Can take and answer conversations")),
            ("supervise", _("Can see all conversations and agents, and act on them")),
            ("assign_past_limit", _("Can assign a conversation past an agent's limit")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def nickname(self) -> str:
        """What customers see."""
        return self.alias or self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()

    @property
    def hue(self) -> int:
        """The colour of the avatar, 0–359, the same everywhere."""
        return self.id.int % 360

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.nickname

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()


class UserSkill(models.Model):
    """How well a user has a skill."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="user_skills", verbose_name=_("user"))
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="user_skills", verbose_name=_("skill"))
    proficiency = models.DecimalField(
        _("proficiency"),
        max_digits=2,
        decimal_places=1,
        default=3,
        validators=[MinValueValidator(0), MaxValueValidator(5)],
        help_text=_("0 to 5. A conversation can ask for a minimum."),
    )

    class Meta:
        verbose_name = _("skill of a user")
        verbose_name_plural = _("skills of a user")
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="userskill_once"),
            models.CheckConstraint(
                condition=models.Q(proficiency__gte=0, proficiency__lte=5), name="userskill_proficiency_0_5"
            ),
        ]
        indexes = [models.Index(fields=["skill", "user"])]

    def __str__(self) -> str:
        return f"{self.user}: {self.skill} {self.proficiency}"
