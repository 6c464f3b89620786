"""Addresses of the web messenger. The protocol's own paths are fixed by its clients."""

from __future__ import annotations

from django.urls import path

from channels_app.messenger import pages, views

app_name = "messenger"
deployment = "webdeployments/v1/deployments/<uuid:deployment_id>"
urlpatterns = [
    path("messenger/embed.js", pages.loader, name="loader"),
    path("messenger/<uuid:deployment_id>/", pages.hosted_page, name="page"),
    path("messenger/<uuid:deployment_id>/launcher.js", pages.launcher, name="launcher"),
    path("api/v2/webmessaging/messages", views.messages, name="history"),
    path(f"{deployment}/config.json", pages.config_json, name="config"),
    path(f"{deployment}/domains.json", pages.domains_json, name="domains"),
    path(f"{deployment}/<slug:language>.json", pages.language_json, name="language"),
]
