from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0003_guest_protocol")]
    operations: list[migrations.operations.base.Operation] = []
