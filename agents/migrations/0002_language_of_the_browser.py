"""A user's language may be left to the browser, and is at first."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="locale",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="language"),
        )
    ]
