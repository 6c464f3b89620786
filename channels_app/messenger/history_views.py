"""The guest protocol's REST history. The messenger's pages and its configuration are in `pages`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from channels_app.messenger import frames, history, limits, serializers
from channels_app.messenger.cors import cors
from channels_app.messenger.policy import policy_of
from channels_app.messenger.rest import bearer, guest_api, refused
from channels_app.messenger.socket import session
from contactcenter.kernel.errors import TooFast

MOST_A_PAGE = 100


@guest_api("GET")
def messages(request: HttpRequest) -> HttpResponse:
    """The REST history of a guest session: bearer token from getJwt, newest first, empty past the end.

    The end is in it where clients are told of it live: the mobile SDK's own tests look for it. `features=notices` adds
    who joined. 401: no valid token. 429: too many pages a minute.
    """
    found = session.session_by_token(bearer(request))
    if found is None:
        return refused(401, "Session authentication failed", "authentication.required")
    try:
        limits.check_history(found.id)
    except TooFast as wait:
        return cors(request, refused(429, wait.message, "too.many.requests.retry.after", wait), found.deployment)
    number = _number(request.GET.get("pageNumber"), 1, 1_000_000)
    size = _number(request.GET.get("pageSize"), 25, MOST_A_PAGE)
    notices = "notices" in request.GET.get("features", "").split(",")
    policy = policy_of(found.deployment)
    rows, total = history.public_page(found, number, size, notices=notices, ends=policy.announces_end)
    page = frames.history_page(serializers.history_messages(rows), number, size, total, names=policy.humanize)
    return cors(request, JsonResponse(page), found.deployment)


def _number(text: str | None, default: int, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() else default
