"""Addresses of the web messenger. The protocol's own paths are fixed by its clients."""

from __future__ import annotations

from django.urls import path

from channels_app.messenger import views

app_name = "messenger"
urlpatterns = [
    path("messenger/<uuid:deployment_id>/", views.hosted_page, name="page"),
    path("api/v2/webmessaging/messages", views.messages_or_preflight, name="history"),
    path("webdeployments/v1/deployments/<uuid:deployment_id>/config.json", views.config_json, name="config"),
    path("webdeployments/v1/deployments/<uuid:deployment_id>/domains.json", views.domains_json, name="domains"),
]
