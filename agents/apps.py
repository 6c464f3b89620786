from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = _("agents")

    def ready(self) -> None:
        from agents.roles import keep

        post_migrate.connect(keep, dispatch_uid="agents.roles")
