"""Files over HTTP: an agent's upload, and every download. The webhook is in `webhooks`."""

from __future__ import annotations

import re
import uuid

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.models import User
from channels_app.actions.files import do_request_upload, receive_upload
from channels_app.files import storage
from channels_app.files.links import file_link, is_valid
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import INLINE_IMAGES, UNKNOWN
from channels_app.models import Attachment
from contactcenter.kernel import clock
from contactcenter.kernel.errors import TooFast
from contactcenter.kernel.limits import check_rate

UPLOADS_PER_MINUTE = 60  # of one agent
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@require_safe
def file(request: HttpRequest, attachment_id: uuid.UUID, token: str, name: str) -> HttpResponse:
    """A file by its signed link; `?thumb=1` its small picture. The name is only for whoever saves it."""
    if not is_valid("file", attachment_id, token, clock.now()):
        return _guarded(HttpResponse("This link is no longer valid.", status=403, content_type="text/plain"))
    found = Attachment.objects.filter(id=attachment_id, state=Attachment.State.UPLOADED).first()
    if found is None:
        raise Http404
    thumb = "thumb" in request.GET
    key = found.thumbnail_key if thumb else found.storage_key
    if not key:
        raise Http404
    try:
        response = _part(key, request.headers.get("range", ""))
    except FileNotFoundError as error:
        raise Http404 from error
    except FileRefused as refused:
        return HttpResponse(refused.said(_), status=refused_status(refused), content_type="text/plain; charset=utf-8")
    response["Content-Type"] = "image/webp" if thumb else found.mime or UNKNOWN
    response["Content-Disposition"] = _disposition(found, thumb=thumb)
    return _guarded(response)


def _part(key: str, wanted: str) -> HttpResponse:
    """The whole file, or the one range that a player asks for (RFC 9110, 14)."""
    found = _RANGE.match(wanted)
    if found is None or found[0] == "bytes=-":
        return HttpResponse(storage.read(key), headers={"Accept-Ranges": "bytes"})
    size = storage.size_of(key)
    first = int(found[1]) if found[1] else max(size - int(found[2]), 0)
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {first}-{last}/{size}"}
    return HttpResponse(storage.read(key, first, last), status=206, headers=headers)


def _disposition(attachment: Attachment, *, thumb: bool) -> str:
    """Only what can't run is shown in place; a PDF or an office file is saved."""
    inline = thumb or attachment.mime in INLINE_IMAGES or attachment.mime.startswith(("video/", "audio/"))
    return content_disposition_header(not inline, attachment.filename) or "attachment"


def _guarded(response: HttpResponse) -> HttpResponse:
    """Whatever the bytes are, they are no page of ours."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "same-site"
    return response


@require_POST
@login_required
@permission_required("agents.work_conversations", raise_exception=True)
def upload(request: HttpRequest) -> HttpResponse:
    """An agent's file (multipart field `file`) for the composer: `{id, name, size, mime, url, thumb}`."""
    assert isinstance(request.user, User)
    given = request.FILES.get("file")
    if given is None or given.name is None:
        return JsonResponse(_refused(FileFault.MISSING, _("No file was sent.")), status=422)
    try:
        check_rate("upload", str(request.user.id), limit=UPLOADS_PER_MINUTE, seconds=60)
        wanted = do_request_upload(given.name, user=request.user, size=given.size)
        return JsonResponse(_described(receive_upload(wanted, given.chunks())), status=201)
    except FileRefused as refused:
        return JsonResponse(_refused(refused.fault, refused.said(_)), status=refused_status(refused))
    except TooFast as error:
        return JsonResponse(_refused(FileFault.TOO_MANY, error.said(_)), status=429)


def _described(attachment: Attachment) -> dict[str, object]:
    now = clock.now()
    return {
        "id": str(attachment.id),
        "name": attachment.filename,
        "size": attachment.size,
        "mime": attachment.mime,
        "url": file_link(attachment, now),
        "thumb": file_link(attachment, now, thumb=True) if attachment.thumbnail_key else None,
    }


def _refused(fault: FileFault, message: str) -> dict[str, str]:
    return {"errorCode": fault, "errorMessage": message}


def refused_status(refused: FileRefused) -> int:
    """The HTTP status of a refused file: 409 for an upload that is done already, 503 where it may be tried again."""
    statuses = {FileFault.TOO_LARGE: 413, FileFault.NOT_FOUND: 409, FileFault.STORAGE_FAILED: 503}
    return statuses.get(refused.fault, 422)
