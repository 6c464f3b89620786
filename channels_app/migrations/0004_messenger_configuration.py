"""Configurations become objects of their own: each deployment's versions move into a configuration of its name."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import contactcenter.kernel.ids


def to_configurations(apps: Any, editor: Any) -> None:
    """Every version keeps its number, content and times; what was published stays published."""
    old, new = (apps.get_model("channels_app", name) for name in ("DeploymentVersion", "ConfigurationVersion"))
    configurations = apps.get_model("channels_app", "MessengerConfiguration")
    for deployment in apps.get_model("channels_app", "Deployment").objects.all():
        versions = list(old.objects.filter(deployment=deployment).order_by("number"))
        if not versions:
            continue
        made = configurations.objects.create(id=contactcenter.kernel.ids.new(), name=deployment.name)
        for one in versions:
            copy = new.objects.create(configuration=made, content=one.configuration, **_same(one))
            if one.pk == deployment.published_id:
                made.published = copy
        made.save()
        deployment.configuration = made
        deployment.save()


def to_deployments(apps: Any, editor: Any) -> None:
    """The way back: each deployment gets a copy of its configuration's versions."""
    old, new = (apps.get_model("channels_app", name) for name in ("DeploymentVersion", "ConfigurationVersion"))
    for deployment in apps.get_model("channels_app", "Deployment").objects.exclude(configuration=None):
        for one in new.objects.filter(configuration=deployment.configuration_id).order_by("number"):
            copy = old.objects.create(deployment=deployment, configuration=one.content, **_same(one))
            if one.pk == deployment.configuration.published_id:
                deployment.published = copy
        deployment.save()


def _same(version: Any) -> dict[str, Any]:
    return {
        "number": version.number,
        "created_at": version.created_at,
        "published_at": version.published_at,
    }


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0003_guest_protocol")]
    operations = [
        migrations.CreateModel(
            name="MessengerConfiguration",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "messenger configuration",
                "verbose_name_plural": "messenger configurations",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="ConfigurationVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "configuration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="channels_app.messengerconfiguration",
                    ),
                ),
            ],
            options={
                "verbose_name": "version",
                "verbose_name_plural": "versions",
                "constraints": [
                    models.UniqueConstraint(fields=("configuration", "number"), name="configuration_version_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="messengerconfiguration",
            name="published",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="channels_app.configurationversion",
            ),
        ),
        migrations.AddField(
            model_name="deployment",
            name="configuration",
            field=models.ForeignKey(
                blank=True,
                help_text="What it looks like and does. Customers see its published version.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deployments",
                to="channels_app.messengerconfiguration",
                verbose_name="configuration",
            ),
        ),
        # PostgreSQL doesn't alter a table whose new rows still have a deferred key to check
        migrations.RunSQL(migrations.RunSQL.noop, "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.RunPython(to_configurations, to_deployments),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="deployment", name="published"),
        migrations.DeleteModel(name="DeploymentVersion"),
    ]
