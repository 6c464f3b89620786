from django.apps import AppConfig


class DesktopConfig(AppConfig):
    name = "agents.desktop"
    label = "desktop"

    def ready(self) -> None:
        from agents.desktop.live import register

        register()
