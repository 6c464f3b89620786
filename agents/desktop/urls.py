"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from agents.desktop import composing, customer, mentions, notes, previews, search, views

app_name = "desktop"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("search/", search.dialog, name="search"),
    path("search/found/", search.found, name="found"),
    path("conversations/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/seat/", views.seat, name="seat"),
    path("conversations/<uuid:conversation_id>/older/", views.older, name="older"),
    path("conversations/<uuid:conversation_id>/since/", views.since, name="since"),
    path("conversations/<uuid:conversation_id>/panel/", views.panel, name="panel"),
    path("conversations/<uuid:conversation_id>/reply/", views.reply, name="reply"),
    path("conversations/<uuid:conversation_id>/content/", composing.check, name="content"),
    path("conversations/<uuid:conversation_id>/note/", notes.write, name="note"),
    path("conversations/<uuid:conversation_id>/customer/", customer.change, name="customer"),
    path("conversations/<uuid:conversation_id>/customer/edit/", customer.dialog, name="customer_dialog"),
    path("conversations/<uuid:conversation_id>/block/", views.block, name="block"),
    path("conversations/<uuid:conversation_id>/block/ask/", views.block_dialog, name="block_dialog"),
    path("conversations/<uuid:conversation_id>/unblock/", views.unblock, name="unblock"),
    path("conversations/<uuid:conversation_id>/mentions/look/", mentions.look, name="mentions_look"),
    path("mentions/", mentions.listed, name="mentions"),
    path("mentions/count/", mentions.count, name="mentions_count"),
    path("colleagues/", mentions.found, name="colleagues"),
    path("messages/<uuid:message_id>/preview/", previews.preview, name="preview"),
    path("messages/<uuid:message_id>/remove/", notes.remove, name="remove_note"),
    path("messages/<uuid:message_id>/change/", notes.change, name="change_note"),
    path("messages/<uuid:message_id>/change/ask/", notes.dialog, name="note_dialog"),
    path("messages/<uuid:message_id>/again/", views.send_again, name="send_again"),
]
