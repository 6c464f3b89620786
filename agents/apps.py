from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AgentsConfig(AppConfig):
    name = "agents"

    def ready(self) -> None:
        from agents.roles import keep

        post_migrate.connect(keep, dispatch_uid="agents.roles")
