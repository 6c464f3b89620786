"""The error codes of the guest protocol, and the one error its parser raises.

Source: Genesys Web Messaging developer pages, and the code table of their open mobile transport SDK.
"""

from __future__ import annotations

from channels_app.files.refusal import FileFault

BAD_REQUEST = 400
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TOO_MANY_REQUESTS = 429
FEATURE_UNAVAILABLE = 4000
FILE_TYPE_INVALID = 4001
FILE_TOO_LARGE = 4002
FILE_CONTENT_INVALID = 4003
FILE_NAME_INVALID = 4004
FILE_NAME_TOO_LONG = 4005
SESSION_EXPIRED = 4006
SESSION_NOT_FOUND = 4007
ATTACHMENT_EXPIRED = 4008
ATTACHMENT_NOT_FOUND = 4009
ATTACHMENT_NOT_UPLOADED = 4010
MESSAGE_TOO_LONG = 4011
CUSTOM_ATTRIBUTES_TOO_LARGE = 4013
CANNOT_DOWNGRADE = 4017
MISSING_PARAMETER = 4020
RATE_TOO_HIGH = 4029
FILE_EMPTY = 4102
UNEXPECTED = 5000

#: why a file was refused, as clients of the protocol know it
FILE_CODES = {
    FileFault.TYPE_REFUSED: FILE_TYPE_INVALID,
    FileFault.TOO_LARGE: FILE_TOO_LARGE,
    FileFault.CONTENT_REFUSED: FILE_CONTENT_INVALID,
    FileFault.NAME_INVALID: FILE_NAME_INVALID,
    FileFault.NAME_TOO_LONG: FILE_NAME_TOO_LONG,
    FileFault.EMPTY: FILE_EMPTY,
    FileFault.NOT_FOUND: ATTACHMENT_NOT_FOUND,
    FileFault.NOT_UPLOADED: ATTACHMENT_NOT_UPLOADED,
    FileFault.ID_TAKEN: BAD_REQUEST,
    FileFault.TOO_MANY: TOO_MANY_REQUESTS,
    FileFault.MISSING: MISSING_PARAMETER,
    FileFault.STORAGE_FAILED: UNEXPECTED,
}

# Sentences that clients compare with or search in; everything else is free text.
REQUEST_FAILED = "Request failed."
SESSION_AUTH_FAILED = "Session authentication failed"
TRY_AUTHENTICATE_AGAIN = "Try to authenticate again"
CLEAR_NOT_SUPPORTED = "Presence events Conversation Clear are not supported"
TYPING_OFF = "Turn on the Feature Toggle or fix the configuration."
RATE_MESSAGE = "Message rate too high for this session"


class FrameError(Exception):
    """A frame was refused. `code` and `message` go to the client, with the frame's `tracing_id`.

    `attachment_id` is set when the client asked for upload errors as JSON (`errorsAsJson`): the answer is then
    a GenerateUrlError about that attachment instead of a plain string.
    """

    def __init__(
        self, code: int, message: str, tracing_id: str | None = None, attachment_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.tracing_id = tracing_id
        self.attachment_id = attachment_id
