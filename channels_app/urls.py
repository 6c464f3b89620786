"""Webhooks and files. Included at the root: providers and links know these addresses."""

from __future__ import annotations

from django.urls import path

from channels_app import views, webhooks

app_name = "channels_app"
urlpatterns = [
    path("webhooks/<uuid:channel_id>/", webhooks.webhook, name="webhook"),
    path("files/<uuid:attachment_id>/<str:token>/<path:name>", views.file, name="file"),
    path("channels/upload", views.upload, name="upload"),
]
