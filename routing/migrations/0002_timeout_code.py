"""The wrap-up code that the system sets when an agent's time for it is over."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    codes = apps.get_model("routing", "WrapUpCode").objects.using(schema_editor.connection.alias)
    codes.get_or_create(is_timeout=True, defaults={"name": "Timed out"})


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
