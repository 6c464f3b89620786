"""Addresses of the supervisors' pages."""

from __future__ import annotations

from django.urls import path

from reporting.views import activity, agents, interactions

app_name = "reporting"
urlpatterns = [
    path("", activity.activity, name="activity"),
    path("mine/", activity.activity, {"mine": True}, name="my_activity"),
    path("agents/", agents.agents, name="agents"),
    path("agents/<uuid:user_id>/state/", agents.state_dialog, name="state_dialog"),
    path("agents/<uuid:user_id>/state/set/", agents.set_state, name="set_state"),
    path("interactions/", interactions.interactions, name="interactions"),
    path("interactions/<uuid:conversation_id>/", interactions.interaction, name="interaction"),
    path("interactions/<uuid:conversation_id>/assign/", interactions.assign_dialog, name="assign_dialog"),
    path("interactions/<uuid:conversation_id>/assign/do/", interactions.assign, name="assign"),
    path("interactions/<uuid:conversation_id>/take-back/", interactions.take_back_dialog, name="take_back_dialog"),
    path("interactions/<uuid:conversation_id>/take-back/do/", interactions.take_back, name="take_back"),
]
