from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessengerConfig(AppConfig):
    name = "channels_app.messenger"
    label = "messenger"
    verbose_name = _("web messenger")
