"""Addresses of the web messenger. The protocol's own paths are fixed by its clients."""

from __future__ import annotations

from django.urls import path

from channels_app.messenger import history_views, upload_views
from channels_app.messenger.identity import token_views
from channels_app.messenger.page import emoji, pages
from channels_app.messenger.push import device_views

app_name = "messenger"
deployment = "webdeployments/v1/deployments/<uuid:deployment_id>"
urlpatterns = [
    path("messenger/embed.js", pages.loader, name="loader"),
    path("messenger/emoji/<slug:language>.json", emoji.emoji_json, name="emoji"),
    path("messenger/<uuid:deployment_id>/", pages.hosted_page, name="page"),
    path("messenger/<uuid:deployment_id>/launcher.js", pages.launcher, name="launcher"),
    path("uploads/<uuid:attachment_id>/<str:token>", upload_views.put, name="upload"),
    path("api/v2/webmessaging/messages", history_views.messages, name="history"),
    path("api/v2/webdeployments/token/oauthcodegrantjwtexchange", token_views.exchange, name="exchange"),
    path("api/v2/webdeployments/token/refresh", token_views.refresh, name="refresh"),
    path("api/v2/webdeployments/token/revoke", token_views.revoke, name="revoke"),
    path(
        "api/v2/webmessaging/deployments/<str:deployment_id>/pushdevices/<str:token>",
        device_views.device,
        name="push_device",
    ),
    path(f"{deployment}/config.json", pages.config_json, name="config"),
    path(f"{deployment}/domains.json", pages.domains_json, name="domains"),
    path(f"{deployment}/<slug:language>.json", pages.language_json, name="language"),
]
