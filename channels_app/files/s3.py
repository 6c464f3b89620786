"""Files in S3, or what speaks its protocol. Loaded only where CC_FILES_S3_BUCKET names a bucket."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage


class PrivateFiles(S3Storage):
    """django-storages' own, which would fetch a file whole, after asking for it twice, for the part that is wanted."""

    def __init__(self, **options: Any) -> None:
        """Options are those of settings. A server of one's own has no host name for each bucket."""
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if options["endpoint_url"] else "auto"},
            connect_timeout=5,
            read_timeout=15,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        super().__init__(client_config=config, **options)

    def read_range(self, name: str, first: int, last: int | None) -> bytes:
        """The bytes from `first` to and with `last` (None: the last one). :raises FileNotFoundError: it isn't there."""
        wanted: dict[str, Any] = {}
        if first or last is not None:
            wanted["Range"] = f"bytes={first}-{'' if last is None else last}"
        try:
            return bytes(self.bucket.Object(self._normalize_name(name)).get(**wanted)["Body"].read())
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(name) from error
            raise
