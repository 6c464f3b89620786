"""Addresses of the desk's work panels and of what agents do there."""

from __future__ import annotations

from django.urls import path

from routing import views

app_name = "routing"
urlpatterns = [
    path("status/", views.status, name="status"),
    path("status/presence/", views.set_presence, name="presence"),
    path("status/queue/", views.set_queue, name="queue"),
    path("today/", views.today, name="today"),
    path("offers/", views.alerting, name="offers"),
    path("offers/<uuid:offer_id>/accept/", views.accept, name="accept"),
    path("offers/<uuid:offer_id>/decline/", views.decline, name="decline"),
    path("work/", views.work_lists, name="work"),
    path("conversations/<uuid:conversation_id>/pick/", views.pick, name="pick"),
    path("conversations/<uuid:conversation_id>/transfer/", views.transfer, name="transfer"),
    path("conversations/<uuid:conversation_id>/transfer/targets/", views.transfer_dialog, name="transfer_dialog"),
    path("conversations/<uuid:conversation_id>/transfer/cancel/", views.cancel_transfer, name="cancel_transfer"),
    path("conversations/<uuid:conversation_id>/canned/", views.canned_list, name="canned"),
    path("conversations/<uuid:conversation_id>/park/", views.park, name="park"),
    path("conversations/<uuid:conversation_id>/park/until/", views.park_dialog, name="park_dialog"),
    path("conversations/<uuid:conversation_id>/resume/", views.resume, name="resume"),
    path("conversations/<uuid:conversation_id>/end/", views.end, name="end"),
    path("assignments/<uuid:assignment_id>/wrap-up/", views.wrap_up, name="wrap_up"),
]
