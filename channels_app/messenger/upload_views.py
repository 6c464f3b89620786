"""A guest's upload over HTTP: the signed address that the socket gave them is the permission."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.actions.files import receive_upload
from channels_app.files import storage
from channels_app.files.links import is_valid
from channels_app.files.refusal import FileRefused
from channels_app.messenger import errors
from channels_app.models import Attachment
from channels_app.views import refused_status
from contactcenter.kernel import clock


@csrf_exempt
def put(request: HttpRequest, attachment_id: uuid.UUID, token: str) -> HttpResponse:
    """A guest's PUT of the bytes, from any site that shows the messenger: the signed address is the permission."""
    if request.method == "OPTIONS":
        return _open_to_sites(HttpResponse(status=204))
    if request.method != "PUT":
        return HttpResponse(status=405, headers={"Allow": "PUT, OPTIONS"})
    if not is_valid("upload", attachment_id, token, clock.now()):
        return _open_to_sites(HttpResponse(status=403))
    found = Attachment.objects.filter(id=attachment_id).first()
    if found is None:
        raise Http404
    try:
        receive_upload(found, _chunks(request))
    except FileRefused as refused:
        body = {"errorCode": errors.FILE_CODES[refused.fault], "errorMessage": refused.message}
        return _open_to_sites(JsonResponse(body, status=refused_status(refused)))
    return _open_to_sites(HttpResponse(status=200))


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(storage.CHUNK):
        yield chunk


def _open_to_sites(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "PUT"
    response["Access-Control-Allow-Headers"] = "*"
    response["Access-Control-Max-Age"] = "3600"
    return response
